/** The week on a wide screen: a row for each courier, a column for each day, and how each day is covered. */

import { useState } from "preact/hooks";
import { dayName } from "../../core/i18n";
import type { Demand, PlannedShift } from "../../core/types_fleet";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { ShiftChip } from "./shift_chip";
import type { Draft } from "./shift_sheet";
import { CoverBars, CoverText } from "./shifts_cover";
import type { Plan } from "./shifts_data";
import { cover, daysLater, hoursOf, week } from "./shifts_plan";
import { s } from "./shifts_text";

/** A fleet of so many is shown whole; of a larger one those without a shift are asked for. */
const WHOLE = 12;

export interface WeekProps {
  monday: Date;
  plan: Plan;
  shifts: readonly PlannedShift[];
  demand: Demand | null;
  lost: boolean;
  onDraft: (draft: Draft) => void;
}

export const startsOn = (day: Date) => (shift: PlannedShift): boolean => {
  const at = Date.parse(shift.starts_at);
  return at >= day.getTime() && at < daysLater(day, 1).getTime();
};

export function WeekGrid({ monday, plan, shifts, demand, lost, onDraft }: WeekProps) {
  const [all, setAll] = useState(false);
  const days = week(monday);
  const today = days.find((day) => plan.at >= day.getTime() && plan.at < daysLater(day, 1).getTime());
  const planned = new Set(shifts.map((one) => one.courier_id));
  const riders = [...plan.riders.values()];
  const whole = all || riders.length <= WHOLE;
  const gone = [...planned].filter((id): id is string => id !== null && !plan.riders.has(id)).map((id) => ({ courier_id: id, name: s("somebody") }));
  const rows = [...(whole ? riders : riders.filter((one) => planned.has(one.courier_id))), ...gone];
  const hidden = riders.length + gone.length - rows.length;
  return (
    <div class="cs-week" role="region" tabIndex={0} aria-label={s("title")} data-testid="week-grid">
      <table>
        <thead>
          <tr>
            <th scope="col">{s("courier")}</th>
            {days.map((day) => (
              <th key={day.getTime()} scope="col" data-today={day === today ? "yes" : undefined}>
                {dayName(day)}
                <span class="muted small num">{hoursOf(shifts.filter(startsOn(day))) > 0 && s("hours", { n: hoursOf(shifts.filter(startsOn(day))) })}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Row name={s("open")} id={null} days={days} plan={plan} shifts={shifts} onDraft={onDraft} />
          {rows.map((one) => (
            <Row key={one.courier_id} name={one.name} id={one.courier_id} days={days} plan={plan} shifts={shifts} onDraft={onDraft} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{s("cover")}</th>
            {days.map((day) => {
              const hours = cover(day, plan.shifts, demand);
              return (
                <td key={day.getTime()}>
                  <CoverBars hours={hours} />
                  <CoverText hours={hours} at={plan.at} known={demand !== null} />
                </td>
              );
            })}
          </tr>
        </tfoot>
      </table>
      {hidden > 0 && (
        <Button variant="quiet" onClick={() => setAll(true)} data-testid="riders-more">
          {s("more", { n: hidden })}
        </Button>
      )}
      <p class="muted small">{lost ? s("cover_lost") : s("cover_how")}</p>
    </div>
  );
}

interface RowProps extends Pick<WeekProps, "plan" | "shifts" | "onDraft"> {
  name: string;
  id: string | null;
  days: Date[];
}

function Row({ name, id, days, plan, shifts, onDraft }: RowProps) {
  const mine = shifts.filter((one) => one.courier_id === id);
  const online = id !== null && plan.riders.get(id)?.online;
  return (
    <tr data-open={id === null ? "yes" : undefined}>
      <th scope="row">
        <span class="cs-week__name">
          {online && <span class="cs-week__online" role="img" aria-label={s("here")} />}
          <span class="truncate">{name}</span>
        </span>
        {mine.length > 0 && <span class="muted small num">{s("hours", { n: hoursOf(mine) })}</span>}
      </th>
      {days.map((day) => (
        <td key={day.getTime()}>
          {mine.filter(startsOn(day)).map((shift) => (
            <ShiftChip key={shift.id} shift={shift} plan={plan} onOpen={() => onDraft({ shift })} />
          ))}
          {daysLater(day, 1).getTime() > plan.at && (
            // The keyboard has the button above the plan: a stop in each of these cells would be in its way.
            <button type="button" class="cs-week__add" tabIndex={-1} aria-label={s("add_at", { name, day: dayName(day, true) })} onClick={() => onDraft({ day, courier: id })}>
              <Icon name="plus" size={16} />
            </button>
          )}
        </td>
      ))}
    </tr>
  );
}
