"""What pages are told of where things come from: of a show's cards and their variants, and why that store."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from live.shows.model import Show
from orders.availability import ProductAvailability, Unavailable
from orders.model import Position, Product
from orders.sourcing.why import Passed, Passing, SourcingStrategy, Why

if TYPE_CHECKING:
    from live.services import Services


class PassedView(BaseModel):
    """A nearer store that was passed over; `product_id` is what it lacks."""

    store_id: str
    store_name: str
    distance_m: int
    reason: Passing
    product_id: str | None


class WhyView(BaseModel):
    """Why this store: what orders go by and the facts, `choice` 1 for the first choice; nearer stores passed over."""

    strategy: SourcingStrategy
    distance_m: int
    minutes: int
    spare: int
    show_store: bool
    choice: int
    passed: list[PassedView]


class SupplyView(BaseModel):
    """Whether, from where and when a product can be had here; `reason` says why not. `fee` in minor units.

    `opens_at` is when the first of the closed stores opens.
    """

    available: int
    store_id: str | None
    store_name: str | None
    distance_m: int | None
    fee: int | None
    minutes: int | None
    reason: Unavailable | None
    opens_at: datetime | None


class VariantSupplyView(SupplyView):
    """Of one variant."""

    product_id: str


class CardAvailability(SupplyView):
    """Of a card: of its product, or if that cannot be had, of the first of its variants that can.

    `variants` is empty where there is nothing to choose.
    """

    card_id: str
    product_id: str
    why: WhyView | None
    variants: list[VariantSupplyView]


class ShowAvailability(BaseModel):
    """Of all cards of a show."""

    items: list[CardAvailability]


async def show_availability(services: "Services", show: Show, position: Position) -> ShowAvailability:
    """For each card and each variant the store that it would come from."""
    catalogue = services.orders.catalogue
    products = await catalogue.products({card.product_id for card in show.cards})
    groups = await catalogue.variants({one.details.group_id for one in products.values() if one.details.group_id})
    of_card = {
        card.id: [one.id for one in groups.get(_group(products, card.product_id), ()) if one.details.on_sale]
        for card in show.cards
    }
    asked = dict.fromkeys([card.product_id for card in show.cards] + [one for ids in of_card.values() for one in ids])
    answers = await services.orders.availability.for_cards(list(asked), position, show.id)
    by_product = {one.product_id: one for one in answers}
    items = []
    for card in show.cards:
        variants = [by_product[one] for one in of_card[card.id]] if len(of_card[card.id]) > 1 else []
        own = by_product[card.product_id]
        best = next((one for one in (own, *variants) if one.reason is None), own)
        items.append(
            CardAvailability(
                card_id=card.id,
                product_id=best.product_id,
                why=None if best.why is None else why_view(best.why),
                variants=[VariantSupplyView(product_id=one.product_id, **_supply(one)) for one in variants],
                **_supply(best),
            )
        )
    return ShowAvailability(items=items)


def why_view(why: Why) -> WhyView:
    """For pages."""
    return WhyView(
        strategy=why.strategy,
        distance_m=round(why.distance_m),
        minutes=why.minutes,
        spare=why.spare,
        show_store=why.show_store,
        choice=why.choice,
        passed=[_passed(one) for one in why.passed],
    )


def _passed(one: Passed) -> PassedView:
    return PassedView(
        store_id=one.store_id,
        store_name=one.store_name,
        distance_m=round(one.distance_m),
        reason=one.reason,
        product_id=one.product_id,
    )


def _supply(one: ProductAvailability) -> dict[str, Any]:
    return {
        "available": one.available,
        "store_id": one.store_id,
        "store_name": one.store_name,
        "distance_m": None if one.distance_m is None else round(one.distance_m),
        "fee": one.fee,
        "minutes": one.minutes,
        "reason": one.reason,
        "opens_at": one.opens_at,
    }


def _group(products: Mapping[str, Product], product_id: str) -> str:
    return (products[product_id].details.group_id or "") if product_id in products else ""
