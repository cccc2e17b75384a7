"""Goods that come back: asked for by the buyer, decided by the store or an operator, paid back once they are there."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from orders.aftersale.goods_return import Return, ReturnedLine, ReturnStep
from orders.aftersale.store import ReturnRecords
from orders.errors import InvalidReturn, OrderNotFound, RefundExceeds, ReturnStatusWrong, ReturnTooLate, WrongStatus
from orders.events import ReturnChanged, event_id
from orders.lifecycle import RETURNABLE, Actor, Handling, OrderStatus, ReturnStatus, handling
from orders.model import Due, Order
from orders.payments.ledger import Ledger, PaymentEvent, PaymentKind, PaymentOutcome
from orders.payments.settlement import Settlement
from orders.picking.bag import BagLine, bag, share
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.transitions import Transitions

_TRIES = 10


class Wanted(Protocol):
    """So many pieces of what was in the bag."""

    @property
    def product_id(self) -> str:
        """The product."""

    @property
    def quantity(self) -> int:
        """How many."""


class Returns:
    """`by` is the id of who does it; the caller has checked what they are. A store sees its own orders alone."""

    def __init__(
        self,
        records: ReturnRecords,
        transitions: Transitions,
        settlement: Settlement,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._settlement = settlement
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def request(self, order_id: str, buyer_id: str, lines: Sequence[Wanted], reason: str) -> Order:
        """Ask to return these. The same lines again, while nobody has decided, are the same request.

        Raises OrderNotFound, WrongStatus (not delivered), ReturnTooLate, InvalidReturn.
        """
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            if order.buyer_id != buyer_id:
                raise OrderNotFound(f"No order {order_id}.")
            self._check_time(order)
            if any(_asks_for(one, lines) for one in order.returns):
                return order
            made = self._new(order, lines, buyer_id, reason)
            if await self._write(order, made):
                return await self._transitions.read(order_id)
        raise WrongStatus("The order keeps changing: try again.", order.status)

    async def refund_lines(self, order_id: str, lines: Sequence[Wanted], reason: str, by: str, key: str) -> Order:
        """An operator pays single lines back, and the buyer keeps the goods. The same `key` again is the same.

        Raises OrderNotFound, WrongStatus (nothing was taken), InvalidReturn, RefundExceeds.
        """
        id_ = f"ret_{hashlib.sha256(f'{by} {key}'.encode()).hexdigest()[:16]}"
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            if not Ledger(order.payments).captured:
                raise WrongStatus("Nothing was taken for this order yet: cancel it instead.", order.status)
            if any(one.id == id_ for one in order.returns):
                return await self._settlement.settle_if_due(order)
            made = replace(self._new(order, lines, by, reason), id=id_)
            if await self._write(order, *self._received(order, made, by, reason, restocked=None)):
                return await self._settlement.settle_if_due(await self._transitions.read(order_id))
        raise WrongStatus("The order keeps changing: try again.", order.status)

    async def handle(
        self,
        order_id: str,
        return_id: str,
        action: Handling,
        actor: Actor,
        by: str,
        *,
        store_id: str | None = None,
        note: str = "",
        restock: bool = True,
    ) -> Order:
        """Approve, refuse, receive (`restock`, or write off) or waive. Again is the same.

        Raises OrderNotFound, ReturnStatusWrong, RefundExceeds.
        """
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            found = next((one for one in order.returns if one.id == return_id), None)
            if store_id is not None and order.store_id != store_id:
                raise OrderNotFound(f"No order {order_id} at this store.")
            if found is None:
                raise ReturnStatusWrong("The order has no such return.", "")
            row = handling(action, actor)
            if row is not None and found.status is row.target:
                return await self._settlement.settle_if_due(order)
            if row is None or found.status not in row.sources:
                raise ReturnStatusWrong(f"A return that is {found.status} cannot be: {action}.", found.status)
            if row.target is ReturnStatus.RECEIVED:
                restocked = restock if action is Handling.RECEIVE else None
                done = await self._write(order, *self._received(order, found, by, note, restocked=restocked))
            else:
                done = await self._write(order, _step(found, ReturnStep(self._clock(), by, row.target, note)))
            if done:
                return await self._settlement.settle_if_due(await self._transitions.read(order_id))
        raise WrongStatus("The order keeps changing: try again.", order.status)

    def until(self, order: Order) -> datetime | None:
        """Until when the buyer may ask to return; None if nothing can be returned (yet, or any more)."""
        if order.status not in RETURNABLE or not any(left(order, line) for line in bag(order)):
            return None
        delivered = next(entry.at for entry in order.history if entry.status is OrderStatus.DELIVERED)
        end = delivered + self._settings.return_window
        return end if self._clock() <= end else None

    def _check_time(self, order: Order) -> None:
        if order.status not in RETURNABLE:
            raise WrongStatus(f"An order that is {order.status} cannot be returned.", order.status)
        delivered = next(entry.at for entry in order.history if entry.status is OrderStatus.DELIVERED)
        if self._clock() > delivered + self._settings.return_window:
            days = self._settings.return_window.days
            raise ReturnTooLate(f"Goods may be returned for {days} days after delivery.")

    def _new(self, order: Order, lines: Sequence[Wanted], by: str, reason: str) -> Return:
        if not lines or len({line.product_id for line in lines}) < len(lines):
            raise InvalidReturn("Name each product to return once.", field="lines")
        there = {line.product_id: line for line in bag(order)}
        returned = tuple(_returned(order, there, index, line) for index, line in enumerate(lines))
        step = ReturnStep(self._clock(), by, ReturnStatus.REQUESTED, reason)
        return Return(f"ret_{secrets.token_hex(8)}", ReturnStatus.REQUESTED, returned, (step,))

    def _received(
        self, order: Order, found: Return, by: str, note: str, *, restocked: bool | None
    ) -> tuple[Return, PaymentEvent]:
        """The return with its goods back, and the refund that this asks for."""
        ledger = Ledger(order.payments)
        taken = next(
            (e for e in order.payments if e.kind is PaymentKind.CAPTURE and e.outcome is PaymentOutcome.SUCCEEDED), None
        )
        if taken is None or not 0 < found.amount <= ledger.refundable:
            raise RefundExceeds(ledger.refundable)
        now, key = self._clock(), f"{taken.attempt}-{found.id}"
        request = PaymentEvent(
            now,
            PaymentKind.REFUND,
            PaymentOutcome.REQUESTED,
            taken.attempt,
            key,
            found.amount,
            by,
            reason=note or found.history[0].note,
            provider=taken.provider,
        )
        after = _step(found, ReturnStep(now, by, ReturnStatus.RECEIVED, note))
        return replace(after, restocked=restocked, refund_key=key), request

    async def _write(self, order: Order, change: Return, request: PaymentEvent | None = None) -> bool:
        now = self._clock()
        status, amount, currency = change.status.value, change.amount, order.quote.currency
        event = ReturnChanged(
            event_id(), now, order.id, order.buyer_id, order.store_id, change.id, status, amount, currency
        )
        due = () if request is None else (Due.MONEY, Due.STOCK)
        payments = () if request is None else (request,)

        async def write(session: object) -> bool:
            done = await self._records.write(order, change, session, payments=payments, due=due, at=now)
            if done:
                await self._outbox.add(event, session)
            return done

        return await self._transactions.run(write)


def status_of(order: Order, one: Return) -> ReturnStatus:
    """Where the return is, with the provider's answer to its refund."""
    if one.status is not ReturnStatus.RECEIVED:
        return one.status
    answer = Ledger(order.payments).outcome(one.refund_key)
    done = answer is not None and answer.outcome is PaymentOutcome.SUCCEEDED
    return ReturnStatus.REFUNDED if done else ReturnStatus.RECEIVED


