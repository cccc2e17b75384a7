/** One delivery in the dispatcher's list: how it stands, why this courier, and giving it to another one by hand. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../../core/api";
import { clock, clockSeconds, duration, minutes, money } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { JobDetails, Watched } from "../../core/types_fleet";
import { Button } from "../../design/button";
import { Select } from "../../design/fields";
import { Badge } from "../../design/labels";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { f, rule } from "./fleet_text";
import { ReasonDialog } from "./reason_dialog";

/** Before the goods have left the store a job may be given to somebody else. */
const HELD = ["offered", "accepted", "at_store"];
const OURS = "fleet";
/** The actor of a step that nobody took by hand. */
const DISPATCH = "dispatch";
/** Seconds: to be told as late. */
export const LATE_FROM = 60;

interface JobRowProps {
  job: Watched;
  /** Couriers' names, by id. */
  names: ReadonlyMap<string, string>;
  open: boolean;
  onToggle: () => void;
  onChanged: () => void;
}

export function JobRow({ job, names, open, onToggle, onChanged }: JobRowProps) {
  const late = job.late_s >= LATE_FROM;
  return (
    <li class="cs-row cs-fleet__job" data-testid={`job-${job.order_number}`} data-status={job.status}>
      <div class="cs-row__main">
        <p class="cs-row__facts">
          <b class="num">{job.order_number}</b>
          <Badge tone={job.status === "searching" ? "warn" : "neutral"}>{f(job.status)}</Badge>
          {job.alerted_at !== null && <Badge tone="bad">{f("nobody_takes")}</Badge>}
          {job.expected_at === null ? (
            <Badge tone="warn">{f("going_back")}</Badge>
          ) : (
            <Badge tone={late ? "bad" : "good"}>{late ? f("late_by", { time: minutes(Math.ceil(job.late_s / 60)) }) : f("early")}</Badge>
          )}
        </p>
        <p class="muted small">
          {job.store_name} → {job.drop_off_text}
        </p>
        <p class="muted small num">
          {[
            job.provider === OURS ? (job.courier_name ?? f("no_courier")) : f("outside", { name: job.provider }),
            job.ready ? f("packed") : f("packing"),
            f("due", { time: clock(job.due_at) }),
            ...(job.expected_at ? [f("expected", { time: clock(job.expected_at) })] : []),
            ...(late && job.reason ? [f(job.reason)] : []),
          ].join(" · ")}
        </p>
      </div>
      <div class="cs-row__actions">
        <Button size="s" aria-expanded={open} onClick={onToggle} data-testid="job-details">
          {open ? f("less") : f("details")}
        </Button>
      </div>
      {open && <Details job={job} names={names} onChanged={onChanged} />}
    </li>
  );
}

