"""Proves that the books of stock are right: ledger = counters, and reservations = what open orders hold.

It reads beside running sales and repairs nothing. What looks wrong at first is looked at again, until a stock stood
still meanwhile (`revision`): a difference that is left was in the database as it is told.

| difference | what must be equal |
|---|---|
| on_hand, safety | the counter, and the sum of the ledger with the movements that wait to be entered |
| reserved | the counter, and the sum of the stock document's reservations |
| available | the counter, and `on_hand` − `reserved` − `safety` |
| oversold | `on_hand` is not below `reserved` |
| held | what an open order has a right to, and its reservation |
| left_over | nothing, and a reservation of no open order, past its time |
| no_record | the ledger knows a stock that has no document |
| transfer | what a transfer says, and its movement in the ledger |
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from orders.catalogue.catalogue import Catalogue
from orders.lifecycle import HOLDING
from orders.model import Due, Order
from orders.picking.bag import held
from orders.ports import Clock
from orders.settings import OrdersSettings
from orders.stock.books.store import BookRecords, Counters, Entries
from orders.stock.movement import MovementKind
from orders.stock.transfers.store import TransferRecords
from orders.stock.transfers.transfer import Transfer, TransferStatus
from orders.store import OrderRecords

_TRIES = 10
_ALL = 10**9
_SWEPT_AFTER = timedelta(minutes=1)
"""A reservation that stands so long past its time should have been released."""


class Wrong(StrEnum):
    """What does not agree, see the module's table."""

    ON_HAND = "on_hand"
    SAFETY = "safety"
    RESERVED = "reserved"
    AVAILABLE = "available"
    OVERSOLD = "oversold"
    HELD = "held"
    LEFT_OVER = "left_over"
    NO_RECORD = "no_record"
    TRANSFER = "transfer"
    RESTLESS = "restless"
    """Not proven: the stock changed under every look at what seemed wrong."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`expected` is what the other book says, `found` what is written; `ref` the order or transfer that is about."""

    store_id: str
    product_id: str
    wrong: Wrong
    expected: int
    found: int
    ref: str = ""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How much was compared, and what does not agree."""

    stocks: int
    movements: int
    orders: int
    transfers: int
    differences: tuple[Difference, ...]


class Audit:
    """Reads only."""

    def __init__(
        self,
        books: BookRecords,
        orders: OrderRecords,
        transfers: TransferRecords,
        catalogue: Catalogue,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._books = books
        self._orders = orders
        self._transfers = transfers
        self._catalogue = catalogue
        self._clock = clock
        self._settings = settings

    async def run(self, store_id: str | None = None) -> AuditReport:
        """All stores, or one. Raises StoreNotFound."""
        stores = {store.id for store in await self._catalogue.all_stores()} | await self._books.stores()
        if store_id is not None:
            stores = {(await self._catalogue.store(store_id)).id}
        stocks = movements = orders = 0
        differences: list[Difference] = []
        for one in sorted(stores):
            entries, counters = await self._books.entries(one), await self._books.of_store(one)
            open_orders = await self._orders.of_store(one, HOLDING, _ALL)
            stocks, orders = stocks + len(counters), orders + len(open_orders)
            movements += sum(sums.rows for sums in entries.values())
            for product_id in sorted(_suspects(counters, entries, open_orders)):
                differences += await self._prove(one, product_id, open_orders)
        transfers = await self._transfers.touching(None if store_id is None else [store_id])
        differences += [one async for one in self._unbooked(transfers)]
        return AuditReport(stocks, movements, orders, len(transfers), tuple(differences))

    async def _prove(self, store_id: str, product_id: str, open_orders: Iterable[Order]) -> list[Difference]:
        """What is wrong with a stock for certain."""
        for _ in range(_TRIES):
            seen = await self._books.one(store_id, product_id)
            entered = await self._books.changes(seen.pending if seen else ())
            entries = (await self._books.entries(store_id, product_id)).get(product_id)
            if seen is None:
                return [Difference(store_id, product_id, Wrong.NO_RECORD, entries.on_hand, 0)] if entries else []
            found = [
                *_ledger(seen, entries or Entries(), entered),
                *_counters(seen),
                *[one async for one in self._reservations(seen, open_orders)],
            ]
            still = await self._books.changes(seen.pending) == entered
            again = await self._books.one(store_id, product_id)
            if still and again is not None and (again.revision, again.pending) == (seen.revision, seen.pending):
                return found
        return [Difference(store_id, product_id, Wrong.RESTLESS, 0, 0)]

    async def _reservations(self, seen: Counters, open_orders: Iterable[Order]) -> AsyncIterator[Difference]:
        """By the orders as they are now: what was read of them before may be over."""
        product_id = seen.product_id
        ids = {order.id for order in open_orders if product_id in _must_hold(order)} | set(seen.reservations)
        for order_id in sorted(ids):
            order, one = await self._orders.order(order_id), seen.reservations.get(order_id)
            if order is not None and Due.STOCK in order.due:
                continue  # it is being settled
            right = 0 if order is None or order.store_id != seen.store_id else held(order).get(product_id, 0)
            if one is None:
                if order is not None and (pieces := _must_hold(order).get(product_id, 0)):
                    yield Difference(seen.store_id, product_id, Wrong.HELD, pieces, 0, order_id)
            elif right == 0:
                if one.until + _SWEPT_AFTER < self._clock():
                    yield Difference(seen.store_id, product_id, Wrong.LEFT_OVER, 0, one.quantity, order_id)
            elif one.quantity != right:
                yield Difference(seen.store_id, product_id, Wrong.HELD, right, one.quantity, order_id)

    async def _unbooked(self, transfers: Iterable[Transfer]) -> AsyncIterator[Difference]:
        """Movements of transfers that are not as the transfers say. One that is still being booked is left out."""
        settled = [one for one in transfers if one.due_at is None]
        expected = {id_: (one, pieces) for transfer in settled for id_, one, pieces in _booked(transfer)}
        changes = await self._books.changes(expected)
        for id_, ((store_id, product_id, transfer_id), pieces) in expected.items():
            if changes.get(id_, 0) != pieces:
                yield Difference(store_id, product_id, Wrong.TRANSFER, pieces, changes.get(id_, 0), transfer_id)


def _must_hold(order: Order) -> dict[str, int]:
    """Of what an open order has a right to, what it holds from the moment that it was written."""
    right = held(order)
    return {line.product_id: line.quantity for line in order.lines if line.product_id in right}


def _suspects(counters: Iterable[Counters], entries: dict[str, Entries], open_orders: Iterable[Order]) -> set[str]:
    """Products that must be looked at closely. Cheap, and from reads at different moments: nothing is proven here."""
    suspects = set(entries)
    wanted = {(order.id, product): pieces for order in open_orders for product, pieces in _must_hold(order).items()}
    reserved = set()
    for one in counters:
        reserved |= {(order_id, one.product_id) for order_id in one.reservations}
        sums = entries.get(one.product_id, Entries())
        holds = all(
            wanted.get((order_id, one.product_id)) == reservation.quantity
            for order_id, reservation in one.reservations.items()
        )
        right = not one.pending and holds and not [*_ledger(one, sums, {}), *_counters(one)]
        (suspects.discard if right else suspects.add)(one.product_id)
    return suspects | {product for order_id, product in set(wanted) - reserved}


def _ledger(seen: Counters, entries: Entries, entered: dict[str, int]) -> Iterator[Difference]:
    waiting = [change for id_, change in seen.pending.items() if id_ not in entered]
    on_hand = entries.on_hand + sum(pieces for pieces, _ in waiting)
    safety = entries.safety + sum(kept for _, kept in waiting)
    if on_hand != seen.on_hand:
        yield Difference(seen.store_id, seen.product_id, Wrong.ON_HAND, on_hand, seen.on_hand)
    if safety != seen.safety:
        yield Difference(seen.store_id, seen.product_id, Wrong.SAFETY, safety, seen.safety)


def _counters(seen: Counters) -> Iterator[Difference]:
    place = (seen.store_id, seen.product_id)
    reserved = sum(one.quantity for one in seen.reservations.values())
    if seen.reserved != reserved:
        yield Difference(*place, Wrong.RESERVED, reserved, seen.reserved)
    available = seen.on_hand - seen.reserved - seen.safety
    if seen.available != available:
        yield Difference(*place, Wrong.AVAILABLE, available, seen.available)
    if seen.on_hand < reserved:
        yield Difference(*place, Wrong.OVERSOLD, reserved, seen.on_hand)


def _booked(transfer: Transfer) -> Iterator[tuple[str, tuple[str, str, str], int]]:
    """The movements that there must be: id, (store, product, transfer) and pieces."""
    for line in transfer.lines:
        here = (transfer.from_store, line.product_id, transfer.id)
        if transfer.status is not TransferStatus.REFUSED:
            yield f"{transfer.id}:{line.product_id}:{MovementKind.TRANSFER_OUT}", here, -line.sent
        if transfer.status is TransferStatus.CANCELLED:
            yield f"{transfer.id}:{line.product_id}:{MovementKind.TRANSFER_BACK}", here, line.sent
        if transfer.status is TransferStatus.RECEIVED:
            there = (transfer.to_store, line.product_id, transfer.id)
            yield f"{transfer.id}:{line.product_id}:{MovementKind.TRANSFER_IN}", there, line.received or 0
