import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from live.api import courier
from live.fleet.dispatching import DispatchLoop
from live.http.access import Role
from tests.live.fleet.conftest import DOOR, STORE, Fleet

ME = "courier:usr_c1"
NEAR = {"lon": STORE.position[0] + 0.004, "lat": STORE.position[1]}


def fix(lon: float, lat: float, **more: Any) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"position": {"lon": lon, "lat": lat}, "accuracy_m": 8.5, "at": at, **more}


async def test_a_courier_from_online_to_the_door(fleet: Fleet) -> None:
    status, state = await fleet.ask("GET", "/api/courier", ME)
    assert (status, state["online"], state["name"]) == (200, False, "Name of usr_c1")
    status, state = await fleet.ask("POST", "/api/courier/online", ME, json={"position": NEAR, "consent": True})
    assert (status, state["online"], state["position"]) == (200, True, NEAR)
    job = await fleet.order()
    await fleet.dispatch()
    _, state = await fleet.ask("GET", "/api/courier", ME)
    offer = state["offer"]
    assert (offer["job_id"], offer["earnings"], offer["store"]["address"]) == (job.id, job.pay, "12 Wukang Road")
    assert offer["drop_off"].keys() == {"text", "position"}
    assert offer["distance_m"] == pytest.approx(job.distance_m + 380, abs=5)
    fleet.announcer.relay = "+862150001,{order}"
    status, state = await fleet.ask("POST", f"/api/courier/jobs/{job.id}/accept", ME)
    assert (status, state["offer"], state["jobs"][0]["status"]) == (200, None, "accepted")
    mine = state["jobs"][0]
    assert (mine["drop_off"]["name"], mine["ready"], mine["call"]) == (None, False, None)
    status, state = await fleet.ask("POST", f"/api/courier/jobs/{job.id}/arrive", ME)
    assert state["jobs"][0]["status"] == "at_store"
    await fleet.delivery.jobs.hand_over("ord_1", mine["hand_over_code"], "usr_staff")
    _, state = await fleet.ask("GET", "/api/courier", ME)
    assert (state["jobs"][0]["drop_off"]["name"], state["jobs"][0]["call"]) == ("Mei Lin", "tel:+862150001,1042")
    assert "13800001234" not in str(state)
    fleet.announcer.relay = ""
    assert (await fleet.ask("GET", "/api/courier", ME))[1]["jobs"][0]["call"] is None
    _, seen = await fleet.ask("GET", "/api/orders/ord_1/tracking", "guest:usr_buyer")
    wrong = {"pin": f"{(int(seen['pin']) + 1) % 10_000:04d}"}
    status, refused = await fleet.ask("POST", f"/api/courier/jobs/{job.id}/deliver", ME, json=wrong)
    assert (status, refused["code"], refused["left"]) == (409, "wrong_pin", 4)
    right = {"pin": seen["pin"]}
    status, state = await fleet.ask("POST", f"/api/courier/jobs/{job.id}/deliver", ME, json=right)
    assert (status, state["jobs"]) == (200, [])
    today = state["today"]
    assert (today["delivered"], today["earnings"]) == (1, job.pay)
    assert [hour["delivered"] for hour in today["hours"]] == [1]
    status, state = await fleet.ask("POST", "/api/courier/offline", ME)
    assert (status, state["online"], state["position"]) == (200, False, None)


async def test_tracking_is_for_the_buyer_and_the_desk(fleet: Fleet) -> None:
    job = await fleet.order()
    status, seen = await fleet.ask("GET", "/api/orders/ord_1/tracking", "guest:usr_buyer")
    assert (status, seen["status"], seen["pin"], seen["courier"]) == (200, "searching", job.pin, None)
    assert seen["drop_off"] == {"lon": DOOR[0], "lat": DOOR[1]}
    status, seen = await fleet.ask("GET", "/api/orders/ord_1/tracking", "operator:usr_desk")
    assert (status, seen["pin"]) == (200, None)
    for other in ("guest:usr_other", "courier:usr_c1", "staff:usr_staff", "associate:usr_a"):
        status, refused = await fleet.ask("GET", "/api/orders/ord_1/tracking", other)
        assert (status, refused["code"]) == (404, "not_found")
    assert (await fleet.ask("GET", "/api/orders/ord_1/tracking"))[0] == 401
    assert (await fleet.ask("GET", "/api/orders/ord_9/tracking", "guest:usr_buyer"))[0] == 404


