"""The life of an order: one file, its tables first. Every change of status in `orders` goes through them.

Three machines live on an order: the order itself, the proposals that the store makes while it picks, and the returns
after delivery. Each row becomes one conditional update with the status in its filter, which appends to the history
and writes its event in the same transaction (`orders.transitions`, `orders.picking`, `orders.aftersale`).
`scripts/write_lifecycle.py` writes docs/order-life.md from here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class OrderStatus(StrEnum):
    """Where an order is."""

    PLACED = "placed"
    PAID = "paid"
    ACCEPTED = "accepted"
    PICKING = "picking"
    READY = "ready"
    COLLECTED = "collected"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    BROUGHT_BACK = "brought_back"
    UNDELIVERED = "undelivered"


class ProposalStatus(StrEnum):
    """Where a store's proposal is. A `draft` reserves its replacements and is not shown to anybody yet."""

    DRAFT = "draft"
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ReturnStatus(StrEnum):
    """Where a return is. `received`: the goods are back (or may stay) and the money is on its way."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    RECEIVED = "received"
    REFUNDED = "refunded"


class Actor(StrEnum):
    """On whose behalf an order is changed. `SYSTEM` is a sweep or the effect of another domain's event."""

    BUYER = "buyer"
    STORE = "store"
    OPERATOR = "operator"
    SYSTEM = "system"


class Action(StrEnum):
    """What is done to an order."""

    PAY = "pay"
    ACCEPT = "accept"
    START_PICKING = "start_picking"
    READY = "ready"
    REJECT = "reject"
    COLLECT = "collect"
    DELIVER = "deliver"
    COMPLETE = "complete"
    CANCEL = "cancel"
    BRING_BACK = "bring_back"
    CLOSE = "close"


class Answer(StrEnum):
    """What is done to a proposal."""

    OPEN = "open"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


