import { useEffect, useMemo, useState } from "preact/hooks";
import { compact, money } from "../../core/i18n";
import { mount } from "../../core/page";
import { problemText } from "../../core/problems";
import type { CourierState } from "../../core/types";
import { Button } from "../../design/button";
import { Icon, Wordmark } from "../../design/icons";
import { Banner, EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { TopBar } from "../../design/rows";
import { toast } from "../../design/toast";
import { Switch } from "../../design/toggles";
import { AccountButton } from "../../work/account";
import { armChime } from "../../work/chime";
import { ConnectionBar } from "../../work/connection";
import { Gate } from "../../work/gate";
import { useWakeLock } from "../../work/wake_lock";
import "./courier.css";
import { CourierDay } from "./courier_state";
import { JobCard } from "./job_card";
import { OfferCard } from "./offer_card";
import { t } from "./text";

function CourierPage() {
  const day = useMemo(() => new CourierDay(), []);
  const [busy, setBusy] = useState(false);
  useEffect(() => day.open(), [day]);
  const state = day.state.value;
  useWakeLock(state?.online ?? false);

  const setOnline = async (online: boolean) => {
    armChime();
    setBusy(true);
    try {
      await (online ? day.goOnline() : day.goOffline());
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class="co-page">
      <ConnectionBar />
      <TopBar
        start={<Wordmark />}
        end={
          <>
            {state && (
              <span class="co-online" data-online={state.online ? "yes" : "no"}>
                <Switch
                  label={state.online ? t("online") : t("offline")}
                  checked={state.online}
                  disabled={busy}
                  onChange={(online) => void setOnline(online)}
                  data-testid="courier-online"
                />
              </span>
            )}
            <AccountButton />
          </>
        }
      />
      <main class="co-main">
        <h1 class="sr-only">{t("deliveries")}</h1>
        {state === null &&
          (day.error.value !== null ? (
            <ErrorState error={day.error.value} onRetry={() => void day.load()} />
          ) : (
            <>
              <Skeleton height="96px" />
              <Skeleton height="320px" />
            </>
          ))}
        {state && (
          <>
            <Today state={state} />
            <div class="co-work">
              {day.geoProblem.value !== null && (
                <Banner tone="bad" title={t(`geo_${day.geoProblem.value}`)} alert data-testid="geo-problem">
                  {t(`geo_${day.geoProblem.value}_text`)}
                </Banner>
              )}
              {state.online && day.weak.value && day.geoProblem.value === null && (
                <Banner tone="warn">{t("lost_position")}</Banner>
              )}
              {day.celebrated.value !== null && (
                <div class="co-done" role="status" data-testid="delivered">
                  <Icon name="check-circle" size={36} />
                  <strong>{t("done_title")}</strong>
                  <span class="num">{t("earned", { amount: money(day.celebrated.value) })}</span>
                </div>
              )}
              {state.offer && <OfferCard key={state.offer.job_id} offer={state.offer} day={day} />}
              {state.jobs.map((job) => (
                <JobCard key={job.id} job={job} day={day} />
              ))}
              {!state.offer && state.jobs.length === 0 && (
                <Idle online={state.online} busy={busy} onOnline={() => void setOnline(true)} />
              )}
            </div>
          </>
        )}
      </main>
    </div>
  );
}

function Today({ state }: { state: CourierState }) {
  return (
    <dl class="co-today" data-testid="courier-today">
      <div>
        <dt>{t("delivered")}</dt>
        <dd class="num">{compact(state.today.delivered)}</dd>
      </div>
      <div>
        <dt>{t("earnings")}</dt>
        <dd class="num">{money(state.today.earnings)}</dd>
      </div>
    </dl>
  );
}

function Idle({ online, busy, onOnline }: { online: boolean; busy: boolean; onOnline: () => void }) {
  if (online) {
    return (
      <div class="co-idle" data-testid="courier-waiting">
        <span class="co-radar" aria-hidden="true">
          <Icon name="scooter" size={34} />
        </span>
        <h2>{t("waiting_title")}</h2>
        <p class="muted">{t("waiting_text")}</p>
      </div>
    );
  }
  return (
    <EmptyState
      icon="scooter"
      title={t("offline_title")}
      text={t("offline_text")}
      action={
        <Button variant="primary" size="l" icon="locate" busy={busy} onClick={onOnline} data-testid="go-online">
          {busy ? t("locating") : t("go_online")}
        </Button>
      }
    />
  );
}

function Courier() {
  return <Gate roles={["courier"]}>{() => <CourierPage />}</Gate>;
}

mount(Courier, () => t("title"));
