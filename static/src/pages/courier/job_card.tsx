/** One delivery in hand: the step it is at, where to go, and the one thing to do next. */

import { useState } from "preact/hooks";
import { clock, money } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Job, Position } from "../../core/types";
import { Button, ButtonLink } from "../../design/button";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import { ProgressSteps } from "../../design/progress";
import { toast } from "../../design/toast";
import { TrackMap } from "../../map/track_map";
import { now } from "../../work/clock";
import type { CourierDay } from "./courier_state";
import { DeliverSheet } from "./deliver_sheet";
import { ProblemSheet } from "./problem_sheet";
import { t } from "./text";

const STEPS = ["accepted", "at_store", "collected", "arriving"] as const;
const STEP_NAMES = ["step_to_store", "step_collect", "step_to_buyer", "step_deliver"] as const;

/** Opens the map program of the phone; the position is WGS 84, which `coordinate` says. */
function wayTo(position: Position, name: string): string {
  const query = new URLSearchParams({
    to: `${position.lon},${position.lat},${name}`,
    mode: "ride",
    coordinate: "wgs84",
    callnative: "1",
  });
  return `https://uri.amap.com/navigation?${query}`;
}

export function JobCard({ job, day }: { job: Job; day: CourierDay }) {
  const [busy, setBusy] = useState(false);
  const [sheet, setSheet] = useState<"pin" | "problem" | null>(null);
  const carrying = job.status === "collected" || job.status === "arriving";
  const toStore = !carrying;
  const act = async (step: "arrive" | "returned") => {
    setBusy(true);
    try {
      await day.act(job.id, step);
    } catch (error) {
      toast(problemText(error), "bad");
      void day.load();
    } finally {
      setBusy(false);
    }
  };
  const late = Date.parse(job.due_at) < now.value;
  const step = STEPS.indexOf(job.status as (typeof STEPS)[number]);
  const target = toStore ? job.store.position : job.drop_off.position;

  return (
    <section class="co-card co-job" data-testid={`job-${job.id}`} data-status={job.status}>
      <header class="co-job__head">
        <div>
          <p class="muted small num">
            {job.order_number} · {money(job.earnings)}
          </p>
          <h2>{t(`s_${job.status as (typeof STEPS)[number] | "returning"}`)}</h2>
        </div>
        <Badge tone={late ? "bad" : "neutral"} icon="clock">
          <span class="num">{t("due", { time: clock(job.due_at) })}</span>
          {late && ` · ${t("late")}`}
        </Badge>
      </header>
      {job.cash_due > 0 && (
        <Badge tone="warn" icon="card">
          <span class="num">{t("cash_due", { amount: money(job.cash_due) })}</span>
        </Badge>
      )}
      {step >= 0 && (
        <ProgressSteps
          label={t("jobs")}
          current={step}
          steps={STEP_NAMES.map((name) => ({ id: name, title: t(name) }))}
        />
      )}
      {job.status === "at_store" || job.status === "accepted" ? <HandOverCode job={job} /> : null}
      <div class="co-map">
        <TrackMap
          store={job.store.position}
          home={job.drop_off.position}
          courier={day.here.value}
          names={{ map: t("map"), store: t("map_store"), home: t("map_home"), courier: t("map_me") }}
        />
      </div>
      <div class="co-place">
        <Icon name={toStore ? "store" : "home"} size={22} />
        <div class="grow">
          {toStore ? (
            <>
              <b>{job.store.name}</b>
              <p class="muted">{job.store.address}</p>
            </>
          ) : (
            <>
              <b>{job.drop_off.text}</b>
              <p class="muted">{job.drop_off.name}</p>
            </>
          )}
        </div>
      </div>
      {job.note && (
        <p class="co-note">
          <Icon name="note" size={18} />
          <span>{job.note}</span>
        </p>
      )}
      <div class="co-links">
        <ButtonLink
          href={wayTo(target, toStore ? job.store.name : job.drop_off.text)}
          icon="navigate"
          data-testid="courier-navigate"
        >
          {t("navigate")}
        </ButtonLink>
        {carrying && job.drop_off.phone && (
          <ButtonLink href={`tel:${job.drop_off.phone}`} icon="phone" data-testid="courier-call">
            {t("call")}
          </ButtonLink>
        )}
        <Button variant="quiet" icon="alert" onClick={() => setSheet("problem")} data-testid="courier-problem">
          {t("problem")}
        </Button>
      </div>
      <div class="co-actions">
        {(job.status === "accepted" || job.status === "collected") && (
          <Button size="l" wide variant="primary" busy={busy} onClick={() => void act("arrive")} data-testid="courier-arrive">
            {job.status === "accepted" ? t("arrived_store") : t("arrived_buyer")}
          </Button>
        )}
        {job.status === "arriving" && (
          <Button size="l" wide variant="primary" onClick={() => setSheet("pin")} data-testid="courier-deliver">
            {t("enter_pin")}
          </Button>
        )}
        {job.status === "returning" && (
          <Button size="l" wide variant="primary" busy={busy} onClick={() => void act("returned")} data-testid="courier-returned">
            {t("returned")}
          </Button>
        )}
      </div>
      <DeliverSheet open={sheet === "pin"} job={job} day={day} onClose={() => setSheet(null)} />
      <ProblemSheet open={sheet === "problem"} job={job} day={day} onClose={() => setSheet(null)} />
    </section>
  );
}

function HandOverCode({ job }: { job: Job }) {
  return (
    <div class="co-code" data-here={job.status === "at_store" ? "yes" : "no"}>
      <div>
        <p class="co-code__label">{t("hand_over_code")}</p>
        <p class="co-code__digits num" data-testid="courier-hand-over-code">
          {job.hand_over_code}
        </p>
      </div>
      <Badge tone={job.ready ? "good" : "warn"} icon={job.ready ? "check" : "clock"}>
        {job.ready ? t("ready") : t("not_ready")}
      </Badge>
      {job.status === "at_store" && <p class="co-code__text">{t("hand_over_text")}</p>}
    </div>
  );
}
