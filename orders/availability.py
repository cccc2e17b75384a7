"""Can this viewer, here, have this product now?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders.catalogue.nearest import Nearest
from orders.catalogue.sphere import on_globe
from orders.errors import InvalidOrder, OutOfRange, StoreClosed
from orders.model import Position
from orders.ports import Clock, NoDelivery, Undelivered
from orders.sourcing.candidate import Candidate
from orders.sourcing.sourcing import Sourcing
from orders.sourcing.why import Why


class Unavailable(StrEnum):
    """Why a product cannot be had."""

    OUT_OF_RANGE = "out_of_range"
    SOLD_OUT = "sold_out"
    CLOSED = "closed"
    NO_COURIER = "no_courier"
    """Stores have it and deliver here, but nobody brings it just now."""


@dataclass(frozen=True, slots=True)
class ProductAvailability:
    """A product at a position. The store's members are None exactly when `reason` says why not.

    `available` is how many pieces the store that it would come from can sell, `fee` (minor units) what bringing costs
    below the free threshold, `minutes` when it is there at the latest, `why` why it is this store. `opens_at` is when
    the first of the closed stores opens again, if one of them will.
    """

    product_id: str
    available: int = 0
    store_id: str | None = None
    store_name: str | None = None
    distance_m: float | None = None
    fee: int | None = None
    minutes: int | None = None
    reason: Unavailable | None = None
    why: Why | None = None
    opens_at: datetime | None = None


class Availability:
    """Answers for many products at once, whatever their number: by the stores that orders would come from."""

    def __init__(self, nearest: Nearest, sourcing: Sourcing, clock: Clock) -> None:
        self._nearest = nearest
        self._sourcing = sourcing
        self._clock = clock

    async def for_cards(
        self, product_ids: Sequence[str], position: Position, show_id: str | None = None
    ) -> list[ProductAvailability]:
        """One answer a product, in the order asked. Raises InvalidOrder for a position off the globe."""
        if not on_globe(position):
            raise InvalidOrder("No such place on Earth.", field="position")
        at = self._clock()
        try:
            found = await self._sourcing.offers(product_ids, position, at, show_id)
        except OutOfRange:
            return [ProductAvailability(one, reason=Unavailable.OUT_OF_RANGE) for one in product_ids]
        except StoreClosed:
            reason, opens_at = Unavailable.CLOSED, await self._opens_at(position, at)
            return [ProductAvailability(one, reason=reason, opens_at=opens_at) for one in product_ids]
        return [_answer(one, found) for one in product_ids]

    async def _opens_at(self, position: Position, at: datetime) -> datetime | None:
        reach = await self._nearest.reach(position, at)
        opening = (near.store.opens_at(at) for near in reach.closed)
        return min((one for one in opening if one is not None), default=None)


def _answer(product_id: str, found: Mapping[str, Candidate | NoDelivery]) -> ProductAvailability:
    if product_id not in found:
        return ProductAvailability(product_id, reason=Unavailable.SOLD_OUT)
    offer = found[product_id]
    if isinstance(offer, NoDelivery):
        too_far = offer.why is Undelivered.TOO_FAR
        return ProductAvailability(product_id, reason=Unavailable.OUT_OF_RANGE if too_far else Unavailable.NO_COURIER)
    return ProductAvailability(
        product_id,
        available=offer.why.spare + 1,
        store_id=offer.store_id,
        store_name=offer.near.store.name,
        distance_m=offer.near.distance_m,
        fee=offer.terms.fee,
        minutes=offer.terms.minutes_to,
        why=offer.why,
    )
