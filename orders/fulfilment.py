"""What the store, the courier and the operator do to an order after it was placed."""

from datetime import UTC, datetime

from orders.aftersale.comeback import Closing
from orders.errors import OrderNotFound, WrongStatus
from orders.lifecycle import COUNTER, RELEASED, Action, Actor, OrderStatus, find
from orders.model import Order
from orders.payments.settlement import Settlement
from orders.store import OrderRecords
from orders.transitions import Transitions

DONE = tuple(status for status in OrderStatus if status not in {*COUNTER, OrderStatus.PLACED})
_BAG_IN_STORE = frozenset({OrderStatus.PAID, OrderStatus.ACCEPTED, OrderStatus.PICKING, OrderStatus.READY})
_QUEUE = 500
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Fulfilment:
    """Each method may be called twice: what is done already is returned as it is.

    `by` is the id of who does it. All raise OrderNotFound and WrongStatus. Methods of the counter take the store
    that the caller works in and do not find another store's orders.
    """

    def __init__(self, records: OrderRecords, transitions: Transitions, settlement: Settlement) -> None:
        self._records = records
        self._transitions = transitions
        self._settlement = settlement

    async def queue(self, store_id: str) -> list[Order]:
        """What the store has to work on, most urgent first."""
        orders = await self._records.of_store(store_id, COUNTER, _QUEUE)
        return sorted(orders, key=lambda order: (order.quote.promised_to, order.id))

    async def done(self, store_id: str, limit: int = 50) -> list[Order]:
        """What left the counter, newest first."""
        return await self._records.of_store(store_id, DONE, limit)

    async def accept(self, order_id: str, store_id: str, by: str) -> Order:
        """The store will make it up."""
        return await self._at_counter(order_id, store_id, Action.ACCEPT, by)

    async def start_picking(self, order_id: str, store_id: str, by: str) -> Order:
        """Somebody fetches the goods."""
        return await self._at_counter(order_id, store_id, Action.START_PICKING, by)

    async def ready(self, order_id: str, store_id: str, by: str) -> Order:
        """The bag waits for its courier."""
        return await self._at_counter(order_id, store_id, Action.READY, by)

    async def reject(self, order_id: str, store_id: str, reason: str, by: str) -> Order:
        """The store cannot make it up: the pieces go back on sale and the money is let go."""
        return await self._at_counter(order_id, store_id, Action.REJECT, by, reason)

    async def cancel(self, order_id: str, actor: Actor, reason: str, by: str, *, agreed: int = 0) -> Order:
        """A buyer may until the bag is ready, for a fee once the store has accepted; an operator until hand-over.

        `agreed` is the most that the buyer pays for it, minor units. The caller has checked who `by` is. Raises
        CancelCosts if it costs more by now, also when the store accepts in the same moment.
        """
        order = await self._transitions.run(order_id, Action.CANCEL, actor, by, reason, agreed)
        return await self._settlement.settle_if_due(order)

    def cancel_fee(self, order: Order) -> int | None:
        """What it would cost the buyer to cancel now, minor units; None if it is too late for that."""
        row = find(Action.CANCEL, Actor.BUYER, order.status)
        return None if row is None else self._transitions.fee(order, row)

    async def bring_back(self, order_id: str, by: str, reason: str) -> Order:
        """The goods could not be delivered and are at the store again; nothing is owed in cash any more.

        News of the way may come late: what is skipped is made up for. An order that had ended stays as it is.
        """
        order = await self._transitions.read(order_id)
        if order.status in RELEASED:
            return order
        if order.status in _BAG_IN_STORE:
            await self.mark_collected(order_id, by)
        return await self._do(order_id, Action.BRING_BACK, Actor.SYSTEM, by, reason)

    async def close(self, order_id: str, closing: Closing, reason: str, by: str) -> Order:
        """An operator decides about goods that came back: the money is given back, less the fee if it is kept."""
        order = await self._transitions.run(order_id, Action.CLOSE, Actor.OPERATOR, by, reason, closing=closing)
        return await self._settlement.settle_if_due(order)

    def back_fee(self, order: Order) -> int:
        """What would be kept of the money of an order whose goods came back, if the buyer is to pay for it."""
        return self._transitions.back_fee(order)

    async def brought_back(self, limit: int = 200) -> list[Order]:
        """Orders whose goods came back and wait for a decision, the oldest first."""
        return await self._records.of_age((OrderStatus.BROUGHT_BACK,), _EVER, limit)

    async def late(self, limit: int = 200) -> list[Order]:
        """Orders of all stores that are late and not delivered yet, newest first."""
        return await self._records.flagged((*COUNTER, OrderStatus.COLLECTED), limit)

    async def mark_collected(self, order_id: str, by: str) -> Order:
        """A courier has the bag: the pieces are sold and the money is taken. For the effect of a hand-over."""
        return await self._do(order_id, Action.COLLECT, Actor.SYSTEM, by)

    async def mark_delivered(self, order_id: str, by: str) -> Order:
        """The buyer has the bag. News of the way here may come late: what is skipped is made up for."""
        order = await self._transitions.read(order_id)
        if order.status in _BAG_IN_STORE:
            await self.mark_collected(order_id, by)
        return await self._do(order_id, Action.DELIVER, Actor.SYSTEM, by)

    async def complete(self, order_id: str, by: str = "system") -> Order:
        """Nothing more will happen to it but a refund."""
        await self.mark_delivered(order_id, by)
        return await self._do(order_id, Action.COMPLETE, Actor.SYSTEM, by)

    async def _at_counter(self, order_id: str, store_id: str, action: Action, by: str, reason: str = "") -> Order:
        order = await self._transitions.read(order_id)
        if order.store_id != store_id:
            raise OrderNotFound(f"No order {order_id} at this store.")
        if order.status is OrderStatus.PLACED:
            raise WrongStatus("The order is not paid yet.", order.status)
        return await self._do(order_id, action, Actor.STORE, by, reason)

    async def _do(self, order_id: str, action: Action, actor: Actor, by: str, reason: str = "") -> Order:
        order = await self._transitions.run(order_id, action, actor, by, reason)
        return await self._settlement.settle_if_due(order)
