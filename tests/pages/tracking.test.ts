/** What tracking says and how the marker moves, without a browser. */

import assert from "node:assert/strict";
import test from "node:test";

import { setLang } from "../../static/src/core/i18n";
import type { Promised, Tracking, Wish } from "../../static/src/core/types";
import { bearing, Glide, metres, ringsFor } from "../../static/src/map/glide";
import { covers } from "../../static/src/map/shanghai";
import { phrasesFor, wordsOf } from "../../static/src/tracking/phrases";
import { changeText, guessText, leftAtDoor, promiseText, slipText, stopsText, tagsFor, whereText, wishText } from "../../static/src/tracking/sentences";

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 22, 4, minutes)).toISOString();
const NOW = Date.UTC(2026, 10, 22, 4, 0);
const HOME = { lon: 121.45, lat: 31.215 };

const KEPT: Promised = { starts_at: at(25), ends_at: at(40), first_starts_at: at(25), first_ends_at: at(40), late_s: 0, changes: [] };
const LATE: Promised = {
  ...KEPT,
  starts_at: at(45),
  ends_at: at(55),
  late_s: 900,
  changes: [{ at: at(5), starts_at: at(45), ends_at: at(55), by_s: 900, reason: "store_busy" }],
};

const tracking = (more: Partial<Tracking>): Tracking => ({
  job_id: "job_1",
  status: "collected",
  courier: { name: "Lei", vehicle: "ebike", phone_hint: null },
  provider: null,
  courier_position: null,
  courier_at: null,
  eta_at: null,
  promise: KEPT,
  stops_before: 0,
  store_position: { lon: 121.44, lat: 31.21 },
  drop_off: HOME,
  pin: "1234",
  leave_at_door: false,
  changeable: ["leave_at_door"],
  wishes: [],
  proof: null,
  contact: null,
  rating: null,
  rate_until: null,
  steps: [],
  ...more,
});

test("a window that holds is told alone, one that slipped with its size and its reason", () => {
  assert.equal(promiseText(KEPT), "Arrives 12:25–12:40");
  assert.equal(slipText(KEPT), null);
  assert.equal(promiseText(LATE), "Now 12:45–12:55");
  assert.deepEqual(slipText(LATE), { title: "About 15 minutes later than promised", why: "The store needs longer to pack.", late: true });
  assert.equal(changeText(LATE.changes[0]!), "12:45–12:55, 15 minutes later");
});

test("a window that came back is said to be better, not to be late", () => {
  const back = { ...KEPT, changes: [...LATE.changes, { at: at(9), starts_at: at(25), ends_at: at(40), by_s: -900, reason: "faster" as const }] };
  assert.equal(slipText(back)?.late, false);
  const closer = { ...LATE, ends_at: at(45), late_s: 300, changes: [...LATE.changes, { at: at(9), starts_at: at(35), ends_at: at(45), by_s: -600, reason: "faster" as const }] };
  assert.deepEqual(slipText(closer), { title: "About 5 minutes later than promised", why: "It goes better than we said last.", late: true });
});

test("a guess is told only on the way, and never against the window", () => {
  assert.equal(guessText(tracking({ eta_at: at(31) })), "Most likely around 12:31");
  assert.equal(guessText(tracking({ eta_at: at(31), status: "accepted" })), null);
  assert.equal(guessText(tracking({ eta_at: at(50) })), null);
});

test("what the map shows is said in words", () => {
  const north = tracking({ courier_position: { lon: HOME.lon, lat: HOME.lat + 0.01 }, courier_at: at(0) });
  assert.equal(whereText(north, NOW + 3_000), "The courier is 1.1 km north of you, seen just now");
  assert.match(whereText(north, NOW + 180_000) ?? "", /^The courier is 1\.1 km north of you, seen 3 min\.? ago$/);
  assert.equal(whereText(tracking({ courier_position: HOME, courier_at: at(0) }), NOW), "The courier is close by, seen just now");
  assert.equal(whereText(tracking({}), NOW), null);
  setLang("zh");
  assert.match(whereText(north, NOW) ?? "", /^骑手在您北方向/);
  assert.equal(wordsOf({ text: "", quick: "nobody_there" }), "我在门口，没有人应门");
  setLang("en");
});

