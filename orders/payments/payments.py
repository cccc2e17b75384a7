"""Paying an order, and giving money back."""

from collections.abc import Sequence

from orders.errors import (
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
from orders.lifecycle import HANDED_OVER, Action, Actor, OrderStatus, find
from orders.model import Due, Order
from orders.payments.ledger import Ledger, PaymentEvent, PaymentKind, PaymentOutcome
from orders.payments.provider import Answer, Card, PaymentProvider
from orders.payments.settlement import Settlement
from orders.ports import Clock, Transactions
from orders.settings import OrdersSettings
from orders.store import OrderRecords
from orders.transitions import Transitions

_TRIES = 20


class Payments:
    """Authorises at `pay`. Capture follows the hand-over, void the cancellation: see `orders.payments.settlement`."""

    def __init__(
        self,
        records: OrderRecords,
        transitions: Transitions,
        settlement: Settlement,
        provider: PaymentProvider,
        transactions: Transactions,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._settlement = settlement
        self._provider = provider
        self._transactions = transactions
        self._clock = clock
        self._settings = settings

    async def pay(self, order_id: str, buyer_id: str, card: Card, idempotency_key: str) -> Order:
        """Authorise the total and make the order paid. The same key again gives the same result, also a failure.

        Raises OrderNotFound, WrongStatus, PaymentFailed (CardDeclined, InsufficientFunds), PaymentInProgress,
        TooManyAttempts, IdempotencyMismatch, PaymentUnavailable (send the same call again).
        """
        if not idempotency_key:
            raise InvalidOrder("An idempotency key is needed.", field="idempotency_key")
        request = await self._claim(order_id, buyer_id, card, idempotency_key)
        if request is None:
            return await self._transitions.read(order_id)
        order = await self._transitions.read(order_id)
        currency = order.quote.currency
        answer = await self._provider.authorise(request.attempt, request.amount, currency, card, request.key)
        return await self._conclude(order_id, request, answer)

    async def _claim(self, order_id: str, buyer_id: str, card: Card, client_key: str) -> PaymentEvent | None:
        """The attempt to make: new, or this key's own from before; None if this key has paid the order."""
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            if order.buyer_id != buyer_id:
                raise OrderNotFound(f"No order {order_id}.")
            ledger = Ledger(order.payments)
            mine = ledger.attempt(client_key)
            if mine is not None:
                return _resume(order, mine, card)
            if order.status is not OrderStatus.PLACED:
                raise WrongStatus(f"The order is {order.status}.", order.status)
            attempts = ledger.attempts()
            if len(attempts) >= self._settings.max_attempts:
                raise TooManyAttempts("This order has had too many payment attempts.")
            unanswered = [e for e in attempts if ledger.outcome(e.key) is None]
            if unanswered:
                await self._give_up(order, unanswered[0])
                continue
            request = self._request(order, len(attempts) + 1, card, client_key)
            if await self._append(order, [request]):
                return request
        raise PaymentInProgress("The order keeps changing: try again.")

    def _request(self, order: Order, number: int, card: Card, client_key: str) -> PaymentEvent:
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
            last4=card.last4,
        )

    async def _give_up(self, order: Order, request: PaymentEvent) -> None:
        """Close an attempt whose process died, so that it can never take money any more, whatever wakes up later."""
        if self._clock() - request.at < self._settings.attempt_timeout:
            raise PaymentInProgress("Another payment of this order is under way.")
        key = f"{request.attempt}-void"
        answer = await self._provider.void(request.attempt, key)
        outcome = PaymentOutcome.SUCCEEDED if answer.accepted else PaymentOutcome.FAILED
        voided = PaymentEvent(
            self._clock(), PaymentKind.VOID, outcome, request.attempt, key, request.amount, "system", answer.code
        )
        await self._append(order, [voided, self._answered(request, Answer(False, "payment_failed"))])

    async def _append(self, seen: Order, events: Sequence[PaymentEvent], due: Sequence[Due] = ()) -> bool:
        async def write(session: object) -> bool:
            return await self._records.append_payments(seen, events, session, due=due)

        return await self._transactions.run(write)

    def _answered(self, request: PaymentEvent, answer: Answer) -> PaymentEvent:
        return PaymentEvent(
            self._clock(),
            PaymentKind.AUTHORISE,
            PaymentOutcome.SUCCEEDED if answer.accepted else PaymentOutcome.FAILED,
            request.attempt,
            request.key,
            request.amount,
            request.by,
            answer.code,
            last4=request.last4,
        )

    async def _conclude(self, order_id: str, request: PaymentEvent, answer: Answer) -> Order:
        row = find(Action.PAY, Actor.BUYER)
        if row is None:
            raise LookupError("the table has no way to pay")
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            known = Ledger(order.payments).outcome(request.key)
            if known is not None and known.outcome is PaymentOutcome.SUCCEEDED:
                return order
            if known is not None:
                raise payment_failure(known.code)
            if order.status is not OrderStatus.PLACED:
                # Its cancellation voids this attempt too: it was on the order before.
                raise WrongStatus(f"The order is {order.status}: nothing was charged.", order.status)
            event = self._answered(request, answer)
            if answer.accepted:
                await self._transitions.apply(order, row, order.buyer_id, payments=[event])
            else:
                await self._append(order, [event])
        raise PaymentInProgress("The order keeps changing: try again.")

    async def refund(self, order_id: str, amount: int | None, reason: str, by: str) -> Order:
        """Give back `amount`, or (None) all that is left, of what was captured.

        Raises OrderNotFound, WrongStatus (nothing captured), InvalidAmount, RefundExceeds.
        """
        if amount is not None and amount <= 0:
            raise InvalidAmount("A refund is at least one minor unit.", field="amount")
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            ledger = Ledger(order.payments)
            standing = ledger.authorised
            if order.status not in HANDED_OVER or not ledger.captured or standing is None:
                raise WrongStatus("Nothing was taken for this order yet: cancel it instead.", order.status)
            wanted = ledger.refundable if amount is None else amount
            if not 0 < wanted <= ledger.refundable:
                raise RefundExceeds(ledger.refundable)
            request = PaymentEvent(
                self._clock(),
                PaymentKind.REFUND,
                PaymentOutcome.REQUESTED,
                standing.attempt,
                f"{standing.attempt}-refund-{len(order.payments)}",
                wanted,
                by,
                reason=reason,
            )
            if await self._append(order, [request], due=[Due.MONEY]):
                return await self._settlement.settle_if_due(await self._transitions.read(order_id))
        raise PaymentInProgress("The order keeps changing: try again.")


def _resume(order: Order, request: PaymentEvent, card: Card) -> PaymentEvent | None:
    if request.last4 != card.last4:
        raise IdempotencyMismatch("This key was used for another card.", field="idempotency_key")
    known = Ledger(order.payments).outcome(request.key)
    if known is None:
        if order.status is not OrderStatus.PLACED:
            raise WrongStatus(f"The order is {order.status}: nothing was charged.", order.status)
        return request
    if known.outcome is PaymentOutcome.FAILED:
        raise payment_failure(known.code)
    return None
