"""Who of the fleet works when, and with what: planned by operators."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from delivery.errors import ShiftInvalid
from delivery.fleet.model import Courier, Shift
from delivery.travel import Vehicle
from live.http.access import Access, Role, only
from live.http.parsing import Moment
from live.http.route import Call, Nothing, RouteTable

routes = RouteTable("fleet")
DESK: Final[Access] = only(Role.OPERATOR, Role.ADMIN)
#: What one look at the plan spans at most.
LONGEST: Final = timedelta(days=62)
#: What is copied or compared at once.
LONGEST_COPY: Final = timedelta(days=8)
#: Who is not online so long after a shift began is missing, s.
LATE_AFTER_S: Final = 5 * 60
OPEN: Final = "open"

CourierId = Annotated[str, Field(min_length=1, max_length=64)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]


class NewShift(BaseModel):
    """Times with their offset. Without a courier it is open to whoever claims it. `place`: a word where to begin."""

    model_config = ConfigDict(extra="forbid")
    courier_id: CourierId | None
    starts_at: Moment
    ends_at: Moment
    place: Word = ""


class Copy(BaseModel):
    """What starts in this time is planned once more, so many days later."""

    model_config = ConfigDict(extra="forbid")
    since: Moment
    until: Moment
    days: Annotated[int, Field(ge=1, le=28)] = 7


class Span(BaseModel):
    """A stretch of time."""

    since: Moment
    until: Moment


class CourierSpan(Span):
    """Shifts that share time with it; of one courier, or of all."""

    courier_id: CourierId | None = None


class Equipment(BaseModel):
    """`capacity`: orders at once; default: what the vehicle takes."""

    model_config = ConfigDict(extra="forbid")
    vehicle: Vehicle
    capacity: Annotated[int, Field(ge=1, le=20)] | None = None


class ShiftView(BaseModel):
    """A planned stretch of work. `cannot_at`: since when the courier is known not to come."""

    id: str
    courier_id: str | None
    starts_at: datetime
    ends_at: datetime
    by: str
    place: str
    cannot_at: datetime | None
    cannot_why: str


class Shifts(BaseModel):
    """First ones first."""

    items: list[ShiftView]


class Copied(BaseModel):
    """What was planned, and how many were left out."""

    made: list[ShiftView]
    left_out: int


class RiderView(BaseModel):
    """Somebody of the fleet."""

    courier_id: str
    name: str
    vehicle: Vehicle
    capacity: int
    online: bool
    online_since: datetime | None


class Riders(BaseModel):
    """Everybody of the fleet, at this time; `late_after_s`: so long after its start somebody is missing in a shift."""

    at: datetime
    late_after_s: int
    items: list[RiderView]


class DemandHour(BaseModel):
    """The hour from `at` on, and how many orders its like of a week before had."""

    at: datetime
    orders: int


class Demand(BaseModel):
    """Hours in which there were any. `order_s`: how long one order keeps one courier."""

    items: list[DemandHour]
    order_s: int


@routes.add(
    "GET",
    "/api/fleet/shifts",
    access=DESK,
    query=CourierSpan,
    returns=Shifts,
    summary="Shifts of the fleet",
    codes=("invalid_shift",),
)
async def listed(call: Call[Nothing, CourierSpan]) -> Shifts:
    """Those that share time with the span, of at most 62 days."""
    span = call.query
    _check(span, LONGEST)
    found = await call.services.delivery.shifts.between(span.since, span.until, span.courier_id)
    return Shifts(items=[_shift(one) for one in found])


@routes.add(
    "POST",
    "/api/fleet/shifts",
    access=DESK,
    body=NewShift,
    returns=ShiftView,
    status=201,
    summary="Plan a shift",
    codes=("not_found", "invalid_shift", "shift_overlaps"),
)
async def plan(call: Call[NewShift, Nothing]) -> ShiftView:
    """Shifts of one courier never overlap. Goes into the audit log."""
    body, services, me = call.body, call.services, call.me.user_id
    shift = await services.delivery.shifts.plan(body.courier_id, body.starts_at, body.ends_at, me, body.place)
    await services.moderation.audit.append(me, "fleet.plan_shift", shift.courier_id or OPEN, _why(shift))
    await _tell(call, shift)
    return _shift(shift)


@routes.add(
    "PUT",
    "/api/fleet/shifts/{shift}",
    access=DESK,
    body=NewShift,
    returns=ShiftView,
    summary="Change a shift, or give it to somebody else",
    codes=("not_found", "invalid_shift", "shift_overlaps"),
)
async def change(call: Call[NewShift, Nothing]) -> ShiftView:
    """Who has it now and who had it are told. Goes into the audit log."""
    body, services, me = call.body, call.services, call.me.user_id
    before, shift = await services.delivery.shifts.change(
        call.path("shift"), body.courier_id, body.starts_at, body.ends_at, me, body.place
    )
    why = f"{before.courier_id or OPEN} {_why(before)} → {_why(shift)}"
    await services.moderation.audit.append(me, "fleet.change_shift", shift.courier_id or OPEN, why)
    await _tell(call, before, shift)
    return _shift(shift)


@routes.add(
    "POST",
    "/api/fleet/shifts/copy",
    access=DESK,
    body=Copy,
    returns=Copied,
    status=201,
    summary="Plan shifts once more, some days later",
    codes=("invalid_shift",),
)
async def copy(call: Call[Copy, Nothing]) -> Copied:
    """At the same time of day. What overlaps a shift that is there, or is over, is left out.

    Goes into the audit log.
    """
    body, services, me = call.body, call.services, call.me.user_id
    _check(Span(since=body.since, until=body.until), LONGEST_COPY)
    copied = await services.delivery.shifts.copy(body.since, body.until, body.days, me)
    why = f"{body.since.isoformat()} – {body.until.isoformat()}, {body.days} days later: {len(copied.made)}"
    await services.moderation.audit.append(me, "fleet.copy_shifts", "fleet", why)
    await _tell(call, *copied.made)
    return Copied(made=[_shift(one) for one in copied.made], left_out=copied.left_out)


@routes.add(
    "DELETE",
    "/api/fleet/shifts/{shift}",
    access=DESK,
    status=204,
    summary="Take a shift out of the plan",
    codes=("not_found",),
)
async def cancel(call: Call[Nothing, Nothing]) -> None:
    """Who is online stays so, unless only shifts are worked here. Goes into the audit log."""
    services = call.services
    shift = await services.delivery.shifts.cancel(call.path("shift"))
    await services.moderation.audit.append(call.me.user_id, "fleet.cancel_shift", shift.courier_id or OPEN, _why(shift))
    await _tell(call, shift)


@routes.add("GET", "/api/fleet/couriers", access=DESK, returns=Riders, summary="Everybody of the fleet")
async def riders(call: Call[Nothing, Nothing]) -> Riders:
    """By name, online or not."""
    found = await call.services.delivery.couriers.fleet()
    return Riders(
        at=datetime.now(UTC),
        late_after_s=LATE_AFTER_S,
        items=[_rider(one) for one in sorted(found, key=lambda one: (one.name, one.id))],
    )


@routes.add(
    "GET",
    "/api/fleet/demand",
    access=DESK,
    query=Span,
    returns=Demand,
    summary="Orders of the same hours a week before",
    codes=("invalid_shift",),
)
async def demand(call: Call[Nothing, Span]) -> Demand:
    """For a plan of at most eight days: what there was to bring in each hour."""
    span = call.query
    _check(span, LONGEST_COPY)
    hours = await call.services.delivery.shifts.demand(span.since, span.until)
    items = [DemandHour(at=at, orders=orders) for at, orders in sorted(hours.items())]
    return Demand(items=items, order_s=call.services.delivery.shifts.settings.cycle_s)


@routes.add(
    "PUT",
    "/api/fleet/couriers/{courier}/equipment",
    access=DESK,
    body=Equipment,
    returns=RiderView,
    summary="Say what a courier rides, and how much goes into it",
    codes=("not_found",),
)
async def equip(call: Call[Equipment, Nothing]) -> RiderView:
    """From the next offer on. Goes into the audit log."""
    body, services = call.body, call.services
    courier = await services.delivery.couriers.equip(call.path("courier"), body.vehicle, body.capacity)
    why = f"{courier.vehicle}, {courier.capacity}"
    await services.moderation.audit.append(call.me.user_id, "fleet.equip", courier.id, why)
    await services.fleet.courier(courier.id)
    return _rider(courier)


def _check(span: Span, longest: timedelta) -> None:
    if span.until - span.since > longest:
        raise ShiftInvalid("until", f"At most {longest.days} days at once.")


def _why(shift: Shift) -> str:
    return f"{shift.starts_at.isoformat()} – {shift.ends_at.isoformat()}"


async def _tell(call: Call[Any, Any], *shifts: Shift) -> None:
    """Whoever's plan has changed sees it."""
    for courier_id in sorted({one.courier_id for one in shifts if one.courier_id}):
        await call.services.fleet.courier(courier_id)


def _shift(shift: Shift) -> ShiftView:
    return ShiftView.model_validate(asdict(shift))


def _rider(courier: Courier) -> RiderView:
    return RiderView(
        courier_id=courier.id,
        name=courier.name,
        vehicle=courier.vehicle,
        capacity=courier.capacity,
        online=courier.online,
        online_since=courier.online_since if courier.online else None,
    )
