/** One shift in the plan: its hours, where, and how it stands. */

import { clock, dayName } from "../../core/i18n";
import type { PlannedShift } from "../../core/types_fleet";
import { Icon, type IconName } from "../../design/icons";
import type { Plan } from "./shifts_data";
import { standing, type Standing } from "./shifts_plan";
import { s } from "./shifts_text";

const ICONS: Readonly<Partial<Record<Standing, IconName>>> = { here: "check", missing: "alert", cannot: "ban", open: "user", due: "clock" };

interface ShiftChipProps {
  shift: PlannedShift;
  plan: Plan;
  /** Says whose it is. */
  named?: boolean;
  onOpen: (shift: PlannedShift) => void;
}

export function ShiftChip({ shift, plan, named, onOpen }: ShiftChipProps) {
  const how = standing(shift, plan.riders.get(shift.courier_id ?? ""), plan.at, plan.lateAfter);
  const name = shift.courier_id === null ? s("open_one") : (plan.riders.get(shift.courier_id)?.name ?? s("somebody"));
  const icon = ICONS[how];
  const hours = `${clock(shift.starts_at)}–${clock(shift.ends_at)}`;
  return (
    <button
      type="button"
      class={named ? "cs-shift cs-shift--named" : "cs-shift"}
      data-standing={how}
      data-testid="shift"
      onClick={() => onOpen(shift)}
    >
      <span class="sr-only">{[named ? null : name, dayName(shift.starts_at, true), how === "open" || named ? null : s(how), ""].filter((one) => one !== null).join(", ")}</span>
      <span class="cs-shift__hours num">
        {icon && <Icon name={icon} size={14} />}
        {hours}
      </span>
      {named && <b class="truncate">{name}</b>}
      {shift.place && <span class="cs-shift__place truncate">{shift.place}</span>}
      {named && how !== "open" && how !== "planned" && <span class="cs-shift__how">{s(how)}</span>}
    </button>
  );
}
