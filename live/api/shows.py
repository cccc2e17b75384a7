"""Shows: what is on near me, and what the associate does with a show of their own."""

from datetime import UTC, datetime
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.http.access import Role, anyone, only
from live.http.parsing import Moment, bounded
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, RouteTable
from live.http.visible import Visible
from live.shows.cards import MAX_CARDS, WantedCard
from live.shows.errors import NoPicture
from live.shows.lifecycle import Move
from live.shows.shows import Host
from live.shows.views import ShowView
from orders.sourcing.why import SourcingStrategy

routes = RouteTable("shows")
OWN_SHOW = only(Role.ASSOCIATE, note="own show")
MAX_COVER = 2 * 1024 * 1024
#: Where "near me" is for somebody who does not say: the middle of the seeded district.
DEFAULT_LON, DEFAULT_LAT = 121.4737, 31.2304

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), Visible]
Minor = Annotated[int, Field(gt=0, le=100_000_000)]


class Near(BaseModel):
    """Where the caller is."""

    lon: Annotated[float, Field(ge=-180, le=180)] = DEFAULT_LON
    lat: Annotated[float, Field(ge=-90, le=90)] = DEFAULT_LAT

    @property
    def position(self) -> tuple[float, float]:
        """(lon, lat)."""
        return (self.lon, self.lat)


