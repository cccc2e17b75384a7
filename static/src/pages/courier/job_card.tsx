/** One delivery in hand: the step it is at, where to go, and the one thing to do next. */

import { useEffect, useRef, useState } from "preact/hooks";
import { clock, money } from "../../core/i18n";
import { socket } from "../../core/socket";
import { Button, ButtonLink } from "../../design/button";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import { Banner } from "../../design/notices";
import { ProgressSteps } from "../../design/progress";
import { now } from "../../work/clock";
import type { CourierDay } from "./courier_state";
import { hasGoods, type ShownJob } from "./deeds";
import { DeliverSheet } from "./deliver_sheet";
import { HandOverCode } from "./hand_over_code";
import { MessagesSheet } from "./messages";
import { Navigate } from "./navigate";
import { ProblemSheet } from "./problem_sheet";
import { t } from "./text";
import { WayMap } from "./way_map";

const STEPS = ["accepted", "at_store", "collected", "arriving"] as const;
const STEP_NAMES = ["step_to_store", "step_collect", "step_to_buyer", "step_deliver"] as const;

type Opened = "pin" | "photo" | "problem" | "messages" | "call";

interface JobCardProps {
  job: ShownJob;
  day: CourierDay;
  /** Which stop of how many it is, from 1. */
  at: number;
  of: number;
}