test("stops before this one, and phrases and tags that fit", () => {
  assert.equal(stopsText(tracking({ stops_before: 1 })), "1 stop before yours");
  assert.equal(stopsText(tracking({ stops_before: 2 })), "2 stops before yours");
  assert.equal(stopsText(tracking({})), "You are next");
  assert.equal(stopsText(tracking({ status: "accepted" })), null);
  assert.deepEqual(phrasesFor("delivered"), ["thanks"]);
  assert.equal(wordsOf({ text: "hi", quick: "of tomorrow" }), "hi");
  assert.ok(tagsFor(5).includes("on_time") && !tagsFor(5).includes("late"));
  assert.ok(tagsFor(1).includes("late") && !tagsFor(1).includes("on_time"));
  assert.deepEqual(tagsFor(0), []);
});

const place = (metresEast: number) => ({ lon: HOME.lon + metresEast / (111_195 * Math.cos((HOME.lat * Math.PI) / 180)), lat: HOME.lat });

test("the marker goes the way that was ridden, as fast, and no further", () => {
  const glide = new Glide(place(0), 0);
  assert.ok(glide.push(place(20), 4_000, 10_000));
  const seen = [10_000, 11_000, 12_000, 14_000, 20_000].map((now) => Math.round(metres(place(0), glide.at(now))));
  assert.deepEqual(seen, [0, 5, 10, 20, 20]);
  assert.ok(glide.moving(13_900) && !glide.moving(14_001));
});

test("a fix that comes early is gone to from where the marker is", () => {
  const glide = new Glide(place(0), 0);
  glide.push(place(20), 4_000, 10_000);
  glide.push(place(40), 8_000, 12_000);
  assert.equal(Math.round(metres(place(0), glide.at(12_000))), 10);
  assert.equal(Math.round(metres(place(0), glide.at(16_000))), 40);
});

test("what is old is left out, and where there is no way the marker stands at once", () => {
  const glide = new Glide(place(0), 5_000);
  assert.equal(glide.push(place(90), 4_000, 1_000), false);
  assert.equal(glide.push(place(0), 6_000, 1_000), false);
  assert.ok(glide.push(place(400), 200_000, 2_000));
  assert.equal(Math.round(metres(place(0), glide.at(2_000))), 400);
  assert.ok(glide.push(place(9_000), 204_000, 6_000));
  assert.equal(glide.moving(6_001), false);
});

test("directions, rings, and ground that is drawn", () => {
  assert.equal(bearing(HOME, { lon: HOME.lon + 0.01, lat: HOME.lat }), "e");
  assert.equal(bearing(HOME, { lon: HOME.lon - 0.01, lat: HOME.lat - 0.0086 }), "sw");
  assert.deepEqual(ringsFor(3_000), [250, 500, 1_000]);
  assert.ok(ringsFor(400).length > 0 && ringsFor(30_000).length > 0);
  assert.ok(covers(HOME) && !covers({ lon: -3.7, lat: 40.4 }));
});

test("what another house's courier has not been told is not promised", () => {
  const wish = (told: Wish["told"], part: Wish["part"] = "leave_at_door", provider = "uber"): Wish => ({ part, told, provider });
  assert.ok(leftAtDoor(tracking({ leave_at_door: true })));
  for (const told of ["on_its_way", "told", "not_told"] as const) assert.ok(!leftAtDoor(tracking({ leave_at_door: true, wishes: [wish(told)] })));
  assert.equal(wishText(wish("on_its_way")), "We are telling Uber's courier.");
  assert.match(wishText(wish("told")) ?? "", /may still ask for your PIN/);
  assert.match(wishText(wish("not_told", "leave_at_door", "dada")) ?? "", /^达达 Dada takes no changes.*meet them/);
  assert.match(wishText(wish("not_told", "note")) ?? "", /new note/);
  assert.match(wishText(wish("not_told", "phone")) ?? "", /number from before/);
  assert.equal(wishText(wish("told", "note")), "Uber's courier has been told.");
  assert.equal(wishText(wish("told", "ready_at")), null);
});
