"""What the API and the topics say of deliveries to couriers; to buyers: `tracking_views.py`."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from itertools import pairwise

from pydantic import BaseModel

from delivery.fleet.model import CourierState, Day, Hint, Offer, Shift
from delivery.geo import distance_m
from delivery.jobs.lifecycle import WITH_GOODS, Status
from delivery.model import Job, StorePoint
from delivery.travel import Vehicle
from live.fleet.tracking_views import call_link
from live.shows.views import PositionView

#: The courier sees whom the goods are for while carrying them, no earlier and no later.
NAMED = WITH_GOODS


class JobStoreView(BaseModel):
    """Where the courier collects."""

    name: str
    address: str
    position: PositionView


class DropOffView(BaseModel):
    """Where it goes."""

    text: str
    position: PositionView


class NamedDropOffView(DropOffView):
    """The same with the buyer's name, once the courier has the goods. The number is nobody's but the buyer's."""

    name: str | None


class OfferStopView(BaseModel):
    """One of the doors of an offer. `earnings` in minor units."""

    job_id: str
    drop_off: DropOffView
    earnings: int


class OfferView(BaseModel):
    """What the courier is asked to take, all or nothing: orders of one store, `stops` in the sequence of their doors.

    `job_id` is the first one's: answering it answers for all. `drop_off` is the first door. `distance_m`: from the
    courier over the store to the last door, as the crow flies; `earnings` of all, in minor units.
    """

    job_id: str
    bundle_id: str
    expires_at: datetime
    store: JobStoreView
    drop_off: DropOffView
    stops: list[OfferStopView]
    ready: bool
    distance_m: int
    earnings: int


class JobView(BaseModel):
    """A job in the courier's hands. `cash_due` is to be taken at the door, minor units.

    `since`: when it came to its status. `bundle_id` and `stop` (from 0): which are brought together, in which sequence.
    `photo_allowed`: the buyer wants it left at the door, where a photo does in place of the PIN. `call`: a `tel:` link
    that connects courier and buyer while the courier has the goods; null also where there is no relay.
    """

    id: str
    order_id: str
    order_number: str
    status: Status
    since: datetime
    bundle_id: str | None
    stop: int
    store: JobStoreView
    drop_off: NamedDropOffView
    hand_over_code: str
    ready: bool
    due_at: datetime
    earnings: int
    note: str
    cash_due: int
    photo_allowed: bool
    call: str | None


class HourView(BaseModel):
    """One hour of a day, 0 to 23."""

    hour: int
    delivered: int
    earnings: int
    online_s: int
    distance_m: int


class TodayView(BaseModel):
    """The courier's day so far; `earnings` in minor units. `hours` are those in which anything was."""

    delivered: int
    earnings: int
    online_s: int
    distance_m: int
    hours: list[HourView]


class DayView(TodayView):
    """A day of the courier, in the fleet's time zone."""

    day: date


class ShiftTimesView(BaseModel):
    """When the courier is planned to work."""

    starts_at: datetime
    ends_at: datetime


class HintView(BaseModel):
    """Where to wait, and why (`reason`: a word of the dispatch policy): never an order. `travel_s`: the way there."""

    position: PositionView
    store_name: str | None
    reason: str
    travel_s: int
    until: datetime


class KeptView(BaseModel):
    """For how many days places are kept: without orders (0: only the last one, while online), and with them."""

    position_days: int
    trail_days: int


class CourierStateView(BaseModel):
    """All that the courier's page shows. `jobs` are in the sequence of their stops.

    `consent_at`: since when the courier agrees to be seen while online. `shift`: the present or the next one.
    `may_go_online`: whether now is a time to work. `capacity`: orders at once.
    """

    courier_id: str
    name: str
    vehicle: Vehicle
    capacity: int
    consent_at: datetime | None
    online: bool
    online_since: datetime | None
    position: PositionView | None
    position_at: datetime | None
    offer: OfferView | None
    jobs: list[JobView]
    today: TodayView
    shift: ShiftTimesView | None
    may_go_online: bool
    hint: HintView | None
    kept: KeptView


def courier_view(state: CourierState, cash: Mapping[str, int], relay: str = "") -> CourierStateView:
    """For the courier's own eyes; `cash` is what is to be taken at the door, by order; `relay` as in the settings."""
    courier, today = state.courier, state.today
    return CourierStateView(
        courier_id=courier.id,
        name=courier.name,
        vehicle=courier.vehicle,
        capacity=courier.capacity,
        consent_at=courier.consent_at,
        online=courier.online,
        online_since=courier.online_since,
        position=PositionView.of(courier.fix.position) if courier.fix else None,
        position_at=courier.fix.at if courier.fix else None,
        offer=_offer(state, state.offer) if state.offer else None,
        jobs=[_job(job, cash.get(job.order_id, 0), relay) for job in state.jobs],
        today=TodayView.model_validate(asdict(today)),
        shift=_shift(state.shift) if state.shift else None,
        may_go_online=state.may_go_online,
        hint=_hint(state.hint) if state.hint else None,
        kept=KeptView(position_days=state.kept.position_days, trail_days=state.kept.trail_days),
    )


def day_view(day: Day) -> DayView:
    """A day, hour by hour."""
    return DayView.model_validate(asdict(day))


def _offer(state: CourierState, offer: Offer) -> OfferView:
    fix, first = state.courier.fix, offer.jobs[0]
    places = [first.store.position, *(job.drop_off.position for job in offer.jobs)]
    if fix is not None:
        places.insert(0, fix.position)
    stops = [OfferStopView(job_id=job.id, drop_off=_door(job), earnings=job.pay) for job in offer.jobs]
    return OfferView(
        job_id=first.id,
        bundle_id=offer.bundle_id,
        expires_at=offer.expires_at,
        store=_store(first.store),
        drop_off=stops[0].drop_off,
        stops=stops,
        ready=all(job.ready_at is not None for job in offer.jobs),
        distance_m=round(sum(distance_m(one, two) for one, two in pairwise(places))),
        earnings=sum(job.pay for job in offer.jobs),
    )


def _door(job: Job) -> DropOffView:
    return DropOffView(text=job.drop_off.text, position=PositionView.of(job.drop_off.position))


def _shift(shift: Shift) -> ShiftTimesView:
    return ShiftTimesView(starts_at=shift.starts_at, ends_at=shift.ends_at)


def _hint(hint: Hint) -> HintView:
    return HintView(
        position=PositionView.of(hint.position),
        store_name=hint.store_name,
        reason=hint.reason,
        travel_s=hint.travel_s,
        until=hint.until,
    )


def _job(job: Job, cash_due: int, relay: str) -> JobView:
    drop, named = job.drop_off, job.status in NAMED
    return JobView(
        id=job.id,
        order_id=job.order_id,
        order_number=job.order_number,
        status=job.status,
        since=job.history[-1].at,
        bundle_id=job.bundle_id,
        stop=job.stop,
        store=_store(job.store),
        drop_off=NamedDropOffView(
            text=drop.text,
            position=PositionView.of(drop.position),
            name=drop.name if named else None,
        ),
        hand_over_code=job.hand_over_code,
        ready=job.ready_at is not None,
        due_at=job.due_at,
        earnings=job.pay,
        note=job.note,
        cash_due=cash_due,
        photo_allowed=job.leave_at_door,
        call=call_link(relay, job.order_number) if named else None,
    )


def _store(store: StorePoint) -> JobStoreView:
    return JobStoreView(name=store.name, address=store.address, position=PositionView.of(store.position))
