"""The loop: when a plan is made, and who is told."""

from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from live.fleet.dispatching import DispatchLoop
from tests.live.fleet.conftest import STORE, Fleet

ME, OTHER = "courier:usr_c1", "courier:usr_c2"
NEAR = {"lon": STORE.position[0] + 0.004, "lat": STORE.position[1]}
FAR = {"lon": STORE.position[0] + 0.03, "lat": STORE.position[1]}


async def online(fleet: Fleet, who: str, place: dict[str, float]) -> None:
    assert (await fleet.ask("POST", "/api/courier/online", who, json={"position": place, "consent": True}))[0] == 200


async def offer(fleet: Fleet, who: str) -> Any:
    return (await fleet.ask("GET", "/api/courier", who))[1]["offer"]


async def test_between_plans_only_what_is_urgent_is_planned_for(fleet: Fleet, redis: Redis) -> None:
    await online(fleet, ME, NEAR)
    loop = DispatchLoop(fleet.delivery.dispatch, redis)
    assert await loop.turn()
    job = await fleet.order()
    assert await loop.turn()
    assert await offer(fleet, ME) is None, "the next plan is due in half a minute"
    await fleet.delivery.jobs.ready("ord_1")
    assert await loop.turn()
    assert (await offer(fleet, ME))["job_id"] == job.id
    await online(fleet, OTHER, NEAR)
    await fleet.ask("POST", f"/api/courier/jobs/{job.id}/decline", ME)
    assert await loop.turn()
    assert (await offer(fleet, OTHER))["job_id"] == job.id


async def test_who_gets_a_hint_is_told(fleet: Fleet, redis: Redis) -> None:
    told: list[str] = []

    async def tell(courier_id: str) -> None:
        told.append(courier_id)
        await fleet.announcer.courier(courier_id)

    for at in range(3):
        await fleet.order(f"ord_{at}")
        await fleet.delivery.jobs.cancel(f"ord_{at}", "buyer", "usr_buyer")
    await online(fleet, ME, FAR)
    await DispatchLoop(fleet.delivery.dispatch, redis, tell).turn()
    assert told == ["usr_c1"]
    hint = (await fleet.announced("me:usr_c1"))[-1]["data"]["state"]["hint"]
    assert (hint["store_name"], hint["reason"]) == (STORE.name, "orders_expected")
    assert hint["position"] == {"lon": STORE.position[0], "lat": STORE.position[1]}
    assert datetime.fromisoformat(hint["until"]) > datetime.now(UTC)
