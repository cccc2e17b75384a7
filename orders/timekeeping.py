"""Looks at orders of which something becomes by time alone: late ones, unaccepted ones, unanswered questions,
goods that came back."""

from dataclasses import replace
from datetime import datetime

from orders.errors import WrongStatus
from orders.events import OrderLate, event_id
from orders.lateness import late, next_check, unaccepted, unanswered, undecided
from orders.lifecycle import Action, Actor
from orders.model import Flag, Order
from orders.payments.settlement import Settlement
from orders.picking.proposals import Proposals
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.store import OrderRecords
from orders.transitions import Transitions


class Timekeeper:
    """A part of the sweep. Any number of processes may run it: each step is conditional on what was seen."""

    def __init__(
        self,
        records: OrderRecords,
        transitions: Transitions,
        settlement: Settlement,
        proposals: Proposals,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._settlement = settlement
        self._proposals = proposals
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def run(self) -> int:
        """One pass; how many orders were looked at."""
        orders = await self._records.to_check(self._clock(), self._settings.sweep_batch)
        for order in orders:
            await self._look(order)
        return len(orders)

    async def _look(self, order: Order) -> None:
        now = self._clock()
        if _over(unanswered(order, self._settings), now):
            await self._proposals.expire(order)
        elif _over(unaccepted(order, self._settings), now):
            await self._end(order, Action.REJECT, "not accepted in time")
        elif _over(undecided(order, self._settings), now):
            await self._end(order, Action.CLOSE, "nobody decided")
        else:
            order = await self._proposals.end_if_empty(order)
        await self._flag(await self._transitions.read(order.id))

    async def _end(self, order: Order, action: Action, reason: str) -> None:
        """Nobody accepted it, or decided about goods that came back: the buyer has the money back rather than wait."""
        try:
            ended = await self._transitions.run(order.id, action, Actor.SYSTEM, "system", reason)
        except WrongStatus:
            return  # accepted at this moment
        await self._settlement.settle_if_due(ended)

    async def _flag(self, order: Order) -> None:
        now = self._clock()
        if order.check_at is None or order.check_at > now:
            return
        kinds = late(order, self._settings, now)
        flags = tuple(Flag(kind, now) for kind in kinds)
        told = OrderLate(event_id(), now, order.id, order.buyer_id, order.store_id, tuple(kind.value for kind in kinds))
        check_at = _after(order, flags, self._settings)

        async def write(session: object) -> None:
            if await self._records.flag(order, flags, check_at, session) and flags:
                await self._outbox.add(told, session)

        await self._transactions.run(write)


def _over(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _after(order: Order, flags: tuple[Flag, ...], settings: OrdersSettings) -> datetime | None:
    return next_check(replace(order, flags=(*order.flags, *flags)), settings)
