"""Rings for operators when money needs a person."""

from collections.abc import Sequence
from datetime import datetime

from orders.errors import AlertNotFound
from orders.events import PaymentAlerted, event_id
from orders.model import Order
from orders.payments.alerts import Alert, AlertKind
from orders.payments.store import AlertRecords
from orders.ports import Clock, Outbox, Transactions


class Bell:
    """The list of alerts: `orders.payments.alerts` says which there are."""

    def __init__(self, records: AlertRecords, transactions: Transactions, outbox: Outbox, clock: Clock) -> None:
        self._records = records
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock

    async def ring(self, order: Order, kind: AlertKind, provider: str, amount: int, session: object) -> None:
        """In the transaction of what it is about; once an order and kind."""
        now = self._clock()
        name = Alert.name(order.id, kind)
        alert = Alert(name, order.id, order.number, order.store_id, kind, provider, amount, order.quote.currency, now)
        if await self._records.raise_(alert, session):
            await self._outbox.add(PaymentAlerted(event_id(), now, name, order.id), session)

    async def ring_once(self, order: Order, kind: AlertKind, provider: str, amount: int) -> None:
        """The same in a transaction of its own; nothing when it has rung."""
        if await self._records.alert(Alert.name(order.id, kind)) is not None:
            return

        async def write(session: object) -> None:
            await self.ring(order, kind, provider, amount, session)

        await self._transactions.run(write)

    async def hush(self, order: Order, kind: AlertKind, session: object, by: str = "system") -> None:
        """What it rang for is in order again."""
        if await self._records.resolve(order.id, kind, self._clock(), by, session):
            told = PaymentAlerted(event_id(), self._clock(), Alert.name(order.id, kind), order.id)
            await self._outbox.add(told, session)

    async def resolve(self, alert_id: str, by: str) -> Alert:
        """An operator has seen to it. Again is the same. Raises AlertNotFound."""
        alert = await self.alert(alert_id)

        async def write(session: object) -> None:
            if await self._records.resolve(alert.order_id, alert.kind, self._clock(), by, session):
                await self._outbox.add(PaymentAlerted(event_id(), self._clock(), alert_id, alert.order_id), session)

        await self._transactions.run(write)
        return await self.alert(alert_id)

    async def alert(self, alert_id: str) -> Alert:
        """Raises AlertNotFound."""
        found = await self._records.alert(alert_id)
        if found is None:
            raise AlertNotFound(f"No alert {alert_id}.")
        return found

    async def of_order(self, order_id: str) -> Sequence[Alert]:
        """All that rang for an order."""
        found = [await self._records.alert(Alert.name(order_id, kind)) for kind in AlertKind]
        return [alert for alert in found if alert is not None]

    async def list(self, limit: int, before: datetime | None = None, *, open_only: bool = True) -> Sequence[Alert]:
        """Newest first."""
        return await self._records.list(limit, before, open_only=open_only)
