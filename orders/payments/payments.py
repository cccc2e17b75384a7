"""Paying an order, and giving money back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from orders.errors import (
    CashLimit,
    IdempotencyMismatch,
    InvalidAmount,
    InvalidOrder,
    OrderNotFound,
    PaymentInProgress,
    RefundExceeds,
    TooManyAttempts,
    WrongStatus,
    payment_failure,
)
from orders.lifecycle import BACK, RELEASED, OrderStatus
from orders.model import Due, Order
from orders.payments.attempts import Attempts, payment_of
from orders.payments.ledger import Ledger, PaymentEvent, PaymentKind, PaymentOutcome
from orders.payments.owing import CASH, cash_due
from orders.payments.provider import Card, Means, Providers
from orders.payments.reconciliation import Reconciliation
from orders.payments.sandbox import Sandbox
from orders.payments.settlement import Settlement
from orders.ports import Clock, Transactions
from orders.settings import OrdersSettings
from orders.store import OrderRecords
from orders.transitions import Transitions

_TRIES = 20
_RECENT = 20
_OPEN_CASH = frozenset(OrderStatus) - RELEASED - BACK - {OrderStatus.DELIVERED, OrderStatus.COMPLETED}


@dataclass(frozen=True, slots=True)
class Begun:
    """An order whose payment was begun. With a `client_secret` the buyer's browser has to confirm it."""

    order: Order
    client_secret: str = ""


