"""Who of the fleet works when, and with what: planned by operators."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

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

CourierId = Annotated[str, Field(min_length=1, max_length=64)]


class NewShift(BaseModel):
    """Times with their offset."""

    model_config = ConfigDict(extra="forbid")
    courier_id: CourierId
    starts_at: Moment
    ends_at: Moment


class Span(BaseModel):
    """Shifts that share time with it; of one courier, or of all."""

    since: Moment
    until: Moment
    courier_id: CourierId | None = None


class Equipment(BaseModel):
    """`capacity`: orders at once; default: what the vehicle takes."""

    model_config = ConfigDict(extra="forbid")
    vehicle: Vehicle
    capacity: Annotated[int, Field(ge=1, le=20)] | None = None


class ShiftView(BaseModel):
    """A planned stretch of work."""

    id: str
    courier_id: str
    starts_at: datetime
    ends_at: datetime
    by: str


class Shifts(BaseModel):
    """First ones first."""

    items: list[ShiftView]


class RiderView(BaseModel):
    """Somebody of the fleet."""

    courier_id: str
    name: str
    vehicle: Vehicle
    capacity: int
    online: bool


@routes.add(
    "GET",
    "/api/fleet/shifts",
    access=DESK,
    query=Span,
    returns=Shifts,
    summary="Shifts of the fleet",
    codes=("invalid_shift",),
)
async def listed(call: Call[Nothing, Span]) -> Shifts:
    """Those that share time with the span, of at most 62 days."""
    span = call.query
    if span.until - span.since > LONGEST:
        raise ShiftInvalid("until", f"At most {LONGEST.days} days at once.")
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
    shift = await services.delivery.shifts.plan(body.courier_id, body.starts_at, body.ends_at, me)
    why = f"{shift.starts_at.isoformat()} – {shift.ends_at.isoformat()}"
    await services.moderation.audit.append(me, "fleet.plan_shift", shift.courier_id, why)
    await services.fleet.courier(shift.courier_id)
    return _shift(shift)


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
    why = f"{shift.starts_at.isoformat()} – {shift.ends_at.isoformat()}"
    await services.moderation.audit.append(call.me.user_id, "fleet.cancel_shift", shift.courier_id, why)
    await services.fleet.courier(shift.courier_id)


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


def _shift(shift: Shift) -> ShiftView:
    return ShiftView(
        id=shift.id, courier_id=shift.courier_id, starts_at=shift.starts_at, ends_at=shift.ends_at, by=shift.by
    )


def _rider(courier: Courier) -> RiderView:
    return RiderView(
        courier_id=courier.id,
        name=courier.name,
        vehicle=courier.vehicle,
        capacity=courier.capacity,
        online=courier.online,
    )
