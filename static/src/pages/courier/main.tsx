import { useEffect, useMemo, useState } from "preact/hooks";
import { compact, money } from "../../core/i18n";
import { mount } from "../../core/page";
import { problemText } from "../../core/problems";
import type { CourierState, User } from "../../core/types";
import { Icon, Wordmark } from "../../design/icons";
import { Banner, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { TopBar } from "../../design/rows";
import { toast } from "../../design/toast";
import { Switch } from "../../design/toggles";
import { AccountButton } from "../../work/account";
import { armChime } from "../../work/chime";
import { useLost } from "../../work/connection";
import { Gate } from "../../work/gate";
import { Unsent } from "../../work/unsent";
import { useWakeLock } from "../../work/wake_lock";
import "./courier.css";
import "./steps.css";
import { CourierDay } from "./courier_state";
import { CourierSettings } from "./courier_settings";
import { DaySheet } from "./day_sheet";
import { Idle } from "./idle";
import { knownCourier } from "./kept";
import { JobCard, JobRow } from "./job_card";
import { OfferCard } from "./offer_card";
import { ShiftRow } from "./shifts";
import { t } from "./text";

/** A lost network is not worth a word before this (ms): short gaps come and go. */
const GRACE = 2_500;

function CourierPage({ me }: { me: User }) {
  const day = useMemo(() => new CourierDay(me), [me.id]);
  const [busy, setBusy] = useState(false);
  useEffect(() => day.open(), [day]);
  const state = day.state.value;
  const offered = day.offer.value !== null;
  useWakeLock(state?.online ?? false);
  useEffect(() => {
    document.title = offered ? `● ${t("new_offer")}` : t("title");
  });

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
  const toggle = (online: boolean) => {
    const agree = document.getElementById("consent-title");
    // Agreeing is a thing of its own: the switch only shows where.
    if (online && state?.consent_at === null) agree?.scrollIntoView({ block: "center" });
    else void setOnline(online);
  };

  return (
    <div class="co-page">
      <TopBar
        start={<Wordmark />}
        end={
          <>
            {state && (
              <span class="co-online" data-online={state.online ? "yes" : "no"}>
                <Switch
                  label={state.online ? t("online") : t("offline")}
                  checked={state.online}
                  disabled={busy || (!state.online && !state.may_go_online)}
                  onChange={toggle}
                  data-testid="courier-online"
                />
              </span>
            )}
            <AccountButton more={state ? <CourierSettings day={day} state={state} /> : null} />
          </>
        }
      />
      <main class="co-main">
        <h1 class="sr-only">{t("deliveries")}</h1>
        {state === null ? <Opening day={day} /> : <Day day={day} state={state} busy={busy} onOnline={() => void setOnline(true)} />}
      </main>
    </div>
  );
}

function Opening({ day }: { day: CourierDay }) {
  if (day.error.value !== null) return <ErrorState error={day.error.value} onRetry={() => void day.load()} />;
  return (
    <>
      <Skeleton height="96px" />
      <Skeleton height="320px" />
    </>
  );
}

interface DayProps {
  day: CourierDay;
  state: CourierState;
  busy: boolean;
  onOnline: () => void;
}

function Day({ day, state, busy, onOnline }: DayProps) {
  const jobs = day.jobs.value;
  const [chosen, setChosen] = useState<string | null>(null);
  const open = jobs.find((job) => job.id === chosen && job.over === null) ?? day.current.value;
  const others = jobs.filter((job) => job !== open);
  const offer = day.offer.value;
  const { problem, weak } = day.link;
  return (
    <>
      <div class="co-side">
        <Today state={state} />
        {!offer && jobs.length === 0 && <ShiftRow state={state} />}
      </div>
      <div class="co-work">
        <Away />
        <Unsent outbox={day.outbox} deed={(kind) => t(`deed_${kind}`)} grace={GRACE} />
        {problem.value !== null && (
          <Banner tone="bad" title={t(`geo_${problem.value}`)} alert data-testid="geo-problem">
            {t(`geo_${problem.value}_text`)}
          </Banner>
        )}
        {state.online && weak.value && problem.value === null && <Banner tone="warn">{t("lost_position")}</Banner>}
        {day.celebrated.value !== null && (
          <div class="co-done" role="status" data-testid="delivered">
            <Icon name="check-circle" size={36} />
            <strong>{t("done_title")}</strong>
            <span class="num">{t("earned", { amount: money(day.celebrated.value) })}</span>
          </div>
        )}
        {offer && <OfferCard key={offer.job_id} offer={offer} day={day} />}
        {open && <JobCard key={open.id} job={open} day={day} at={jobs.indexOf(open) + 1} of={jobs.length} />}
        {others.length > 0 && (
          <section class="co-others" aria-label={t("other_stops")}>
            {others.map((job) => (
              <JobRow key={job.id} job={job} day={day} at={jobs.indexOf(job) + 1} onOpen={() => setChosen(job.id)} />
            ))}
          </section>
        )}
        {!offer && jobs.length === 0 && <Idle day={day} state={state} busy={busy} onOnline={onOnline} />}
      </div>
    </>
  );
}

/** There is no server to be reached; what is done is kept. */
function Away() {
  const shown = useLost(GRACE);
  if (!shown) return null;
  return (
    <Banner tone="warn" icon="signal-off" title={t("away")} data-testid="away">
      {t("away_text")}
    </Banner>
  );
}

function Today({ state }: { state: CourierState }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="co-today" onClick={() => setOpen(true)} data-testid="courier-today">
        <span>
          <span class="co-today__name">{t("delivered")}</span>
          <b class="num">{compact(state.today.delivered)}</b>
        </span>
        <span>
          <span class="co-today__name">{t("earnings")}</span>
          <b class="num">{money(state.today.earnings)}</b>
        </span>
        <Icon name="chevron-right" size={20} label={t("today_more")} />
      </button>
      <DaySheet open={open} state={state} onClose={() => setOpen(false)} />
    </>
  );
}

function Courier() {
  return (
    <Gate roles={["courier"]} known={knownCourier}>
      {(me) => <CourierPage me={me} />}
    </Gate>
  );
}

mount(Courier, () => t("title"));
if ("serviceWorker" in navigator) {
  // Without it (a certificate that the browser does not trust) the page only does not open without a network.
  navigator.serviceWorker.register("/courier-worker.js", { scope: "/courier" }).catch(() => undefined);
}
