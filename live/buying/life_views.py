"""What the API and the topics say of an order's bag, proposals, returns and lateness. Money in minor units."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel

from orders.aftersale.comeback import by_rule, came_back, why
from orders.aftersale.goods_return import Return
from orders.aftersale.returns import status_of
from orders.lifecycle import ProposalStatus, ReturnStatus
from orders.model import Lateness, Order
from orders.picking.bag import bag, price_of_bag
from orders.picking.proposal import Proposal, Replacement

if TYPE_CHECKING:
    from live.services import Services

Who = Literal["buyer", "store", "system"]
BackReason = Literal["buyer_absent", "refused", "damaged", "accident", "other"]


class BagLineView(BaseModel):
    """What is in the bag of one product. `instead_of` is the ordered product that it replaces."""

    product_id: str
    name: str
    image_url: str
    quantity: int
    charge: int
    instead_of: str | None


class ReplacementView(BaseModel):
    """What would be sent instead, for `charge` in all: its price, but never above what is missing."""

    product_id: str
    name: str
    image_url: str
    quantity: int
    unit_price: int
    charge: int


class ShortageView(BaseModel):
    """So many pieces of a line are missing; the buyer does not pay their `value`."""

    product_id: str
    name: str
    image_url: str
    missing: int
    value: int
    replacement: ReplacementView | None


class ProposalView(BaseModel):
    """The store's last question. `open`: the buyer may answer till `until`. If accepted the buyer pays `difference`
    less, else (declined, or no answer) `refund` less and nothing is sent instead."""

    id: str
    status: ProposalStatus
    at: datetime
    until: datetime
    answered_at: datetime | None
    lines: list[ShortageView]
    difference: int
    refund: int


class ReturnLineView(BaseModel):
    """So many pieces that go back, and what the buyer gets for them."""

    product_id: str
    name: str
    image_url: str
    quantity: int
    amount: int


class ReturnStepView(BaseModel):
    """When a return came to a status, on whose part and with which words."""

    status: ReturnStatus
    at: datetime
    by: Who
    note: str


class ReturnView(BaseModel):
    """Goods that the buyer gives back. `restocked` is null while nobody has them, and when the buyer keeps them."""

    id: str
    status: ReturnStatus
    lines: list[ReturnLineView]
    amount: int
    restocked: bool | None
    history: list[ReturnStepView]


class BackView(BaseModel):
    """Goods that could not be delivered and are at the store again. While nobody has decided `restocked` is null, and
    `fee` what would be kept if it was the buyer's fault (`blamed`: by the reason it was); after that `fee` is kept, and
    the goods are on sale again or written off."""

    at: datetime
    reason: BackReason
    blamed: bool
    fee: int
    restocked: bool | None


class LifeView(BaseModel):
    """What has become of an order's goods, and may become.

    `bag_total` is what the buyer pays for the bag as it is, `cancel_fee` what it would cost the buyer to cancel now,
    `fee` what it did cost. `returnable_until` is null while nothing can be returned. `late`: what was not done in time.
    """

    bag: list[BagLineView]
    bag_total: int
    proposal: ProposalView | None
    returns: list[ReturnView]
    returnable_until: datetime | None
    cancellable: bool
    cancel_fee: int
    fee: int
    late: list[Lateness]
    back: BackView | None


def life_members(services: "Services", order: Order) -> dict[str, object]:
    """The members of `LifeView`."""
    orders = services.orders
    cancel_fee = orders.fulfilment.cancel_fee(order)
    shown = [proposal for proposal in order.proposals if proposal.status is not ProposalStatus.DRAFT]
    return {
        "bag": [
            BagLineView(
                product_id=line.product_id,
                name=line.name,
                image_url=image_url(line.product_id),
                quantity=line.quantity,
                charge=line.charge,
                instead_of=line.instead_of,
            )
            for line in bag(order)
        ],
        "bag_total": price_of_bag(order),
        "proposal": _proposal(shown[-1]) if shown else None,
        "returns": [_return(order, one) for one in order.returns],
        "returnable_until": orders.returns.until(order),
        "cancellable": cancel_fee is not None,
        "cancel_fee": cancel_fee or 0,
        "fee": order.fee,
        "late": [flag.kind for flag in order.flags],
        "back": _back(services, order),
    }


def who(order: Order, by: str) -> Who:
    """Not by name: which member of staff it was is nobody's business outside the store."""
    if by == order.buyer_id:
        return "buyer"
    return "system" if by == "system" else "store"


def image_url(product_id: str) -> str:
    """The product's picture."""
    return f"/api/products/{product_id}/image"


def _back(services: "Services", order: Order) -> BackView | None:
    at = came_back(order)
    if at is None:
        return None
    told = why(order)
    return BackView(
        at=at,
        reason=next((reason for reason in get_args(BackReason) if reason == told), "other"),
        blamed=by_rule(order).keep_fee,
        fee=services.orders.fulfilment.back_fee(order) if order.restocked is None else order.fee,
        restocked=order.restocked,
    )


def _proposal(proposal: Proposal) -> ProposalView:
    return ProposalView(
        id=proposal.id,
        status=proposal.status,
        at=proposal.at,
        until=proposal.until,
        answered_at=proposal.answered_at,
        lines=[
            ShortageView(
                product_id=one.product_id,
                name=one.name,
                image_url=image_url(one.product_id),
                missing=one.missing,
                value=one.value,
                replacement=None if one.replacement is None else _replacement(one.replacement),
            )
            for one in proposal.shortages
        ],
        difference=proposal.difference,
        refund=proposal.refund,
    )


def _replacement(new: Replacement) -> ReplacementView:
    return ReplacementView(
        product_id=new.product_id,
        name=new.name,
        image_url=image_url(new.product_id),
        quantity=new.quantity,
        unit_price=new.unit_price,
        charge=new.charge,
    )


def _return(order: Order, one: Return) -> ReturnView:
    return ReturnView(
        id=one.id,
        status=status_of(order, one),
        lines=[
            ReturnLineView(
                product_id=line.product_id,
                name=line.name,
                image_url=image_url(line.product_id),
                quantity=line.quantity,
                amount=line.amount,
            )
            for line in one.lines
        ],
        amount=one.amount,
        restocked=one.restocked,
        history=[
            ReturnStepView(status=step.status, at=step.at, by=who(order, step.by), note=step.note)
            for step in one.history
        ],
    )
