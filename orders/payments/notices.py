"""What providers tell by webhook: verified, kept once, and passed on as an event. Nothing else is done in the call."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, cast

from orders.errors import OrderNotFound
from orders.events import PaymentNoticed, event_id
from orders.payments.alerts import AlertKind
from orders.payments.bell import Bell
from orders.payments.ledger import Ledger
from orders.payments.provider import NoticeKind, Providers
from orders.payments.reconciliation import Reconciliation
from orders.payments.sandbox import Sandbox
from orders.payments.store import NoticeRecords
from orders.ports import Clock, Outbox, Transactions
from orders.transitions import Transitions

_log = logging.getLogger(__name__)
_KEPT: Final = timedelta(days=30)
"""Longer than any provider tries again (Stripe: three days)."""


class Notices:
    """The door that all webhooks come through, those of the sandbox too."""

    def __init__(
        self,
        records: NoticeRecords,
        transitions: Transitions,
        providers: Providers,
        reconciliation: Reconciliation,
        bell: Bell,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._providers = providers
        self._reconciliation = reconciliation
        self._bell = bell
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock

    async def hear(self, provider: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Take a webhook in; False if it was heard before or is about nothing of ours.

        Raises PaymentMethodUnknown, BadSignature.
        """
        notice = self._providers.of(provider).hear(headers, body)
        if notice is None:
            return False
        name = f"{provider}:{notice.id}"
        if await self._records.known(name):
            return False
        now = self._clock()
        about = (notice.order_id, notice.attempt, notice.reference)
        event = PaymentNoticed(event_id(), now, provider, notice.kind.value, *about)

        async def write(session: object) -> bool:
            new = await self._records.keep(name, now, session)
            if new:
                await self._outbox.add(event, session)
            return new

        return await self._transactions.run(write)

    async def follow(self, event: PaymentNoticed) -> None:
        """Look at what a notice was about. For the reaction to its event. Raises PaymentUnavailable."""
        order_id, attempt = event.order_id, event.attempt
        if not attempt:
            traced = await self._providers.of(event.provider).trace(event.reference)
            if traced is None:
                return
            order_id, attempt = traced
        try:
            order = await self._reconciliation.check(order_id, attempt)
        except OrderNotFound:
            _log.warning("a payment notice about no order of ours", extra={"order_id": order_id})
            return
        request = Ledger(order.payments).named(attempt)
        if event.notice == NoticeKind.DISPUTED and request is not None:
            await self._bell.ring_once(order, AlertKind.DISPUTED, event.provider, request.amount)

    async def carry(self) -> int:
        """Carry the sandbox's own webhooks to the door: it has no way of its own. Returns how many."""
        if Sandbox.name not in self._providers.names:
            return 0
        sandbox = cast("Sandbox", self._providers.of(Sandbox.name))
        outgoing = await sandbox.outgoing()
        for name, headers, body in outgoing:
            await self.hear(sandbox.name, headers, body)
            await sandbox.sent(name)
        return len(outgoing)

    async def forget(self) -> None:
        """Drop the ids of notices that no provider will send again."""
        await self._records.forget(self._clock() - _KEPT)
