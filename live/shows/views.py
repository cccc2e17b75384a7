"""What the API and the topics say of a show. Built from the show, the catalogue and Redis counters."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel

from live.promotions.views import FlashView, PinnedCouponView
from live.shows.model import Card, ChatMessage, EndReason, Show, Signal, Status, variant_deal
from orders.promotions.flash.flash import FlashStatus
from orders.sourcing.why import SourcingStrategy


class PositionView(BaseModel):
    """WGS 84 degrees."""

    lon: float
    lat: float

    @classmethod
    def of(cls, position: tuple[float, float]) -> "PositionView":
        """(lon, lat) as an object."""
        return cls(lon=position[0], lat=position[1])


class OptionView(BaseModel):
    """What tells a variant from its siblings: colour, red."""

    name: str
    value: str


class PictureView(BaseModel):
    """A picture of a product; its address never shows another one."""

    url: str
    alt: str


class ProductView(BaseModel):
    """A product as a card shows it; `price` in minor units. Products of one `group_id` are variants of one another."""

    id: str
    name: str
    description: str
    image_url: str
    price: int
    currency: str
    options: list[OptionView]
    group_id: str | None
    pictures: list[PictureView]


class VariantView(BaseModel):
    """A product of the card's product's group, itself included; `price` is what a buyer pays now."""

    product_id: str
    options: list[OptionView]
    price: int
    list_price: int
    image_url: str


class CardView(BaseModel):
    """A card; `price` is what a buyer pays now. `variants` is empty where there is nothing to choose.

    `flash` is its flash sale, scheduled, running or sold out, null if it has none.
    """

    id: str
    product: ProductView
    variants: list[VariantView]
    price: int
    deal_price: int | None
    sold_out: bool
    position: int
    explaining_since: datetime | None
    flash: FlashView | None


class ShowStoreView(BaseModel):
    """The store that a show is made in."""

    id: str
    name: str
    position: PositionView


class PersonView(BaseModel):
    """Somebody, by name."""

    id: str
    name: str


class ShowView(BaseModel):
    """A show as pages see it."""

    id: str
    title: str
    status: Status
    signal: Signal
    store: ShowStoreView
    associate: PersonView
    cover_url: str | None
    picture_url: str | None
    scheduled_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: EndReason | None
    sourcing: SourcingStrategy | None
    pinned_card_id: str | None
    cards: list[CardView]
    coupon: PinnedCouponView | None
    viewers: int
    hearts: int
    distance_m: int | None


class AuthorView(BaseModel):
    """Who wrote a chat message; role "host" is the show's associate."""

    id: str
    name: str
    role: str


class ChatMessageView(BaseModel):
    """A chat message as pages see it."""

    id: str
    author: AuthorView
    text: str
    at: datetime


class Products(Protocol):
    """The catalogue, as far as cards need it."""

    async def views(self, product_ids: Sequence[str]) -> Mapping[str, ProductView]:
        """The products that exist."""

    async def variants(self, group_ids: Sequence[str]) -> Mapping[str, Sequence[ProductView]]:
        """The products on sale of each group, in their order."""


class Viewers(Protocol):
    """How many watch (`live/realtime/presence.py`)."""

    async def counts(self, show_ids: Sequence[str]) -> Mapping[str, int]:
        """Viewers by show; absent: nobody."""


class Offers(Protocol):
    """Flash sales and pinned coupons (`live/promotions/offers.py`)."""

    async def flash(self, show_ids: Sequence[str]) -> Mapping[tuple[str, str], FlashView]:
        """Those that are not over, by (show, card)."""

    async def coupons(self, show_ids: Sequence[str]) -> Mapping[str, PinnedCouponView]:
        """By show."""


class Stills(Protocol):
    """Which shows can be seen in a still (`live/broadcast/pictures.py`)."""

    async def present(self, show_ids: Sequence[str]) -> set[str]:
        """Those of the shows that have one now."""


