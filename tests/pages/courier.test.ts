/** How a courier's jobs look before the server has heard of what was done, without a browser. */

import assert from "node:assert/strict";
import test from "node:test";

import type { Job } from "../../static/src/core/types";
import { nextJob, shown, type CourierDeed } from "../../static/src/pages/courier/deeds";

const PLACE = { lon: 121.44, lat: 31.21 };

const job = (id: string, status: Job["status"]): Job => ({
  id,
  order_id: `ord_${id}`,
  order_number: id,
  status,
  since: "2026-11-22T04:00:00Z",
  store: { name: "Lane Bakery", address: "12 Wukang Road", position: PLACE },
  drop_off: { text: "8 Anfu Road", position: PLACE },
  hand_over_code: "4807",
  ready: true,
  due_at: "2026-11-22T04:30:00Z",
  earnings: 650,
  note: null,
  cash_due: 0,
  bundle_id: null,
  stop: 0,
  photo_allowed: false,
});

const deed = (kind: CourierDeed["kind"], body?: unknown, about = "a"): CourierDeed => ({
  id: `${about}-${kind}`,
  kind,
  about,
  label: about,
  method: "POST",
  path: "/",
  body,
  at: Date.UTC(2026, 10, 22, 4, 10),
});

const STORE = deed("arrive", { at: "store" });
const DOOR = deed("arrive", { at: "door" });
const PIN = deed("deliver", { pin: "1234" });
const NONE = new Set<string>();
const TAKEN = new Set(["a"]);

test("what was done shows at once, in its order", () => {
  assert.equal(shown(job("a", "accepted"), [], NONE).status, "accepted");
  const there = shown(job("a", "accepted"), [STORE], NONE);
  assert.deepEqual([there.status, there.unsent, there.since], ["at_store", 1, "2026-11-22T04:10:00.000Z"]);
  assert.equal(shown(job("a", "accepted"), [STORE], TAKEN).status, "collected");
  const door = shown(job("a", "accepted"), [STORE, DOOR], TAKEN);
  assert.deepEqual([door.status, door.taken, door.over], ["arriving", true, null]);
  assert.equal(shown(job("a", "accepted"), [STORE, DOOR, PIN], TAKEN).over, "delivered");
});

test("the server's word comes before the phone's own", () => {
  const collected = shown(job("a", "collected"), [STORE], TAKEN);
  assert.deepEqual([collected.status, collected.taken], ["collected", false]);
  assert.equal(shown(job("a", "at_store"), [DOOR], NONE).status, "at_store");
});

test("a problem turns back with the goods, and ends the job without", () => {
  assert.equal(shown(job("a", "arriving"), [deed("problem", { kind: "damaged" })], NONE).status, "returning");
  assert.equal(shown(job("a", "at_store"), [deed("problem", { kind: "store_closed" })], NONE).over, "reported");
  assert.equal(shown(job("a", "returning"), [deed("returned")], NONE).over, "returned");
});

test("deeds about others and messages change nothing", () => {
  const same = shown(job("a", "accepted"), [deed("arrive", { at: "store" }, "b"), deed("message", { text: "hi" })], NONE);
  assert.deepEqual([same.status, same.unsent], ["accepted", 0]);
});

test("everything is fetched before the first door, and what is over is not next", () => {
  const of = (...jobs: Job[]) => nextJob(jobs.map((one) => shown(one, [PIN], NONE)))?.id;
  assert.equal(of(job("b", "collected"), job("c", "at_store")), "c");
  assert.equal(of(job("b", "collected"), job("c", "collected")), "b");
  assert.equal(of(job("a", "arriving"), job("b", "collected")), "b");
  assert.equal(of(job("d", "returning"), job("b", "collected")), "b");
  assert.equal(of(job("d", "returning")), "d");
  assert.equal(of(), undefined);
});
