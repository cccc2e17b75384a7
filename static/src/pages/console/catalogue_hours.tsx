/** A store's week, and the days that are unlike others. */

import { useState } from "preact/hooks";
import { DAYS, type Day, type SpecialDay } from "../../core/types_catalogue";
import { Button, IconButton } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Badge } from "../../design/labels";
import { toast } from "../../design/toast";
import { e } from "./catalogue_edit_text";
import { SpanList, spansFault, spansText } from "./catalogue_spans";
import type { StoreFaults, StoreForm } from "./catalogue_store_form";
import { c } from "./catalogue_text";

const WORKDAYS: readonly Day[] = DAYS.slice(0, 5);
const WEEKEND: readonly Day[] = DAYS.slice(5);
const LONGEST = 31;

interface HoursPartProps {
  form: StoreForm;
  faults: StoreFaults;
  onForm: (change: Partial<StoreForm>) => void;
}

export function HoursPart({ form, faults, onForm }: HoursPartProps) {
  const [open, setOpen] = useState<Day | null>(null);
  const set = (days: readonly Day[], spans: string[]) =>
    onForm({ hours: { ...form.hours, ...Object.fromEntries(days.map((day) => [day, spans])) } });
  return (
    <div class="stack">
      <section>
        <h3>{e("hours")}</h3>
        <p class="muted small">{c("in_zone", { zone: form.time_zone })}</p>
        <ul class="ct-week">
          {DAYS.map((day) => {
            const fault = faults[day];
            const shown = open === day || (fault !== undefined && open === null);
            return (
              <li key={day} class={shown ? "ct-week__day ct-week__day--open" : "ct-week__day"} data-testid={`day-${day}`}>
                <button type="button" class="ct-week__head" aria-expanded={shown} onClick={() => setOpen(shown ? null : day)}>
                  <b>{c(day)}</b>
                  <span class={form.hours[day].length === 0 ? "muted" : "num"}>{shown ? spansText(form.hours[day]) : (fault ?? spansText(form.hours[day]))}</span>
                </button>
                {shown && (
                  <div class="ct-week__edit">
                    <SpanList name={c(day)} spans={form.hours[day]} error={fault} onSpans={(spans) => set([day], spans)} />
                    <CopyDay day={day} onCopy={(days) => set(days, form.hours[day])} />
                  </div>
                )}
              </li>
            );
          })}
        </ul>
      </section>
      <SpecialDays days={form.special_days} fault={faults.special_days} onDays={(special_days) => onForm({ special_days })} />
    </div>
  );
}

function CopyDay({ day, onCopy }: { day: Day; onCopy: (days: Day[]) => void }) {
  const [open, setOpen] = useState(false);
  const copy = (days: readonly Day[]) => {
    const others = days.filter((one) => one !== day);
    onCopy(others);
    setOpen(false);
    toast(e("copied", { n: others.length }), "good");
  };
  if (!open) {
    return (
      <Button size="s" variant="quiet" icon="copy" onClick={() => setOpen(true)} data-testid="copy-day">
        {e("copy")}
      </Button>
    );
  }
  return (
    <div class="ct-copy" role="group" aria-label={e("copy_to", { day: c(day) })}>
      <p class="small">{e("copy_to", { day: c(day) })}</p>
      <span class="ct-copy__days">
        <Button size="s" onClick={() => copy(DAYS)} data-testid="copy-all">
          {e("copy_all")}
        </Button>
        <Button size="s" onClick={() => copy(WORKDAYS)}>{e("copy_workdays")}</Button>
        <Button size="s" onClick={() => copy(WEEKEND)}>{e("copy_weekend")}</Button>
        {DAYS.filter((one) => one !== day).map((one) => (
          <Button key={one} size="s" onClick={() => copy([one])}>
            {c(one)}
          </Button>
        ))}
      </span>
    </div>
  );
}

function sorted(days: SpecialDay[]): SpecialDay[] {
  return days.sort((one, other) => one.date.localeCompare(other.date));
}