class Handling(StrEnum):
    """What is done to a return."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RECEIVE = "receive"
    WAIVE = "waive"
    REFUND = "refund"


S, A, W = OrderStatus, Action, Actor
P, R = ProposalStatus, ReturnStatus

ActionT = TypeVar("ActionT", Action, Answer, Handling)
StatusT = TypeVar("StatusT", OrderStatus, ProposalStatus, ReturnStatus)


@dataclass(frozen=True, slots=True)
class Row(Generic[ActionT, StatusT]):
    """`action` by one of `actors` takes the thing from any of `sources` to `target`.

    `costs`: the buyer owes the cancellation fee (`OrdersSettings.cancel_fee`) unless the store fell short first; of
    goods that came back, what is decided.
    """

    action: ActionT
    sources: tuple[StatusT, ...]
    target: StatusT
    actors: frozenset[Actor]
    costs: bool = False


Transition = Row[Action, OrderStatus]


def _row(
    action: ActionT, sources: tuple[StatusT, ...], target: StatusT, *actors: Actor, costs: bool = False
) -> Row[ActionT, StatusT]:
    return Row(action, sources, target, frozenset(actors), costs)


TABLE: tuple[Transition, ...] = (
    _row(A.PAY, (S.PLACED,), S.PAID, W.BUYER),
    _row(A.ACCEPT, (S.PAID,), S.ACCEPTED, W.STORE, W.OPERATOR),
    _row(A.START_PICKING, (S.ACCEPTED,), S.PICKING, W.STORE, W.OPERATOR),
    _row(A.READY, (S.PICKING,), S.READY, W.STORE, W.OPERATOR),
    _row(A.REJECT, (S.PAID, S.ACCEPTED, S.PICKING), S.REJECTED, W.STORE, W.OPERATOR),
    # Nobody accepted it in time, or nothing is left to put into the bag.
    _row(A.REJECT, (S.PAID, S.PICKING), S.REJECTED, W.SYSTEM),
    # Staff hand a bag over before they touch the screen: what the courier's code proves is not refused for that.
    _row(A.COLLECT, (S.ACCEPTED, S.PICKING, S.READY), S.COLLECTED, W.STORE, W.OPERATOR, W.SYSTEM),
    # A provider says that its courier has the bag, whatever the store has pressed: nothing truer can be said of it.
    _row(A.COLLECT, (S.PAID,), S.COLLECTED, W.SYSTEM),
    _row(A.DELIVER, (S.COLLECTED,), S.DELIVERED, W.SYSTEM),
    _row(A.COMPLETE, (S.DELIVERED,), S.COMPLETED, W.SYSTEM),
    _row(A.CANCEL, (S.PLACED, S.PAID), S.CANCELLED, W.BUYER),
    _row(A.CANCEL, (S.ACCEPTED, S.PICKING), S.CANCELLED, W.BUYER, costs=True),
    _row(A.CANCEL, (S.PLACED,), S.CANCELLED, W.SYSTEM),
    _row(A.CANCEL, (S.PLACED, S.PAID, S.ACCEPTED, S.PICKING, S.READY), S.CANCELLED, W.OPERATOR),
    # Nobody was there, it was damaged, or refused at the door: the goods are at the store again.
    _row(A.BRING_BACK, (S.COLLECTED,), S.BROUGHT_BACK, W.SYSTEM),
    _row(A.CLOSE, (S.BROUGHT_BACK,), S.UNDELIVERED, W.OPERATOR, W.SYSTEM, costs=True),
)

PROPOSALS: tuple[Row[Answer, ProposalStatus], ...] = (
    _row(Answer.OPEN, (P.DRAFT,), P.OPEN, W.STORE),
    _row(Answer.ACCEPT, (P.OPEN,), P.ACCEPTED, W.BUYER),
    _row(Answer.DECLINE, (P.OPEN,), P.DECLINED, W.BUYER),
    # Without an answer in time, and when the order leaves picking with the question open.
    _row(Answer.EXPIRE, (P.OPEN,), P.EXPIRED, W.SYSTEM),
    # The goods were found after all; or a process died before the buyer was asked.
    _row(Answer.WITHDRAW, (P.DRAFT, P.OPEN), P.WITHDRAWN, W.STORE, W.SYSTEM),
)

RETURNS: tuple[Row[Handling, ReturnStatus], ...] = (
    _row(Handling.APPROVE, (R.REQUESTED,), R.APPROVED, W.STORE, W.OPERATOR),
    _row(Handling.REFUSE, (R.REQUESTED,), R.REFUSED, W.STORE, W.OPERATOR),
    _row(Handling.RECEIVE, (R.APPROVED,), R.RECEIVED, W.STORE, W.OPERATOR),
    # The buyer may keep the goods: refund of single lines.
    _row(Handling.WAIVE, (R.REQUESTED, R.APPROVED), R.RECEIVED, W.OPERATOR),
    # Follows from the provider's answer to the refund that receiving asked for.
    _row(Handling.REFUND, (R.RECEIVED,), R.REFUNDED, W.SYSTEM),
)

RELEASED = frozenset({S.REJECTED, S.CANCELLED})
"""The goods go back on sale and the buyer owes nothing but a cancellation fee."""

HANDED_OVER = frozenset({S.COLLECTED, S.DELIVERED, S.COMPLETED})
"""The goods have left the store and the money is taken."""

BACK = frozenset({S.BROUGHT_BACK, S.UNDELIVERED})
"""The goods had left the store and are there again; the buyer never had them."""

HOLDING = frozenset(S) - RELEASED - HANDED_OVER - BACK
"""The order holds its reservation."""

COUNTER = (S.PAID, S.ACCEPTED, S.PICKING, S.READY)
"""What the store has to work on."""

RETURNABLE = (S.DELIVERED, S.COMPLETED)
"""The buyer has the goods and may ask to bring some back."""

CONCLUDED = frozenset({P.ACCEPTED, P.DECLINED, P.EXPIRED})
"""What was missing stays out of the bag."""

_OUT = (S.PLACED, S.PAID, S.ACCEPTED, S.PICKING, S.READY, S.COLLECTED)
_WAYS = ((*_OUT, S.DELIVERED, S.COMPLETED), (*_OUT, S.BROUGHT_BACK, S.UNDELIVERED))


def find(action: Action, actor: Actor, status: OrderStatus | None = None) -> Transition | None:
    """The row for this action by this actor from `status` (None: the first of any); None if there is none."""
    fitting = (row for row in TABLE if row.action is action and actor in row.actors)
    return next((row for row in fitting if status is None or status in row.sources), None)


def target(action: Action) -> OrderStatus:
    """Where the action leads, whoever does it."""
    return next(row.target for row in TABLE if row.action is action)


def answering(answer: Answer, actor: Actor) -> Row[Answer, ProposalStatus] | None:
    """The row of a proposal for this answer by this actor."""
    return next((row for row in PROPOSALS if row.action is answer and actor in row.actors), None)


def handling(action: Handling, actor: Actor) -> Row[Handling, ReturnStatus] | None:
    """The row of a return for this handling by this actor."""
    return next((row for row in RETURNS if row.action is action and actor in row.actors), None)


def reached(status: OrderStatus, goal: OrderStatus) -> bool:
    """Whether an order of `status` is at `goal` or further on the same way: doing it again changes nothing."""
    if status is goal:
        return True
    return any(status in way and goal in way[: way.index(status)] for way in _WAYS)
