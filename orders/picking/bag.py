"""What goes into an order's bag, what it costs and what it holds of the stock. Pure: all of it follows from the order.

A piece that is missing is worth its share of what the buyer pays for its line (after discounts, tax included). Of a
line of `n` pieces, `k` cost `paid * k // n`: parts add up to the whole, and a remainder stays with the last piece.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orders.lifecycle import HANDED_OVER, HOLDING, OrderStatus, ProposalStatus
from orders.model import Line, Order
from orders.picking.proposal import Proposal

_COSTING = frozenset({OrderStatus.CANCELLED, OrderStatus.UNDELIVERED})
_KEEPS = frozenset({ProposalStatus.DRAFT, ProposalStatus.OPEN, ProposalStatus.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Pieces:
    """So many pieces of a product."""

    product_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class BagLine:
    """What is in the bag of one product. `charge` is what the buyer pays for it; `instead_of` is the product of the
    line that it replaces."""

    product_id: str
    name: str
    quantity: int
    charge: int
    instead_of: str | None = None


def share(paid: int, quantity: int, pieces: int) -> int:
    """What `pieces` of a line of `quantity` cost, of which all cost `paid`."""
    return paid * pieces // quantity


def present(order: Order, line: Line) -> int:
    """Pieces of the line that are there: ordered, less those that were found missing."""
    return line.quantity - sum(
        shortage.missing
        for proposal in order.proposals
        for shortage in proposal.shortages
        if proposal.short and shortage.product_id == line.product_id
    )


def bag(order: Order) -> tuple[BagLine, ...]:
    """What the buyer gets, as far as it is settled. Lines of which nothing is left are not in it."""
    kept = []
    for line in order.lines:
        pieces = present(order, line)
        if pieces:
            charge = share(line.paid, line.quantity, pieces)
            kept.append(BagLine(line.product_id, line.name, pieces, charge))
    return (*kept, *_replacements(order))


def _replacements(order: Order) -> Iterator[BagLine]:
    for proposal in order.proposals:
        if proposal.status is ProposalStatus.ACCEPTED:
            for shortage in proposal.shortages:
                new = shortage.replacement
                if new is not None:
                    yield BagLine(new.product_id, new.name, new.quantity, new.charge, shortage.product_id)


def fell_short(order: Order) -> bool:
    """The store could not give all that it sold: the buyer may cancel at no cost."""
    return any(proposal.short or proposal.asked for proposal in order.proposals)


def price_of_bag(order: Order) -> int:
    """The total of the order less what is missing, plus what is sent instead: never above the total."""
    missing = sum(proposal.refund for proposal in order.proposals if proposal.short)
    return order.total - missing + sum(line.charge for line in _replacements(order))


def owed(order: Order) -> int:
    """What the buyer owes for the order by its status, minor units: to be captured of what was authorised.

    Refunds come on top of it: they are the payment events' own.
    """
    if order.status in HANDED_OVER or order.status is OrderStatus.BROUGHT_BACK:
        return price_of_bag(order)
    return min(order.fee, order.total) if order.status in _COSTING else 0


def held(order: Order) -> dict[str, int]:
    """Pieces by product that the order has a right to hold of its store's stock. What it holds beyond that was left
    behind by somebody who died, and goes back on sale."""
    if order.status not in HOLDING:
        return {}
    lines = {line.product_id: line.quantity for line in order.lines}
    coming = (pieces for proposal in order.proposals if proposal.status in _KEEPS for pieces in new(proposal))
    return lines | {pieces.product_id: pieces.quantity for pieces in coming}


def new(proposal: Proposal) -> Sequence[Pieces]:
    """What a proposal would put into the bag."""
    return [Pieces(s.replacement.product_id, s.replacement.quantity) for s in proposal.shortages if s.replacement]
