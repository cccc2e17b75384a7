"""What the dispatcher's view is told."""

from datetime import datetime

from pydantic import BaseModel

from delivery.areas.model import PausedArea
from delivery.desk.model import Choice, Overview, Watched
from delivery.dispatching.plan import Why
from delivery.fleet.model import Courier
from delivery.jobs.lifecycle import Status
from delivery.model import Attempt, AttemptState, Job
from delivery.tracking.model import Reason
from delivery.travel import Vehicle
from live.shows.views import PositionView


class RiderOnMapView(BaseModel):
    """A courier online. `seen_at` is when the place reached us; `offered` and `carries` are counts of orders."""

    courier_id: str
    name: str
    vehicle: Vehicle
    capacity: int
    position: PositionView | None
    seen_at: datetime | None
    offered: int
    carries: int
    idle_since: datetime | None


class WatchedView(BaseModel):
    """A delivery under way. `late_s`: expected so much later than promised at the checkout; negative is early.

    `alerted_at`: since then nobody is known who would take it.
    """

    job_id: str
    order_id: str
    order_number: str
    status: Status
    store_name: str
    store_position: PositionView
    drop_off: PositionView
    drop_off_text: str
    provider: str
    courier_id: str | None
    courier_name: str | None
    due_at: datetime
    expected_at: datetime | None
    late_s: int
    reason: Reason | None
    ready: bool
    alerted_at: datetime | None


class PausedAreaView(BaseModel):
    """A circle in which nothing new is brought. `until` null: until it is lifted."""

    id: str
    name: str
    centre: PositionView
    radius_m: int
    reason: str
    by: str
    since: datetime
    until: datetime | None


class FleetView(BaseModel):
    """Everything under way, the likeliest to be late first; everybody online; where delivery is paused."""

    at: datetime
    jobs: list[WatchedView]
    couriers: list[RiderOnMapView]
    areas: list[PausedAreaView]


class WhyView(BaseModel):
    """Why this courier: see `delivery.dispatching.plan.Why`."""

    rule: str
    travel_s: int
    candidates: int
    idle_s: int
    pickup_in_s: int | None
    drop_in_s: int | None
    slack_s: int | None
    runner_up: str | None
    partners: int


class HistoryView(BaseModel):
    """One line of a job's history."""

    status: Status
    at: datetime
    by: str
    why: str


class AttemptView(BaseModel):
    """One try with one provider. `quoted` and `fee` (fen): its price just before it was asked, and what it takes."""

    number: int
    provider: str
    state: AttemptState
    asked_at: datetime
    ended_at: datetime | None
    why: str
    tracking_url: str | None
    quoted: int | None
    fee: int | None


class ChoiceView(BaseModel):
    """A courier who could be given the job; `travel_s` to its store."""

    courier_id: str
    name: str
    vehicle: Vehicle
    travel_s: int
    carries: int
    room: int


class JobDetailsView(BaseModel):
    """Why, by whom and how often; and who else could bring it, nearest first.

    `accepted_at`: when the store said that it makes the order up, before which other houses are not asked; `sold_cost`
    (fen): what bringing it was thought to cost when the buyer was told the price.
    """

    job_id: str
    status: Status
    accepted_at: datetime | None
    sold_cost: int | None
    why: WhyView | None
    history: list[HistoryView]
    attempts: list[AttemptView]
    choices: list[ChoiceView]


def fleet_view(overview: Overview, areas: tuple[PausedArea, ...]) -> FleetView:
    """For the desk alone: it names couriers and doors."""
    return FleetView(
        at=overview.at,
        jobs=[_watched(one) for one in overview.jobs],
        couriers=[_rider(one) for one in overview.couriers],
        areas=[area_view(one) for one in areas],
    )


def area_view(area: PausedArea) -> PausedAreaView:
    """For the desk."""
    return PausedAreaView(
        id=area.id,
        name=area.name,
        centre=PositionView.of(area.centre),
        radius_m=area.radius_m,
        reason=area.reason,
        by=area.by,
        since=area.since,
        until=area.until,
    )


def details_view(job: Job, choices: tuple[Choice, ...]) -> JobDetailsView:
    """Without codes: those are the courier's and the buyer's."""
    return JobDetailsView(
        job_id=job.id,
        status=job.status,
        accepted_at=job.accepted_at,
        sold_cost=job.sold_cost,
        why=_why(job.why) if job.why else None,
        history=[HistoryView(status=one.status, at=one.at, by=one.by, why=one.why) for one in job.history],
        attempts=[_attempt(one) for one in job.attempts],
        choices=[_choice(one) for one in choices],
    )


def _watched(one: Watched) -> WatchedView:
    job = one.job
    return WatchedView(
        job_id=job.id,
        order_id=job.order_id,
        order_number=job.order_number,
        status=job.status,
        store_name=job.store.name,
        store_position=PositionView.of(job.store.position),
        drop_off=PositionView.of(job.drop_off.position),
        drop_off_text=job.drop_off.text,
        provider=job.provider,
        courier_id=job.courier_id,
        courier_name=job.bearer.name if job.bearer else None,
        due_at=one.promise.window.end,
        expected_at=one.expected_at,
        late_s=one.late_s,
        reason=one.reason,
        ready=job.ready_at is not None,
        alerted_at=job.alerted_at if job.status is Status.SEARCHING else None,
    )


def _rider(one: Courier) -> RiderOnMapView:
    return RiderOnMapView(
        courier_id=one.id,
        name=one.name,
        vehicle=one.vehicle,
        capacity=one.capacity,
        position=PositionView.of(one.fix.position) if one.fix else None,
        seen_at=one.fix.seen_at if one.fix else None,
        offered=len(one.offer_job_ids),
        carries=len(one.job_ids),
        idle_since=one.idle_since,
    )


def _why(why: Why) -> WhyView:
    return WhyView(
        rule=why.rule,
        travel_s=why.travel_s,
        candidates=why.candidates,
        idle_s=why.idle_s,
        pickup_in_s=why.pickup_in_s,
        drop_in_s=why.drop_in_s,
        slack_s=why.slack_s,
        runner_up=why.runner_up,
        partners=max(0, len(why.partners) - 1),
    )


def _attempt(one: Attempt) -> AttemptView:
    return AttemptView(
        number=one.number,
        provider=one.provider,
        state=one.state,
        asked_at=one.asked_at,
        ended_at=one.ended_at,
        why=one.why,
        tracking_url=one.tracking_url,
        quoted=one.quoted,
        fee=one.fee,
    )


def _choice(one: Choice) -> ChoiceView:
    return ChoiceView(
        courier_id=one.courier.id,
        name=one.courier.name,
        vehicle=one.courier.vehicle,
        travel_s=one.travel_s,
        carries=one.carries,
        room=one.room,
    )
