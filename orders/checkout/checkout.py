"""From a basket to orders that hold their pieces."""

import asyncio
import dataclasses
import secrets
from collections.abc import Sequence
from datetime import datetime
from weakref import WeakValueDictionary

from orders.catalogue.capacity import Capacity
from orders.catalogue.catalogue import Catalogue
from orders.checkout.command import Offer, PlaceOrder
from orders.checkout.holding import Held, Holding
from orders.checkout.numbers import OrderNumbers
from orders.checkout.quoting import Quoted, Quoting, Wish
from orders.checkout.writing import Writing
from orders.errors import (
    IdempotencyMismatch,
    InvalidOrder,
    OrdersError,
    PriceChanged,
    QuoteExpired,
    ReservationLost,
    StoreBusy,
    StoreClosed,
    TooManyUnpaid,
)
from orders.gathering import Gathered
from orders.lifecycle import OrderStatus
from orders.model import HistoryEntry, LineRequest, Order, Position, Quote, Store
from orders.ports import Clock
from orders.settings import OrdersSettings
from orders.store import OrderExists, OrderRecords


class Checkout:
    """Makes offers, and places orders at the stores that `Sourcing` finds best."""

    def __init__(
        self,
        records: OrderRecords,
        catalogue: Catalogue,
        quoting: Quoting,
        holding: Holding,
        capacity: Capacity,
        numbers: OrderNumbers,
        writing: Writing,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._catalogue = catalogue
        self._quoting = quoting
        self._holding = holding
        self._capacity = capacity
        self._numbers = numbers
        self._writing = writing
        self._clock = clock
        self._settings = settings
        self._placing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._by_key = Gathered(records.by_keys)
        self._unpaid = Gathered(records.unpaid_of)

    async def offer(self, wish: Wish) -> Offer:
        """Quotes to be ordered within `settings.quote_valid`. Holds nothing, raises what `Quoting.offer` raises."""
        return await self._quoting.offer(wish)

    async def quote(
        self,
        lines: Sequence[LineRequest],
        position: Position,
        show_id: str | None = None,
        buyer_id: str = "",
        coupons: Sequence[str] | None = (),
    ) -> Quote:
        """What one order at one store would be now. Raises what `Quoting.offer` raises."""
        return (await self.offer(Wish(lines, position, show_id, buyer_id, coupons))).parts[0]

    async def place(self, command: PlaceOrder) -> Order:
        """`place_all`, its first order."""
        return (await self.place_all(command))[0]

    async def place_all(self, command: PlaceOrder) -> tuple[Order, ...]:
        """Place the order, or one for each store that it is split over; or return those that this buyer placed under
        this key before.

        Raises what `Quoting.offer` and `Promotions.hold` raise, IdempotencyMismatch, PriceChanged, QuoteExpired,
        StoreBusy, TooManyUnpaid, ReservationLost.
        """
        if not command.idempotency_key:
            raise InvalidOrder("An idempotency key is needed.", field="idempotency_key")
        # One at a time of each buyer, so that of two copies of a request the second does not find the last piece gone
        # to the first. That both give one order is the unique index's work, also across processes.
        async with self._placing.setdefault(command.buyer_id, asyncio.Lock()):
            earlier = await self._by_key.get((command.buyer_id, command.idempotency_key))
            if earlier is not None:
                return await self._same(earlier, command)
            try:
                return await self._place(command)
            except OrdersError as refusal:
                copy = await self._by_key.get((command.buyer_id, command.idempotency_key))
                if copy is None or isinstance(refusal, IdempotencyMismatch):
                    raise
                return await self._same(copy, command)

    async def _place(self, command: PlaceOrder) -> tuple[Order, ...]:
        unpaid = await self._unpaid.get(command.buyer_id) or 0
        if unpaid >= self._settings.max_unpaid:
            raise TooManyUnpaid(self._settings.max_unpaid)
        return await self._place_priced_now(command) if command.offer is None else await self._place_offered(command)

    async def _place_offered(self, command: PlaceOrder) -> tuple[Order, ...]:
        offer, now = command.offer, self._clock()
        if offer is None or offer.buyer_id != command.buyer_id:
            raise InvalidOrder("This quote was made for somebody else.", field="quote")
        if now >= offer.valid_until:
            raise QuoteExpired("The quote has expired: ask for a new one.", field="quote")
        if offer.position != command.address.position:
            raise InvalidOrder("The quote is for another place.", field="address.position")
        stores = await self._catalogue.stores(part.store_id for part in offer.parts)
        quoted = [Quoted(stores[part.store_id], part) for part in offer.parts if part.store_id in stores]
        if len(quoted) < len(offer.parts) or any(one.store.is_paused(now) for one in quoted):
            raise StoreClosed("The store takes no orders now.", field="quote")
        took = await self._take(quoted, command, now, offer.quoted_at)
        if isinstance(took, tuple):
            return took
        if took is Held.FULL:
            raise await self._busy([one.store for one in quoted], now)
        lines = [line for one in quoted for line in one.quote.lines]
        raise await self._quoting.sourcing.sold_out(lines, offer.position, now)

    async def _place_priced_now(self, command: PlaceOrder) -> tuple[Order, ...]:
        now = self._clock()
        wish = Wish(
            command.lines,
            command.address.position,
            command.show_id,
            command.buyer_id,
            command.coupons,
            command.split,
        )
        await self._quoting.check(wish)
        full: list[Store] = []
        basket = None
        candidates = self._quoting.sourcing.candidates(wish.lines, wish.position, now, wish.show_id)
        async for candidate in candidates:
            basket = basket or await self._quoting.basket(wish)
            quoted = await self._quoting.at(candidate, basket, now)
            took = await self._take([quoted], command, now, now)
            if isinstance(took, tuple):
                return took
            if took is Held.FULL:
                full.append(quoted.store)
                candidates.full()
        if full:
            raise await self._busy(full, now)
        parts = await self._quoting.split(wish, now)
        took = await self._take(parts, command, now, now)
        if isinstance(took, tuple):
            return took
        if took is Held.FULL:
            raise await self._busy([one.store for one in parts], now)
        raise await self._quoting.sourcing.sold_out(wish.lines, wish.position, now)

    async def _take(
        self, quoted: Sequence[Quoted], command: PlaceOrder, now: datetime, as_of: datetime
    ) -> tuple[Order, ...] | Held:
        """Hold for all parts and write their orders; or nothing, and why not.

        A task that is cancelled or a process that dies in here leaves what it holds to the sweep.
        """
        total = sum(one.quote.total for one in quoted)
        if command.expected_total not in {None, total}:
            raise PriceChanged(command.expected_total or 0, total)
        until = self._clock() + self._settings.reservation_grace
        orders = self._orders(quoted, command, now)
        pairs = list(zip(orders, [one.store for one in quoted], strict=True))
        try:
            for order, store in pairs:
                held = await self._holding.take(order, store, until, as_of)
                if held is not Held.ALL:
                    await self._drop(pairs)
                    return held
            numbered = tuple([dataclasses.replace(o, number=await self._numbers.next(s, now)) for o, s in pairs])
            await self._writing.write(numbered)
        except OrderExists:
            return await self._yield_to_earlier(pairs, command)
        except OrdersError:
            await self._drop(pairs)  # refused before anything was written
            raise
        except Exception:
            # Whether the write got through is unknown. Either the first order stands, and with it all of them, or
            # nobody can write them any more.
            if not await self._records.abandon(orders[0].id, self._clock()):
                written = await self._records.of_ids(order.id for order in orders)
                return tuple(written[order.id] for order in orders)
            await self._drop(pairs)
            raise
        return numbered

    async def _drop(self, pairs: Sequence[tuple[Order, Store]]) -> None:
        for order, store in pairs:
            await self._holding.drop(order, store)

    async def _yield_to_earlier(self, pairs: Sequence[tuple[Order, Store]], command: PlaceOrder) -> tuple[Order, ...]:
        """The key or an id is taken: by a copy of this request, by this very write, or by the sweep."""
        earlier = await self._records.by_key(command.buyer_id, command.idempotency_key)
        if earlier is None or earlier.id != pairs[0][0].id:
            await self._drop(pairs)
        if earlier is None:
            raise ReservationLost("This took too long and the goods were given back: try again.")
        return await self._same(earlier, command)

    async def _same(self, earlier: Order, command: PlaceOrder) -> tuple[Order, ...]:
        if earlier.fingerprint != command.fingerprint():
            raise IdempotencyMismatch("This key was used for another order.", field="idempotency_key")
        if earlier.group_id is None:
            return (earlier,)
        keys = [_part_key(command.idempotency_key, part) for part in range(self._settings.split_parts)]
        found = await self._records.by_keys([(command.buyer_id, key) for key in keys])
        return tuple(found[command.buyer_id, key] for key in keys if (command.buyer_id, key) in found)

    async def _busy(self, stores: Sequence[Store], now: datetime) -> StoreBusy:
        free = [await self._capacity.free_at(store, now) for store in stores]
        return StoreBusy(min((at for at in free if at is not None), default=None))

    def _orders(self, quoted: Sequence[Quoted], command: PlaceOrder, now: datetime) -> tuple[Order, ...]:
        group = f"grp_{secrets.token_hex(8)}" if len(quoted) > 1 else None
        return tuple(self._order(one.quote, command, now, group, part) for part, one in enumerate(quoted))

    def _order(self, quote: Quote, command: PlaceOrder, now: datetime, group: str | None, part: int) -> Order:
        return Order(
            id=f"ord_{secrets.token_hex(8)}",
            number="",
            buyer_id=command.buyer_id,
            idempotency_key=_part_key(command.idempotency_key, part),
            fingerprint=command.fingerprint(),
            status=OrderStatus.PLACED,
            quote=dataclasses.replace(quote, refused=()),
            store_id=quote.store_id,
            show_id=command.show_id if command.offer is None else command.offer.show_id,
            associate_id=None if command.credit is None else command.credit.associate_id,
            credit=command.credit,
            address=command.address,
            note=command.note,
            door=command.door,
            placed_at=now,
            expires_at=now + self._settings.payment_window,
            history=(HistoryEntry(now, command.buyer_id, OrderStatus.PLACED),),
            group_id=group,
        )


def _part_key(key: str, part: int) -> str:
    """No client's key has a space in it, so those of further parts are nobody else's."""
    return f"{key} {part}" if part else key
