/** From a delivery to what is said of it: all that can be right or wrong without a browser. */

import { ago, clock, distance } from "../core/i18n";
import type { Promised, PromiseChange, Tracking, Wish } from "../core/types";
import { bearing, metres } from "../map/glide";
import { t } from "./text";

/** Older than this (ms) a position is said to be old. */
const FRESH = 20_000;
const CLOSE_M = 60;

export const minutesOf = (seconds: number): number => Math.max(1, Math.round(Math.abs(seconds) / 60));

export function windowText({ starts_at, ends_at }: { starts_at: string; ends_at: string }): { from: string; to: string } {
  return { from: clock(starts_at), to: clock(ends_at) };
}

/** What holds now: the checkout's window, or the one that took its place. */
export function promiseText(promise: Promised): string {
  return t(promise.changes.length === 0 ? "window" : "window_now", windowText(promise));
}

export function firstText(promise: Promised): string {
  return t("promised_first", { from: clock(promise.first_starts_at), to: clock(promise.first_ends_at) });
}

/** How far off it is, and why; null while the checkout's window holds. */
export function slipText(promise: Promised): { title: string; why: string; late: boolean } | null {
  const last = promise.changes.at(-1);
  if (!last) return null;
  if (promise.late_s < 30) return last.by_s < 0 ? { title: t("earlier", { n: minutesOf(last.by_s) }), why: t("faster"), late: false } : null;
  return { title: t("later", { n: minutesOf(promise.late_s) }), why: t(last.reason), late: true };
}

export function changeText(change: PromiseChange): string {
  return t(change.by_s < 0 ? "change_earlier" : "change_later", { ...windowText(change), n: minutesOf(change.by_s) });
}

/** A guess is told beside the window only when it says more than the window does. */
export function guessText({ eta_at, promise, status }: Tracking): string | null {
  if (eta_at === null || (status !== "collected" && status !== "arriving")) return null;
  const at = Date.parse(eta_at);
  return at <= Date.parse(promise.ends_at) + 120_000 ? t("eta", { time: clock(eta_at) }) : null;
}

/** Where the courier is, in words: what the map shows to who sees it. */
export function whereText(tracking: Tracking, now: number): string | null {
  const { courier_position: courier, courier_at, drop_off } = tracking;
  if (!courier) return null;
  const age = courier_at === null ? 0 : now - Date.parse(courier_at);
  const when = age < FRESH ? t("seen_now") : t("seen_ago", { ago: ago(now - age, now) });
  const far = metres(drop_off, courier);
  if (far < CLOSE_M) return t("where_close", { when });
  return t("where", { far: distance(far), direction: t(bearing(drop_off, courier)), when });
}

export function stopsText({ stops_before, status }: Tracking): string | null {
  if (status !== "collected" && status !== "arriving") return null;
  return stops_before > 0 ? t("stops", { n: stops_before }) : t("next");
}

const HOUSES: Readonly<Record<string, string>> = { uber: "Uber", dada: "达达 Dada" };

export const houseName = (provider: string): string => HOUSES[provider] ?? provider;

/** Whether it will be put down at the door: another house's courier who only has a note of it may still want the PIN. */
export const leftAtDoor = ({ leave_at_door, wishes }: Tracking): boolean => leave_at_door && !wishes.some(({ part }) => part === "leave_at_door");

/** What became of something that was changed after another house had been asked. */
export function wishText({ part, told, provider }: Wish): string | null {
  if (part === "ready_at") return null;
  const house = { provider: houseName(provider) };
  if (told === "on_its_way") return t("wish_on_its_way", house);
  if (told === "told") return t(part === "leave_at_door" ? "wish_door_told" : "wish_told", house);
  return t(`wish_not_told_${part}`, house);
}

const GOOD = ["on_time", "friendly", "careful", "well_informed"] as const;
const BAD = ["late", "hard_to_reach", "rude", "damaged", "wrong_place"] as const;
export type Tag = (typeof GOOD | typeof BAD)[number];

/** What may be said beside so many stars. */
export function tagsFor(stars: number): readonly Tag[] {
  if (stars === 0) return [];
  return stars >= 4 ? GOOD : stars === 3 ? [...GOOD, ...BAD] : BAD;
}

export function isTag(tag: string): tag is Tag {
  return ([...GOOD, ...BAD] as readonly string[]).includes(tag);
}
