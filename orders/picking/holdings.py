"""Brings stock and promotions in line with an order after its status, a proposal or a return changed.

Each step may run twice.
"""

from orders.events import StockChanged
from orders.lifecycle import BACK, HANDED_OVER, RELEASED, OrderStatus, ProposalStatus
from orders.model import Order
from orders.picking.bag import bag, new, present
from orders.promotions.promotions import Promotions
from orders.stock.stock import Stock

_NOT_SENT = frozenset({ProposalStatus.DECLINED, ProposalStatus.EXPIRED, ProposalStatus.WITHDRAWN})


class Holdings:
    """What orders hold of the stock of their stores, and of limited offers."""

    def __init__(self, stock: Stock, promotions: Promotions) -> None:
        self._stock = stock
        self._promotions = promotions

    async def settle(self, order: Order) -> list[StockChanged]:
        """Give back what will not be sent, and end the rest once the order left the store or will not be made.

        Pieces that were not on the shelf are written off then. Returns what buyers should hear of.
        """
        store_id = order.store_id
        refused = [pieces for proposal in order.proposals if proposal.status in _NOT_SENT for pieces in new(proposal)]
        await self._stock.release(store_id, order.id, refused)
        missing = {line.product_id: line.quantity - present(order, line) for line in order.lines}
        coming = [pieces.product_id for proposal in order.proposals for pieces in new(proposal)]
        touched = {*missing, *coming}
        bagged = {line.product_id: line.quantity for line in bag(order)}
        if order.status in HANDED_OVER | BACK:
            await self._stock.hand_over(store_id, order.id, dict.fromkeys(touched, 0) | bagged, missing)
        elif order.status in RELEASED:
            await self._promotions.give_back(order.id, order.buyer_id, order.quote)
            await self._stock.hand_over(store_id, order.id, dict.fromkeys(touched, 0), missing)
        if order.status is OrderStatus.UNDELIVERED:
            if not order.fee:
                await self._promotions.give_back(order.id, order.buyer_id, order.quote)
            if order.restocked:
                await self._stock.take_back(store_id, f"{order.id}:back", order.id, bagged, order.history[-1].by)
        for one in order.returns:
            if one.restocked:
                back = {line.product_id: line.quantity for line in one.lines}
                await self._stock.take_back(store_id, one.id, order.id, back, one.history[-1].by)
        return await self._stock.changes(store_id, touched, freed=True)