async def test_a_pin_is_revealed_with_a_reason_in_the_audit_log(fleet: Fleet) -> None:
    job = await fleet.order()
    path = "/api/orders/ord_1/pin"
    assert (await fleet.ask("POST", path, "courier:usr_c1", json={"reason": "x"}))[0] == 403
    status, refused = await fleet.ask("POST", path, "operator:usr_desk", json={"reason": "  "})
    assert (status, refused["field"]) == (422, "reason")
    status, answer = await fleet.ask("POST", path, "operator:usr_desk", json={"reason": "Buyer's phone is broken"})
    assert (status, answer) == (200, {"pin": job.pin})
    [entry] = await fleet.moderation.audit.list()
    assert (entry.actor, entry.action, entry.subject, entry.why) == (
        "usr_desk",
        "delivery.reveal_pin",
        "ord_1",
        "Buyer's phone is broken",
    )
    await fleet.delivery.jobs.cancel("ord_1", "buyer", "usr_buyer")
    status, refused = await fleet.ask("POST", path, "operator:usr_desk", json={"reason": "again"})
    assert (status, refused["code"]) == (409, "wrong_status")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/courier/online", {}, "position"),
        ("/api/courier/online", {"position": {"lon": 181, "lat": 0}}, "position.lon"),
        ("/api/courier/online", {"position": {"lon": "121", "lat": 0}}, "position.lon"),
        ("/api/courier/position", fix(0, 91), "position.lat"),
        ("/api/courier/position", fix(0, 0, accuracy_m=-1), "accuracy_m"),
        ("/api/courier/position", fix(0, 0, at="2026-11-22T04:00:00"), "at"),
        ("/api/courier/position", fix(0, 0, speed=3), "speed"),
        ("/api/courier/jobs/job_1/deliver", {"pin": "12a4"}, "pin"),
        ("/api/courier/jobs/job_1/deliver", {"pin": "１２３４"}, "pin"),
        ("/api/courier/jobs/job_1/deliver", {"pin": 1234}, "pin"),
        ("/api/courier/jobs/job_1/problem", {"kind": "rain"}, "kind"),
        ("/api/courier/jobs/job_1/problem", {"kind": "other", "text": "x" * 301}, "text"),
    ],
)
async def test_what_does_not_fit_is_refused(fleet: Fleet, path: str, body: dict[str, Any], field: str) -> None:
    status, refused = await fleet.ask("POST", path, ME, json=body)
    assert (status, refused["code"], refused["field"]) == (422, "invalid_body", field)


async def test_positions_of_tomorrow_are_refused_and_late_ones_left_out(fleet: Fleet) -> None:
    await fleet.ask("POST", "/api/courier/online", ME, json={"position": NEAR, "consent": True})
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    status, refused = await fleet.ask("POST", "/api/courier/position", ME, json=fix(121.444, 31.21, at=later))
    assert (status, refused["code"], refused["field"]) == (422, "invalid_position", "at")
    before = (datetime.now(UTC) - timedelta(seconds=30)).isoformat()
    assert (await fleet.ask("POST", "/api/courier/position", ME, json=fix(121.4401, 31.21, at=before)))[0] == 204
    _, state = await fleet.ask("GET", "/api/courier", ME)
    assert state["position"] == NEAR
    unknown = await fleet.ask("POST", "/api/courier/position", "courier:usr_new", json=fix(121.44, 31.21))
    assert (unknown[0], unknown[1]["code"]) == (404, "not_found")


