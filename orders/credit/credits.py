"""Credit: touches are kept, an order gets its associate, and completed orders earn commission."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orders.credit.commission import Entry, EntryKind, base, share
from orders.credit.store import CommissionRecords, CreditRecords, EntryExists, TouchRecords
from orders.credit.touch import Touch, TouchAction, TouchKind, came_personally, credited
from orders.errors import OrderNotFound
from orders.model import Credit, Order
from orders.ports import Clock, Transactions
from orders.settings import OrdersSettings
from orders.store import OrderRecords

_KEPT_TOUCHES = 50
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Earnings:
    """What an associate has earned in a time: `base` was paid for the goods, `amount` is the commission on it."""

    associate_id: str
    orders: int
    base: int
    amount: int


class Credits:
    """Who is credited with what."""

    def __init__(
        self,
        touches: TouchRecords,
        entries: CommissionRecords,
        credits_: CreditRecords,
        orders: OrderRecords,
        transactions: Transactions,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._touches = touches
        self._entries = entries
        self._credits = credits_
        self._orders = orders
        self._transactions = transactions
        self._clock = clock
        self._settings = settings

    @property
    def currency(self) -> str:
        """Of all commissions."""
        return self._settings.currency

    async def touched(
        self,
        buyer_id: str,
        kind: TouchKind,
        action: TouchAction,
        associate_id: str,
        show_id: str | None = None,
        card_id: str | None = None,
    ) -> None:
        """Keep that this buyer met this associate now. The same again within a minute is not kept."""
        touch = Touch(self._clock(), kind, action, associate_id, show_id, card_id)
        for earlier in reversed(await self._touches.of(buyer_id)):
            if touch.at - earlier.at > timedelta(minutes=1):
                break
            if (earlier.kind, earlier.action, earlier.associate_id, earlier.show_id, earlier.card_id) == (
                kind,
                action,
                associate_id,
                show_id,
                card_id,
            ):
                return
        await self._touches.add(buyer_id, touch, _KEPT_TOUCHES)

    async def credit(self, buyer_id: str) -> Credit | None:
        """Whom an order that this buyer places now, outside of any show, is credited to."""
        touch = credited(await self._touches.of(buyer_id), self._clock(), self._settings.credit_window)
        if touch is None:
            return None
        return Credit(touch.associate_id, touch.show_id, touch.card_id, touch.kind, touch.action, touch.at)

    async def note_personal(self, order_id: str) -> None:
        """An order that was placed in a show by who had come into it by a personal link carries that touch.

        Beside the checkout, where nothing waits for it. Idempotent. Raises OrderNotFound.
        """
        order = await self._order(order_id)
        credit, window = order.credit, self._settings.credit_window
        if credit is None or credit.show_id is None or credit.touch not in {TouchKind.LIVE, TouchKind.REPLAY}:
            return
        touches = await self._touches.of(order.buyer_id)
        if not came_personally(touches, credit.associate_id, credit.show_id, order.placed_at, window):
            return

        async def write(session: object) -> None:
            await self._credits.met(order_id, credit.associate_id, TouchKind.ONE_TO_ONE, session)

        await self._transactions.run(write)

    async def _order(self, order_id: str) -> Order:
        order = await self._orders.order(order_id)
        if order is None:
            raise OrderNotFound(f"No order {order_id}.")
        return order

    async def settle(self, order_id: str) -> Order:
        """Make the ledger say what the order earns as it is now; again changes nothing. Raises OrderNotFound."""
        for _ in range(_TRIES):
            order = await self._order(order_id)
            if order.associate_id is None:
                return order
            entries = await self._entries.of_order(order_id)
            entry = self._next(order, order.associate_id, entries)
            if entry is None:
                return order
            try:
                await self._entries.add(entry)
            except EntryExists:
                continue
            # Read again: money may have moved meanwhile.
        raise RuntimeError(f"the commission of {order_id} keeps changing")

    def _next(self, order: Order, associate_id: str, entries: list[Entry]) -> Entry | None:
        on, rate = base(order), self._settings.commission
        if not entries and on == 0:
            return None
        had_on, had = sum(entry.base for entry in entries), sum(entry.amount for entry in entries)
        # The rate of the day it was earned holds for what is voided of it.
        amount = share(on, rate) if not entries else _kept(entries[0], on)
        if (on, amount) == (had_on, had):
            return None
        return Entry(
            f"{order.id}:{len(entries)}",
            self._clock(),
            EntryKind.EARNED if amount >= had and on >= had_on else EntryKind.VOIDED,
            associate_id,
            order.id,
            order.number,
            order.store_id,
            order.show_id,
            on - had_on,
            amount - had,
            order.quote.currency,
            order.credit.touch if order.credit else None,
        )

    async def statement(
        self, associate_id: str, since: datetime, before: datetime, limit: int
    ) -> tuple[list[Entry], Earnings]:
        """An associate's entries of [since, before), newest first, and the sums of that whole time."""
        entries = await self._entries.of_associate(associate_id, since, before, limit)
        return entries, await self.earnings_of(associate_id, since, before)

    async def earnings_of(self, associate_id: str, since: datetime, before: datetime) -> Earnings:
        """The sums of one associate."""
        found = await self._entries.sums(since, before, associate_id)
        return _earnings(found[0]) if found else Earnings(associate_id, 0, 0, 0)

    async def earnings(self, since: datetime, before: datetime) -> list[Earnings]:
        """The sums of every associate with any entry in [since, before), most first."""
        found = [_earnings(document) for document in await self._entries.sums(since, before)]
        return sorted(found, key=lambda one: (-one.amount, one.associate_id))

    async def forget(self) -> None:
        """Drop touches that can credit nobody any more."""
        await self._touches.forget(self._clock() - self._settings.credit_window)


def _kept(first: Entry, on: int) -> int:
    """Of what was earned at first, the share that `on` still stands for, rounded half up."""
    return (first.amount * on * 2 + first.base) // (2 * first.base) if first.base else 0


def _earnings(document: Mapping[str, Any]) -> Earnings:
    return Earnings(document["_id"], len(document["orders"]), document["base"], document["amount"])
