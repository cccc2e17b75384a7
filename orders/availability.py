"""Can this viewer, here, have this product now?"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orders.catalogue.nearest import Nearest, Reach
from orders.catalogue.sphere import on_globe
from orders.errors import InvalidOrder
from orders.model import Position, StockLevel, StoreNear
from orders.ports import Clock, DeliveryTerms
from orders.stock.stock import Stock


class Unavailable(StrEnum):
    """Why a product cannot be had."""

    OUT_OF_RANGE = "out_of_range"
    SOLD_OUT = "sold_out"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ProductAvailability:
    """A product at a position. The store's members are None exactly when `reason` says why not.

    `available` is how many pieces the nearest open store that has any can sell; `fee` (minor units) is what bringing
    costs below the free threshold, `minutes` when it is there at the latest.
    """

    product_id: str
    available: int = 0
    store_id: str | None = None
    store_name: str | None = None
    distance_m: float | None = None
    fee: int | None = None
    minutes: int | None = None
    reason: Unavailable | None = None


class Availability:
    """Answers for many products at once: one geo query and one read of stock, whatever their number."""

    def __init__(self, nearest: Nearest, stock: Stock, clock: Clock) -> None:
        self._nearest = nearest
        self._stock = stock
        self._clock = clock

    async def for_cards(self, product_ids: Sequence[str], position: Position) -> list[ProductAvailability]:
        """One answer a product, in the order asked. Raises InvalidOrder for a position off the globe."""
        if not on_globe(position):
            raise InvalidOrder("No such place on Earth.", field="position")
        at = self._clock()
        reach = await self._nearest.reach(position, at)
        if not reach.open:
            reason = Unavailable.CLOSED if reach.any_in_range else Unavailable.OUT_OF_RANGE
            return [ProductAvailability(product, reason=reason) for product in product_ids]
        levels = await self._stock.available([near.store.id for near in reach.open], product_ids)
        chosen = {product: _nearest_with(product, reach, levels) for product in product_ids}
        terms: dict[str, DeliveryTerms | None] = {}
        for near in chosen.values():
            if near is not None and near.store.id not in terms:
                terms[near.store.id] = await self._nearest.terms(near, position, at)
        return [_answer(product, chosen[product], terms, levels) for product in product_ids]


def _nearest_with(product_id: str, reach: Reach, levels: dict[tuple[str, str], StockLevel]) -> StoreNear | None:
    for near in reach.open:
        level = levels.get((near.store.id, product_id))
        if level is not None and level.available > 0:
            return near
    return None


def _answer(
    product_id: str,
    near: StoreNear | None,
    terms: dict[str, DeliveryTerms | None],
    levels: dict[tuple[str, str], StockLevel],
) -> ProductAvailability:
    if near is None:
        return ProductAvailability(product_id, reason=Unavailable.SOLD_OUT)
    store, bringing = near.store, terms[near.store.id]
    if bringing is None:
        return ProductAvailability(product_id, reason=Unavailable.OUT_OF_RANGE)
    return ProductAvailability(
        product_id,
        available=levels[store.id, product_id].available,
        store_id=store.id,
        store_name=store.name,
        distance_m=near.distance_m,
        fee=bringing.fee,
        minutes=bringing.minutes_to,
    )
