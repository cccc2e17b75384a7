/** What a courier does, and how the jobs look once it has all been sent. */

import type { Job, TrackingStatus } from "../../core/types";
import type { Deed } from "../../work/outbox";

export type DeedKind = "accept" | "decline" | "arrive" | "photo" | "deliver" | "problem" | "returned" | "message";
export type CourierDeed = Deed<DeedKind>;
export type Place = "store" | "door";

export interface ShownJob extends Job {
  /** How many deeds about it are not sent yet. */
  unsent: number;
  /** The courier has the bag, and the server does not know yet that the store gave it. */
  taken: boolean;
  /** Nothing is left to do but to send it. */
  over: "delivered" | "reported" | "returned" | null;
}

const WITH_GOODS: readonly TrackingStatus[] = ["collected", "arriving"];

export function hasGoods({ status }: Job): boolean {
  return WITH_GOODS.includes(status);
}

/** `taken`: the jobs of which the courier said to have the bag. */
export function shown(job: Job, deeds: readonly CourierDeed[], taken: ReadonlySet<string>): ShownJob {
  const before: TrackingStatus = job.status;
  const mine = deeds.filter((deed) => deed.about === job.id);
  const start: ShownJob = { ...job, unsent: mine.filter((deed) => deed.kind !== "message").length, taken: false, over: null };
  const arrived = mine.filter((deed) => deed.kind === "arrive");
  let now = arrived.some((deed) => placeOf(deed) === "store") && before === "accepted" ? moved(start, "at_store", arrived) : start;
  if (taken.has(job.id) && (now.status === "at_store" || now.status === "accepted")) now = { ...now, status: "collected", taken: true };
  for (const deed of mine) {
    if (deed.kind === "arrive" && placeOf(deed) === "door" && now.status === "collected") now = moved(now, "arriving", [deed]);
    else if (deed.kind === "deliver") now = { ...now, over: "delivered" };
    else if (deed.kind === "returned") now = { ...now, over: "returned" };
    else if (deed.kind === "problem") now = hasGoods(now) ? { ...now, status: "returning" } : { ...now, over: "reported" };
  }
  return now;
}

function moved(job: ShownJob, status: TrackingStatus, deeds: readonly CourierDeed[]): ShownJob {
  return { ...job, status, since: new Date(deeds[0]?.at ?? Date.now()).toISOString() };
}

function placeOf({ body }: CourierDeed): Place {
  return (body as { at: Place }).at;
}

/** What to do next: fetch everything before leaving the store, then stop after stop. */
export function nextJob(jobs: readonly ShownJob[]): ShownJob | null {
  const open = jobs.filter((job) => job.over === null);
  return open.find((job) => !hasGoods(job) && job.status !== "returning") ?? open.find(hasGoods) ?? open[0] ?? null;
}
