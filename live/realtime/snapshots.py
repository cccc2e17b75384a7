"""What a page is given when it begins to follow a topic: the present state, which events then change."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from live.accounts.views import UserView, user_view
from live.buying.views import CounterOrderView, OrderView, counter_views, order_views
from live.console.desk import console_shows
from live.console.views import ConsoleShowView
from live.http.access import Principal
from live.shows.views import ChatMessageView, ShowView, message_view
from moderation.model import SanctionKind
from orders.lifecycle import RELEASED, OrderStatus

if TYPE_CHECKING:
    from live.services import Services

CHAT: Final = 50
#: How many of the latest orders are looked at.
ORDERS: Final = 30
OVER: Final = RELEASED | {OrderStatus.COMPLETED, OrderStatus.UNDELIVERED}
#: What a sanction without an end is shown as.
FOR_EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)


class ShowSnapshot(BaseModel):
    """Of `show:{show}`; `chat` is oldest first, `muted_until` is the reader's own."""

    show: ShowView
    chat: list[ChatMessageView]
    muted_until: datetime | None
    server_time: datetime


class WarningView(BaseModel):
    """An operator's word to the associate."""

    show_id: str
    text: str
    at: datetime


class MeSnapshot(BaseModel):
    """Of `me`: orders that are not over."""

    orders: list[OrderView]
    warnings: list[WarningView]


class StoreSnapshot(BaseModel):
    """Of `store:{store}`."""

    orders: list[CounterOrderView]


class ConsoleSnapshot(BaseModel):
    """Of `console`."""

    shows: list[ConsoleShowView]


async def user(services: "Services", principal: Principal) -> UserView:
    """The answer to hello: as GET /api/me."""
    found = await services.accounts.user(principal.user_id)
    return await user_view(found, services.orders.catalogue)


async def show(services: "Services", principal: Principal, show_id: str) -> ShowSnapshot:
    """The show with its cards and the latest chat."""
    view = await services.show_views.one(await services.shows.show(show_id))
    chat = await services.chat.recent(show_id, limit=CHAT)
    mutes = [
        sanction.until or FOR_EVER
        for sanction in await services.moderation.sanctions.active(principal.user_id, show_id)
        if sanction.kind is SanctionKind.MUTE
    ]
    return ShowSnapshot(
        show=view,
        chat=[message_view(message) for message in reversed(chat)],
        muted_until=max(mutes, default=None),
        server_time=datetime.now(UTC),
    )


async def me(services: "Services", principal: Principal, _thing: str) -> MeSnapshot:
    """The orders of the reader that are not over."""
    orders = await services.orders.of_buyer(principal.user_id, ORDERS)
    open_orders = [order for order in orders if order.status not in OVER]
    return MeSnapshot(orders=await order_views(services, open_orders), warnings=[])


async def store(services: "Services", _principal: Principal, store_id: str) -> StoreSnapshot:
    """The queue of the counter."""
    return StoreSnapshot(orders=await counter_views(services, await services.orders.fulfilment.queue(store_id)))


async def console(services: "Services", _principal: Principal, _thing: str) -> ConsoleSnapshot:
    """Every show that is on."""
    return ConsoleSnapshot(shows=await console_shows(services))
