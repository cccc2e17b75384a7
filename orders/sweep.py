"""Finishes what was left half done: reservations without an order, orders never paid, orders that still owe."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from orders.errors import PaymentInProgress, PaymentUnavailable, WrongStatus
from orders.lifecycle import Action, Actor
from orders.model import Due, Order
from orders.payments.ledger import Ledger
from orders.payments.settlement import Settlement
from orders.picking.bag import held
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.stock.stock import Stock
from orders.stock.store import ReservedStock, StockRecords
from orders.store import OrderRecords
from orders.timekeeping import Timekeeper
from orders.transitions import Transitions

_log = logging.getLogger(__name__)
_GRAVES_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one pass did: reservations released, unpaid orders cancelled, orders settled, and looked at for the time."""

    released: int
    cancelled: int
    settled: int
    watched: int


class Sweep:
    """Any number of processes may sweep at once."""

    def __init__(
        self,
        records: OrderRecords,
        stock_records: StockRecords,
        stock: Stock,
        transitions: Transitions,
        settlement: Settlement,
        timekeeper: Timekeeper,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._timekeeper = timekeeper
        self._stock_records = stock_records
        self._stock = stock
        self._transitions = transitions
        self._settlement = settlement
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def run(self) -> Swept:
        """One pass. Call it every few seconds."""
        now, batch = self._clock(), self._settings.sweep_batch
        stocks = await self._stock_records.to_check(now, batch)
        released = sum([await self._check(stock) for stock in stocks])
        unpaid = await self._records.unpaid(now, batch)
        cancelled = sum([await self._cancel(order) for order in unpaid])
        owing = await self._records.with_due(now - self._settings.settle_after, batch)
        settled = sum([await self._settle(order_id) for order_id in owing])
        watched = await self._timekeeper.run()
        await self._records.forget_abandoned(now - _GRAVES_KEPT)
        return Swept(released, cancelled, settled, watched)

    async def _check(self, stock: ReservedStock) -> int:
        """Release what is held past its time for orders that were never written, or that have no right to it.

        Returns how many reservations.
        """
        now = self._clock()
        expired = [one for one in stock.reservations if one.until <= now]
        orders = await self._records.of_ids(one.order_id for one in expired)
        released = 0
        for one in expired:
            order = orders.get(one.order_id)
            if order is not None and (Due.STOCK in order.due or stock.product_id in held(order)):
                continue  # the order holds its pieces from here on, and settles them when it ends
            if order is None and not await self._records.abandon(one.order_id, now):
                continue
            place = (stock.store_id, stock.product_id)
            released += await self._stock_records.release(*place, one.order_id, one.units)
        if stock.pending:
            await self._stock.enter_movements(stock.store_id, stock.product_id)
        if released:
            await self._tell(stock)
        else:
            later = [one.until for one in stock.reservations if one.until > now]
            await self._stock_records.checked(stock, min(later, default=None))
        return released

    async def _tell(self, stock: ReservedStock) -> None:
        changes = await self._stock.changes(stock.store_id, [stock.product_id], freed=True)

        async def write(session: object) -> None:
            for event in changes:
                await self._outbox.add(event, session)

        await self._transactions.run(write)

    async def _cancel(self, order: Order) -> int:
        ledger, now = Ledger(order.payments), self._clock()
        asking = [e for e in ledger.attempts() if ledger.outcome(e.key) is None]
        if any(now - e.at < self._settings.attempt_timeout for e in asking):
            return 0  # the buyer is paying at this moment
        try:
            done = await self._transitions.run(order.id, Action.CANCEL, Actor.SYSTEM, "system", "unpaid")
        except WrongStatus:
            return 0  # paid meanwhile
        await self._settlement.settle_if_due(done)
        return 1

    async def _settle(self, order_id: str) -> int:
        try:
            await self._settlement.settle(order_id)
        except (PaymentUnavailable, PaymentInProgress):
            _log.warning("order stays due: its payment gives no answer", extra={"order_id": order_id})
            return 0
        return 1