export function JobCard({ job, day, at, of }: JobCardProps) {
  const [sheet, setSheet] = useState<Opened | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone with its step: keyboards and screen readers go on from what is next.
  useEffect(() => {
    const pressed = navigator.userActivation?.isActive ?? false;
    if (pressed && document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [job.status]);
  const toDoor = hasGoods(job);
  const { unread } = day.talks.of(job.id);
  const step = STEPS.indexOf(job.status as (typeof STEPS)[number]);
  const target = toDoor ? job.drop_off.position : job.store.position;
  return (
    <section class="co-card co-job" data-testid={`job-${job.id}`} data-status={job.status} aria-label={job.order_number}>
      <header class="co-job__head">
        <div>
          <p class="muted small num">
            {job.order_number} · {money(job.earnings)}
            {of > 1 && ` · ${t("stop_of", { n: at, of })}`}
          </p>
          <h2 ref={heading} tabIndex={-1} class="co-job__todo" aria-live="polite">
            {todo(job)}
          </h2>
        </div>
        <Due job={job} />
      </header>
      <Marks job={job} day={day} />
      {step >= 0 && (
        <ProgressSteps label={t("jobs")} current={step} steps={STEP_NAMES.map((name) => ({ id: name, title: t(name) }))} />
      )}
      {job.status === "at_store" || job.status === "accepted" ? <HandOverCode job={job} day={day} /> : null}
      {job.taken && <TakenNote job={job} day={day} />}
      <WayMap
        store={toDoor ? null : job.store.position}
        doors={job.status === "returning" ? [] : [{ id: job.id, position: job.drop_off.position, name: job.drop_off.text }]}
        here={day.link.here.value}
      />
      <div class="co-place">
        <Icon name={toDoor ? "home" : "store"} size={22} />
        <div class="grow">
          <b>{toDoor ? job.drop_off.text : job.store.name}</b>
          <p class="muted">{toDoor ? job.drop_off.name : job.store.address}</p>
        </div>
      </div>
      {job.note && (
        <p class="co-note">
          <Icon name="note" size={18} />
          <span>{job.note}</span>
        </p>
      )}
      <div class="co-links">
        <Navigate to={target} name={toDoor ? job.drop_off.text : job.store.name} />
        {toDoor && <CallButton job={job} onNone={() => setSheet("call")} />}
        {toDoor && (
          <Button icon="chat" onClick={() => setSheet("messages")} data-testid="courier-message">
            {t("message")}
            {unread > 0 && <span class="co-unread num">{unread}</span>}
          </Button>
        )}
        {job.status !== "returning" && (
          <Button variant="quiet" icon="alert" onClick={() => setSheet("problem")} data-testid="courier-problem">
            {t("problem")}
          </Button>
        )}
      </div>
      <NextStep job={job} day={day} open={setSheet} />
      <DeliverSheet open={sheet === "pin" || sheet === "photo"} way={sheet === "photo" ? "photo" : null} job={job} day={day} onClose={() => setSheet(null)} />
      <MessagesSheet open={sheet === "messages" || sheet === "call"} noCall={sheet === "call"} job={job} day={day} onClose={() => setSheet(null)} />
      <ProblemSheet open={sheet === "problem"} job={job} day={day} onClose={() => setSheet(null)} onPhoto={() => setSheet("photo")} />
    </section>
  );
}

/** By a number that connects the two; where there is none it says so, and leads to the messages. */
function CallButton({ job, onNone }: { job: ShownJob; onNone: () => void }) {
  if (!job.call) {
    return (
      <Button icon="phone" onClick={onNone} data-testid="courier-call">
        {t("call")}
      </Button>
    );
  }
  return (
    <ButtonLink href={job.call} icon="phone" data-testid="courier-call">
      {t("call")}
    </ButtonLink>
  );
}

/** A delivery that is not the next one: one line, which opens it. */
export function JobRow({ job, day, at, onOpen }: { job: ShownJob; day: CourierDay; at: number; onOpen: () => void }) {
  const step = job.over ?? job.status;
  const sending = day.outbox.sent.value;
  const part = sending !== null && day.outbox.of(job.id).some((deed) => deed.id === sending.id) ? sending.part : null;
  return (
    <button type="button" class="co-row" disabled={job.over !== null} onClick={onOpen} data-testid={`job-${job.id}`} data-status={step}>
      <span class="co-stops__mark num">{job.over ? <Icon name="refresh" size={16} /> : at}</span>
      <span class="grow">
        <b class="truncate">{job.drop_off.text}</b>
        <span class="muted small num">
          {job.order_number} · {part !== null ? t("photo_sending", { part: Math.round(part * 100) }) : job.over ? t(`over_${job.over}`) : todo(job)}
        </span>
        {part !== null && <progress class="co-row__part" max={1} value={part} aria-label={t("photo_alt")} />}
      </span>
      {!job.over && (
        <span class="co-row__due num">
          <Icon name="clock" size={16} label={t("due_short")} /> {clock(job.due_at)}
        </span>
      )}
    </button>
  );
}

function todo(job: ShownJob): string {
  if (job.status === "arriving" && job.photo_allowed) return t("s_arriving_photo");
  return t(`s_${job.status as (typeof STEPS)[number] | "returning"}`);
}

function Due({ job }: { job: ShownJob }) {
  const late = Date.parse(job.due_at) < now.value;
  return (
    <Badge tone={late ? "bad" : "neutral"} icon="clock">
      <span class="num">{t("due", { time: clock(job.due_at) })}</span>
      {late && ` · ${t("late")}`}
    </Badge>
  );
}

function Marks({ job, day }: { job: ShownJob; day: CourierDay }) {
  const waiting = day.outbox.slow(1_500).filter((deed) => deed.about === job.id).length > 0;
  if (job.cash_due === 0 && !job.photo_allowed && !waiting) return null;
  return (
    <div class="co-marks">
      {job.cash_due > 0 && (
        <Badge tone="warn" icon="card">
          <span class="num">{t("cash_due", { amount: money(job.cash_due) })}</span>
        </Badge>
      )}
      {job.photo_allowed && hasGoods(job) && (
        <Badge tone="info" icon="photo">
          {t("leave_at_door")}
        </Badge>
      )}
      {waiting && (
        <Badge tone="warn" icon="refresh" data-testid="unsent-job">
          {t("not_sent")}
        </Badge>
      )}
    </div>
  );
}

/** The bag was taken without a network: until the store's word is here, the way back to the code stays open. */
function TakenNote({ job, day }: { job: ShownJob; day: CourierDay }) {
  const away = socket.state.value !== "open";
  return (
    <Banner
      tone={away ? "info" : "warn"}
      icon="bag"
      action={
        <Button size="s" onClick={() => day.untakeBag(job)} data-testid="courier-untake">
          {t("show_code")}
        </Button>
      }
      data-testid="taken"
    >
      {away ? t("taken_away") : t("taken_waits")}
    </Banner>
  );
}

function NextStep({ job, day, open }: { job: ShownJob; day: CourierDay; open: (sheet: Opened) => void }) {
  return (
    <div class="co-actions">
      {(job.status === "accepted" || job.status === "collected") && (
        <Button size="l" wide variant="primary" onClick={() => day.arrive(job)} data-testid="courier-arrive">
          {job.status === "accepted" ? t("arrived_store") : t("arrived_buyer")}
        </Button>
      )}
      {job.status === "arriving" && (
        <Button size="l" wide variant="primary" icon={job.photo_allowed ? "photo" : undefined} onClick={() => open(job.photo_allowed ? "photo" : "pin")} data-testid="courier-deliver">
          {job.photo_allowed ? t("take_photo") : t("enter_pin")}
        </Button>
      )}
      {job.status === "returning" && (
        <Button size="l" wide variant="primary" onClick={() => day.returned(job)} data-testid="courier-returned">
          {t("returned")}
        </Button>
      )}
    </div>
  );
}
