/** One shift: who, when, where to begin; made, changed, or taken out of the plan. */

import { useState } from "preact/hooks";
import { del, post, put } from "../../core/api";
import { clock, dayName } from "../../core/i18n";
import type { PlannedShift } from "../../core/types_fleet";
import { Button } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { Select, TextInput } from "../../design/fields";
import { Banner, ProblemNote } from "../../design/notices";
import { Sheet } from "../../design/sheet";
import type { Plan } from "./shifts_data";
import { dateField, timeField, times } from "./shifts_plan";
import { s } from "./shifts_text";

/** What is opened: a shift that is planned, or the place of a new one. */
export type Draft = { shift: PlannedShift } | { day: Date; courier?: string | null };

interface ShiftSheetProps {
  draft: Draft;
  plan: Plan;
  /** Where shifts of this week begin. */
  places: readonly string[];
  onDone: (said: string) => void;
  onClose: () => void;
}

interface Form {
  /** Empty: open. */
  courier: string;
  date: string;
  from: string;
  to: string;
  place: string;
}

function begin(draft: Draft, plan: Plan): Form {
  if ("shift" in draft) {
    const { shift } = draft;
    const starts = new Date(shift.starts_at);
    return { courier: shift.courier_id ?? "", date: dateField(starts), from: timeField(starts), to: timeField(new Date(shift.ends_at)), place: shift.place };
  }
  const courier = draft.courier === undefined ? ([...plan.riders.keys()][0] ?? "") : (draft.courier ?? "");
  return { courier, date: dateField(draft.day), from: "10:00", to: "14:00", place: "" };
}

export function ShiftSheet({ draft, plan, places, onDone, onClose }: ShiftSheetProps) {
  const shift = "shift" in draft ? draft.shift : null;
  const [form, setForm] = useState(() => begin(draft, plan));
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [removing, setRemoving] = useState(false);
  const set = (change: Partial<Form>) => {
    setError(null);
    setForm({ ...form, ...change });
  };
  const when = times(form.date, form.from, form.to);
  const over = shift !== null && Date.parse(shift.ends_at) <= plan.at;
  const during = async (deed: () => Promise<unknown>, said: string) => {
    setBusy(true);
    setError(null);
    try {
      await deed();
      onDone(said);
    } catch (failure) {
      setError(failure);
      setBusy(false);
      setRemoving(false);
    }
  };
  const save = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (when === null || busy) return;
    const body = { courier_id: form.courier || null, starts_at: when.starts_at, ends_at: when.ends_at, place: form.place.trim() };
    if (shift === null) void during(() => post("/api/fleet/shifts", body), s("saved_new"));
    else void during(() => put(`/api/fleet/shifts/${shift.id}`, body), s("saved"));
  };
  const name = shift?.courier_id ? (plan.riders.get(shift.courier_id)?.name ?? s("somebody")) : null;
  return (
    <Sheet open title={shift ? s("edit_title") : s("new_title")} closeLabel={s("close")} onClose={onClose} wide="middle" data-testid="shift-sheet">
      <form class="stack" noValidate onSubmit={save}>
        {over && <Banner tone="info">{s("is_over")}</Banner>}
        {shift?.cannot_at && (
          <Banner tone="warn" title={`${name ?? ""} · ${s("cannot")}`}>
            {shift.cannot_why && s("why", { text: shift.cannot_why })}
          </Banner>
        )}
        <Fields form={form} riders={plan.riders} places={places} over={over} tried={tried} set={set} />
        <ProblemNote error={error} data-testid="shift-problem" />
        {!over && (
          <div class="cs-row__actions">
            {shift && (
              <Button variant="quiet" icon="trash" onClick={() => setRemoving(true)} data-testid="shift-remove">
                {s("remove")}
              </Button>
            )}
            <Button variant="primary" type="submit" busy={busy && !removing} data-testid="shift-save">
              {shift ? s("save") : s("save_new")}
            </Button>
          </div>
        )}
      </form>
      {shift && (
        <Confirm
          open={removing}
          danger
          title={`${s("remove_q")} ${dayName(shift.starts_at)} ${clock(shift.starts_at)}–${clock(shift.ends_at)}`}
          text={name === null ? s("remove_open") : s("remove_text", { name })}
          confirmLabel={s("remove")}
          cancelLabel={s("keep")}
          busy={busy}
          onConfirm={() => void during(() => del(`/api/fleet/shifts/${shift.id}`), s("removed"))}
          onClose={() => setRemoving(false)}
        />
      )}
    </Sheet>
  );
}

interface FieldsProps {
  form: Form;
  riders: Plan["riders"];
  places: readonly string[];
  over: boolean;
  /** Show what is wrong. */
  tried: boolean;
  set: (change: Partial<Form>) => void;
}

function Fields({ form, riders, places, over, tried, set }: FieldsProps) {
  const when = times(form.date, form.from, form.to);
  const others = places.filter((one) => one !== form.place);
  return (
    <>
      <Select
        label={s("courier")}
        disabled={over}
        value={form.courier}
        options={[
          { value: "", label: s("open_option") },
          ...(form.courier && !riders.has(form.courier) ? [{ value: form.courier, label: s("somebody") }] : []),
          ...[...riders.values()].map((one) => ({ value: one.courier_id, label: one.name })),
        ]}
        onValue={(courier) => set({ courier })}
        data-testid="shift-courier"
      />
      <TextInput label={s("date")} type="date" disabled={over} value={form.date} onValue={(date) => set({ date })} data-testid="shift-date" />
      <div class="cs-fleet__pair">
        <TextInput label={s("from")} type="time" disabled={over} value={form.from} onValue={(from) => set({ from })} data-testid="shift-from" />
        <TextInput
          label={s("to")}
          type="time"
          disabled={over}
          value={form.to}
          {...(when?.overnight ? { hint: s("overnight", { time: form.to }) } : {})}
          error={tried && when === null ? s("bad_times") : null}
          onValue={(to) => set({ to })}
          data-testid="shift-to"
        />
      </div>
      <TextInput
        label={s("place")}
        optional={s("optional")}
        hint={s("place_hint")}
        maxLength={60}
        disabled={over}
        value={form.place}
        onValue={(place) => set({ place })}
        data-testid="shift-place"
      />
      {!over && others.length > 0 && (
        <div class="cs-shifts__places" role="group" aria-label={s("place")}>
          {others.slice(0, 6).map((one) => (
            <Button key={one} size="s" onClick={() => set({ place: one })}>
              {one}
            </Button>
          ))}
        </div>
      )}
    </>
  );
}
