"""Delivery as one thing to open: what the server wires in a single call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from delivery.areas.areas import Areas
from delivery.areas.store import AreaStore
from delivery.contact.messages import Messages
from delivery.contact.ratings import Ratings
from delivery.contact.store import ContactStore
from delivery.desk.desk import Desk
from delivery.dispatching.nearest import nearest_free
from delivery.dispatching.plan import Policy
from delivery.fleet.couriers import Couriers
from delivery.fleet.days.days import Days
from delivery.fleet.days.store import DayStore
from delivery.fleet.dispatch import Dispatch
from delivery.fleet.moves import Moves
from delivery.fleet.offers import Offers
from delivery.fleet.shifts.shifts import Shifts
from delivery.fleet.shifts.store import ShiftStore
from delivery.fleet.store import CourierStore
from delivery.jobs.inbox import Inbox
from delivery.jobs.jobs import Jobs
from delivery.jobs.news.store import NewsStore
from delivery.jobs.notes import Notes
from delivery.jobs.outside import OutsideJobs
from delivery.jobs.store import JobStore
from delivery.jobs.transitions import Transitions
from delivery.ports import Clock, Outbox, Pictures, Positions, Transactions
from delivery.proofs.photos import Photos
from delivery.proofs.store import PhotoStore
from delivery.providers.fleet import FleetProvider
from delivery.providers.handing import Handing
from delivery.providers.provider import Provider
from delivery.providers.proving import NoPictures, Proving
from delivery.providers.succession import Succession
from delivery.providers.telling import Telling
from delivery.quotes.load import Pulses
from delivery.quotes.outside import Outside
from delivery.quotes.quotes import Quotes
from delivery.quotes.store import PulseStore
from delivery.settings import DeliverySettings
from delivery.tracking.expecting import Expectations
from delivery.tracking.promises import Promises
from delivery.tracking.store import PromiseStore
from delivery.tracking.trackings import Trackings
from delivery.travel import StraightLine, Travel


@dataclass(frozen=True, slots=True)
class Delivery:
    """The services of delivery over one database."""

    quotes: Quotes
    jobs: Jobs
    offers: Offers
    couriers: Couriers
    shifts: Shifts
    dispatch: Dispatch
    trackings: Trackings
    promises: Promises
    messages: Messages
    ratings: Ratings
    photos: Photos
    handing: Handing
    inbox: Inbox
    areas: Areas
    desk: Desk
    _job_store: JobStore
    _courier_store: CourierStore
    _shift_store: ShiftStore
    _day_store: DayStore
    _contact_store: ContactStore
    _photo_store: PhotoStore
    _news_store: NewsStore

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
        outside: Sequence[Provider] = (),
        pictures: Pictures | None = None,
    ) -> "Delivery":
        """Wire everything. `database` is the driver's (tz-aware); nothing is read or written yet.

        `outside` are the providers beside our own fleet (`settings.providers` says who is asked for a job, in which
        order). `pictures` fetches their proofs; without it links to them are kept.
        """
        settings, travel = settings or DeliverySettings(), travel or StraightLine()
        job_store, courier_store = JobStore(database), CourierStore(database)
        shift_store, day_store = ShiftStore(database), DayStore(database)
        photo_store = PhotoStore(database)
        transitions = Transitions(job_store, transactions, outbox)
        offers = Offers(job_store, courier_store, transitions, clock, settings)
        pulses = Pulses(PulseStore(database, settings.stale_s).read)
        beside = Outside([one for one in outside if one.name in settings.providers], settings.currency)
        areas = Areas(AreaStore(database), clock)
        quotes = Quotes(settings, travel, pulses, beside, areas)
        days, shifts = Days(day_store, settings), Shifts(shift_store, transactions, clock, settings)
        jobs = Jobs(job_store, days, transactions, transitions, offers, quotes, clock, settings)
        moves = Moves(courier_store, jobs, days, positions, clock, settings)
        fleet = FleetProvider(job_store, offers, quotes, transactions, clock)
        carriers: dict[str, Provider] = {one.name: one for one in (fleet, *outside)}
        news_store, succession = NewsStore(database), Succession(settings)
        outside_jobs = OutsideJobs(job_store, transitions, succession, clock)
        photos, notes = (
            Photos(photo_store, job_store, clock, settings),
            Notes(job_store, transactions, outbox, clock, settings),
        )
        telling = Telling(notes, carriers, clock, settings)
        proving = Proving(job_store, notes, photos, pictures or NoPictures(), transactions, outbox, clock, settings)
        contact_store = ContactStore(database)
        ratings, expectations = Ratings(contact_store, job_store, clock, settings), Expectations(travel, settings)
        promises = Promises(
            PromiseStore(database), job_store, courier_store, expectations, transactions, outbox, settings
        )
        return cls(
            quotes=quotes,
            jobs=jobs,
            offers=offers,
            couriers=Couriers(courier_store, job_store, offers, shifts, days, moves, transactions, clock, settings),
            shifts=shifts,
            dispatch=Dispatch(job_store, courier_store, shift_store, offers, transactions, travel, policy, settings),
            trackings=Trackings(
                job_store, courier_store, promises, ratings, expectations, transactions, clock, settings, carriers
            ),
            promises=promises,
            messages=Messages(contact_store, job_store, transactions, outbox, clock, settings),
            ratings=ratings,
            photos=photos,
            handing=Handing(
                job_store,
                outside_jobs,
                succession,
                notes,
                telling,
                proving,
                transactions,
                outbox,
                carriers,
                clock,
                settings,
            ),
            inbox=Inbox(news_store, job_store, outside_jobs, transactions, carriers, positions, clock, settings),
            areas=areas,
            desk=Desk(job_store, courier_store, offers, promises, travel, clock, settings),
            _job_store=job_store,
            _courier_store=courier_store,
            _shift_store=shift_store,
            _day_store=day_store,
            _contact_store=contact_store,
            _photo_store=photo_store,
            _news_store=news_store,
        )

    async def ensure_indexes(self) -> None:
        """Create the indexes that are missing. Run at start."""
        await self._job_store.ensure_indexes()
        await self._courier_store.ensure_indexes()
        await self._shift_store.ensure_indexes()
        await self._day_store.ensure_indexes()
        await self._contact_store.ensure_indexes()
        await self._photo_store.ensure_indexes()
        await self._news_store.ensure_indexes()
