"""Credit: links that associates shared, and what they have earned."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.accounts.errors import UserUnknown
from live.buying import crediting
from live.console.desk import names
from live.http.access import Role, only, signed_in
from live.http.parsing import Moment
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, RouteTable
from orders.credit.commission import Entry, EntryKind
from orders.credit.credits import Earnings

routes = RouteTable("credit")
#: Longest time that one statement is about.
LONGEST: Final = timedelta(days=366)
USUAL: Final = timedelta(days=30)


class TouchBody(BaseModel):
    """A link of this associate's was followed, into this show if it led to one."""

    model_config = ConfigDict(extra="forbid")
    associate_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    show_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class StatementQuery(BaseModel):
    """Of which time, from the last 30 days; `until` is not in it."""

    since: Moment | None = None
    until: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class EntryView(BaseModel):
    """One line: `amount` is the commission on `base`, paid for goods; below zero for what a refund voids."""

    order_id: str
    order_number: str
    show_id: str | None
    at: datetime
    kind: EntryKind
    base: int
    amount: int


class EarningsView(BaseModel):
    """The sums of a time, minor units."""

    associate_id: str
    name: str
    orders: int
    base: int
    amount: int
    currency: str


class StatementView(BaseModel):
    """An associate's statement; `next` is the `until` of what is left, null if this is all."""

    since: datetime
    until: datetime
    items: list[EntryView]
    sums: EarningsView
    next: datetime | None


class EarningsList(BaseModel):
    """Everybody's sums, most first."""

    since: datetime
    until: datetime
    items: list[EarningsView]


@routes.add(
    "POST",
    "/api/touches",
    access=signed_in(),
    body=TouchBody,
    status=204,
    summary="A shared link was followed",
    codes=("user_unknown", "show_unknown"),
    limit=Limit(30, 60),
)
async def follow(call: Call[TouchBody, Nothing]) -> None:
    """What is bought in the next days outside of a show is to that associate's credit. Of a show it must be its own."""
    services, body = call.services, call.body
    show = None if body.show_id is None else await services.shows.show(body.show_id)
    user = await services.accounts.user(body.associate_id)
    if user.role is not Role.ASSOCIATE or (show is not None and show.associate_id != user.id):
        raise UserUnknown("This is nobody who shows goods there.")
    await crediting.note_link(services, call.me.user_id, user.id, show)


@routes.add(
    "GET",
    "/api/my/statement",
    access=only(Role.ASSOCIATE, note="own sales"),
    query=StatementQuery,
    returns=StatementView,
    summary="What I have earned",
)
async def statement(call: Call[Nothing, StatementQuery]) -> StatementView:
    """Commission on what buyers paid for goods and kept, newest first; the sums are of the whole time."""
    since, until = _time(call.query)
    limit = call.query.limit
    entries, sums = await call.services.orders.credits.statement(call.me.user_id, since, until, limit)
    return StatementView(
        since=since,
        until=until,
        items=[_entry(entry) for entry in entries],
        sums=_earnings(call, sums, call.me.name),
        next=entries[-1].at if len(entries) == limit else None,
    )


@routes.add(
    "GET",
    "/api/console/earnings",
    access=only(Role.OPERATOR, Role.ADMIN),
    query=StatementQuery,
    returns=EarningsList,
    summary="What associates have earned",
)
async def earnings(call: Call[Nothing, StatementQuery]) -> EarningsList:
    """Most first; up to `limit` of them."""
    since, until = _time(call.query)
    found = (await call.services.orders.credits.earnings(since, until))[: call.query.limit]
    known = await names(call.services, (one.associate_id for one in found))
    items = [_earnings(call, one, known.get(one.associate_id, "")) for one in found]
    return EarningsList(since=since, until=until, items=items)


def _time(query: StatementQuery) -> tuple[datetime, datetime]:
    """Raises Problem `invalid_query`."""
    until = query.until or datetime.now(UTC)
    since = query.since or until - USUAL
    if not since < until <= since + LONGEST:
        raise Problem(422, "invalid_query", f"`since` before `until`, at most {LONGEST.days} days.", "since")
    return since, until


def _entry(entry: Entry) -> EntryView:
    return EntryView(
        order_id=entry.order_id,
        order_number=entry.order_number,
        show_id=entry.show_id,
        at=entry.at,
        kind=entry.kind,
        base=entry.base,
        amount=entry.amount,
    )


def _earnings(call: Call[Nothing, StatementQuery], sums: Earnings, name: str) -> EarningsView:
    return EarningsView(
        associate_id=sums.associate_id,
        name=name,
        orders=sums.orders,
        base=sums.base,
        amount=sums.amount,
        currency=call.services.orders.credits.currency,
    )
