"""Writes orders with their events. Those that wait for a transaction under way are written by the next one, together.

A transaction of twenty orders costs the database little more than three of one, and on a replica set one round of
acknowledgements. An order is in it with all its parts or not at all.
"""

from collections.abc import Sequence

from orders.events import Event, OrderPlaced, event_id
from orders.gathering import Together
from orders.model import Order
from orders.ports import Outbox, Transactions
from orders.stock.stock import Stock
from orders.store import OrderExists, OrderRecords

MOST = 25
"""Buyers of one transaction."""


class Writing:
    """Inserts orders."""

    def __init__(self, records: OrderRecords, stock: Stock, transactions: Transactions, outbox: Outbox) -> None:
        self._records = records
        self._stock = stock
        self._transactions = transactions
        self._outbox = outbox
        self._together: Together[tuple[Order, ...], None] = Together(self._write, MOST)

    async def write(self, orders: tuple[Order, ...]) -> None:
        """All of them or none. Raises OrderExists; after any other error it is not known which."""
        await self._together.put(orders)

    async def _write(self, baskets: tuple[tuple[Order, ...], ...]) -> Sequence[BaseException | None]:
        try:
            await self._insert([order for orders in baskets for order in orders])
        except OrderExists as taken:
            if len(baskets) == 1:
                return [taken]
            # One of them is a copy of an earlier one: the others must not suffer.
            return [await self._alone(orders) for orders in baskets]
        return [None] * len(baskets)

    async def _alone(self, orders: tuple[Order, ...]) -> BaseException | None:
        try:
            await self._insert(orders)
        except Exception as error:  # noqa: BLE001 - raised where these orders are waited for
            return error
        return None

    async def _insert(self, orders: Sequence[Order]) -> None:
        events = [*map(_placed, orders), *await self._changes(orders)]

        async def write(session: object) -> None:
            await self._records.insert(orders, session)
            await self._outbox.add_all(events, session)

        await self._transactions.run(write)

    async def _changes(self, orders: Sequence[Order]) -> list[Event]:
        """What is low now, once a store and product."""
        stores = dict.fromkeys(order.store_id for order in orders)
        return [
            change
            for store in stores
            for change in await self._stock.changes(
                store, dict.fromkeys(line.product_id for o in orders if o.store_id == store for line in o.lines)
            )
        ]


def _placed(order: Order) -> Event:
    return OrderPlaced(
        event_id(),
        order.placed_at,
        order.id,
        order.buyer_id,
        order.store_id,
        order.show_id,
        order.total,
        order.quote.currency,
    )
