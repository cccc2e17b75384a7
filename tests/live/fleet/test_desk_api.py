"""The dispatcher's view over HTTP: seen by operators, done by hand, and in the audit log."""

from delivery.model import DropOff, JobRequest, StorePoint
from tests.house import HERE, House

STORE = StorePoint("sto_1", "Lane Bakery", "12 Wukang Road", (HERE["lon"], HERE["lat"]))
DOOR = (HERE["lon"] + 0.01, HERE["lat"])


async def test_from_the_look_to_the_hand(house: House) -> None:
    desk, rider, buyer = await house.sign_in("operator"), await house.sign_in("courier"), await house.guest()
    me = (await rider.ask("GET", "/api/courier")).body["courier_id"]
    online = await rider.ask("POST", "/api/courier/online", json={"position": HERE, "consent": True})
    assert online.status == 200, online
    drop_off = DropOff(DOOR, "Flat 3", "Mei Lin", "13800001234")
    job = await house.services.delivery.jobs.request(JobRequest("ord_1", "usr_buyer", STORE, drop_off, "A-1"))
    seen = (await desk.ask("GET", "/api/fleet")).body
    assert [one["order_number"] for one in seen["jobs"]] == ["A-1"]
    assert [one["courier_id"] for one in seen["couriers"]] == [me]
    details = (await desk.ask("GET", f"/api/fleet/jobs/{job.id}")).body
    assert "pin" not in details
    path = f"/api/fleet/jobs/{job.id}"
    given = await desk.ask("POST", f"{path}/assign", json={"courier_id": me, "reason": "closest"})
    if given.code == "courier_not_free":  # dispatch was quicker: it is being asked
        assert (await rider.ask("POST", f"/api/courier/jobs/{job.id}/accept")).status == 200
    else:
        assert given.body["status"] == "accepted", given
        assert given.body["why"]["rule"] == "by_hand"
    assert (await desk.ask("POST", f"{path}/assign", json={"courier_id": "usr_none", "reason": "x"})).status == 404
    taken = await desk.ask("POST", f"{path}/unassign", json={"reason": "the bike broke"})
    assert taken.body["status"] == "searching", taken
    assert (await desk.ask("POST", f"{path}/unassign", json={"reason": " "})).code == "invalid_body"
    assert (await buyer.ask("GET", "/api/fleet")).status == 403
    actions = [entry.action for entry in await house.services.moderation.audit.list()]
    assert "fleet.assign" in actions
    assert "fleet.unassign" in actions


async def test_an_area_from_its_pause_to_its_end(house: House) -> None:
    desk = await house.sign_in("operator")
    body = {"name": "Storm", "centre": HERE, "radius_m": 800, "reason": "hail"}
    area = await desk.ask("POST", "/api/fleet/areas", json=body)
    assert area.status == 201, area
    assert (await desk.ask("GET", "/api/fleet")).body["areas"] == [area.body]
    assert (await desk.ask("POST", "/api/fleet/areas", json={**body, "radius_m": 5})).code == "invalid_area"
    assert (await desk.ask("DELETE", f"/api/fleet/areas/{area.body['id']}")).status == 204
    assert (await desk.ask("DELETE", f"/api/fleet/areas/{area.body['id']}")).status == 404
    actions = [entry.action for entry in await house.services.moderation.audit.list()][:2]
    assert actions == ["fleet.lift_area", "fleet.pause_area"]
