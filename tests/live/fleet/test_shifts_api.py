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
    assert (await rider.ask("GET", "/api/courier/shifts")).body == {"items": [times]}
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