function SpecialDays({ days, fault, onDays }: { days: SpecialDay[]; fault: string | undefined; onDays: (days: SpecialDay[]) => void }) {
  const today = new Date().toISOString().slice(0, 10);
  const [open, setOpen] = useState<string | null>(null);
  const change = (date: string, part: Partial<SpecialDay>) => onDays(days.map((one) => (one.date === date ? { ...one, ...part } : one)));
  return (
    <section>
      <h3>{c("special_days")}</h3>
      {days.length === 0 && <p class="muted">{c("no_special_days")}</p>}
      <ul class="ct-week">
        {days.map((day) => {
          const wrong = fault === undefined ? null : spansFault(day.hours);
          const shown = open === day.date || (wrong !== null && open === null);
          return (
            <li key={day.date} class={shown ? "ct-week__day ct-week__day--open" : "ct-week__day"} data-testid="special-day">
              <div class="ct-week__row">
                <button
                  type="button"
                  class="ct-week__head"
                  aria-expanded={shown}
                  onClick={() => setOpen(shown ? null : day.date)}
                >
                  <b class="num">{day.date}</b>
                  <span>
                    {spansText(day.hours)}
                    {day.note && <span class="muted"> {day.note}</span>}
                    {day.date < today && <Badge>{e("past")}</Badge>}
                  </span>
                </button>
                <IconButton icon="trash" size={20} label={`${c("remove")}: ${day.date}`} onClick={() => onDays(days.filter((one) => one.date !== day.date))} />
              </div>
              {shown && (
                <div class="ct-week__edit">
                  <SpanList name={day.date} spans={day.hours} error={wrong} onSpans={(hours) => change(day.date, { hours })} />
                  <TextInput label={c("note")} hint={c("note_hint")} value={day.note} maxLength={80} onValue={(note) => change(day.date, { note })} />
                </div>
              )}
            </li>
          );
        })}
      </ul>
      <NewDay taken={days.map((day) => day.date)} onAdd={(more) => onDays(sorted([...days, ...more]))} />
    </section>
  );
}

/** Every date from the first to the last; null if they are too many, or none. */
function datesOf(first: string, last: string): string[] | null {
  const dates: string[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last || first); at += 86_400_000) {
    if (dates.length === LONGEST) return null;
    dates.push(new Date(at).toISOString().slice(0, 10));
  }
  return dates.length === 0 ? null : dates;
}

function NewDay({ taken, onAdd }: { taken: string[]; onAdd: (days: SpecialDay[]) => void }) {
  const [first, setFirst] = useState("");
  const [last, setLast] = useState("");
  const [hours, setHours] = useState<string[]>([]);
  const [note, setNote] = useState("");
  const [wrong, setWrong] = useState<{ first?: string; last?: string; hours?: string }>({});
  const add = (event: Event) => {
    event.preventDefault();
    if (first === "") return setWrong({ first: c("date_required") });
    const dates = datesOf(first, last);
    if (dates === null) return setWrong({ last: e("last_day_bad") });
    if (dates.some((date) => taken.includes(date))) return setWrong({ first: c("date_twice") });
    const fault = spansFault(hours);
    if (fault !== null) return setWrong({ hours: fault });
    onAdd(dates.map((date) => ({ date, hours, note: note.trim() })));
    setFirst("");
    setLast("");
    setHours([]);
    setNote("");
    setWrong({});
  };
  return (
    <form class="ct-new-day stack" noValidate onSubmit={add}>
      <div class="ct-pair">
        <TextInput type="date" label={e("first_day")} error={wrong.first ?? null} value={first} onValue={setFirst} data-testid="day-date" />
        <TextInput type="date" label={e("last_day")} error={wrong.last ?? null} value={last} min={first} onValue={setLast} data-testid="day-last" />
      </div>
      <SpanList name={c("special_days")} spans={hours} error={wrong.hours ?? null} onSpans={setHours} testId="day-hours" />
      <TextInput label={c("note")} hint={c("note_hint")} value={note} maxLength={80} onValue={setNote} data-testid="day-note" />
      <Button type="submit" icon="plus" data-testid="day-add">
        {c("add_special_day")}
      </Button>
    </form>
  );
}
