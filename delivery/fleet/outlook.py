"""What dispatch decides by: the jobs and couriers of now, made into the snapshot that policies read.

Times of the snapshot are seconds from now. Orders go by job id. Ways between places that the couriers share are
measured for an e-bike; a courier's pace makes them longer or shorter.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.dispatching.snapshot import Courier as Rider
from delivery.dispatching.snapshot import Order, Snapshot, Terms
from delivery.fleet.model import Courier, Shift
from delivery.fleet.route import Route, expected_ready, in_sequence, route
from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.model import Job, StorePoint
from delivery.settings import DeliverySettings
from delivery.travel import SPEED_MPS, Travel, Vehicle

USUAL = Vehicle.EBIKE
HELD = frozenset({Status.ACCEPTED, Status.AT_STORE})
WORTH = timedelta(hours=2)  # an order that is this late still has to be brought; policies think no further


@dataclass(frozen=True, slots=True)
class Working:
    """A courier at work, what is in hand or offered, and the shift that runs."""

    courier: Courier
    position: Position
    jobs: tuple[Job, ...]
    shift: Shift | None

    @property
    def held(self) -> tuple[Job, ...]:
        """What has been accepted at one store and not fetched yet, where more of that store may join it."""
        waiting = [job for job in in_sequence(self.jobs) if job.status in HELD]
        bundles = {job.bundle_id for job in waiting}
        begun = any(job.bundle_id in bundles and job.status not in HELD for job in self.jobs)
        return tuple(waiting) if len(bundles) == 1 and not begun and not self.courier.offer_job_ids else ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """The snapshot, and what its positions and ids stand for."""

    snapshot: Snapshot
    jobs: Mapping[str, Job]
    couriers: Mapping[str, Working]
    routes: Mapping[str, Route]
    stores: tuple[StorePoint, ...]


async def outlook(
    jobs: Sequence[Job],
    working: Sequence[Working],
    placed: Sequence[StorePoint],
    now: datetime,
    travel: Travel,
    settings: DeliverySettings,
) -> Outlook:
    """Everything that is known at `now`. `placed` are the stores of the jobs of the last `demand_s`.

    What a courier has accepted and not fetched is among the orders, promised: more may join it, nobody else gets it.
    """
    jobs = [*jobs, *(job for one in working for job in one.held)]
    stores = _stores(jobs, placed)
    routes = await asyncio.gather(
        *(route(one.position, one.courier.vehicle, one.jobs, now, travel, settings) for one in working)
    )
    snapshot = await _snapshot(jobs, working, routes, stores, Counter(one.id for one in placed), now, travel, settings)
    return Outlook(
        snapshot,
        {job.id: job for job in jobs},
        {one.courier.id: one for one in working},
        {one.courier.id: way for one, way in zip(working, routes, strict=True)},
        stores,
    )


async def _snapshot(
    jobs: Sequence[Job],
    working: Sequence[Working],
    routes: Sequence[Route],
    stores: Sequence[StorePoint],
    demand: Mapping[str, int],
    now: datetime,
    travel: Travel,
    settings: DeliverySettings,
) -> Snapshot:
    """`demand` counts the orders of the last `demand_s` by store."""
    places = [*(store.position for store in stores), *(job.drop_off.position for job in jobs)]
    ways = await travel.matrix(places, [USUAL] * len(places), places)
    starts = [one.held[0].store.position if one.held else way.ends for one, way in zip(working, routes, strict=True)]
    vehicles = [one.courier.vehicle for one in working]
    to_store_s = await travel.matrix(starts, vehicles, [store.position for store in stores])
    at, count = {store.id: column for column, store in enumerate(stores)}, len(stores)
    to_door_s = ways[[at[job.store.id] for job in jobs], range(count, count + len(jobs))]
    arrays = (to_store_s, to_door_s, ways[count:, count:], ways[count:, :count], ways[:count, :count])
    for array in arrays:
        array.setflags(write=False)
    return Snapshot(
        0.0,
        tuple(_order(job, at[job.store.id], now, settings) for job in jobs),
        tuple(_rider(one, way, at, now, settings) for one, way in zip(working, routes, strict=True)),
        tuple(store.id for store in stores),
        Terms(settings.interval_s, settings.service_s, settings.service_s, settings.pay_base / 100, 0.0),
        *arrays,
        tuple(demand.get(store.id, 0) / settings.demand_s for store in stores),
    )


def _stores(jobs: Sequence[Job], placed: Sequence[StorePoint]) -> tuple[StorePoint, ...]:
    """Those that have orders now, or had some lately."""
    found = {store.id: store for store in (*placed, *(job.store for job in jobs))}
    return tuple(found[store_id] for store_id in sorted(found))


def _order(job: Job, store: int, now: datetime, settings: DeliverySettings) -> Order:
    return Order(
        id=job.id,
        store=store,
        placed_s=_from(now, job.created_at),
        ready_s=_from(now, expected_ready(job, now, settings)),
        due_s=_from(now, job.due_at),
        limit_s=_from(now, max(job.due_at, now) + WORTH),
        refused=frozenset(one.courier_id for one in job.refusals if one.until > now),
    )


def _rider(one: Working, way: Route, at: Mapping[str, int], now: datetime, settings: DeliverySettings) -> Rider:
    courier, shift, held = one.courier, one.shift, one.held
    speed = SPEED_MPS[courier.vehicle]
    return Rider(
        id=courier.id,
        free_s=_from(now, way.arrives_at(held[0].id) if held else way.free_at),
        off_s=_from(now, shift.ends_at) if shift else float("inf"),
        idle_since_s=_from(now, courier.idle_since or way.free_at),
        on_s=_from(now, courier.online_since or now),
        capacity=courier.capacity,
        reach_s=settings.reach_m / speed,
        pace=SPEED_MPS[USUAL] / speed,
        store=at[held[0].store.id] if held else None,
        held=tuple(job.id for job in held),
    )


def _from(now: datetime, at: datetime) -> float:
    return (at - now).total_seconds()