class Payments:
    """Authorises at `pay`. Capture follows the hand-over, void the cancellation: see `orders.payments.settlement`."""

    def __init__(
        self,
        records: OrderRecords,
        transitions: Transitions,
        settlement: Settlement,
        providers: Providers,
        attempts: Attempts,
        reconciliation: Reconciliation,
        transactions: Transactions,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._settlement = settlement
        self._providers = providers
        self._attempts = attempts
        self._reconciliation = reconciliation
        self._transactions = transactions
        self._clock = clock
        self._settings = settings

    @property
    def offered(self) -> tuple[str, ...]:
        """Providers that a buyer may choose from, by name."""
        return self._providers.enabled

    async def pay(self, order_id: str, buyer_id: str, means: Means | Card, idempotency_key: str) -> Order:
        """`begin`, for who needs no client secret; a bare card is the sandbox's."""
        means = means if isinstance(means, Means) else Means(Sandbox.name, means)
        return (await self.begin(order_id, buyer_id, means, idempotency_key)).order

    async def begin(self, order_id: str, buyer_id: str, means: Means, idempotency_key: str) -> Begun:
        """Authorise the total and make the order paid, now or when the buyer and the bank have had their say.

        The same key again gives the same result, also a failure. Another key supersedes an attempt that waits for the
        buyer. Raises OrderNotFound, WrongStatus, PaymentFailed (and its kinds), PaymentInProgress, TooManyAttempts,
        IdempotencyMismatch, PaymentMethodUnknown, CashLimit, PaymentUnavailable (send the same call again).
        """
        if not idempotency_key:
            raise InvalidOrder("An idempotency key is needed.", field="idempotency_key")
        request = await self._claim(order_id, buyer_id, means, idempotency_key)
        order = await self._transitions.read(order_id)
        if request is None:
            return Begun(order)
        provider = self._providers.of(request.provider)
        answer = await provider.authorise(payment_of(order, request.attempt), means)
        order = await self._attempts.note(order_id, request.attempt, answer)
        known = Ledger(order.payments).outcome(request.key)
        if known is not None and known.outcome is PaymentOutcome.FAILED:
            raise payment_failure(known.code)
        if known is None and order.status is not OrderStatus.PLACED:
            # Its cancellation voids this attempt too: it was on the order before.
            raise WrongStatus(f"The order is {order.status}: nothing was charged.", order.status)
        return Begun(order, answer.client_secret if known is None else "")

    async def _claim(self, order_id: str, buyer_id: str, means: Means, client_key: str) -> PaymentEvent | None:
        """The attempt to make: new, or this key's own from before; None if this key has paid the order."""
        for _ in range(_TRIES):
            order = await self._own(order_id, buyer_id)
            ledger = Ledger(order.payments)
            mine = ledger.attempt(client_key)
            if mine is not None:
                return _resume(order, mine, means)
            if order.status is not OrderStatus.PLACED:
                raise WrongStatus(f"The order is {order.status}.", order.status)
            self._providers.choose(means.provider)
            if len(ledger.attempts()) >= self._settings.max_attempts:
                raise TooManyAttempts("This order has had too many payment attempts.")
            if means.provider == CASH:
                await self._check_cash(order)
            unanswered = ledger.open_attempts()
            if unanswered:
                await self._give_up(order, unanswered[0])
                continue
            request = self._request(order, len(ledger.attempts()) + 1, means, client_key)
            if await self._attempts.begin(order, request):
                return request
        raise PaymentInProgress("The order keeps changing: try again.")

    async def _own(self, order_id: str, buyer_id: str) -> Order:
        order = await self._transitions.read(order_id)
        if order.buyer_id != buyer_id:
            raise OrderNotFound(f"No order {order_id}.")
        return order

    async def _check_cash(self, order: Order) -> None:
        limit = self._settings.cash_limit
        if order.total > limit:
            raise CashLimit(f"Up to {limit} can be paid in cash.", limit)
        recent = await self._records.of_buyer(order.buyer_id, _RECENT, None)
        under_way = [one for one in recent if one.id != order.id and _promises_cash(one)]
        if len(under_way) >= self._settings.cash_open_orders:
            raise CashLimit(f"{len(under_way)} orders that are paid in cash are still under way.", limit)

    def _request(self, order: Order, number: int, means: Means, client_key: str) -> PaymentEvent:
        attempt = f"{order.id}-{number}"
        return PaymentEvent(
            self._clock(),
            PaymentKind.AUTHORISE,
            PaymentOutcome.REQUESTED,
            attempt,
            f"{attempt}-authorise",
            order.total,
            order.buyer_id,
            client_key=client_key,
            last4=means.last4,
            provider=means.provider,
        )

    async def _give_up(self, order: Order, request: PaymentEvent) -> None:
        """Close an attempt that waits for the buyer, or whose process died: another one is to be made."""
        waits = Ledger(order.payments).waiting(request.attempt) is not None
        if not waits and self._clock() - request.at < self._settings.attempt_timeout:
            raise PaymentInProgress("Another payment of this order is under way.")
        if not await self._attempts.give_up(order, request):
            await self._reconciliation.check(order.id, request.attempt)

    async def refresh(self, order_id: str, buyer_id: str) -> Order:
        """Ask the provider how an open payment stands, without waiting for its webhook.

        Raises OrderNotFound, PaymentUnavailable, PaymentInProgress.
        """
        order = await self._own(order_id, buyer_id)
        for attempt in Ledger(order.payments).open_attempts():
            order = await self._reconciliation.check(order_id, attempt.attempt)
        return order

    async def confirm(self, order_id: str, buyer_id: str, *, approve: bool) -> Order:
        """The buyer's answer on the sandbox's bank page.

        Raises OrderNotFound, WrongStatus (nothing waits for it).
        """
        order = await self._own(order_id, buyer_id)
        waiting = [one for one in Ledger(order.payments).open_attempts() if one.provider == Sandbox.name]
        if not waiting:
            raise WrongStatus("The bank does not wait for an answer.", order.status)
        sandbox = cast("Sandbox", self._providers.of(Sandbox.name))
        await sandbox.confirm(payment_of(order, waiting[0].attempt), approve=approve)
        return await self.refresh(order_id, buyer_id)

    async def cash_dues(self, order_ids: Iterable[str]) -> dict[str, int]:
        """What couriers have to take at the doors of these orders, minor units; those with nothing to take left out."""
        found = [await self._records.order(order_id) for order_id in set(order_ids)]
        return {order.id: due for order in found if order is not None and (due := cash_due(order))}

    async def refund(self, order_id: str, amount: int | None, reason: str, by: str, key: str = "") -> Order:
        """Give back `amount`, or (None) all that is left, of what was captured. The same `key` again is the same.

        Raises OrderNotFound, WrongStatus (nothing captured), InvalidAmount, RefundExceeds, IdempotencyMismatch.
        """
        if amount is not None and amount <= 0:
            raise InvalidAmount("A refund is at least one minor unit.", field="amount")
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            ledger = Ledger(order.payments)
            if key and (asked := ledger.refund_asked(key)) is not None:
                if amount not in {None, asked.amount}:
                    raise IdempotencyMismatch("This key was used for another refund.", field="idempotency_key")
                return await self._settlement.settle_if_due(order)
            taken = _captures(order.payments)
            if not taken:
                raise WrongStatus("Nothing was taken for this order yet: cancel it instead.", order.status)
            wanted = ledger.refundable if amount is None else amount
            if not 0 < wanted <= ledger.refundable:
                raise RefundExceeds(ledger.refundable)
            request = PaymentEvent(
                self._clock(),
                PaymentKind.REFUND,
                PaymentOutcome.REQUESTED,
                taken[-1].attempt,
                f"{taken[-1].attempt}-refund-{len(order.payments)}",
                wanted,
                by,
                reason=reason,
                client_key=key,
                provider=taken[-1].provider,
            )
            if await self._append(order, request):
                return await self._settlement.settle_if_due(await self._transitions.read(order_id))
        raise PaymentInProgress("The order keeps changing: try again.")

    async def _append(self, seen: Order, request: PaymentEvent) -> bool:
        async def write(session: object) -> bool:
            return await self._records.append_payments(seen, [request], session, due=[Due.MONEY], due_at=self._clock())

        return await self._transactions.run(write)


def _captures(events: Sequence[PaymentEvent]) -> list[PaymentEvent]:
    return [e for e in events if e.kind is PaymentKind.CAPTURE and e.outcome is PaymentOutcome.SUCCEEDED]


def _promises_cash(order: Order) -> bool:
    standing = Ledger(order.payments).authorised
    return order.status in _OPEN_CASH and standing is not None and standing.provider == CASH


def _resume(order: Order, request: PaymentEvent, means: Means) -> PaymentEvent | None:
    if (request.last4, request.provider) != (means.last4, means.provider):
        raise IdempotencyMismatch("This key was used for another card.", field="idempotency_key")
    known = Ledger(order.payments).outcome(request.key)
    if known is None:
        if order.status is not OrderStatus.PLACED:
            raise WrongStatus(f"The order is {order.status}: nothing was charged.", order.status)
        return request
    if known.outcome is PaymentOutcome.FAILED:
        raise payment_failure(known.code)
    return None