async def test_other_peoples_jobs(fleet: Fleet) -> None:
    await fleet.ask("POST", "/api/courier/online", ME, json={"position": NEAR, "consent": True})
    job = await fleet.order()
    await fleet.dispatch()
    other = "courier:usr_c2"
    await fleet.ask("GET", "/api/courier", other)
    assert (await fleet.ask("POST", f"/api/courier/jobs/{job.id}/accept", other))[1]["code"] == "offer_gone"
    for step, body in (
        ("arrive", None),
        ("deliver", {"pin": job.pin}),
        ("problem", {"kind": "other"}),
        ("returned", None),
    ):
        status, refused = await fleet.ask("POST", f"/api/courier/jobs/{job.id}/{step}", other, json=body)
        assert (status, refused["code"]) == (404, "not_found")
    await fleet.ask("POST", f"/api/courier/jobs/{job.id}/accept", ME)
    status, refused = await fleet.ask("POST", "/api/courier/offline", ME)
    assert (status, refused["code"]) == (409, "has_jobs")
    status, refused = await fleet.ask("POST", f"/api/courier/jobs/{job.id}/deliver", ME, json={"pin": job.pin})
    assert (status, refused["code"]) == (409, "wrong_status")


async def test_problem_and_way_back(fleet: Fleet) -> None:
    await fleet.ask("POST", "/api/courier/online", ME, json={"position": NEAR, "consent": True})
    job = await fleet.order()
    await fleet.dispatch()
    await fleet.ask("POST", f"/api/courier/jobs/{job.id}/accept", ME)
    await fleet.delivery.jobs.hand_over("ord_1", job.hand_over_code, "usr_staff")
    trouble = {"kind": "damaged", "text": "The cake fell"}
    status, state = await fleet.ask("POST", f"/api/courier/jobs/{job.id}/problem", ME, json=trouble)
    assert (status, state["jobs"][0]["status"], state["jobs"][0]["drop_off"]["name"]) == (200, "returning", None)
    _, seen = await fleet.ask("GET", "/api/orders/ord_1/tracking", "guest:usr_buyer")
    assert (seen["status"], seen["courier_position"]) == ("returning", None)
    status, state = await fleet.ask("POST", f"/api/courier/jobs/{job.id}/returned", ME)
    assert (status, state["jobs"]) == (200, [])


async def test_pages_hear_of_every_change_and_of_moves(fleet: Fleet) -> None:
    await fleet.ask("POST", "/api/courier/online", ME, json={"position": NEAR, "consent": True})
    job = await fleet.order()
    await fleet.dispatch()
    await fleet.ask("POST", f"/api/courier/jobs/{job.id}/accept", ME)
    while await fleet.relay.pass_on():
        pass
    buyers = await fleet.announced("me:usr_buyer")
    assert {event["kind"] for event in buyers} == {"tracking"}
    assert buyers[-1]["data"]["order_id"] == "ord_1"
    assert buyers[-1]["data"]["tracking"]["status"] == "accepted"
    couriers = await fleet.announced("me:usr_c1")
    assert couriers[-1]["kind"] == "courier"
    assert couriers[-1]["data"]["state"]["jobs"][0]["id"] == job.id
    await asyncio.sleep(0.01)  # a millisecond is what the database tells times apart by
    assert (await fleet.ask("POST", "/api/courier/position", ME, json=fix(121.4439, 31.21)))[0] == 204
    await fleet.feed.tell(fleet.delivery, fleet.announcer)
    await fleet.feed.tell(fleet.delivery, fleet.announcer)
    moved = (await fleet.announced("me:usr_buyer"))[len(buyers) :]
    assert [event["data"]["tracking"]["courier_position"] for event in moved] == [{"lon": 121.4439, "lat": 31.21}]


async def test_one_process_holds_the_dispatch(fleet: Fleet, redis: Redis) -> None:
    await fleet.ask("POST", "/api/courier/online", ME, json={"position": NEAR, "consent": True})
    await fleet.order()
    first, second = DispatchLoop(fleet.delivery.dispatch, redis), DispatchLoop(fleet.delivery.dispatch, redis)
    assert await first.turn()
    assert not await second.turn()
    assert await first.turn()
    assert (await fleet.ask("GET", "/api/courier", ME))[1]["offer"] is not None
    await redis.delete("dispatch:lease")
    assert await second.turn()
    assert not await first.turn()


async def test_only_couriers_are_couriers(fleet: Fleet) -> None:
    for route in courier.routes:
        if not route.path.startswith("/api/courier"):
            continue
        path = route.path.replace("{job}", "job_1")
        assert (await fleet.ask(route.method, path))[0] == 401
        for role in set(Role) - {Role.COURIER}:
            status, refused = await fleet.ask(route.method, path, f"{role}:usr_x")
            assert (status, refused["code"]) == (403, "forbidden")
