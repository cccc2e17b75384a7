"""What couriers do with a job: take it, arrive, hand over, bring back."""

import asyncio
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from delivery.errors import JobUnknown, PinNeeded
from delivery.jobs.claims import Place
from delivery.model import ProblemKind
from live.api.courier import state_now
from live.fleet.proof_photo import MAX_UPLOAD, proof_jpeg
from live.fleet.views import CourierStateView
from live.http.access import Role, only, signed_in
from live.http.parsing import bounded
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, RouteTable
from orders.errors import CashDue

routes = RouteTable("courier")
OWN_OFFER = only(Role.COURIER, note="own offer")
OWN_JOB = only(Role.COURIER, note="own job")
DESK = frozenset({Role.OPERATOR, Role.ADMIN})


class Arrival(BaseModel):
    """Where the courier has arrived, or (sent late) had; None: which of both follows from the goods."""

    model_config = ConfigDict(extra="forbid")
    at: Place | None = None


class HandOver(BaseModel):
    """The buyer's PIN, or that the photo sent before shows the goods where the buyer wants them; and what the courier
    took in cash (minor units), where something was to be taken.
    """

    model_config = ConfigDict(extra="forbid")
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    photo: bool = False
    cash_received: Annotated[int, Field(ge=0, le=10_000_000_000)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "HandOver":
        if (self.pin is None) is not self.photo:
            raise ValueError("either a PIN or a photo")
        return self


class Trouble(BaseModel):
    """Why the courier cannot go on."""

    model_config = ConfigDict(extra="forbid")
    kind: ProblemKind
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""


@routes.add(
    "POST",
    "/api/courier/jobs/{job}/accept",
    access=OWN_OFFER,
    returns=CourierStateView,
    summary="Take the offered job",
    codes=("not_found", "offer_gone"),
)
async def accept(call: Call[Nothing, Nothing]) -> CourierStateView:
    """Before the offer expires."""
    await call.services.delivery.offers.accept(call.path("job"), call.me.user_id)
    return await state_now(call)


@routes.add(
    "POST",
    "/api/courier/jobs/{job}/decline",
    access=OWN_OFFER,
    returns=CourierStateView,
    summary="Leave the offered job to others",
    codes=("not_found",),
)
async def decline(call: Call[Nothing, Nothing]) -> CourierStateView:
    """The courier is not asked for it again for some minutes."""
    await call.services.delivery.offers.decline(call.path("job"), call.me.user_id)
    return await state_now(call)


@routes.add(
    "POST",
    "/api/courier/jobs/{job}/arrive",
    access=OWN_JOB,
    body=Arrival,
    returns=CourierStateView,
    summary="At the store, or at the door",
    codes=("not_found", "wrong_status"),
)
async def arrive(call: Call[Arrival, Nothing]) -> CourierStateView:
    """Again, or said late, changes nothing."""
    await call.services.delivery.jobs.arrive(call.path("job"), call.me.user_id, call.body.at)
    return await state_now(call)


@routes.add(
    "PUT",
    "/api/courier/jobs/{job}/photo",
    access=OWN_JOB,
    status=204,
    raw=True,
    max_body=MAX_UPLOAD,
    limit=Limit(20, 60),  # each is decoded: the dearest thing that a request can ask for
    summary="Show where the goods were left",
    codes=("not_found", "wrong_status", "pin_needed", "bad_image"),
)
async def take_photo(call: Call[Nothing, Nothing]) -> None:
    """A JPEG, in place of an earlier one; kept upright, at most 1600 pixels long, without metadata, for some days."""
    photos, job_id, me = call.services.delivery.photos, call.path("job"), call.me.user_id
    if call.request.content_type != "image/jpeg":
        raise Problem(415, "unsupported_media_type", "Send image/jpeg.")
    await photos.expect(job_id, me)
    upload = await bounded(call.request, MAX_UPLOAD)
    await photos.keep(job_id, me, await asyncio.to_thread(proof_jpeg, upload))


@routes.add(
    "POST",
    "/api/courier/jobs/{job}/deliver",
    access=OWN_JOB,
    body=HandOver,
    returns=CourierStateView,
    summary="Hand the goods to the buyer",
    codes=("not_found", "wrong_status", "wrong_pin", "pin_needed", "code_locked", "cash_due"),
)
async def deliver(call: Call[HandOver, Nothing]) -> CourierStateView:
    """By the PIN that the buyer tells, or by a photo where the buyer wants that; not before the cash due was taken."""
    jobs, job_id, me, body = call.services.delivery.jobs, call.path("job"), call.me.user_id, call.body
    job = await jobs.job(job_id)
    if job.courier_id == me:
        due = (await call.services.fleet.cash([job.order_id])).get(job.order_id, 0)
        if due and body.cash_received != due:
            raise CashDue(due)
    if body.pin is not None:
        await jobs.deliver(job_id, me, body.pin)
    else:
        await jobs.deliver_by_photo(job_id, me, await _photo_of(call, job_id))
    return await state_now(call)


@routes.add(
    "POST",
    "/api/courier/jobs/{job}/problem",
    access=OWN_JOB,
    body=Trouble,
    returns=CourierStateView,
    summary="Say why the job cannot go on",
    codes=("not_found", "wrong_status"),
)
async def problem(call: Call[Trouble, Nothing]) -> CourierStateView:
    """With the goods: back to the store. Without: another courier, or none when the store is closed."""
    jobs = call.services.delivery.jobs
    await jobs.problem(call.path("job"), call.me.user_id, call.body.kind, call.body.text)
    return await state_now(call)


@routes.add(
    "POST",
    "/api/courier/jobs/{job}/returned",
    access=OWN_JOB,
    returns=CourierStateView,
    summary="The goods are back at the store",
    codes=("not_found", "wrong_status"),
)
async def returned(call: Call[Nothing, Nothing]) -> CourierStateView:
    """Ends the way back."""
    await call.services.delivery.jobs.returned(call.path("job"), call.me.user_id)
    return await state_now(call)


@routes.add(
    "GET",
    "/api/orders/{order}/photo",
    access=signed_in(note="own order, or operator, admin"),
    summary="Where the goods were left",
    codes=("not_found",),
)
async def photo(call: Call[Nothing, Nothing]) -> web.Response:
    """The JPEG by which the order was delivered, while it is kept."""
    delivery, order_id = call.services.delivery, call.path("order")
    job = await delivery.jobs.for_order(order_id)
    if job.buyer_id != call.me.user_id and call.me.role not in DESK:
        raise JobUnknown(f"No delivery of {order_id}.")
    shown = await delivery.photos.shown(job)
    return web.Response(body=shown.jpeg, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


async def _photo_of(call: Call[Any, Any], job_id: str) -> str:
    """The id of the photo that this courier sent."""
    name = await call.services.delivery.photos.name(job_id, call.me.user_id)
    if name is None:
        raise PinNeeded("Send the photo first, or enter the PIN.")
    return name
