"""What couriers do. Where an order is: `tracking.py`."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from delivery.errors import CourierUnknown, WrongStatus
from delivery.fleet.couriers import Couriers
from delivery.fleet.model import CourierState
from delivery.jobs.lifecycle import FINAL
from delivery.travel import Vehicle
from live.fleet.views import (
    CourierStateView,
    DayView,
    courier_view,
    day_view,
)
from live.http.access import Role, only
from live.http.parsing import Moment
from live.http.route import Call, Limit, Nothing, RouteTable

routes = RouteTable("courier")
COURIER = only(Role.COURIER)

Degrees = Annotated[float, Field(allow_inf_nan=False)]


class Place(BaseModel):
    """WGS 84 degrees."""

    model_config = ConfigDict(extra="forbid")
    lon: Annotated[Degrees, Field(ge=-180, le=180)]
    lat: Annotated[Degrees, Field(ge=-90, le=90)]

    @property
    def position(self) -> tuple[float, float]:
        """(lon, lat)."""
        return (self.lon, self.lat)


class Here(BaseModel):
    """Where the courier begins; `consent`: agrees to be seen while online."""

    model_config = ConfigDict(extra="forbid")
    position: Place
    consent: bool = False


class Fix(BaseModel):
    """A position as the device measured it; `accuracy_m` is a radius in metres, `at` the device's time."""

    model_config = ConfigDict(extra="forbid")
    position: Place
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
    at: Moment


class Ride(BaseModel):
    """What the courier rides."""

    model_config = ConfigDict(extra="forbid")
    vehicle: Vehicle


class Since(BaseModel):
    """Days of the fleet's time zone, both included; default: the last seven."""

    since: date | None = None
    until: date | None = None


class DaysView(BaseModel):
    """Days in order, those on which nothing was too."""

    items: list[DayView]


class Reason(BaseModel):
    """Why the desk looks, for the audit log."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Revealed(BaseModel):
    """The PIN of an order."""

    pin: str


@routes.add("GET", "/api/courier", access=COURIER, returns=CourierStateView, summary="The courier's state")
async def state(call: Call[Nothing, Nothing]) -> CourierStateView:
    """Online or not, the offer, the jobs, the day."""
    return await _view(call, await _enlisted(call))


@routes.add(
    "POST",
    "/api/courier/online",
    access=COURIER,
    body=Here,
    returns=CourierStateView,
    summary="Begin to take offers",
    codes=("consent_needed", "no_shift"),
)
async def online(call: Call[Here, Nothing]) -> CourierStateView:
    """From the given position on."""
    await _enlisted(call)
    couriers, body = call.services.delivery.couriers, call.body
    return await _view(call, await couriers.go_online(call.me.user_id, body.position.position, consent=body.consent))


@routes.add(
    "POST",
    "/api/courier/offline",
    access=COURIER,
    returns=CourierStateView,
    summary="Take no more offers",
    codes=("has_jobs",),
)
async def offline(call: Call[Nothing, Nothing]) -> CourierStateView:
    """An open offer is declined."""
    await _enlisted(call)
    return await _view(call, await call.services.delivery.couriers.go_offline(call.me.user_id))


@routes.add(
    "POST",
    "/api/courier/consent",
    access=COURIER,
    returns=CourierStateView,
    summary="Agree to be seen while online",
)
async def consent(call: Call[Nothing, Nothing]) -> CourierStateView:
    """Needed before going online."""
    await _enlisted(call)
    await call.services.delivery.couriers.consent(call.me.user_id)
    return await state_now(call)


@routes.add(
    "DELETE",
    "/api/courier/consent",
    access=COURIER,
    returns=CourierStateView,
    summary="Agree no more to be seen",
    codes=("has_jobs",),
)
async def withdraw_consent(call: Call[Nothing, Nothing]) -> CourierStateView:
    """Goes offline; every place that was kept of the courier is deleted."""
    await _enlisted(call)
    return await _view(call, await call.services.delivery.couriers.withdraw_consent(call.me.user_id))


@routes.add(
    "PUT",
    "/api/courier/vehicle",
    access=COURIER,
    body=Ride,
    returns=CourierStateView,
    summary="Say what the courier rides",
)
async def vehicle(call: Call[Ride, Nothing]) -> CourierStateView:
    """How many orders go into it follows from it."""
    await _enlisted(call)
    await call.services.delivery.couriers.equip(call.me.user_id, call.body.vehicle)
    return await state_now(call)


@routes.add(
    "GET",
    "/api/courier/days",
    access=COURIER,
    query=Since,
    returns=DaysView,
    summary="What the courier did, by day",
)
async def days(call: Call[Nothing, Since]) -> DaysView:
    """The last seven days, or 31 at most; the present one with what runs."""
    await _enlisted(call)
    query = call.query
    found = await call.services.delivery.couriers.days(call.me.user_id, query.since, query.until)
    return DaysView(items=[day_view(one) for one in found])


@routes.add(
    "POST",
    "/api/courier/position",
    access=COURIER,
    body=Fix,
    status=204,
    summary="Where the courier is",
    codes=("not_found", "invalid_position"),
    limit=Limit(120, 60),
)
async def position(call: Call[Fix, Nothing]) -> None:
    """One that is out of order, too coarse or implausible is left out without a word."""
    body = call.body
    await call.services.delivery.couriers.move(call.me.user_id, body.position.position, body.accuracy_m, body.at)


@routes.add(
    "POST",
    "/api/orders/{order}/pin",
    access=only(Role.OPERATOR, Role.ADMIN),
    body=Reason,
    returns=Revealed,
    summary="Read an order's PIN for a buyer who cannot",
    codes=("not_found", "wrong_status"),
)
async def reveal_pin(call: Call[Reason, Nothing]) -> Revealed:
    """While the delivery is under way. Goes into the audit log first."""
    order_id, services = call.path("order"), call.services
    job = await services.delivery.jobs.for_order(order_id)
    if job.status in FINAL:
        raise WrongStatus(job.status, "be delivered any more")
    await services.moderation.audit.append(call.me.user_id, "delivery.reveal_pin", order_id, call.body.reason)
    return Revealed(pin=job.pin)


async def state_now(call: Call[Any, Any]) -> CourierStateView:
    """What the courier's page shows after what was done."""
    return await _view(call, await call.services.delivery.couriers.state(call.me.user_id))


async def _view(call: Call[Any, Any], state: CourierState) -> CourierStateView:
    fleet = call.services.fleet
    return courier_view(state, await fleet.cash(job.order_id for job in state.jobs), fleet.relay)


async def _enlisted(call: Call[Any, Any]) -> CourierState:
    """The courier's state. Who has the role is of the fleet: the first visit registers, a new name is taken over."""
    couriers: Couriers = call.services.delivery.couriers
    me = call.me
    try:
        found = await couriers.state(me.user_id)
    except CourierUnknown:
        await couriers.register(me.user_id, me.name, "", Vehicle.EBIKE)
        return await couriers.state(me.user_id)
    known = found.courier
    if known.name == me.name:
        return found
    await couriers.register(me.user_id, me.name, known.phone, known.vehicle, simulated=known.simulated)
    return await couriers.state(me.user_id)