class Page(BaseModel):
    """A page of a list: what comes after the cursor `before`."""

    before: Annotated[str, StringConstraints(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class NewShow(BaseModel):
    """A show to make."""

    model_config = ConfigDict(extra="forbid")
    title: Title
    scheduled_at: Moment | None = None


class ShowEdit(BaseModel):
    """What to change of a show; `sourcing` null: the store for its orders is chosen as the setting says."""

    model_config = ConfigDict(extra="forbid")
    title: Title | None = None
    scheduled_at: Moment | None = None
    sourcing: SourcingStrategy | None = None


class CardWanted(BaseModel):
    """One card of the list."""

    model_config = ConfigDict(extra="forbid")
    product_id: Annotated[str, StringConstraints(max_length=64)]
    deal_price: Minor | None = None


class CardList(BaseModel):
    """All cards of a show, in their order."""

    model_config = ConfigDict(extra="forbid")
    cards: Annotated[list[CardWanted], Field(max_length=MAX_CARDS)]


class CardEdit(BaseModel):
    """What to change of a card; `deal_price: null` takes the deal away."""

    model_config = ConfigDict(extra="forbid")
    deal_price: Minor | None = None
    sold_out: bool = False


class ShowsNearby(BaseModel):
    """What is on, and what is to come."""

    live: list[ShowView]
    upcoming: list[ShowView]


class ShowPage(BaseModel):
    """A page of shows."""

    items: list[ShowView]
    next: str | None


@routes.add("GET", "/api/shows", access=anyone(), query=Near, returns=ShowsNearby, summary="What is on near me")
async def nearby(call: Call[Nothing, Near]) -> ShowsNearby:
    """Nearest first."""
    on_air, upcoming = await call.services.shows.near(call.query.position)
    views = call.services.show_views
    return ShowsNearby(
        live=await views.many(on_air, with_cards=False), upcoming=await views.many(upcoming, with_cards=False)
    )


@routes.add("GET", "/api/shows/{show}", access=anyone(), returns=ShowView, summary="One show", codes=("show_unknown",))
async def show(call: Call[Nothing, Nothing]) -> ShowView:
    """The show with its cards."""
    return await call.services.show_views.one(await call.services.shows.show(call.path("show")))


@routes.add(
    "GET", "/api/my/shows", access=only(Role.ASSOCIATE), query=Page, returns=ShowPage, summary="The associate's shows"
)
async def mine(call: Call[Nothing, Page]) -> ShowPage:
    """Newest first; the cursor is the time that the last one was made."""
    found = await call.services.shows.of_associate(call.me.user_id, _time(call.query.before), call.query.limit)
    cursor = found[-1].created_at.isoformat() if len(found) == call.query.limit else None
    return ShowPage(items=await call.services.show_views.many(found), next=cursor)


@routes.add(
    "POST",
    "/api/shows",
    access=only(Role.ASSOCIATE),
    body=NewShow,
    returns=ShowView,
    status=201,
    summary="Make a show",
    codes=("no_store", "blocked"),
)
async def create(call: Call[NewShow, Nothing]) -> ShowView:
    """At the associate's own store."""
    if call.me.store_id is None:
        raise Problem(409, "no_store", "This account belongs to no store; ask for an invite.")
    store = await call.services.orders.catalogue.store(call.me.store_id)
    host = Host(call.me.user_id, call.me.name, store.id, store.name, store.position)
    made = await call.services.shows.create(host, call.body.title, call.body.scheduled_at)
    return await call.services.show_views.one(made)


@routes.add(
    "PATCH",
    "/api/shows/{show}",
    access=OWN_SHOW,
    body=ShowEdit,
    returns=ShowView,
    summary="Change the title, the time, or which store its orders go to",
    codes=("show_unknown", "not_your_show", "wrong_status", "blocked"),
)
async def edit(call: Call[ShowEdit, Nothing]) -> ShowView:
    """The title at any time before the end, the time before the start."""
    changed = await call.services.shows.edit(
        call.path("show"), call.me.user_id, call.body.title, call.body.scheduled_at
    )
    if "sourcing" in call.body.model_fields_set:
        changed = await call.services.shows.source(changed.id, call.me.user_id, call.body.sourcing)
    return await call.services.show_views.one(changed)


@routes.add(
    "DELETE",
    "/api/shows/{show}",
    access=only(Role.ASSOCIATE, note="own show, never live"),
    status=204,
    summary="Delete a show that never went live",
    codes=("show_unknown", "not_your_show", "wrong_status"),
)
async def delete(call: Call[Nothing, Nothing]) -> None:
    """Shows that were on air are kept."""
    await call.services.shows.delete(call.path("show"), call.me.user_id)


@routes.add(
    "PUT",
    "/api/shows/{show}/cover",
    access=OWN_SHOW,
    returns=ShowView,
    raw=True,
    max_body=MAX_COVER,
    limit=Limit(20, 60),  # each is decoded: the dearest thing that a request can ask for
    summary="Set the cover",
    codes=("show_unknown", "not_your_show", "bad_image"),
)
async def set_cover(call: Call[Nothing, Nothing]) -> ShowView:
    """JPEG, PNG or WebP; kept as a JPEG of 720×960 without metadata."""
    if call.request.content_type not in ("image/jpeg", "image/png", "image/webp"):
        raise Problem(415, "unsupported_media_type", "Send image/jpeg, image/png or image/webp.")
    upload = await bounded(call.request, MAX_COVER)
    saved = await call.services.covers.save(call.path("show"), call.me.user_id, upload)
    return await call.services.show_views.one(saved)


@routes.add("GET", "/api/shows/{show}/cover", access=anyone(), summary="The cover", codes=("no_picture",))
async def cover(call: Call[Nothing, Nothing]) -> web.Response:
    """A JPEG; its URL changes with each upload, so it may be kept."""
    jpeg = await call.services.covers.jpeg(call.path("show"))
    return web.Response(body=jpeg, content_type="image/jpeg", headers={"Cache-Control": "public, max-age=31536000"})


@routes.add("GET", "/api/shows/{show}/picture", access=anyone(), summary="A still of the video", codes=("no_picture",))
async def picture(call: Call[Nothing, Nothing]) -> web.Response:
    """The latest still, a few seconds old; made by `media.pictures`."""
    jpeg = await call.services.pictures.latest(call.path("show"))
    if jpeg is None:
        raise NoPicture("There is no picture of this show now.")
    return web.Response(body=jpeg, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


STEP_CODES = ("show_unknown", "not_your_show", "wrong_status")


@routes.add(
    "POST", "/api/shows/{show}/live", access=OWN_SHOW, returns=ShowView, summary="Go live, or go on", codes=STEP_CODES
)
async def go_live(call: Call[Nothing, Nothing]) -> ShowView:
    """From draft, scheduled or paused."""
    return await _move(call, Move.GO_LIVE)


@routes.add("POST", "/api/shows/{show}/pause", access=OWN_SHOW, returns=ShowView, summary="Pause", codes=STEP_CODES)
async def pause(call: Call[Nothing, Nothing]) -> ShowView:
    """Viewers stay and see that the show pauses."""
    return await _move(call, Move.PAUSE)


@routes.add("POST", "/api/shows/{show}/end", access=OWN_SHOW, returns=ShowView, summary="End", codes=STEP_CODES)
async def end(call: Call[Nothing, Nothing]) -> ShowView:
    """For good."""
    return await _move(call, Move.END)


CARD_CODES = ("show_unknown", "not_your_show", "wrong_status", "card_unknown", "bad_cards", "changing")


@routes.add(
    "PUT",
    "/api/shows/{show}/cards",
    access=OWN_SHOW,
    body=CardList,
    returns=ShowView,
    summary="Set the product cards and their order",
    codes=CARD_CODES,
)
async def set_cards(call: Call[CardList, Nothing]) -> ShowView:
    """Products that stay keep their card's id and sold-out mark."""
    wanted = [WantedCard(card.product_id, card.deal_price) for card in call.body.cards]
    changed = await call.services.cards.replace(call.path("show"), call.me.user_id, wanted)
    return await call.services.show_views.one(changed)


@routes.add(
    "PATCH",
    "/api/shows/{show}/cards/{card}",
    access=OWN_SHOW,
    body=CardEdit,
    returns=ShowView,
    summary="Deal price, sold-out mark",
    codes=CARD_CODES,
)
async def edit_card(call: Call[CardEdit, Nothing]) -> ShowView:
    """Members that are not sent stay as they are."""
    changes = call.body.model_dump(exclude_unset=True)
    changed = await call.services.cards.mark(call.path("show"), call.me.user_id, call.path("card"), changes)
    return await call.services.show_views.one(changed)


@routes.add(
    "POST", "/api/shows/{show}/cards/{card}/pin", access=OWN_SHOW, returns=ShowView, summary="Pin", codes=CARD_CODES
)
async def pin(call: Call[Nothing, Nothing]) -> ShowView:
    """Starts its deal price; one card is pinned at a time."""
    changed = await call.services.cards.pin(call.path("show"), call.me.user_id, call.path("card"))
    return await call.services.show_views.one(changed)


@routes.add(
    "DELETE",
    "/api/shows/{show}/cards/{card}/pin",
    access=OWN_SHOW,
    returns=ShowView,
    summary="Un-pin",
    codes=CARD_CODES,
)
async def unpin(call: Call[Nothing, Nothing]) -> ShowView:
    """Ends its deal price."""
    changed = await call.services.cards.unpin(call.path("show"), call.me.user_id, call.path("card"))
    return await call.services.show_views.one(changed)


async def _move(call: Call[Nothing, Nothing], move: Move) -> ShowView:
    moved = await call.services.shows.move(call.path("show"), move, call.me.user_id)
    return await call.services.show_views.one(moved)


def _time(cursor: str | None) -> datetime | None:
    if cursor is None:
        return None
    try:
        return datetime.fromisoformat(cursor).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(422, "invalid_query", "This cursor is not one of ours.", "before") from None
