"""What policies are shown, and where idle couriers are told to wait."""

from datetime import UTC, datetime, timedelta

import pytest

from delivery.dispatching.nearest import nearest_free
from delivery.dispatching.plan import Forecast, Plan
from delivery.dispatching.snapshot import Snapshot
from delivery.fleet.hints import waiting_places
from delivery.fleet.model import Courier, Fix
from delivery.fleet.outlook import Working, outlook
from delivery.jobs.lifecycle import Status
from delivery.model import StorePoint
from delivery.settings import DeliverySettings
from delivery.travel import SPEED_MPS, StraightLine, Vehicle
from tests.delivery.conftest import DOOR, STORE, Database, Town, east_of_store, open_town

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FAR_STORE = StorePoint("sto_2", "Far Bakery", "1 East Road", east_of_store(3000))


class Watcher:
    """A policy that keeps what it was shown."""

    def __init__(self) -> None:
        self.seen: Snapshot | None = None

    def __call__(self, snapshot: Snapshot) -> Plan:
        self.seen = snapshot
        return Plan(forecasts=tuple(Forecast(one.id, None, 60.0, 600.0) for one in snapshot.orders))

    @property
    def last(self) -> Snapshot:
        assert self.seen is not None
        return self.seen


async def test_the_snapshot_says_what_is_so(database: Database) -> None:
    watcher = Watcher()
    town = await open_town(database, policy=watcher)
    await town.courier("crr_1", 550)
    await town.courier("crr_2", 550, vehicle=Vehicle.FOOT)
    job = await town.order()
    await town.tick(20)
    snapshot = watcher.last
    (order,) = snapshot.orders
    assert (order.id, order.placed_s, order.ready_s, order.refused) == (job.id, -20.0, 880.0, frozenset())
    assert order.due_s == (job.due_at - town.clock.now).total_seconds()
    assert [(one.id, one.free_s, one.capacity) for one in snapshot.couriers] == [("crr_1", 0.0, 3), ("crr_2", 0.0, 1)]
    assert snapshot.to_store_s[:, 0] == pytest.approx([550 * 1.35 / 5.5, 550 * 1.35 / 1.4], rel=0.01)
    assert snapshot.couriers[1].pace == pytest.approx(SPEED_MPS[Vehicle.EBIKE] / SPEED_MPS[Vehicle.FOOT])
    assert snapshot.to_door_s[0] == pytest.approx(1100 * 1.35 / 5.5, rel=0.02)
    assert not snapshot.to_store_s.flags.writeable
    assert (await town.delivery.jobs.job(job.id)).eta_at == town.clock.now + timedelta(seconds=600)
    await town.delivery.jobs.ready(job.order_id)
    await town.tick(10)
    assert watcher.last.orders[0].ready_s == -10.0


async def test_a_packing_that_takes_longer_is_expected_soon_not_in_the_past(database: Database) -> None:
    watcher = Watcher()
    town = await open_town(database, policy=watcher)
    await town.courier("crr_1", 100)
    await town.order()
    town.clock.pass_(3600)
    await town.stay("crr_1")
    await town.tick()
    assert watcher.last.orders[0].ready_s == 180.0


async def test_couriers_at_work_are_shown_where_and_when_they_are_free(database: Database) -> None:
    watcher = Watcher()
    town = await open_town(database)
    job = await town.collected("crr_1")
    town.delivery.dispatch._policy = watcher
    await town.order("ord_next")
    await town.tick()
    (rider,) = watcher.last.couriers
    assert rider.free_s == pytest.approx(1015 * 1.35 / 5.5 + 180, abs=5)  # the way, and the door
    assert watcher.last.to_store_s[0, 0] == pytest.approx(1100 * 1.35 / 5.5, rel=0.02)  # from the door, not from here
    assert (rider.store, rider.held) == (None, ())
    assert job.id not in watcher.last.order_at


async def test_what_was_accepted_is_shown_as_promised(database: Database) -> None:
    watcher = Watcher()
    town = await open_town(database)
    job = await town.accepted("crr_1")
    town.delivery.dispatch._policy = watcher
    other = await town.order("ord_next")
    await town.tick()
    (rider,) = watcher.last.couriers
    assert rider.held == (job.id,)
    assert watcher.last.stores[rider.store or 0] == STORE.id
    assert rider.free_s == pytest.approx(100 * 1.35 / 5.5, abs=2)
    assert watcher.last.to_store_s[0, 0] == 0.0
    assert set(watcher.last.order_at) == {job.id, other.id}
    assert [one.order_ids for one in nearest_free(watcher.last).commitments] == []


