"""Delivery as one thing to open: what the server wires in a single call."""

from dataclasses import dataclass
from typing import Any

from delivery.dispatching.matching import Policy, nearest_free
from delivery.fleet.couriers import Couriers
from delivery.fleet.dispatch import Dispatch
from delivery.fleet.offers import Offers
from delivery.fleet.store import CourierStore
from delivery.jobs.jobs import Jobs
from delivery.jobs.store import JobStore
from delivery.jobs.transitions import Transitions
from delivery.ports import Clock, Outbox, Positions, Transactions
from delivery.quotes import Quotes
from delivery.settings import DeliverySettings
from delivery.tracking import Trackings
from delivery.travel import StraightLine, Travel


@dataclass(frozen=True, slots=True)
class Delivery:
    """The services of delivery over one database."""

    quotes: Quotes
    jobs: Jobs
    offers: Offers
    couriers: Couriers
    dispatch: Dispatch
    trackings: Trackings
    _job_store: JobStore
    _courier_store: CourierStore

    @classmethod
    def open(
        cls,
        database: Any,
        transactions: Transactions,
        outbox: Outbox,
        positions: Positions,
        clock: Clock,
        settings: DeliverySettings | None = None,
        travel: Travel | None = None,
        policy: Policy = nearest_free,
    ) -> "Delivery":
        """Wire everything. `database` is the driver's (tz-aware); nothing is read or written yet."""
        settings, travel = settings or DeliverySettings(), travel or StraightLine()
        job_store, courier_store = JobStore(database), CourierStore(database)
        transitions = Transitions(job_store, transactions, outbox)
        offers = Offers(job_store, courier_store, transitions, clock, settings)
        quotes = Quotes(settings, travel)
        jobs = Jobs(job_store, courier_store, transactions, transitions, offers, quotes, clock, settings)
        return cls(
            quotes=quotes,
            jobs=jobs,
            offers=offers,
            couriers=Couriers(courier_store, job_store, jobs, offers, transactions, positions, clock, settings),
            dispatch=Dispatch(job_store, courier_store, offers, travel, policy, settings),
            trackings=Trackings(job_store, courier_store, travel, clock, settings),
            _job_store=job_store,
            _courier_store=courier_store,
        )

    async def ensure_indexes(self) -> None:
        """Create the indexes that are missing. Run at start."""
        await self._job_store.ensure_indexes()
        await self._courier_store.ensure_indexes()
