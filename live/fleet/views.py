"""What the API and the topics say of deliveries: the buyer's tracking and the courier's page."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from delivery.geo import distance_m
from delivery.jobs.lifecycle import FINAL, WITH_GOODS, Status
from delivery.model import CourierState, Job, StorePoint, Tracking
from delivery.travel import Vehicle
from live.shows.views import PositionView

#: The courier sees whom the goods are for while carrying them, no earlier and no later.
NAMED = WITH_GOODS


class OnTheWayView(BaseModel):
    """Who brings an order; `phone_hint` is the end of the number that may call."""

    name: str
    vehicle: Vehicle
    phone_hint: str | None


class StepView(BaseModel):
    """When a delivery reached a status."""

    status: Status
    at: datetime


class TrackingView(BaseModel):
    """A delivery as its buyer sees it; `pin` is null for anybody else, and when the delivery is over."""

    job_id: str
    status: Status
    courier: OnTheWayView | None
    courier_position: PositionView | None
    courier_at: datetime | None
    eta_at: datetime | None
    store_position: PositionView
    drop_off: PositionView
    pin: str | None
    steps: list[StepView]


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
    """The same with the buyer's name and number, once the courier has the goods."""

    name: str | None
    phone: str | None


class OfferView(BaseModel):
    """A job that the courier is asked to take. `distance_m`: from the courier over the store to the door, as the crow
    flies; `earnings` in minor units.
    """

    job_id: str
    expires_at: datetime
    store: JobStoreView
    drop_off: DropOffView
    distance_m: int
    earnings: int


class JobView(BaseModel):
    """A job in the courier's hands. `cash_due` is to be taken at the door, minor units."""

    id: str
    order_id: str
    order_number: str
    status: Status
    store: JobStoreView
    drop_off: NamedDropOffView
    hand_over_code: str
    ready: bool
    due_at: datetime
    earnings: int
    note: str
    cash_due: int


class TodayView(BaseModel):
    """The courier's day so far; `earnings` in minor units."""

    delivered: int
    earnings: int


class CourierStateView(BaseModel):
    """All that the courier's page shows."""

    courier_id: str
    name: str
    online: bool
    position: PositionView | None
    position_at: datetime | None
    offer: OfferView | None
    jobs: list[JobView]
    today: TodayView


def tracking_view(tracking: Tracking, *, with_pin: bool) -> TrackingView:
    """`with_pin` only for the buyer."""
    courier = None
    if tracking.courier_name is not None and tracking.courier_vehicle is not None:
        courier = OnTheWayView(
            name=tracking.courier_name, vehicle=tracking.courier_vehicle, phone_hint=tracking.courier_phone_hint
        )
    return TrackingView(
        job_id=tracking.job_id,
        status=tracking.status,
        courier=courier,
        courier_position=_place(tracking.courier_position) if tracking.courier_position else None,
        courier_at=tracking.courier_at,
        eta_at=tracking.eta_at,
        store_position=_place(tracking.store_position),
        drop_off=_place(tracking.drop_off),
        pin=tracking.pin if with_pin and tracking.status not in FINAL else None,
        steps=_steps(tracking),
    )


def courier_view(state: CourierState, cash: Mapping[str, int]) -> CourierStateView:
    """For the courier's own eyes; `cash` is what is to be taken at the door, by order."""
    courier, today = state.courier, state.today
    return CourierStateView(
        courier_id=courier.id,
        name=courier.name,
        online=courier.online,
        position=_place(courier.fix.position) if courier.fix else None,
        position_at=courier.fix.at if courier.fix else None,
        offer=_offer(state, state.offer) if state.offer else None,
        jobs=[_job(job, cash.get(job.order_id, 0)) for job in state.jobs],
        today=TodayView(delivered=today.delivered, earnings=today.earnings),
    )


def _offer(state: CourierState, job: Job) -> OfferView | None:
    if job.offer_expires_at is None:
        return None
    fix = state.courier.fix
    approach_m = distance_m(fix.position, job.store.position) if fix else 0.0
    return OfferView(
        job_id=job.id,
        expires_at=job.offer_expires_at,
        store=_store(job.store),
        drop_off=DropOffView(text=job.drop_off.text, position=_place(job.drop_off.position)),
        distance_m=round(approach_m) + job.distance_m,
        earnings=job.pay,
    )


def _job(job: Job, cash_due: int) -> JobView:
    drop, named = job.drop_off, job.status in NAMED
    return JobView(
        id=job.id,
        order_id=job.order_id,
        order_number=job.order_number,
        status=job.status,
        store=_store(job.store),
        drop_off=NamedDropOffView(
            text=drop.text,
            position=_place(drop.position),
            name=drop.name if named else None,
            phone=drop.phone if named else None,
        ),
        hand_over_code=job.hand_over_code,
        ready=job.ready_at is not None,
        due_at=job.due_at,
        earnings=job.pay,
        note=job.note,
        cash_due=cash_due,
    )


def _store(store: StorePoint) -> JobStoreView:
    return JobStoreView(name=store.name, address=store.address, position=_place(store.position))


def _place(position: tuple[float, float]) -> PositionView:
    return PositionView(lon=position[0], lat=position[1])


def _steps(tracking: Tracking) -> list[StepView]:
    """How the present search went: the buyer need not read of couriers who declined before."""
    steps = tracking.steps
    last = max((at for at, step in enumerate(steps) if step.status is Status.SEARCHING), default=0)
    kept = (steps[0], *steps[last + 1 :]) if steps else ()
    return [StepView(status=step.status, at=step.at) for step in kept]