async def test_jobs_of_other_providers_are_not_shown(database: Database) -> None:
    watcher = Watcher()
    town = await open_town(database, policy=watcher)
    await town.courier("crr_1", 100)
    job = await town.order()
    away = {"$set": {"provider": "uber", "attempts.0.provider": "uber"}}
    await database["delivery_jobs"].update_one({"_id": job.id}, away)
    await town.tick()
    assert watcher.last.orders == ()


def working(courier_id: str, east_m: float, *, busy: bool = False) -> Working:
    place = east_of_store(east_m)
    courier = Courier(
        id=courier_id,
        name="Wang Lei",
        phone="",
        vehicle=Vehicle.EBIKE,
        capacity=3,
        simulated=False,
        consent_at=NOW,
        online=True,
        online_since=NOW,
        fix=Fix(place, 5.0, NOW, NOW),
        idle_since=NOW,
        offer_job_ids=("job_x",) if busy else (),
        job_ids=(),
    )
    return Working(courier, place, (), None)


async def hints(couriers: list[Working], near: int, far: int) -> dict[str, str]:
    """Couriers' hints, by so many orders of the last hour at the near and at the far store."""
    settings = DeliverySettings()
    seen = await outlook([], couriers, [STORE] * near + [FAR_STORE] * far, NOW, StraightLine(), settings)
    return {who: seen.stores[place.store].id for who, place in waiting_places(Plan(), seen, settings)}


async def test_an_idle_courier_far_from_where_orders_come_from_is_told_so() -> None:
    assert await hints([working("c1", 3000)], near=8, far=0) == {"c1": "sto_1"}
    assert await hints([working("c1", 3000)], near=1, far=0) == {}, "one order an hour is worth no ride"
    assert await hints([working("c1", 200)], near=8, far=0) == {}, "near already"
    assert await hints([working("c1", 30_000)], near=8, far=0) == {}, "too far to ask"
    assert await hints([working("c1", 3000, busy=True)], near=8, far=0) == {}, "thinking about an offer"
    assert await hints([], near=8, far=0) == {}


async def test_hints_spread_couriers_and_leave_who_covers_a_store() -> None:
    couriers = [working("c1", 100), working("c2", 1500), working("c3", 1550), working("c4", 1600)]
    found = await hints(couriers, near=8, far=8)
    assert sorted(found.values()) == ["sto_1", "sto_2", "sto_2"]
    assert "c1" not in found


async def test_a_hint_is_kept_with_its_reason_until_there_is_work(town: Town) -> None:
    for _ in range(3):
        await town.order()
    await town.courier("crr_1", 3000)
    for job in await town.delivery.dispatch._jobs.in_status({Status.SEARCHING}):
        await town.delivery.jobs.cancel(job.order_id, "buyer", "usr_buyer")
    done = await town.delivery.dispatch.tick(town.clock())
    assert done.hinted == ("crr_1",)
    assert (await town.delivery.dispatch.tick(town.clock())).hinted == ()
    hint = (await town.delivery.couriers.state("crr_1")).hint
    assert hint is not None
    assert (hint.store_name, hint.reason) == (STORE.name, "orders_expected")
    assert hint.position == pytest.approx(STORE.position)
    town.clock.pass_(301)
    assert (await town.delivery.couriers.state("crr_1")).hint is None
    await town.stay("crr_1")
    await town.tick()
    await town.order(door=DOOR)
    await town.tick()
    assert (await town.delivery.couriers.state("crr_1")).hint is None


async def test_urgent_is_what_came_back_or_was_packed_since(town: Town) -> None:
    await town.courier("crr_1", 100)
    dispatch = town.delivery.dispatch
    job = await town.order()
    since = town.clock.pass_(1)
    assert not await dispatch.urgent(since)
    await town.delivery.jobs.ready(job.order_id)
    assert await dispatch.urgent(since)
    since = town.clock.pass_(1)
    assert not await dispatch.urgent(since)
    await town.tick()
    assert not await dispatch.urgent(since)
    await town.delivery.offers.decline(job.id, "crr_1")
    assert await dispatch.urgent(since)
