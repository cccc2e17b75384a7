"""What an order would be now, at one store or split over several. Reads only."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.basket import Basket, Baskets
from orders.checkout.command import Offer
from orders.errors import SplitNeeded
from orders.model import LineRequest, Position, Quote, Store
from orders.ports import Clock
from orders.settings import OrdersSettings
from orders.sourcing.candidate import Candidate, Part
from orders.sourcing.sourcing import Sourcing


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants where. `coupons` None: the best of the buyer's; `split`: several stores are agreed to."""

    lines: Sequence[LineRequest]
    position: Position
    show_id: str | None = None
    buyer_id: str = ""
    coupons: Sequence[str] | None = ()
    split: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote, and the store that it is of."""

    store: Store
    quote: Quote


class Quoting:
    """Quotes wishes at the stores that `Sourcing` finds."""

    def __init__(self, sourcing: Sourcing, baskets: Baskets, clock: Clock, settings: OrdersSettings) -> None:
        self.sourcing = sourcing
        self._baskets = baskets
        self._clock = clock
        self._settings = settings

    async def offer(self, wish: Wish) -> Offer:
        """What it would be now, to be ordered within `settings.quote_valid`. It holds nothing.

        Raises InvalidOrder, EmptyOrder, QuantityLimit, UnknownProduct, OutOfRange, StoreClosed, NoCourier,
        CouriersBusy, AreaPaused, SoldOut, SplitNeeded, CouponRefused.
        """
        at = self._clock()
        parts = [one.quote for one in await self._parts(wish, at)]
        until = at + self._settings.quote_valid
        offer_id = f"qte_{secrets.token_hex(8)}"
        return Offer(offer_id, wish.buyer_id, wish.show_id, wish.position, tuple(parts), at, until)

    async def _parts(self, wish: Wish, at: datetime) -> list[Quoted]:
        await self.check(wish)
        async for candidate in self.sourcing.candidates(wish.lines, wish.position, at, wish.show_id):
            return [await self.at(candidate, await self.basket(wish), at)]
        return await self.split(wish, at)

    async def check(self, wish: Wish) -> None:
        """Raises InvalidOrder, EmptyOrder, QuantityLimit, UnknownProduct for what nobody could sell."""
        await self._baskets.products(wish.lines, wish.position)

    async def basket(self, wish: Wish) -> Basket:
        """Everything that its price depends on. Raises CouponRefused."""
        return await self._baskets.gather(wish.lines, wish.position, wish.show_id, wish.buyer_id, wish.coupons)

    async def at(self, candidate: Candidate, basket: Basket, at: datetime) -> Quoted:
        """The basket from this store. Raises CouponRefused."""
        store, terms, why = candidate.near.store, candidate.terms, candidate.why
        cost = await self._baskets.price(basket, store.id, terms)
        quote = Quote(
            store.id,
            store.name,
            candidate.near.distance_m,
            cost.lines,
            cost.subtotal,
            cost.delivery_fee,
            cost.total,
            self._settings.currency,
            at + timedelta(minutes=terms.minutes_from),
            at + timedelta(minutes=terms.minutes_to),
            discount=cost.discount,
            tax=cost.tax,
            tax_included=cost.tax_included,
            coupons=cost.coupons,
            adjustments=cost.adjustments,
            refused=cost.refused,
            why=why,
            provider=terms.provider,
            bringing_cost=terms.cost,
        )
        return Quoted(store, quote)

    async def split(self, wish: Wish, at: datetime) -> list[Quoted]:
        """The basket from several stores, each with its own delivery; a coupon goes to the first that can use it.

        Raises SoldOut, SplitNeeded (it would help and is not agreed to), CouponRefused.
        """
        plan = None
        if sum(line.quantity for line in wish.lines) > 1:  # nobody divides a single piece
            plan = await self.sourcing.split(wish.lines, wish.position, at, wish.show_id)
        if plan is None:
            raise await self.sourcing.sold_out(wish.lines, wish.position, at)
        if not wish.split:
            raise SplitNeeded([part.candidate.near.store.name for part in plan])
        basket, used, quoted = await self.basket(wish), list[str](), list[Quoted]()
        for part in plan:
            one = await self.at(part.candidate, basket.part(_pieces(part), used), at)
            used += [use.coupon_id for use in one.quote.coupons]
            quoted.append(one)
        basket.check_used([one.quote for one in quoted])
        return quoted


def _pieces(part: Part) -> dict[str, int]:
    return {line.product_id: line.quantity for line in part.lines}
