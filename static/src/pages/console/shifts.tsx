/** Who of the fleet works when: a week of shifts, who is missing right now, and whether the hours are covered. */

import "./shifts.css";

import { useEffect, useState } from "preact/hooks";
import { del, post } from "../../core/api";
import { clock, dayRange } from "../../core/i18n";
import { problemCode, problemText } from "../../core/problems";
import { serverNow } from "../../core/server_clock";
import type { PlannedShift } from "../../core/types_fleet";
import { Button, IconButton } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { Select } from "../../design/fields";
import { Badge } from "../../design/labels";
import { Banner, EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { ShiftSheet, type Draft } from "./shift_sheet";
import { needs, useDemand, usePlan, type Plan } from "./shifts_data";
import { WeekDays } from "./shifts_days";
import { WeekGrid } from "./shifts_grid";
import { daysLater, mondayOf, standing } from "./shifts_plan";
import { s } from "./shifts_text";

interface Copy {
  made: PlannedShift[];
  left_out: number;
}

export function Shifts({ onNeeds }: { onNeeds: (count: number) => void }) {
  const [monday, setMonday] = useState(() => mondayOf(serverNow()));
  const { plan, error, again } = usePlan(monday);
  const { demand, lost } = useDemand(monday);
  useEffect(() => {
    if (plan) onNeeds(needs(plan).length);
  }, [plan]);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [copied, setCopied] = useState<(Copy & { into: number }) | null>(null);
  const [place, setPlace] = useState("");
  const places = [...new Set((plan?.shifts ?? []).map((one) => one.place).filter(Boolean))].sort();
  const shown = (plan?.shifts ?? []).filter((one) => !places.includes(place) || one.place === place);
  if (plan === null && error !== null) return <ErrorState error={error} onRetry={again} />;
  const done = (text: string) => {
    setDraft(null);
    toast(text, "good");
    again();
  };
  return (
    <section class="cs-shifts" aria-label={s("title")}>
      <header class="cs-shows__head">
        <h1>{s("title")}</h1>
        {plan && <NowFacts plan={plan} />}
      </header>
      {plan !== null && error !== null && <Banner tone="warn">{s("stale")}</Banner>}
      {plan && <Needs plan={plan} onOpen={(shift) => setDraft({ shift })} />}
      <div class="cs-shifts__bar">
        <WeekTurn monday={monday} onMonday={setMonday} />
        <div class="cs-shifts__do">
          {places.length > 1 && (
            <Select
              label={s("place_filter")}
              labelHidden
              value={places.includes(place) ? place : ""}
              options={[{ value: "", label: s("all") }, ...places.map((one) => ({ value: one, label: one }))]}
              onValue={setPlace}
            />
          )}
          <CopyWeek
            monday={monday}
            count={plan?.shifts.filter((one) => Date.parse(one.starts_at) >= monday.getTime()).length ?? 0}
            onCopied={(copy) => {
              setCopied({ ...copy, into: daysLater(monday, 7).getTime() });
              setMonday(daysLater(monday, 7));
            }}
          />
          <Button variant="primary" icon="plus" class="cs-shifts__new" onClick={() => setDraft({ day: firstFree(monday) })} data-testid="shift-new">
            {s("plan")}
          </Button>
        </div>
      </div>
      {copied?.into === monday.getTime() && <CopiedNote copy={copied} onOver={() => setCopied(null)} onUndone={again} />}
      {plan === null ? (
        <Skeleton height="320px" />
      ) : (
        <>
          {plan.shifts.length === 0 && (
            <EmptyState
              icon="calendar"
              title={plan.riders.size === 0 ? s("no_couriers") : s("empty")}
              text={plan.riders.size === 0 ? s("no_couriers_text") : s("empty_text")}
              data-testid="shifts-empty"
            />
          )}
          <WeekGrid monday={monday} plan={plan} shifts={shown} demand={demand} lost={lost} onDraft={setDraft} />
          <WeekDays monday={monday} plan={plan} shifts={shown} demand={demand} lost={lost} onDraft={setDraft} />
        </>
      )}
      {plan && draft && <ShiftSheet draft={draft} plan={plan} places={places} onDone={done} onClose={() => setDraft(null)} />}
    </section>
  );
}

/** Which week is shown, and the ways to others. */
function WeekTurn({ monday, onMonday }: { monday: Date; onMonday: (monday: Date) => void }) {
  const present = mondayOf(serverNow());
  return (
    <div class="cs-shifts__week">
      <IconButton icon="back" label={s("earlier")} variant="soft" onClick={() => onMonday(daysLater(monday, -7))} data-testid="week-before" />
      <b class="num" aria-live="polite" data-testid="week">
        {dayRange(monday, daysLater(monday, 6))}
      </b>
      <IconButton icon="chevron-right" label={s("later")} variant="soft" onClick={() => onMonday(daysLater(monday, 7))} data-testid="week-after" />
      {monday.getTime() !== present.getTime() && (
        <Button size="s" variant="quiet" onClick={() => onMonday(present)}>
          {s("this_week")}
        </Button>
      )}
    </div>
  );
}

/** Today, or the shown week's first day. */
function firstFree(monday: Date): Date {
  const now = new Date(serverNow());
  return mondayOf(now.getTime()).getTime() === monday.getTime() ? now : monday;
}

/** Who is where they were planned to be, right now. */
function NowFacts({ plan }: { plan: Plan }) {
  const of = (one: PlannedShift) => standing(one, plan.riders.get(one.courier_id ?? ""), plan.at, plan.lateAfter);
  const here = plan.near.filter((one) => of(one) === "here");
  const missing = plan.near.filter((one) => of(one) === "missing").length;
  const extra = [...plan.riders.values()].filter((one) => one.online && !here.some((shift) => shift.courier_id === one.courier_id)).length;
  return (
    <p class="cs-row__facts num" data-testid="shifts-now">
      <span>{s("in_shift", { n: here.length })}</span>
      {missing > 0 && <Badge tone="bad">{s("n_missing", { n: missing })}</Badge>}
      {extra > 0 && <span>{s("extra", { n: extra })}</span>}
    </p>
  );
}

/** Shifts of now and the next two days that stand badly, each with the way to mend it. */
function Needs({ plan, onOpen }: { plan: Plan; onOpen: (shift: PlannedShift) => void }) {
  const found = needs(plan);
  if (found.length === 0) return null;
  return (
    <section aria-label={s("needs")}>
      <h2 class="cs-fleet__sub">{s("needs")}</h2>
      <ul class="cs-shifts__needs">
        {found.map(({ shift, how }) => (
          <li key={shift.id}>
            <button type="button" class="cs-shifts__need" onClick={() => onOpen(shift)} data-testid="shift-need" data-standing={how}>
              <b>{shift.courier_id === null ? s("open_one") : (plan.riders.get(shift.courier_id)?.name ?? s("somebody"))}</b>
              <span class="small num">
                {dayRange(shift.starts_at, shift.starts_at)} {clock(shift.starts_at)}–{clock(shift.ends_at)}
                {shift.place && ` · ${shift.place}`}
              </span>
              <span class="small">
                {how === "missing" && s("missing_since", { time: clock(shift.starts_at) })}
                {how === "open" && s("open_since")}
                {how === "cannot" && `${s("cannot_since")}${shift.cannot_why && `: ${shift.cannot_why}`}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function CopyWeek({ monday, count, onCopied }: { monday: Date; count: number; onCopied: (copy: Copy) => void }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const copy = async () => {
    setBusy(true);
    try {
      const span = { since: monday.toISOString(), until: daysLater(monday, 7).toISOString() };
      onCopied(await post<Copy>("/api/fleet/shifts/copy", span));
      setAsking(false);
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  const next = daysLater(monday, 7);
  return (
    <>
      <Button icon="copy" disabled={count === 0} onClick={() => setAsking(true)} data-testid="week-copy">
        {s("copy")}
      </Button>
      <Confirm
        open={asking}
        title={s("copy_q", { n: count, week: dayRange(next, daysLater(next, 6)) })}
        text={s("copy_text")}
        confirmLabel={s("copy_do")}
        busy={busy}
        onConfirm={() => void copy()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

/** Taken out of the plan by somebody else meanwhile: that is what was wanted. */
function unlessGone(error: unknown): void {
  if (problemCode(error) !== "not_found") throw error;
}

/** What a copy made, and the way to take it back. */
function CopiedNote({ copy, onOver, onUndone }: { copy: Copy; onOver: () => void; onUndone: () => void }) {
  const [busy, setBusy] = useState(false);
  const undo = async () => {
    setBusy(true);
    try {
      for (const one of copy.made) await del(`/api/fleet/shifts/${one.id}`).catch(unlessGone);
      toast(s("undone"), "good");
      onOver();
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
      onUndone();
    }
  };
  return (
    <Banner
      tone="info"
      icon="copy"
      title={copy.made.length > 0 ? s("copied", { n: copy.made.length }) : s("copied_none")}
      action={
        copy.made.length > 0 ? (
          <Button size="s" busy={busy} onClick={() => void undo()} data-testid="copy-undo">
            {s("undo")}
          </Button>
        ) : null
      }
      data-testid="week-copied"
    >
      {copy.made.length > 0 && copy.left_out > 0 && s("copied_left", { n: copy.left_out })}
    </Banner>
  );
}
