/** What the plan of shifts is made of: the shown week, what is near, everybody of the fleet, and last week's orders. */

import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../../core/api";
import { noteServerTime } from "../../core/server_clock";
import type { Demand, FleetRider, FleetRiders, PlannedShift } from "../../core/types_fleet";
import { keepAsking } from "./asking";
import { daysLater, standing, type Standing } from "./shifts_plan";

/** From one look to the next, ms. */
const EVERY = 15_000;
/** So far ahead somebody who cannot come, or an open shift, is the desk's concern, ms. */
const NEAR = 48 * 3_600_000;

export interface Plan {
  at: number;
  lateAfter: number;
  riders: ReadonlyMap<string, FleetRider>;
  /** Of the shown week. */
  shifts: PlannedShift[];
  /** Those of now and of the next two days. */
  near: PlannedShift[];
}

/** Those near that stand badly: somebody is missing or cannot come, or nobody has claimed it. First ones first. */
export function needs(plan: Omit<Plan, "shifts">): { shift: PlannedShift; how: Standing }[] {
  return plan.near
    .map((shift) => ({ shift, how: standing(shift, plan.riders.get(shift.courier_id ?? ""), plan.at, plan.lateAfter) }))
    .filter(({ how }) => how === "missing" || how === "cannot" || how === "open")
    .sort((a, b) => a.shift.starts_at.localeCompare(b.shift.starts_at));
}

const span = (from: Date, to: Date) => ({ since: from.toISOString(), until: to.toISOString() });
const shiftsOf = (from: Date, to: Date) => get<{ items: PlannedShift[] }>("/api/fleet/shifts", span(from, to)).then(({ items }) => items);

async function lookNear(): Promise<Omit<Plan, "shifts">> {
  const riders = await get<FleetRiders>("/api/fleet/couriers");
  noteServerTime(riders.at);
  const at = Date.parse(riders.at);
  const near = await shiftsOf(new Date(at), new Date(at + NEAR));
  return { at, lateAfter: riders.late_after_s * 1000, riders: new Map(riders.items.map((one) => [one.courier_id, one])), near };
}

/** How many need somebody, each minute, for who has another pane open; ends with what it returns. */
export function watchNeeds(told: (count: number) => void): () => void {
  const ask = () => {
    if (!document.hidden) lookNear().then((plan) => told(needs(plan).length), () => undefined);
  };
  ask();
  const timer = setInterval(ask, 60_000);
  return () => clearInterval(timer);
}

async function look(monday: Date): Promise<Plan> {
  const [near, shifts] = await Promise.all([lookNear(), shiftsOf(monday, daysLater(monday, 7))]);
  return { ...near, shifts };
}

export function usePlan(monday: Date): { plan: Plan | null; error: unknown; again: () => void } {
  const [plan, setPlan] = useState<{ of: number; plan: Plan } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState(0);
  const of = monday.getTime();
  useEffect(() => {
    const told = (found: Plan) => {
      setPlan({ of, plan: found });
      setError(null);
    };
    return keepAsking(() => look(monday), EVERY, told, setError);
  }, [of, asked]);
  return { plan: plan?.of === of ? plan.plan : null, error, again: () => setAsked((count) => count + 1) };
}

/** Last week's orders for the shown week: asked for once. Null until known; `lost` when they cannot be. */
export function useDemand(monday: Date): { demand: Demand | null; lost: boolean } {
  const [demand, setDemand] = useState<{ of: number; demand: Demand } | null>(null);
  const [lost, setLost] = useState(false);
  const of = monday.getTime();
  const shown = useRef(of);
  shown.current = of;
  useEffect(() => {
    setLost(false);
    get<Demand>("/api/fleet/demand", { since: monday.toISOString(), until: daysLater(monday, 7).toISOString() }).then(
      (found) => shown.current === of && setDemand({ of, demand: found }),
      () => shown.current === of && setLost(true),
    );
  }, [of]);
  return { demand: demand?.of === of ? demand.demand : null, lost };
}