def left(order: Order, line: BagLine) -> int:
    """Pieces of what was in the bag that nobody returned or asked to."""
    given = (back.quantity for one in order.returns if one.stands for back in one.lines if _of(back, line))
    return line.quantity - sum(given)


def _of(back: ReturnedLine, line: BagLine) -> bool:
    return back.product_id == line.product_id


def _returned(order: Order, there: dict[str, BagLine], index: int, wanted: Wanted) -> ReturnedLine:
    line = there.get(wanted.product_id)
    if line is None:
        raise InvalidReturn("This was not in the bag.", field=f"lines.{index}.product_id")
    most = left(order, line)
    if not 1 <= wanted.quantity <= most:
        raise InvalidReturn(f"{most} pieces can be returned.", field=f"lines.{index}.quantity")
    charge, whole = line.charge, line.quantity
    amount = share(charge, whole, most) - share(charge, whole, most - wanted.quantity)
    return ReturnedLine(line.product_id, line.name, wanted.quantity, amount)


def _asks_for(one: Return, lines: Sequence[Wanted]) -> bool:
    """Whether it is a request for the same that nobody has decided on."""
    same = {(line.product_id, line.quantity) for line in lines} == {(b.product_id, b.quantity) for b in one.lines}
    return same and one.status is ReturnStatus.REQUESTED


def _step(one: Return, step: ReturnStep) -> Return:
    return replace(one, status=step.status, history=(*one.history, step))
