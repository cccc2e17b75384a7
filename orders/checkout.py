"""From a basket to an order that holds its pieces."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from orders.basket import Basket, Baskets
from orders.catalogue.nearest import Nearest
from orders.errors import (
    IdempotencyMismatch,
    InvalidOrder,
    OutOfRange,
    PriceChanged,
    ReservationLost,
    SoldOut,
    StoreClosed,
)
from orders.events import Event, OrderPlaced, event_id
from orders.lifecycle import OrderStatus
from orders.model import Address, Credit, HistoryEntry, LineRequest, Order, Position, Quote, StockLevel, StoreNear
from orders.ports import Clock, Outbox, Transactions
from orders.promotions.promotions import Promotions
from orders.settings import OrdersSettings
from orders.stock.stock import Stock
from orders.store import OrderExists, OrderRecords


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A buyer's order. `expected_total` is the total that the buyer saw, if one was shown; minor units."""

    buyer_id: str
    idempotency_key: str
    lines: tuple[LineRequest, ...]
    address: Address
    show_id: str | None = None
    credit: Credit | None = None
    expected_total: int | None = None
    note: str = ""
    coupons: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Equal exactly for commands that ask for the same thing."""
        lines = [[line.product_id, line.quantity, line.card_id] for line in self.lines]
        address = [self.address.name, self.address.phone, self.address.text, *self.address.position]
        whole = [lines, address, self.show_id, self.expected_total, self.note, sorted(self.coupons)]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


class Checkout:
    """Quotes and places orders at the nearest open store that has all lines."""

    def __init__(
        self,
        records: OrderRecords,
        nearest: Nearest,
        baskets: Baskets,
        stock: Stock,
        promotions: Promotions,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._nearest = nearest
        self._baskets = baskets
        self._stock = stock
        self._promotions = promotions
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings
        self._placing: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def quote(
        self,
        lines: Sequence[LineRequest],
        position: Position,
        show_id: str | None = None,
        buyer_id: str = "",
        coupons: Sequence[str] | None = (),
    ) -> Quote:
        """What the order would be now. It holds nothing. Without `coupons` (None) the buyer's best are taken.

        Raises InvalidOrder, EmptyOrder, QuantityLimit, UnknownProduct, OutOfRange, StoreClosed, SoldOut, CouponRefused.
        """
        basket = await self._baskets.gather(lines, position, show_id, buyer_id, coupons)
        async for quote in self._quotes(basket, position, self._clock()):
            return quote
        raise await self._sold_out(basket, position)

    async def place(self, command: PlaceOrder) -> Order:
        """Place the order, or return the one that this buyer placed under this key before.

        Raises what `quote` raises, IdempotencyMismatch, PriceChanged, ReservationLost, and what `Promotions.hold` does.
        """
        if not command.idempotency_key:
            raise InvalidOrder("An idempotency key is needed.", field="idempotency_key")
        owner = (command.buyer_id, command.idempotency_key)
        # Only so that of two copies of one request the second does not find the last piece gone to the first; that
        # both give one order is the unique index's work, also across processes.
        async with self._placing.setdefault(owner, asyncio.Lock()):
            earlier = await self._records.by_key(*owner)
            if earlier is not None:
                return _same(earlier, command)
            try:
                return await self._place(command)
            except SoldOut:
                earlier = await self._records.by_key(*owner)
                if earlier is None:
                    raise
                return _same(earlier, command)

    async def _place(self, command: PlaceOrder) -> Order:
        position, now = command.address.position, self._clock()
        basket = await self._baskets.gather(command.lines, position, command.show_id, command.buyer_id, command.coupons)
        order_id = f"ord_{secrets.token_hex(8)}"
        async for quote in self._quotes(basket, position, now):
            if command.expected_total not in {None, quote.total}:
                raise PriceChanged(command.expected_total or 0, quote.total)
            order = self._order(order_id, command, quote, now)
            placed = await self._take(order, command)
            if placed is not None:
                return placed
        raise await self._sold_out(basket, position)

    async def _take(self, order: Order, command: PlaceOrder) -> Order | None:
        """Reserve and write the order; None if this store ran out first.

        A task that is cancelled or a process that dies in here leaves a reservation to the sweep.
        """
        until = self._clock() + self._settings.reservation_grace
        await self._promotions.hold(order.id, order.buyer_id, order.quote, until, order.placed_at)
        try:
            if await self._stock.reserve(order.store_id, order.id, order.lines, until) is not None:
                await self._promotions.undo(order.id, order.buyer_id, order.quote)
                return None
            await self._write(order)
        except OrderExists:
            return await self._yield_to_earlier(order, command)
        except Exception:
            # Whether the write got through is unknown. Either the order stands, or nobody can write it any more.
            if not await self._records.abandon(order.id, self._clock()):
                return await self._records.order(order.id)
            await self._stock.release(order.store_id, order.id, order.lines)
            await self._promotions.undo(order.id, order.buyer_id, order.quote)
            raise
        return order

    async def _write(self, order: Order) -> None:
        changes = await self._stock.changes(order.store_id, [line.product_id for line in order.lines])
        placed = OrderPlaced(
            event_id(),
            order.placed_at,
            order.id,
            order.buyer_id,
            order.store_id,
            order.show_id,
            order.total,
            order.quote.currency,
        )

        events: tuple[Event, ...] = (placed, *changes)

        async def write(session: object) -> None:
            await self._records.insert(order, session)
            for event in events:
                await self._outbox.add(event, session)

        await self._transactions.run(write)

    async def _yield_to_earlier(self, order: Order, command: PlaceOrder) -> Order:
        """The key or the id is taken: by a copy of this request, by this very write, or by the sweep."""
        earlier = await self._records.by_key(order.buyer_id, order.idempotency_key)
        if earlier is not None and earlier.id == order.id:
            return earlier
        await self._stock.release(order.store_id, order.id, order.lines)
        await self._promotions.undo(order.id, order.buyer_id, order.quote)
        if earlier is None:
            raise ReservationLost("This took too long and the goods were given back: try again.")
        return _same(earlier, command)

    async def _quotes(self, basket: Basket, position: Position, at: datetime) -> AsyncIterator[Quote]:
        """A quote for each store that seems to have all lines, nearest first. Raises if none is open in range."""
        reach = await self._nearest.reach(position, at)
        if not reach.any_in_range:
            raise OutOfRange("No store delivers to this address.", field="address.position")
        if not reach.open:
            raise StoreClosed("The stores that deliver to this address are closed.")
        stores = [near.store.id for near in reach.open]
        levels = await self._stock.available(stores, basket.product_ids)
        stocked = [near for near in reach.open if _lacking(basket, near, levels) is None]
        refused = 0
        for near in stocked:
            quote = await self._quote_at(near, basket, position, at)
            if quote is None:
                refused += 1
            else:
                yield quote
        if stocked and refused == len(stocked):
            raise OutOfRange("No courier brings it that far.", field="address.position")

    async def _quote_at(self, near: StoreNear, basket: Basket, position: Position, at: datetime) -> Quote | None:
        terms = await self._nearest.terms(near, position, at)
        if terms is None:
            return None
        cost = await self._baskets.price(basket, near.store.id, terms.fee)
        return Quote(
            near.store.id,
            near.store.name,
            near.distance_m,
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
        )

    async def _sold_out(self, basket: Basket, position: Position) -> SoldOut:
        """The error that names the line of which there is least for its quantity."""
        reach = await self._nearest.reach(position, self._clock())
        levels = await self._stock.available([near.store.id for near in reach.open], basket.product_ids)
        most = {
            line.product_id: max((lv.available for (_, p), lv in levels.items() if p == line.product_id), default=0)
            for line in basket.lines
        }
        scarce = min(basket.lines, key=lambda line: most[line.product_id] - line.quantity)
        return SoldOut(scarce.product_id, most[scarce.product_id])

    def _order(self, order_id: str, command: PlaceOrder, quote: Quote, now: datetime) -> Order:
        return Order(
            id=order_id,
            number=_number(order_id),
            buyer_id=command.buyer_id,
            idempotency_key=command.idempotency_key,
            fingerprint=command.fingerprint(),
            status=OrderStatus.PLACED,
            quote=quote,
            store_id=quote.store_id,
            show_id=command.show_id,
            associate_id=None if command.credit is None else command.credit.associate_id,
            credit=command.credit,
            address=command.address,
            note=command.note,
            placed_at=now,
            expires_at=now + self._settings.payment_window,
            history=(HistoryEntry(now, command.buyer_id, OrderStatus.PLACED),),
        )


def _lacking(basket: Basket, near: StoreNear, levels: dict[tuple[str, str], StockLevel]) -> str | None:
    for line in basket.lines:
        level = levels.get((near.store.id, line.product_id))
        if level is None or level.available < line.quantity:
            return line.product_id
    return None


def _same(earlier: Order, command: PlaceOrder) -> Order:
    if earlier.fingerprint != command.fingerprint():
        raise IdempotencyMismatch("This key was used for another order.", field="idempotency_key")
    return earlier


def _number(order_id: str) -> str:
    """A short name for people: a letter without I and O, and four digits. Not unique, but hardly twice in a day."""
    value = int(order_id.removeprefix("ord_"), 16)
    return f"{'ABCDEFGHJKLMNPQRSTUVWXYZ'[value % 24]}-{1000 + value // 24 % 9000}"
