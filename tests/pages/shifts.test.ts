/** The arithmetic of the plan of shifts, without a browser. Run in the zone of Shanghai. */

import assert from "node:assert/strict";
import test from "node:test";

import type { FleetRider, PlannedShift } from "../../static/src/core/types_fleet";
import { cover, daysLater, mondayOf, shortages, standing, times, week } from "../../static/src/pages/console/shifts_plan";

const at = (hour: number, minute = 0) => new Date(2026, 10, 23, hour, minute).getTime();
const shift = (from: number, to: number, more: Partial<PlannedShift> = {}): PlannedShift => ({
  id: `shf_${from}`,
  courier_id: "usr_1",
  starts_at: new Date(from).toISOString(),
  ends_at: new Date(to).toISOString(),
  place: "",
  cannot_at: null,
  cannot_why: "",
  ...more,
});
const rider = (online: boolean): FleetRider => ({ courier_id: "usr_1", name: "Li", vehicle: "ebike", online, online_since: null });
const LATE = 300_000;

test("a week begins on Monday, whatever the day", () => {
  for (const day of [23, 26, 29]) assert.equal(mondayOf(new Date(2026, 10, day, 23, 59).getTime()).getTime(), at(0));
  assert.deepEqual(week(new Date(at(0))).map((day) => day.getDate()), [23, 24, 25, 26, 27, 28, 29]);
  assert.equal(daysLater(new Date(2026, 10, 30, 9, 30), 1).getTime(), new Date(2026, 11, 1, 9, 30).getTime());
});

test("how a shift stands", () => {
  const one = shift(at(10), at(14));
  const stands = (time: number, online: boolean, more: Partial<PlannedShift> = {}) => standing({ ...one, ...more }, rider(online), time, LATE);
  assert.equal(stands(at(9, 59), true), "planned");
  assert.equal(stands(at(10), false), "due");
  assert.equal(stands(at(10, 4), false), "due");
  assert.equal(stands(at(10, 5), false), "missing");
  assert.equal(stands(at(10, 5), true), "here");
  assert.equal(stands(at(10, 5), false, { cannot_at: one.starts_at }), "cannot");
  assert.equal(stands(at(10, 5), false, { courier_id: null }), "open");
  assert.equal(stands(at(14), false), "over");
  assert.equal(standing(one, undefined, at(12), LATE), "missing");
});

test("who cannot come and open shifts cover nothing, half an hour covers half", () => {
  const demand = { order_s: 600, items: [{ at: new Date(at(10)).toISOString(), orders: 7 }, { at: new Date(at(11)).toISOString(), orders: 6 }] };
  const plan = [
    shift(at(10), at(11, 30)),
    shift(at(10), at(12), { courier_id: null }),
    shift(at(10), at(12), { cannot_at: new Date(at(9)).toISOString() }),
    shift(at(-2), at(1)),
  ];
  const hours = cover(new Date(at(0)), plan, demand);
  assert.equal(hours.length, 24);
  assert.deepEqual([0, 1, 10, 11].map((hour) => [hours[hour]?.planned, hours[hour]?.needed]), [[1, 0], [0, 0], [1, 2], [0.5, 1]]);
  assert.deepEqual(shortages(hours), [{ from: at(10), to: at(12), planned: 0.5, needed: 2 }]);
  assert.deepEqual(shortages(cover(new Date(at(0)), plan, null)), []);
});

test("an end that is not after the start is of the next day", () => {
  const found = times("2026-11-23", "20:00", "04:00");
  assert.equal(found?.overnight, true);
  assert.equal(found?.ends_at, new Date(2026, 10, 24, 4).toISOString());
  assert.equal(times("2026-11-23", "10:00", "14:00")?.overnight, false);
  assert.equal(times("", "10:00", "14:00"), null);
});
