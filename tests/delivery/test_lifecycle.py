"""Random event orders against the real database, with couriers, buyers, stores and dispatchers at once, and deaths."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.dispatching.nearest import nearest_free
from delivery.dispatching.plan import Policy
from delivery.errors import DeliveryError
from delivery.jobs.lifecycle import CARRIED, FINAL, RANK, TABLE, Action, Status
from delivery.model import Job, ProblemKind
from delivery.travel import Vehicle
from tests.delivery.conftest import DOOR, Database, Killed, Town, east_of_store, open_town
from tests.delivery.fleet.policies import all_to_the_first

COURIERS = ("crr_0", "crr_1", "crr_2")
ORDERS = ("ord_0", "ord_1", "ord_2")
STEPS = (
    "request",
    "tick",
    "accept",
    "decline",
    "arrive",
    "hand_over",
    "deliver",
    "problem",
    "returned",
    "cancel",
    "ready",
)
MOVES = ("online", "offline", "to_store", "to_door", "wait", "wait_long")

step = st.tuples(
    st.sampled_from(STEPS + MOVES),
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from(["", "", "", "before", "after"]),
)
# Steps of one bundle run at once. A story that gets far is likelier when it begins with the usual order of things.
usual = [("request", 0, 0, ""), ("online", 0, 0, ""), ("tick", 0, 0, ""), ("accept", 0, 0, ""), ("hand_over", 0, 0, "")]
bundles = st.lists(st.lists(step, min_size=1, max_size=4), max_size=14).flatmap(
    lambda wild: st.sampled_from([wild, [[one] for one in usual] + wild])
)


@dataclass
class Ledger:
    """What was acknowledged: the highest (round, rank) that a caller was told for each job."""

    told: dict[str, tuple[int, int]] = field(default_factory=dict)

    def tell(self, job: Job | None) -> None:
        if job is not None:
            self.told[job.id] = max(self.told.get(job.id, (0, 0)), progress(job))


def progress(job: Job) -> tuple[int, int]:
    return (job.round, RANK[job.status])


async def play(town: Town, what: tuple[str, int, int, str], ledger: Ledger) -> None:
    name, courier_at, order_at, death = what
    courier_id, order_id = COURIERS[courier_at], ORDERS[order_at]
    if death:
        town.transactions.deaths.append(death)
    try:
        if name in MOVES:
            await play_move(town, name, courier_id)
        else:
            await play_step(town, name, courier_id, order_id, ledger)
    except (DeliveryError, Killed):
        return  # refused, or nobody lived to answer


async def play_move(town: Town, name: str, courier_id: str) -> None:
    couriers = town.delivery.couriers
    if name == "online":
        await couriers.go_online(courier_id, east_of_store(300), consent=True)
    elif name == "offline":
        await couriers.go_offline(courier_id)
    elif name in {"to_store", "to_door"}:
        at = town.clock.pass_(50)
        await couriers.move(courier_id, DOOR if name == "to_door" else east_of_store(0), 5.0, at)
    else:
        town.clock.pass_(31 if name == "wait" else 301)


async def play_step(town: Town, name: str, courier_id: str, order_id: str, ledger: Ledger) -> None:
    jobs = town.delivery.jobs
    if name == "request":
        ledger.tell(await town.order(order_id))
        return
    if name == "tick":
        await town.delivery.dispatch.tick(town.clock())
        return
    if name == "cancel":
        ledger.tell(await jobs.cancel(order_id, "buyer", "usr_buyer"))
        return
    job = await jobs.for_order(order_id)
    match name:
        case "accept":
            ledger.tell(await town.delivery.offers.accept(job.id, courier_id))
        case "decline":
            await town.delivery.offers.decline(job.id, courier_id)
        case "arrive":
            ledger.tell(await jobs.arrive(job.id, courier_id))
        case "hand_over":
            ledger.tell(await jobs.hand_over(order_id, job.hand_over_code, "usr_staff"))
        case "deliver":
            ledger.tell(await jobs.deliver(job.id, courier_id, job.pin))
        case "problem":
            ledger.tell(await jobs.problem(job.id, courier_id, ProblemKind.OTHER))
        case "returned":
            ledger.tell(await jobs.returned(job.id, courier_id))
        case "ready":
            ledger.tell(await jobs.ready(order_id))


async def hold(town: Town, ledger: Ledger) -> None:
    """What is always true, between any two steps."""
    documents = [one async for one in town.database["delivery_jobs"].find({})]
    couriers = {one["_id"]: one async for one in town.database["delivery_couriers"].find({})}
    assert len({one["order_id"] for one in documents}) == len(documents)
    carried: dict[str, list[str]] = {}
    offered: dict[str, list[str]] = {}
    offers: dict[str, set[str | None]] = {}
    for document in documents:
        job = await town.delivery.jobs.job(document["_id"])
        assert progress(job) >= ledger.told.get(job.id, (0, 0)), "an acknowledged transition was lost"
        check_history(job)
        if job.status in CARRIED:
            carried.setdefault(job.courier_id or "", []).append(job.id)
        elif job.status is Status.OFFERED:
            assert job.courier_id is not None
            offered.setdefault(job.courier_id, []).append(job.id)
            offers.setdefault(job.courier_id, set()).add(job.bundle_id)
        elif job.status is Status.SEARCHING:
            assert job.courier_id is None
        await check_events(town, job)
    for courier_id, courier in couriers.items():
        assert sorted(courier["job_ids"]) == sorted(carried.get(courier_id, []))
        assert sorted(courier["offer_job_ids"]) == sorted(offered.get(courier_id, []))
        assert len(offers.get(courier_id, ())) <= 1, "two offers for one courier"
        assert len(courier["job_ids"]) <= courier["capacity"]
    await check_days(town, documents)


def check_history(job: Job) -> None:
    """Every step is one that the table allows; nothing goes back but into a new round; the end is the status."""
    allowed = {(source, move.target): move for move in TABLE.values() for source in move.sources}
    rounds, seen = 0, job.history[0].status
    assert seen is Status.SEARCHING
    for line in job.history[1:]:
        move = allowed[seen, line.status]
        assert move.new_round or RANK[line.status] > RANK[seen]
        rounds += move.new_round
        seen = line.status
    assert (rounds, seen) == (job.round, job.status)


async def check_events(town: Town, job: Job) -> None:
    """One event for each step, no more and no fewer: what was rolled back told nobody."""
    assert len(await town.outbox.kinds(job.id)) == len(job.history)


async def check_days(town: Town, documents: list[dict[str, Any]]) -> None:
    delivered = sum(one["status"] == "delivered" for one in documents)
    assert sum([one.get("delivered", 0) async for one in town.database["delivery_days"].find({})]) == delivered


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(story=bundles, policy=st.sampled_from([nearest_free, all_to_the_first]))
@pytest.mark.timeout(240)
async def test_whatever_happens_in_whatever_order(
    database: Database, story: list[list[tuple[str, int, int, str]]], policy: Policy
) -> None:
    for name in ("delivery_jobs", "delivery_couriers", "delivery_days", "outbox"):
        await database[name].delete_many({})
    town, ledger = await open_town(database, policy=policy), Ledger()
    for courier_id in COURIERS:
        await town.delivery.couriers.register(courier_id, "Wang Lei", "13900005678", Vehicle.EBIKE)
    for bundle in story:
        await asyncio.gather(*(play(town, what, ledger) for what in bundle))
        town.transactions.deaths.clear()
        await hold(town, ledger)


def test_the_table_only_goes_forward_and_ends() -> None:
    for move in TABLE.values():
        assert not move.sources & FINAL
        for source in move.sources:
            assert move.new_round or RANK[move.target] > RANK[source]
    assert {move.target for move in TABLE.values()} == set(Status)
    assert {status for status in Status if not any(status in move.sources for move in TABLE.values())} == FINAL
    assert not {Status.COLLECTED, Status.ARRIVING} & TABLE[Action.CANCEL].sources
