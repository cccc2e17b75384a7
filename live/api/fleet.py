"""The dispatcher's view: everything under way, and what is done by hand."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.api.courier import Place
from live.fleet.desk_views import (
    FleetView,
    JobDetailsView,
    PausedAreaView,
    area_view,
    details_view,
    fleet_view,
)
from live.http.access import Access, Role, only
from live.http.parsing import Moment
from live.http.route import Call, Nothing, RouteTable
from live.http.visible import Visible

routes = RouteTable("fleet")
DESK: Final[Access] = only(Role.OPERATOR, Role.ADMIN)

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), Visible]


class ByHand(BaseModel):
    """Who is to bring it, and why, for the audit log."""

    model_config = ConfigDict(extra="forbid")
    courier_id: Annotated[str, Field(min_length=1, max_length=64)]
    reason: Reason


class TakenAway(BaseModel):
    """Why, for the audit log and the job's history."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason


class SeenBack(BaseModel):
    """How it is known, for the audit log."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason


class NewPause(BaseModel):
    """A circle around a place; without `until` it lasts until it is lifted."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), Visible]
    centre: Place
    radius_m: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Reason
    until: Moment | None = None


@routes.add("GET", "/api/fleet", access=DESK, returns=FleetView, summary="All deliveries under way and all couriers")
async def fleet(call: Call[Nothing, Nothing]) -> FleetView:
    """The likeliest to be late first. Ask again every few seconds."""
    delivery = call.services.delivery
    return fleet_view(await delivery.desk.overview(), await delivery.areas.paused())


@routes.add(
    "GET",
    "/api/fleet/jobs/{job}",
    access=DESK,
    returns=JobDetailsView,
    summary="One delivery: why this courier, what has been, who else could bring it",
    codes=("not_found",),
)
async def details(call: Call[Nothing, Nothing]) -> JobDetailsView:
    """As it is now."""
    return await _details(call, call.path("job"))


@routes.add(
    "POST",
    "/api/fleet/jobs/{job}/assign",
    access=DESK,
    body=ByHand,
    returns=JobDetailsView,
    summary="Give a delivery to a courier by hand",
    codes=("not_found", "wrong_status", "carried_outside", "courier_not_free"),
)
async def assign(call: Call[ByHand, Nothing]) -> JobDetailsView:
    """Before the goods have left the store. The courier is told, not asked. Goes into the audit log first."""
    services, body, job_id = call.services, call.body, call.path("job")
    job = await services.delivery.jobs.job(job_id)
    why = f"{body.courier_id}: {body.reason}"
    await services.moderation.audit.append(call.me.user_id, "fleet.assign", job.order_id, why)
    await services.delivery.desk.assign(job_id, body.courier_id, call.me.user_id)
    return await _details(call, job_id)


@routes.add(
    "POST",
    "/api/fleet/jobs/{job}/unassign",
    access=DESK,
    body=TakenAway,
    returns=JobDetailsView,
    summary="Take a delivery from its courier",
    codes=("not_found", "wrong_status", "carried_outside"),
)
async def unassign(call: Call[TakenAway, Nothing]) -> JobDetailsView:
    """Before the goods have left the store; dispatch looks for another courier. Goes into the audit log first."""
    services, body, job_id = call.services, call.body, call.path("job")
    job = await services.delivery.jobs.job(job_id)
    await services.moderation.audit.append(call.me.user_id, "fleet.unassign", job.order_id, body.reason)
    await services.delivery.desk.unassign(job_id, call.me.user_id, body.reason)
    return await _details(call, job_id)


@routes.add(
    "POST",
    "/api/fleet/jobs/{job}/returned",
    access=DESK,
    body=SeenBack,
    returns=JobDetailsView,
    summary="Say that goods on their way back have arrived at the store",
    codes=("not_found", "wrong_status"),
)
async def returned(call: Call[SeenBack, Nothing]) -> JobDetailsView:
    """For a courier, or another house's, who does not say so. Goes into the audit log first."""
    services, job_id = call.services, call.path("job")
    job = await services.delivery.jobs.job(job_id)
    await services.moderation.audit.append(call.me.user_id, "fleet.returned", job.order_id, call.body.reason)
    await services.delivery.jobs.taken_back(job_id, call.me.user_id)
    return await _details(call, job_id)


@routes.add(
    "POST",
    "/api/fleet/areas",
    access=DESK,
    body=NewPause,
    returns=PausedAreaView,
    status=201,
    summary="Pause delivery in an area",
    codes=("invalid_area",),
)
async def pause(call: Call[NewPause, Nothing]) -> PausedAreaView:
    """No new delivery is quoted from its stores or to its doors; what is under way goes on. Goes into the audit log."""
    body, services, me = call.body, call.services, call.me.user_id
    area = await services.delivery.areas.pause(
        body.name, body.centre.position, body.radius_m, body.reason, me, body.until
    )
    why = f"{area.name}, {area.radius_m} m, {area.until.isoformat() if area.until else '∞'}: {area.reason}"
    await services.moderation.audit.append(me, "fleet.pause_area", area.id, why)
    return area_view(area)


@routes.add(
    "DELETE",
    "/api/fleet/areas/{area}",
    access=DESK,
    status=204,
    summary="Deliver in an area again",
    codes=("not_found",),
)
async def lift(call: Call[Nothing, Nothing]) -> None:
    """Goes into the audit log."""
    area = await call.services.delivery.areas.lift(call.path("area"))
    await call.services.moderation.audit.append(call.me.user_id, "fleet.lift_area", area.id, area.name)


async def _details(call: Call[Any, Nothing], job_id: str) -> JobDetailsView:
    delivery = call.services.delivery
    return details_view(await delivery.jobs.job(job_id), await delivery.desk.choices(job_id))
