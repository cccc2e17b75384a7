/** The week on a phone, day by day. */

import { useState } from "preact/hooks";
import { dayName } from "../../core/i18n";
import { Button } from "../../design/button";
import { Tabs } from "../../design/toggles";
import { ShiftChip } from "./shift_chip";
import { CoverBars, CoverText } from "./shifts_cover";
import { startsOn, type WeekProps } from "./shifts_grid";
import { cover, daysLater, week } from "./shifts_plan";
import { s } from "./shifts_text";

export function WeekDays({ monday, plan, shifts, demand, lost, onDraft }: WeekProps) {
  const days = week(monday);
  const today = days.findIndex((day) => plan.at >= day.getTime() && plan.at < daysLater(day, 1).getTime());
  const [chosen, setChosen] = useState<{ of: number; at: number } | null>(null);
  const at = chosen?.of === monday.getTime() ? chosen.at : Math.max(0, today);
  const day = days[at] ?? monday;
  const hours = cover(day, plan.shifts, demand);
  const ofDay = shifts.filter(startsOn(day)).sort((a, b) => a.starts_at.localeCompare(b.starts_at));
  return (
    <div class="cs-days" data-testid="week-days">
      <Tabs
        label={s("title")}
        value={String(at)}
        items={days.map((one, index) => ({ value: String(index), label: dayName(one) }))}
        onChange={(value) => setChosen({ of: monday.getTime(), at: Number(value) })}
      />
      <h2 class="cs-fleet__sub">{dayName(day, true)}</h2>
      {ofDay.length === 0 && <p class="muted">{s("day_none")}</p>}
      <ul class="cs-days__list">
        {ofDay.map((shift) => (
          <li key={shift.id}>
            <ShiftChip shift={shift} plan={plan} named onOpen={() => onDraft({ shift })} />
          </li>
        ))}
      </ul>
      {daysLater(day, 1).getTime() > plan.at && (
        <Button icon="plus" wide onClick={() => onDraft({ day })}>
          {s("plan")} · {dayName(day)}
        </Button>
      )}
      <section class="cs-days__cover" aria-label={s("cover")}>
        <CoverBars hours={hours} />
        <CoverText hours={hours} at={plan.at} known={demand !== null} all />
        <p class="muted small">{lost ? s("cover_lost") : s("cover_how")}</p>
      </section>
    </div>
  );
}