function Details({ job, names, onChanged }: Pick<JobRowProps, "job" | "names" | "onChanged">) {
  const [found, setFound] = useState<JobDetails | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [asking, setAsking] = useState<"assign" | "unassign" | "is_back" | null>(null);
  const [courier, setCourier] = useState("");
  const path = `/api/fleet/jobs/${encodeURIComponent(job.job_id)}`;
  useEffect(() => {
    get<JobDetails>(path).then(
      (details) => {
        setFound(details);
        setError(null);
      },
      (failure: unknown) => setError(problemText(failure)),
    );
  }, [job.status, job.courier_id]);
  if (error !== null) return <p class="bad small" role="alert">{error}</p>;
  if (!found) return <Skeleton height="64px" />;
  const held = HELD.includes(job.status);
  const ours = job.provider === OURS && (held || job.status === "searching");
  const chosen = found.choices.some((one) => one.courier_id === courier) ? courier : (found.choices[0]?.courier_id ?? "");
  const done = (details: JobDetails, said: "assigned" | "unassigned" | "back") => {
    setFound(details);
    setAsking(null);
    toast(f(said, { number: job.order_number }), "good");
    onChanged();
  };
  return (
    <div class="cs-fleet__details">
      {ours && (
        <div class="cs-fleet__hands">
          <Button size="s" variant="primary" icon="scooter" disabled={found.choices.length === 0} onClick={() => setAsking("assign")} data-testid="job-assign">
            {f("assign")}
          </Button>
          {held && (
            <Button size="s" variant="danger" onClick={() => setAsking("unassign")} data-testid="job-unassign">
              {f("unassign")}
            </Button>
          )}
          {found.choices.length === 0 && <span class="muted small">{f("no_choice")}</span>}
        </div>
      )}
      {job.status === "returning" && (
        <div class="cs-fleet__hands">
          <Button size="s" icon="store" onClick={() => setAsking("is_back")} data-testid="job-back">
            {f("is_back")}
          </Button>
        </div>
      )}
      {found.why && (
        <section>
          <h3>{f("why")}</h3>
          <p class="small">{whyOf(found.why)}</p>
        </section>
      )}
      {(found.attempts.length > 1 || job.provider !== OURS) && (
        <section>
          <h3>{f("attempts")}</h3>
          <ol class="cs-fleet__steps small num">
            {found.attempts.map((one) => (
              <li key={one.number}>
                {clock(one.asked_at)} {one.provider} {one.why || priceOf(one)}
              </li>
            ))}
          </ol>
          {found.sold_cost !== null && <p class="muted small num">{f("sold_cost", { price: money(found.sold_cost, "CNY") })}</p>}
        </section>
      )}
      {found.accepted_at === null && job.provider !== OURS && <p class="muted small">{f("store_first")}</p>}
      <section>
        <h3>{f("history")}</h3>
        <ol class="cs-fleet__steps small num">
          {found.history.map((step, at) => (
            <li key={at}>
              <time dateTime={step.at}>{clockSeconds(step.at)}</time> {f(step.status)}
              <span class="muted"> {step.by === DISPATCH ? f("dispatch") : (names.get(step.by) ?? "")}</span>
            </li>
          ))}
        </ol>
      </section>
      <ReasonDialog
        open={asking === "assign"}
        title={f("assign_title", { number: job.order_number })}
        text={f("assign_text")}
        label={f("reason")}
        confirmLabel={f("assign")}
        testid="assign-reason"
        onConfirm={async (reason) => done(await post<JobDetails>(`${path}/assign`, { courier_id: chosen, reason }), "assigned")}
        onClose={() => setAsking(null)}
      >
        <Select
          label={f("assign_to")}
          value={chosen}
          options={found.choices.map((one) => ({
            value: one.courier_id,
            label: f("choice", { name: one.name, time: minutes(Math.ceil(one.travel_s / 60)), count: one.carries }),
          }))}
          onValue={setCourier}
          data-testid="assign-courier"
        />
      </ReasonDialog>
      <ReasonDialog
        open={asking === "is_back"}
        title={f("is_back_title", { number: job.order_number })}
        text={f("is_back_text")}
        label={f("reason")}
        confirmLabel={f("is_back")}
        testid="back-reason"
        onConfirm={async (reason) => done(await post<JobDetails>(`${path}/returned`, { reason }), "back")}
        onClose={() => setAsking(null)}
      />
      <ReasonDialog
        open={asking === "unassign"}
        title={f("unassign_title", { number: job.order_number })}
        text={f("unassign_text")}
        label={f("reason")}
        confirmLabel={f("unassign")}
        danger
        testid="unassign-reason"
        onConfirm={async (reason) => done(await post<JobDetails>(`${path}/unassign`, { reason }), "unassigned")}
        onClose={() => setAsking(null)}
      />
    </div>
  );
}

function whyOf(why: NonNullable<JobDetails["why"]>): string {
  const parts = [rule(why.rule), f("why_travel", { time: duration(why.travel_s) }), f("why_of", { n: why.candidates })];
  if (why.slack_s !== null) parts.push(f(why.slack_s < 0 ? "why_over" : "why_slack", { time: duration(Math.abs(why.slack_s)) }));
  if (why.partners > 0) parts.push(f("why_partners", { n: why.partners }));
  return parts.join(" · ");
}

/** What another house takes; what it said before it was asked, as long as nothing else is known. */
function priceOf({ fee, quoted }: JobDetails["attempts"][number]): string {
  const price = fee ?? quoted;
  return price === null ? "" : f("price", { price: money(price, "CNY") });
}
