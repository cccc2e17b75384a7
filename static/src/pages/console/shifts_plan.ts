/** The arithmetic of a week's plan: days, how each shift stands, and whether the hours are covered. Times are ms since the epoch. */

import type { Demand, FleetRider, PlannedShift } from "../../core/types_fleet";

export const HOUR = 3_600_000;

/** The Monday, at midnight of this machine's zone, of the week that `at` lies in. */
export function mondayOf(at: number): Date {
  const day = new Date(at);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - ((day.getDay() + 6) % 7));
}

/** So many days later at the same time of day. */
export function daysLater(day: Date, count: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + count, day.getHours(), day.getMinutes());
}

export const week = (monday: Date): Date[] => Array.from({ length: 7 }, (_, at) => daysLater(monday, at));

/**
 * How a shift stands: somebody is `here` (online), `due` (should be, and is not late yet), `missing`; has said not to be able to
 * come (`cannot`); nobody has it (`open`); it is `planned` for later, or `over`.
 */
export type Standing = "planned" | "due" | "here" | "missing" | "cannot" | "open" | "over";

export function standing(shift: PlannedShift, rider: FleetRider | undefined, at: number, lateAfter: number): Standing {
  const begins = Date.parse(shift.starts_at);
  if (Date.parse(shift.ends_at) <= at) return "over";
  if (shift.courier_id === null) return "open";
  if (shift.cannot_at !== null) return "cannot";
  if (begins > at) return "planned";
  if (rider?.online) return "here";
  return at - begins >= lateAfter ? "missing" : "due";
}

export interface CoverHour {
  at: number;
  /** Couriers: a half for half an hour. */
  planned: number;
  /** Orders of the same hour last week, and the couriers that they kept. */
  orders: number;
  needed: number;
}

/** The 23 to 25 hours of a day. Nobody is counted on who cannot come, nor an open shift. */
export function cover(day: Date, shifts: readonly PlannedShift[], demand: Demand | null): CoverHour[] {
  const orders = new Map((demand?.items ?? []).map((one) => [Date.parse(one.at), one.orders]));
  const counted = shifts
    .filter((one) => one.courier_id !== null && one.cannot_at === null)
    .map((one) => [Date.parse(one.starts_at), Date.parse(one.ends_at)] as const);
  const hours: CoverHour[] = [];
  for (let at = day.getTime(); at < daysLater(day, 1).getTime(); at += HOUR) {
    const planned = counted.reduce((sum, [begins, ends]) => sum + Math.max(0, Math.min(ends, at + HOUR) - Math.max(begins, at)) / HOUR, 0);
    const count = orders.get(at) ?? 0;
    hours.push({ at, planned, orders: count, needed: Math.ceil((count * (demand?.order_s ?? 0)) / 3600) });
  }
  return hours;
}

/** Where fewer are planned than were needed: stretches of hours, `from` to `to`. */
export function shortages(hours: readonly CoverHour[]): { from: number; to: number; planned: number; needed: number }[] {
  const found: { from: number; to: number; planned: number; needed: number }[] = [];
  for (const { at, planned, needed } of hours) {
    if (planned >= needed) continue;
    const last = found.at(-1);
    if (last?.to === at) {
      last.to = at + HOUR;
      last.planned = Math.min(last.planned, planned);
      last.needed = Math.max(last.needed, needed);
    } else found.push({ from: at, to: at + HOUR, planned, needed });
  }
  return found;
}

export const hoursOf = (shifts: readonly PlannedShift[]): number =>
  shifts.reduce((sum, one) => sum + (Date.parse(one.ends_at) - Date.parse(one.starts_at)) / HOUR, 0);

/** What the form's fields say, as times; an end that is not after the start is of the next day. Null for what is no time. */
export function times(date: string, from: string, to: string): { starts_at: string; ends_at: string; overnight: boolean } | null {
  const begins = new Date(`${date}T${from}`);
  let ends = new Date(`${date}T${to}`);
  if (Number.isNaN(begins.getTime()) || Number.isNaN(ends.getTime())) return null;
  const overnight = ends <= begins;
  if (overnight) ends = daysLater(ends, 1);
  return { starts_at: begins.toISOString(), ends_at: ends.toISOString(), overnight };
}

const two = (value: number): string => String(value).padStart(2, "0");
/** For `<input type="date">` and `<input type="time">`. */
export const dateField = (day: Date): string => `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
export const timeField = (at: Date): string => `${two(at.getHours())}:${two(at.getMinutes())}`;