class ShowViews:
    """Builds views, a batch at a time: one read of each source for all shows of an answer."""

    def __init__(self, products: Products, viewers: Viewers, stills: Stills, offers: Offers) -> None:
        self._products = products
        self._viewers = viewers
        self._stills = stills
        self._offers = offers

    async def one(self, show: Show) -> ShowView:
        """The view of one show."""
        return (await self.many([show]))[0]

    async def many(self, shows: Sequence[Show], *, with_cards: bool = True) -> list[ShowView]:
        """Views of these shows, in their order; without cards (only the pinned one) for long lists."""
        shown = {show.id: show.cards if with_cards else _pinned(show) for show in shows}
        product_ids = sorted({card.product_id for cards in shown.values() for card in cards})
        products = await self._products.views(product_ids) if product_ids else {}
        group_ids = sorted({one.group_id for one in products.values() if one.group_id is not None})
        groups = await self._products.variants(group_ids) if group_ids else {}
        counts = await self._viewers.counts([show.id for show in shows])
        seen = await self._stills.present([show.id for show in shows if show.on_air])
        open_ids = [show.id for show in shows if show.status is not Status.ENDED]
        flash, coupons = await self._offers.flash(open_ids), await self._offers.coupons(open_ids)
        return [
            show_view(
                show,
                card_views(show, shown[show.id], products, groups, flash),
                coupons.get(show.id),
                counts.get(show.id, 0),
                still=show.id in seen,
            )
            for show in shows
        ]


def show_view(
    show: Show, cards: list[CardView], coupon: PinnedCouponView | None, viewers: int, *, still: bool
) -> ShowView:
    """Put one view together."""
    lon, lat = show.position
    return ShowView(
        id=show.id,
        title=show.title,
        status=show.status,
        signal=show.signal,
        store=ShowStoreView(id=show.store_id, name=show.store_name, position=PositionView(lon=lon, lat=lat)),
        associate=PersonView(id=show.associate_id, name=show.associate_name),
        cover_url=f"/api/shows/{show.id}/cover?v={show.cover_version}" if show.cover_version else None,
        picture_url=f"/api/shows/{show.id}/picture" if still else None,
        scheduled_at=show.scheduled_at,
        started_at=show.started_at,
        ended_at=show.ended_at,
        end_reason=show.end_reason,
        sourcing=show.sourcing,
        pinned_card_id=show.pinned_card_id,
        cards=cards,
        coupon=coupon,
        viewers=viewers,
        hearts=show.hearts,
        distance_m=show.distance_m,
    )


def card_views(
    show: Show,
    cards: Sequence[Card],
    products: Mapping[str, ProductView],
    groups: Mapping[str, Sequence[ProductView]],
    flash: Mapping[tuple[str, str], FlashView],
) -> list[CardView]:
    """Cards in their order; a card whose product is gone is left out."""
    views = []
    for index, card in enumerate(cards):
        product = products.get(card.product_id)
        if product is None:
            continue
        sale = flash.get((show.id, card.id))
        deal = _lowest(show.deal_for(card.id), sale)
        views.append(
            CardView(
                id=card.id,
                product=product,
                variants=_variants(product, deal, groups.get(product.group_id or "", ())),
                price=product.price if deal is None else deal,
                deal_price=card.deal_price,
                sold_out=card.sold_out,
                position=index,
                explaining_since=show.pinned_at if card.id == show.pinned_card_id else None,
                flash=sale,
            )
        )
    return views


def _lowest(deal: int | None, sale: FlashView | None) -> int | None:
    """The price of the show or of its flash sale, whichever is lower now."""
    if sale is None or sale.status is not FlashStatus.RUNNING:
        return deal
    return sale.price if deal is None else min(deal, sale.price)


def _variants(product: ProductView, deal: int | None, group: Sequence[ProductView]) -> list[VariantView]:
    if len(group) < 2:
        return []
    return [
        VariantView(
            product_id=one.id,
            options=one.options,
            price=one.price if deal is None else variant_deal(product.price, deal, one.price),
            list_price=one.price,
            image_url=one.image_url,
        )
        for one in group
    ]


def message_view(message: ChatMessage) -> ChatMessageView:
    """A chat message for pages."""
    author = AuthorView(id=message.author_id, name=message.author_name, role=message.author_role)
    return ChatMessageView(id=message.id, author=author, text=message.text, at=message.at)


def _pinned(show: Show) -> tuple[Card, ...]:
    card = show.card(show.pinned_card_id) if show.pinned_card_id else None
    return (card,) if card else ()
