"""Buyer and courier over HTTP: messages, the door, ratings, and what is told to their pages."""

from typing import Any

import pytest
from redis.asyncio import Redis

from delivery.model import Job
from live.fleet.promising import PromiseLoop
from live.fleet.tracking_views import call_link
from tests.live.fleet.conftest import STORE, Fleet

ME, BUYER = "courier:usr_c1", "guest:usr_buyer"
NEAR = {"lon": STORE.position[0] + 0.004, "lat": STORE.position[1]}


async def carried(fleet: Fleet) -> Job:
    """Accepted by `ME`."""
    await fleet.ask("POST", "/api/courier/online", ME, json={"position": NEAR, "consent": True})
    job = await fleet.order()
    await fleet.dispatch()
    assert (await fleet.ask("POST", f"/api/courier/jobs/{job.id}/accept", ME))[0] == 200
    return job


async def say(fleet: Fleet, path: str, who: str, key: str, body: dict[str, Any]) -> tuple[int, Any]:
    return await fleet.ask("POST", path, who, json=body, headers={"Idempotency-Key": key})


async def test_they_write_to_each_other(fleet: Fleet) -> None:
    job = await carried(fleet)
    to_courier, to_buyer = "/api/orders/ord_1/messages", f"/api/courier/jobs/{job.id}/messages"
    status, mine = await say(fleet, to_courier, BUYER, "one", {"text": "Second stair"})
    assert (status, mine["author"], mine["name"], mine["text"]) == (201, "buyer", None, "Second stair")
    again = await say(fleet, to_courier, BUYER, "one", {"text": "Second stair"})
    assert again == (201, mine)
    status, theirs = await say(fleet, to_buyer, ME, "two", {"quick": "on_my_way"})
    assert (status, theirs["name"], theirs["quick"], theirs["text"]) == (201, "Name", "on_my_way", "")
    for path, who in ((to_courier, BUYER), (to_buyer, ME)):
        _, talk = await fleet.ask("GET", path, who)
        assert (talk["open"], talk["call"], talk["items"]) == (True, None, [mine, theirs])
    while await fleet.relay.pass_on():
        pass
    for person in ("usr_buyer", "usr_c1"):
        news = [one["data"]["message"] for one in await fleet.announced(f"me:{person}") if one["kind"] == "message"]
        assert news == [mine, theirs]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "invalid_message", "text"),
        ({"text": "x" * 301}, "invalid_body", "text"),
        ({"text": " \u200b "}, "invalid_body", "text"),
        ({"quick": "at_the_door"}, "invalid_message", "quick"),
        ({"quick": "no_such"}, "invalid_body", "quick"),
        ({"text": "hi", "quick": "thanks"}, "invalid_message", "text"),
    ],
)
async def test_what_cannot_be_sent(fleet: Fleet, body: dict[str, Any], code: str, field: str) -> None:
    await carried(fleet)
    status, refused = await say(fleet, "/api/orders/ord_1/messages", BUYER, "one", body)
    assert (status, refused["code"], refused["field"]) == (422, code, field)


async def test_talking_has_a_pace(fleet: Fleet) -> None:
    job = await carried(fleet)
    path = f"/api/courier/jobs/{job.id}/messages"
    answers = [await say(fleet, path, ME, f"k{number}", {"quick": "thanks"}) for number in range(22)]
    assert {status for status, _ in answers[:20]} == {201}
    assert answers[-1][1]["code"] == "rate_limited"


async def test_nobody_to_write_to(fleet: Fleet) -> None:
    await fleet.order()
    status, refused = await say(fleet, "/api/orders/ord_1/messages", BUYER, "one", {"text": "hello"})
    assert (status, refused["code"]) == (409, "contact_closed")


async def test_the_door_by_switch_and_by_phrase(fleet: Fleet) -> None:
    job = await carried(fleet)
    path = "/api/orders/ord_1/leave-at-door"
    status, seen = await fleet.ask("PUT", path, BUYER, json={"leave": True})
    assert (status, seen["leave_at_door"]) == (200, True)
    _, state = await fleet.ask("GET", "/api/courier", ME)
    assert state["jobs"][0]["photo_allowed"] is True
    assert (await fleet.ask("PUT", path, BUYER, json={"leave": False}))[1]["leave_at_door"] is False
    await say(fleet, "/api/orders/ord_1/messages", BUYER, "one", {"quick": "leave_at_door"})
    assert (await fleet.delivery.jobs.job(job.id)).leave_at_door
    told = [one["data"] for one in await fleet.announced("me:usr_buyer") if one["kind"] == "tracking"]
    assert [one["tracking"]["leave_at_door"] for one in told[-3:]] == [True, False, True]


async def test_what_is_between_buyer_and_courier_is_for_them_alone(fleet: Fleet) -> None:
    job = await carried(fleet)
    await fleet.delivery.jobs.hand_over("ord_1", job.hand_over_code, "usr_staff")
    await fleet.ask("POST", f"/api/courier/jobs/{job.id}/deliver", ME, json={"pin": job.pin})
    opinion = {"stars": 5, "tags": ["on_time"], "text": "Thanks"}
    status, rated = await fleet.ask("POST", "/api/orders/ord_1/rating", BUYER, json=opinion)
    assert (status, rated["rating"]["stars"], rated["rate_until"]) == (201, 5, None)
    assert (rated["proof"]["kind"], rated["proof"]["url"], rated["contact"]["open"]) == ("pin", None, True)
    again = await fleet.ask("POST", "/api/orders/ord_1/rating", BUYER, json={"stars": 1})
    assert (again[0], again[1]["code"]) == (409, "already_rated")
    _, desk = await fleet.ask("GET", "/api/orders/ord_1/tracking", "operator:usr_desk")
    assert (desk["contact"], desk["rating"], desk["pin"]) == (None, None, None)
    _, standing = await fleet.ask("GET", "/api/console/couriers/usr_c1/ratings", "operator:usr_desk")
    assert (standing["count"], standing["average"], standing["stars"]["5"]) == (1, 5.0, 1)
    assert standing["latest"][0]["order_id"] == "ord_1"
    assert (await fleet.ask("GET", "/api/console/couriers/usr_c1/ratings", ME))[0] == 403


async def test_the_promise_is_on_the_page(fleet: Fleet, redis: Redis) -> None:
    job = await fleet.order()
    _, seen = await fleet.ask("GET", "/api/orders/ord_1/tracking", BUYER)
    promise = seen["promise"]
    assert (promise["ends_at"], promise["late_s"], promise["changes"]) == (promise["first_ends_at"], 0, [])
    assert job.due_at.isoformat().startswith(promise["ends_at"][:19])
    first, second = PromiseLoop(fleet.delivery, redis, 60), PromiseLoop(fleet.delivery, redis, 60)
    assert await first.turn()
    assert not await second.turn()


def test_who_is_dialled() -> None:
    assert call_link("", "A-1042") is None
    assert call_link("+862155501234", "A-1042") == "tel:+862155501234"
    assert call_link("+862155501234,{order}", "A-1042") == "tel:+862155501234,1042"
