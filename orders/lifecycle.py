"""The life of an order: one table. Every change of status in `orders` goes through it.

Each row becomes one conditional update with `status` in its filter (`orders.transitions`), which appends to the
history of the order and writes its event in the same transaction.
"""

from dataclasses import dataclass
from enum import StrEnum


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


S, A, W = OrderStatus, Action, Actor


@dataclass(frozen=True, slots=True)
class Transition:
    """`action` by one of `actors` takes an order from any of `sources` to `target`."""

    action: Action
    sources: tuple[OrderStatus, ...]
    target: OrderStatus
    actors: frozenset[Actor]


def _row(action: Action, sources: tuple[OrderStatus, ...], target: OrderStatus, *actors: Actor) -> Transition:
    return Transition(action, sources, target, frozenset(actors))


TABLE: tuple[Transition, ...] = (
    _row(A.PAY, (S.PLACED,), S.PAID, W.BUYER),
    _row(A.ACCEPT, (S.PAID,), S.ACCEPTED, W.STORE, W.OPERATOR),
    _row(A.START_PICKING, (S.ACCEPTED,), S.PICKING, W.STORE, W.OPERATOR),
    _row(A.READY, (S.PICKING,), S.READY, W.STORE, W.OPERATOR),
    _row(A.REJECT, (S.PAID, S.ACCEPTED), S.REJECTED, W.STORE, W.OPERATOR),
    # Staff hand a bag over before they touch the screen: what the courier's code proves is not refused for that.
    _row(A.COLLECT, (S.ACCEPTED, S.PICKING, S.READY), S.COLLECTED, W.STORE, W.OPERATOR, W.SYSTEM),
    _row(A.DELIVER, (S.COLLECTED,), S.DELIVERED, W.SYSTEM),
    _row(A.COMPLETE, (S.DELIVERED,), S.COMPLETED, W.SYSTEM),
    _row(A.CANCEL, (S.PLACED, S.PAID), S.CANCELLED, W.BUYER),
    _row(A.CANCEL, (S.PLACED,), S.CANCELLED, W.SYSTEM),
    _row(A.CANCEL, (S.PLACED, S.PAID, S.ACCEPTED, S.PICKING, S.READY), S.CANCELLED, W.OPERATOR),
)

RELEASED = frozenset({S.REJECTED, S.CANCELLED})
"""The goods go back on sale and the buyer owes nothing."""

HANDED_OVER = frozenset({S.COLLECTED, S.DELIVERED, S.COMPLETED})
"""The goods have left the store and the money is taken."""

HOLDING = frozenset(S) - RELEASED - HANDED_OVER
"""The order holds its reservation."""

COUNTER = (S.PAID, S.ACCEPTED, S.PICKING, S.READY)
"""What the store has to work on."""

_RANK = {
    status: rank
    for rank, status in enumerate(
        (S.PLACED, S.PAID, S.ACCEPTED, S.PICKING, S.READY, S.COLLECTED, S.DELIVERED, S.COMPLETED)
    )
}


def find(action: Action, actor: Actor) -> Transition | None:
    """The row for this action by this actor; None if the actor may never do it."""
    return next((row for row in TABLE if row.action is action and actor in row.actors), None)


def reached(status: OrderStatus, target: OrderStatus) -> bool:
    """Whether an order of `status` is at `target` or further on the same way: doing it again changes nothing."""
    if status is target:
        return True
    return status in _RANK and target in _RANK and _RANK[status] > _RANK[target]
