"""Operators plan the fleet; couriers see their plan, their day, and decide who sees them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.house import HERE, House

HOUR = timedelta(hours=1)


def shift(courier: str, starts: float, ends: float) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "courier_id": courier,
        "starts_at": (now + starts * HOUR).isoformat(),
        "ends_at": (now + ends * HOUR).isoformat(),
    }


async def test_a_shift_from_its_plan_to_the_couriers_page(house: House) -> None:
    desk, rider = await house.sign_in("operator"), await house.sign_in("courier")
    me = (await rider.ask("GET", "/api/courier")).body["courier_id"]
    async with rider.socket() as page:
        await page.follow("me")
        planned = await desk.ask("POST", "/api/fleet/shifts", json=shift(me, 1, 5))
        assert planned.status == 201, planned
        told = await page.event("courier")
    times = {name: planned.body[name] for name in ("starts_at", "ends_at")}
    assert told["data"]["state"]["shift"] == times
    mine = (await rider.ask("GET", "/api/courier/shifts")).body
    seen = {"id": planned.body["id"], **times, "place": "", "cannot_at": None}
    assert mine == {"items": [seen], "open": [], "only_in_shifts": False, "early_s": 900}
    assert (await desk.ask("POST", "/api/fleet/shifts", json=shift(me, 4, 6))).code == "shift_overlaps"
    assert (await desk.ask("POST", "/api/fleet/shifts", json=shift(me, 6, 6))).code == "invalid_shift"
    assert (await desk.ask("POST", "/api/fleet/shifts", json=shift("usr_none", 1, 2))).code == "not_found"
    span = {"since": times["starts_at"], "until": times["ends_at"], "courier_id": me}
    listed = await desk.ask("GET", "/api/fleet/shifts", params=span)
    assert listed.body == {"items": [planned.body]}
    wide = {"since": "2020-01-01T00:00:00Z", "until": times["ends_at"]}
    assert (await desk.ask("GET", "/api/fleet/shifts", params=wide)).code == "invalid_shift"
    for params in ({}, {"since": "yesterday", "until": times["ends_at"]}):
        assert (await desk.ask("GET", "/api/fleet/shifts", params=params)).code == "invalid_query"
    assert (await desk.ask("DELETE", f"/api/fleet/shifts/{planned.body['id']}")).status == 204
    assert (await desk.ask("DELETE", f"/api/fleet/shifts/{planned.body['id']}")).status == 404
    entries = await house.services.moderation.audit.list()
    assert [entry.action for entry in entries][:2] == ["fleet.cancel_shift", "fleet.plan_shift"]


async def test_a_plan_is_changed_copied_and_compared(house: House) -> None:
    desk, rider = await house.sign_in("operator"), await house.sign_in("courier")
    me = (await rider.ask("GET", "/api/courier")).body["courier_id"]
    planned = (await desk.ask("POST", "/api/fleet/shifts", json=shift(me, -1, 3))).body
    path = f"/api/fleet/shifts/{planned['id']}"
    async with rider.socket() as page:
        await page.follow("me")
        moved = await desk.ask("PUT", path, json={**shift(me, -1, 5), "place": " Yuyuan "})
        assert (moved.status, moved.body["place"]) == (200, "Yuyuan")
        assert (await page.event("courier"))["data"]["state"]["shift"]["ends_at"] == moved.body["ends_at"]
        opened = await desk.ask("PUT", path, json={**shift(me, -1, 5), "courier_id": None})
        assert opened.body["courier_id"] is None
        assert (await page.event("courier"))["data"]["state"]["shift"] is None
    assert (await desk.ask("PUT", path, json=shift(me, 2, 2))).code == "invalid_shift"
    assert (await desk.ask("PUT", path, json=shift("usr_none", 2, 3))).code == "not_found"
    whole = {"since": opened.body["starts_at"], "until": opened.body["ends_at"]}
    copied = await desk.ask("POST", "/api/fleet/shifts/copy", json=whole)
    assert (copied.status, len(copied.body["made"]), copied.body["left_out"]) == (201, 1, 0)
    long = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    assert (await desk.ask("POST", "/api/fleet/shifts/copy", json=long)).code == "invalid_shift"
    assert (await desk.ask("GET", "/api/fleet/demand", params=long)).code == "invalid_shift"
    seen = await desk.ask("GET", "/api/fleet/demand", params=whole)
    assert seen.body == {"items": [], "order_s": 600}
    fleet = (await desk.ask("GET", "/api/fleet/couriers")).body
    one = next(one for one in fleet["items"] if one["courier_id"] == me)
    assert (fleet["late_after_s"], one["online"], one["online_since"]) == (300, False, None)
    entries = await house.services.moderation.audit.list()
    assert [entry.action for entry in entries][:2] == ["fleet.copy_shifts", "fleet.change_shift"]


async def test_a_courier_takes_an_open_shift_and_cannot_come(house: House) -> None:
    desk = await house.sign_in("operator")
    rider, other = await house.sign_in("courier"), await house.sign_in("courier2")
    for one in (rider, other):
        await one.ask("GET", "/api/courier")
    opened = (await desk.ask("POST", "/api/fleet/shifts", json={**shift("", 1, 5), "courier_id": None})).body
    path = f"/api/courier/shifts/{opened['id']}"
    (offered,) = (await rider.ask("GET", "/api/courier/shifts")).body["open"]
    assert offered["id"] == opened["id"]
    mine = (await rider.ask("POST", f"{path}/claim")).body
    assert ([one["id"] for one in mine["items"]], mine["open"]) == ([opened["id"]], [])
    assert (await other.ask("POST", f"{path}/claim")).code == "shift_taken"
    assert (await other.ask("POST", f"{path}/answer", json={"coming": False})).code == "not_found"
    told = await rider.ask("POST", f"{path}/answer", json={"coming": False, "why": "ill"})
    assert told.body["items"][0]["cannot_at"] is not None
    span = {"since": opened["starts_at"], "until": opened["ends_at"]}
    (listed,) = (await desk.ask("GET", "/api/fleet/shifts", params=span)).body["items"]
    assert (listed["courier_id"], listed["cannot_why"]) == (rider.id, "ill")
    after = await rider.ask("POST", f"{path}/answer", json={"coming": True})
    assert after.body["items"][0]["cannot_at"] is None


async def test_vehicle_and_capacity(house: House) -> None:
    desk, rider = await house.sign_in("operator"), await house.sign_in("courier")
    me = (await rider.ask("GET", "/api/courier")).body["courier_id"]
    state = await rider.ask("PUT", "/api/courier/vehicle", json={"vehicle": "car"})
    assert (state.body["vehicle"], state.body["capacity"]) == ("car", 5)
    path = f"/api/fleet/couriers/{me}/equipment"
    changed = await desk.ask("PUT", path, json={"vehicle": "bicycle", "capacity": 4})
    assert (changed.body["vehicle"], changed.body["capacity"]) == ("bicycle", 4)
    assert (await desk.ask("PUT", path, json={"vehicle": "bicycle", "capacity": 0})).code == "invalid_body"
    assert (await desk.ask("PUT", "/api/fleet/couriers/usr_none/equipment", json={"vehicle": "car"})).status == 404


async def test_consent_comes_first_and_goes_with_every_trace(house: House) -> None:
    rider = await house.sign_in("courier")
    assert (await rider.ask("POST", "/api/courier/online", json={"position": HERE})).code == "consent_needed"
    agreed = await rider.ask("POST", "/api/courier/consent")
    assert agreed.body["consent_at"] is not None
    assert (await rider.ask("POST", "/api/courier/online", json={"position": HERE})).body["online"]
    gone = await rider.ask("DELETE", "/api/courier/consent")
    assert (gone.body["consent_at"], gone.body["online"], gone.body["position"]) == (None, False, None)
    days = await rider.ask("GET", "/api/courier/days")
    assert [day["delivered"] for day in days.body["items"]] == [0] * 7
    assert days.body["items"][-1]["online_s"] == gone.body["today"]["online_s"]


async def test_positions_over_the_socket(house: House) -> None:
    rider, viewer = await house.sign_in("courier"), await house.sign_in("member")
    start = datetime.now(UTC)

    def told(seconds: float, lon: float = HERE["lon"], **more: Any) -> dict[str, Any]:
        at = (start + timedelta(seconds=seconds)).isoformat()
        position = {"lon": lon, "lat": HERE["lat"]}
        return {"type": "courier_position", "position": position, "accuracy_m": 5, "at": at, **more}

    async with rider.socket() as page:
        assert (await page.say(**told(0)))["code"] == "not_found"  # not of the fleet yet
        here = {"position": HERE, "consent": True}
        assert (await rider.ask("POST", "/api/courier/online", json=here)).status == 200
        lon = HERE["lon"] + 0.0005
        assert (await page.say(**told(20, lon)))["moved"] == "applied"
        assert (await page.say(**told(10)))["moved"] == "stale"  # sent again after a gap: the newest stays
        assert (await page.say(**told(20, lon)))["moved"] == "stale"
        assert (await page.say(**told(30, lon + 1)))["moved"] == "implausible"
        assert (await page.say(**told(3600)))["code"] == "invalid_position"
        assert (await page.say(**told(30, 181.0)))["code"] == "invalid_body"
        state = (await rider.ask("GET", "/api/courier")).body
        assert state["position"] == {"lon": lon, "lat": HERE["lat"]}
        await rider.ask("POST", "/api/courier/offline")
        assert (await page.say(**told(40)))["moved"] == "offline"
    async with viewer.socket() as page:
        assert (await page.say(**told(0)))["code"] == "forbidden"
