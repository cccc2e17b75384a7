"""Credit: links that associates shared, and what they have earned."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from live.accounts.errors import UserUnknown
from live.buying import crediting
from live.console.desk import names
from live.http.access import Role, only, signed_in
from live.http.parsing import Moment
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, RouteTable
from live.http.visible import Visible
from live.shows.errors import NotYourShow
from live.shows.model import Show
from orders.credit.commission import Entry, EntryKind
from orders.credit.credits import Earnings
from orders.credit.links.link import PersonalLink
from orders.credit.touch import TouchKind

routes = RouteTable("credit")
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
#: Longest time that one statement is about.
LONGEST: Final = timedelta(days=366)
USUAL: Final = timedelta(days=30)


OWN_SHOW: Final = only(Role.ASSOCIATE, note="own show")
OWN: Final = ("show_unknown", "not_your_show")


class TouchBody(BaseModel):
    """A link of this associate's was followed, into this show if it led to one; or this personal `link`."""

    model_config = ConfigDict(extra="forbid")
    associate_id: Id | None = None
    show_id: Id | None = None
    link: Id | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.link is None) == (self.associate_id is None) or (self.link is not None and self.show_id is not None):
            raise ValueError("either `associate_id`, with a `show_id` or not, or `link`")
        return self


class LinkBody(BaseModel):
    """For whom, in the associate's own words."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), Visible]


class LinkView(BaseModel):
    """A personal link; `followed_at` is null while its customer has not come, for which it waits till `until`."""

    id: str
    name: str
    made_at: datetime
    until: datetime
    followed_at: datetime | None


class LinkList(BaseModel):
    """The personal links into a show."""

    items: list[LinkView]


class StatementQuery(BaseModel):
    """Of which time, from the last 30 days; `until` is not in it."""

    since: Moment | None = None
    until: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class EntryView(BaseModel):
    """One line: `amount` is the commission on `base`, paid for goods; below zero for what a refund voids.

    `touch` is how the buyer and the associate met (null: not noted then).
    """

    order_id: str
    order_number: str
    show_id: str | None
    at: datetime
    kind: EntryKind
    touch: TouchKind | None
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
    codes=("user_unknown", "show_unknown", "link_unknown"),
    limit=Limit(30, 60),
)
async def follow(call: Call[TouchBody, Nothing]) -> None:
    """What is bought in the next days outside of a show is to that associate's credit. Of a show it must be its own.

    Who follows a personal link first is its customer.
    """
    services, body = call.services, call.body
    if body.link is not None:
        await services.orders.links.follow(body.link, call.me.user_id)
        return
    show = None if body.show_id is None else await services.shows.show(body.show_id)
    user = await services.accounts.user(body.associate_id or "")
    if user.role is not Role.ASSOCIATE or (show is not None and show.associate_id != user.id):
        raise UserUnknown("This is nobody who shows goods there.")
    await crediting.note_link(services, call.me.user_id, user.id, show)


@routes.add(
    "POST",
    "/api/shows/{show}/links",
    access=OWN_SHOW,
    body=LinkBody,
    returns=LinkView,
    status=201,
    summary="Make a link for one customer",
    codes=OWN,
    limit=Limit(60, 3600),
)
async def make_link(call: Call[LinkBody, Nothing]) -> LinkView:
    """Who follows it first is the customer, and what they buy in the show has the touch `one_to_one`."""
    show = await _own_show(call)
    return _link(await call.services.orders.links.make(call.me.user_id, show.id, call.body.name))


@routes.add(
    "GET",
    "/api/shows/{show}/links",
    access=OWN_SHOW,
    returns=LinkList,
    summary="Links for one customer each",
    codes=OWN,
)
async def links(call: Call[Nothing, Nothing]) -> LinkList:
    """The latest 50 into this show, newest first."""
    show = await _own_show(call)
    return LinkList(items=[_link(link) for link in await call.services.orders.links.of_show(show.id)])


@routes.add(
    "DELETE",
    "/api/shows/{show}/links/{link}",
    access=OWN_SHOW,
    status=204,
    summary="Take a link back",
    codes=OWN,
)
async def remove_link(call: Call[Nothing, Nothing]) -> None:
    """One that nobody has followed yet; nothing happens to any other."""
    show = await _own_show(call)
    await call.services.orders.links.remove(call.path("link"), show.id)


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


async def _own_show(call: Call[Any, Any]) -> Show:
    show = await call.services.shows.show(call.path("show"))
    if show.associate_id != call.me.user_id:
        raise NotYourShow("This is another associate's show.")
    return show


def _link(link: PersonalLink) -> LinkView:
    return LinkView(
        id=link.id,
        name=link.name,
        made_at=link.made_at,
        until=link.until,
        followed_at=link.followed_at,
    )


def _entry(entry: Entry) -> EntryView:
    return EntryView(
        order_id=entry.order_id,
        order_number=entry.order_number,
        show_id=entry.show_id,
        at=entry.at,
        kind=entry.kind,
        touch=entry.touch,
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
