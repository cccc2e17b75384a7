/** A store's capacity, and the days that are unlike others. */

import { useState } from "preact/hooks";
import { put } from "../../core/api";
import { problemText } from "../../core/problems";
import type { SpecialDay, StoreEntry } from "../../core/types_catalogue";
import { Button, IconButton } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { c } from "./catalogue_text";
import { week } from "./catalogue_stores";

const SPAN = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

interface StoreSheetProps {
  store: StoreEntry;
  onSaved: (store: StoreEntry) => void;
  onClose: () => void;
}

export function StoreSheet({ store, onSaved, onClose }: StoreSheetProps) {
  const [days, setDays] = useState<SpecialDay[]>(store.row.special_days);
  const [capacity, setCapacity] = useState(store.row.capacity === null ? "" : String(store.row.capacity));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    const wanted = capacity.trim() === "" ? null : Number(capacity);
    if (wanted !== null && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= 10_000)) {
      setError(c("bad_number"));
      return;
    }
    setBusy(true);
    try {
      const row = { ...store.row, special_days: days, capacity: wanted };
      const saved = await put<StoreEntry>(`/api/catalogue/stores/${store.id}`, row);
      toast(c("saved"), "good");
      onSaved(saved);
    } catch (failure) {
      toast(problemText(failure), "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      open
      title={store.row.name}
      onClose={onClose}
      data-testid="store-sheet"
      footer={
        <Button variant="primary" size="l" wide busy={busy} onClick={() => void save()} data-testid="store-save">
          {c("save")}
        </Button>
      }
    >
      <div class="stack">
        <div>
          <h3>{c("hours")}</h3>
          <p>
            {week(store.row.hours).map((line) => (
              <span key={line} class="ct-line">
                {line}
              </span>
            ))}
          </p>
          <p class="muted small">{c("in_zone", { zone: store.row.time_zone })}</p>
        </div>
        <TextInput
          label={c("capacity")}
          hint={c("capacity_hint")}
          error={error}
          inputMode="numeric"
          value={capacity}
          maxLength={5}
          onValue={(value) => {
            setCapacity(value);
            setError(null);
          }}
          data-testid="store-capacity"
        />
        <div>
          <h3>{c("special_days")}</h3>
          {days.length === 0 && <p class="muted">{c("no_special_days")}</p>}
          <ul class="ct-days">
            {days.map((day) => (
              <li key={day.date}>
                <span class="grow">
                  <strong class="num">{day.date}</strong> {day.hours.join(" ") || c("day_closed")}
                  {day.note && <span class="muted small ct-line">{day.note}</span>}
                </span>
                <IconButton
                  icon="trash"
                  size={20}
                  label={`${c("remove")}: ${day.date}`}
                  onClick={() => setDays(days.filter((one) => one.date !== day.date))}
                />
              </li>
            ))}
          </ul>
          <NewDay taken={days.map((day) => day.date)} onAdd={(day) => setDays(sorted([...days, day]))} />
        </div>
      </div>
    </Sheet>
  );
}

function sorted(days: SpecialDay[]): SpecialDay[] {
  return days.sort((one, other) => one.date.localeCompare(other.date));
}

function NewDay({ taken, onAdd }: { taken: string[]; onAdd: (day: SpecialDay) => void }) {
  const [date, setDate] = useState("");
  const [hours, setHours] = useState("");
  const [note, setNote] = useState("");
  const [wrong, setWrong] = useState<{ date?: string; hours?: string }>({});
  const add = (event: Event) => {
    event.preventDefault();
    const spans = hours.trim().split(/\s+/).filter(Boolean);
    if (date === "") return setWrong({ date: c("date_required") });
    if (taken.includes(date)) return setWrong({ date: c("date_twice") });
    if (!spans.every((span) => SPAN.test(span))) return setWrong({ hours: c("bad_hours") });
    onAdd({ date, hours: spans, note: note.trim() });
    setDate("");
    setHours("");
    setNote("");
    setWrong({});
  };
  return (
    <form class="ct-new-day stack" onSubmit={add}>
      <TextInput type="date" label={c("date")} error={wrong.date ?? null} value={date} onValue={setDate} data-testid="day-date" />
      <TextInput
        label={c("special_hours")}
        hint={c("special_hours_hint")}
        error={wrong.hours ?? null}
        value={hours}
        maxLength={80}
        onValue={setHours}
        data-testid="day-hours"
      />
      <TextInput label={c("note")} hint={c("note_hint")} value={note} maxLength={80} onValue={setNote} data-testid="day-note" />
      <Button type="submit" icon="plus" data-testid="day-add">
        {c("add_special_day")}
      </Button>
    </form>
  );
}
