"""The courier's own side of the plan: when, where, what is open, and not being able to come."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from delivery.fleet.model import Shift
from live.api.courier import COURIER
from live.http.access import Role, only
from live.http.route import Call, Nothing, RouteTable

routes = RouteTable("courier")
OWN_SHIFT = only(Role.COURIER, note="own shift")


class Answer(BaseModel):
    """Whether the courier comes, and if not, perhaps why."""

    model_config = ConfigDict(extra="forbid")
    coming: bool
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class MyShiftView(BaseModel):
    """`place`: where to begin. `cannot_at`: since when the desk knows that the courier cannot come."""

    id: str
    starts_at: datetime
    ends_at: datetime
    place: str
    cannot_at: datetime | None


class MyShifts(BaseModel):
    """In order. `open` are those that nobody has. `only_in_shifts`: nobody is online outside of them, but `early_s`."""

    items: list[MyShiftView]
    open: list[MyShiftView]
    only_in_shifts: bool
    early_s: int


@routes.add(
    "GET",
    "/api/courier/shifts",
    access=COURIER,
    returns=MyShifts,
    summary="When the courier is planned to work",
)
async def shifts(call: Call[Nothing, Nothing]) -> MyShifts:
    """The present one and those of the next two weeks; and which of these two weeks are open."""
    return await _mine(call)


@routes.add(
    "POST",
    "/api/courier/shifts/{shift}/claim",
    access=COURIER,
    returns=MyShifts,
    summary="Take an open shift",
    codes=("not_found", "shift_taken", "shift_overlaps", "invalid_shift"),
)
async def claim(call: Call[Nothing, Nothing]) -> MyShifts:
    """Whoever is first has it. Again is the same."""
    me = call.me.user_id
    await call.services.delivery.shifts.claim(call.path("shift"), me)
    await call.services.fleet.courier(me)
    return await _mine(call)


@routes.add(
    "POST",
    "/api/courier/shifts/{shift}/answer",
    access=OWN_SHIFT,
    body=Answer,
    returns=MyShifts,
    summary="Say that one cannot come, or can after all",
    codes=("not_found", "invalid_shift"),
)
async def answer(call: Call[Answer, Nothing]) -> MyShifts:
    """The desk sees it in the plan, and finds somebody else; until it has, the shift may be taken up again."""
    body, me = call.body, call.me.user_id
    await call.services.delivery.shifts.answer(call.path("shift"), me, coming=body.coming, why=body.why)
    await call.services.fleet.courier(me)
    return await _mine(call)


async def _mine(call: Call[Any, Any]) -> MyShifts:
    plan = call.services.delivery.shifts
    settings = plan.settings
    return MyShifts(
        items=[_view(one) for one in await plan.coming(call.me.user_id)],
        open=[_view(one) for one in await plan.open()],
        only_in_shifts=not settings.online_outside_shifts,
        early_s=settings.shift_early_s,
    )


def _view(shift: Shift) -> MyShiftView:
    return MyShiftView(
        id=shift.id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        place=shift.place,
        cannot_at=shift.cannot_at,
    )
