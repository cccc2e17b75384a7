"""Asks the buyer about what the store does not have.

The order stays `picking` meanwhile. First the proposal is written as a draft, then its replacements are reserved under
the order's id, then it is opened: whoever dies in between leaves a draft, which the sweep withdraws, and pieces that
the order has no right to, which the sweep gives back (`orders.picking.bag.held`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from orders.errors import OrderNotFound, ProposalGone, ProposalOpen, SoldOut, WrongStatus
from orders.events import ProposalChanged, event_id
from orders.lateness import next_check
from orders.lifecycle import Action, Actor, Answer, OrderStatus, ProposalStatus, answering
from orders.model import Due, Order
from orders.payments.settlement import Settlement
from orders.picking.bag import bag, new
from orders.picking.proposal import Proposal
from orders.picking.shortfall import Missing, Shortfalls
from orders.picking.store import ProposalRecords
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.stock.stock import Stock
from orders.transitions import Transitions

_TRIES = 10


class Proposals:
    """The store proposes, the buyer answers. Each method may be called twice."""

    def __init__(
        self,
        records: ProposalRecords,
        shortfalls: Shortfalls,
        transitions: Transitions,
        settlement: Settlement,
        stock: Stock,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._shortfalls = shortfalls
        self._transitions = transitions
        self._settlement = settlement
        self._stock = stock
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def propose(self, order_id: str, store_id: str, missing: Sequence[Missing], by: str) -> Order:
        """Ask the buyer. The same question again while it is open is the same.

        Raises OrderNotFound, WrongStatus, ProposalOpen (another one), InvalidProposal, SoldOut (a replacement).
        """
        for _ in range(_TRIES):
            order = await self._at_store(order_id, store_id)
            if order.status is not OrderStatus.PICKING:
                raise WrongStatus(f"An order that is {order.status} is not being picked.", order.status)
            shortages = await self._shortfalls.of(order, missing)
            last = order.proposals[-1] if order.proposals else None
            if last is not None and last.asked:
                if last.shortages == shortages:
                    return order
                raise ProposalOpen("The buyer has not answered the last question yet.")
            if last is not None and last.status is ProposalStatus.DRAFT:
                await self._change(order, replace(last, status=ProposalStatus.WITHDRAWN, answered_at=self._clock()))
                continue
            # What was refused before must be given back before the same product can be held again.
            await self._settlement.settle_if_due(order)
            now = self._clock()
            until = now + self._settings.proposal_window
            draft = Proposal(f"prp_{secrets.token_hex(8)}", now, by, until, ProposalStatus.DRAFT, shortages)
            if await self._add(order, draft):
                return await self._open(order_id, draft)
        raise WrongStatus("The order keeps changing: try again.", order.status)

    async def answer(self, order_id: str, proposal_id: str, buyer_id: str, *, accept: bool) -> Order:
        """The buyer's word. The same answer again is the same. Raises OrderNotFound, ProposalGone."""
        order = await self._transitions.read(order_id)
        if order.buyer_id != buyer_id:
            raise OrderNotFound(f"No order {order_id}.")
        answer = Answer.ACCEPT if accept else Answer.DECLINE
        return await self._conclude(order_id, proposal_id, answer, Actor.BUYER)

    async def withdraw(self, order_id: str, store_id: str) -> Order:
        """The store has found everything after all: the question is over. Raises OrderNotFound, ProposalGone."""
        order = await self._at_store(order_id, store_id)
        if not order.proposals:
            raise ProposalGone("Nothing was asked.", "")
        return await self._conclude(order_id, order.proposals[-1].id, Answer.WITHDRAW, Actor.STORE)

    async def expire(self, seen: Order) -> None:
        """End a question whose time is over, or a draft whose maker died. Called by the sweep."""
        last = seen.proposals[-1]
        answer = Answer.EXPIRE if last.asked else Answer.WITHDRAW
        try:
            await self._conclude(seen.id, last.id, answer, Actor.SYSTEM)
        except ProposalGone:
            return

    async def end_if_empty(self, order: Order) -> Order:
        """An order of which nothing is left is not made: all of the money is let go."""
        if order.status is not OrderStatus.PICKING or bag(order):
            return order
        try:
            ended = await self._transitions.run(order.id, Action.REJECT, Actor.SYSTEM, "system", "nothing left")
        except WrongStatus:
            return await self._transitions.read(order.id)  # it went another way at this moment
        return await self._settlement.settle_if_due(ended)

    async def _at_store(self, order_id: str, store_id: str) -> Order:
        order = await self._transitions.read(order_id)
        if order.store_id != store_id:
            raise OrderNotFound(f"No order {order_id} at this store.")
        return order

    async def _open(self, order_id: str, draft: Proposal) -> Order:
        order = await self._transitions.read(order_id)
        until = self._clock() + self._settings.reservation_grace
        lacking = await self._stock.reserve(order.store_id, order.id, new(draft), until)
        if lacking is not None:
            await self._conclude(order_id, draft.id, Answer.WITHDRAW, Actor.STORE)
            levels = await self._stock.available([order.store_id], [lacking.product_id])
            level = levels.get((order.store_id, lacking.product_id))
            raise SoldOut(lacking.product_id, level.available if level else 0)
        return await self._conclude(order_id, draft.id, Answer.OPEN, Actor.STORE)

    async def _conclude(self, order_id: str, proposal_id: str, answer: Answer, actor: Actor) -> Order:
        row = answering(answer, actor)
        if row is None:
            raise LookupError(f"no row to {answer} for {actor}")
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            last = order.proposals[-1] if order.proposals else None
            if last is None or last.id != proposal_id:
                raise ProposalGone("This question is not open any more.", "")
            if last.status is row.target:
                return await self._follow(order)
            if last.status not in row.sources or order.status is not OrderStatus.PICKING:
                raise ProposalGone(f"The question is {last.status}.", last.status)
            if await self._change(order, replace(last, status=row.target, answered_at=self._clock())):
                return await self._follow(await self._transitions.read(order_id))
        raise WrongStatus("The order keeps changing: try again.", order.status)

    async def _follow(self, order: Order) -> Order:
        return await self.end_if_empty(await self._settlement.settle_if_due(order))

    async def _add(self, order: Order, draft: Proposal) -> bool:
        check_at = next_check(replace(order, proposals=(*order.proposals, draft)), self._settings)

        async def write(session: object) -> bool:
            return await self._records.add(order, draft, check_at, session)

        return await self._transactions.run(write)

    async def _change(self, order: Order, proposal: Proposal) -> bool:
        """Write the last proposal as it is now, and tell it. Over, its pieces are due."""
        sources = [order.proposals[-1].status]
        opened = proposal.status is ProposalStatus.OPEN
        proposal = replace(proposal, answered_at=None) if opened else proposal
        check_at = next_check(replace(order, proposals=(*order.proposals[:-1], proposal)), self._settings)
        event = ProposalChanged(
            event_id(), self._clock(), order.id, order.buyer_id, order.store_id, proposal.id, proposal.status.value
        )

        async def write(session: object) -> bool:
            due = () if opened else (Due.STOCK,)
            done = await self._records.change(order, proposal, sources, check_at, session, due)
            if done:
                await self._outbox.add(event, session)
            return done

        return await self._transactions.run(write)
