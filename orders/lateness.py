"""When an order is late, and when somebody should look at it again. Pure: what is promised against what was done."""

from datetime import datetime

from orders.lifecycle import COUNTER, OrderStatus, ProposalStatus, reached
from orders.model import Lateness, Order
from orders.picking.bag import bag
from orders.settings import OrdersSettings

_DONE_BY = {
    Lateness.ACCEPT: OrderStatus.ACCEPTED,
    Lateness.PICK: OrderStatus.PICKING,
    Lateness.READY: OrderStatus.READY,
    Lateness.COLLECT: OrderStatus.COLLECTED,
    Lateness.DELIVER: OrderStatus.DELIVERED,
}


def deadlines(order: Order, settings: OrdersSettings) -> dict[Lateness, datetime]:
    """By when what is not done yet should be; nothing for an order that is over or not paid."""
    if order.status not in {*COUNTER, OrderStatus.COLLECTED}:
        return {}
    promise = order.quote.promised_to
    accept_by = min((_came_to(order, OrderStatus.PAID) or order.placed_at) + settings.accept_within, promise)
    accepted = _came_to(order, OrderStatus.ACCEPTED) or accept_by
    times = {
        Lateness.ACCEPT: accept_by,
        Lateness.PICK: min(accepted + settings.pick_within, promise),
        # A promise that is nearer than the store needs does not make an order late before anybody could touch it.
        Lateness.READY: min(max(promise - settings.ready_before, accept_by + settings.pick_within), promise),
        Lateness.COLLECT: min(max(promise - settings.collect_before, accept_by + settings.pick_within), promise),
        Lateness.DELIVER: promise,
    }
    return {kind: at for kind, at in times.items() if not reached(order.status, _DONE_BY[kind])}


def late(order: Order, settings: OrdersSettings, now: datetime) -> tuple[Lateness, ...]:
    """What is late now and was not flagged before."""
    flagged = {flag.kind for flag in order.flags}
    times = deadlines(order, settings)
    return tuple(kind for kind, at in times.items() if at <= now and kind not in flagged)


def unaccepted(order: Order, settings: OrdersSettings) -> datetime | None:
    """When an order that nobody has accepted is given up; None if it is not such a one."""
    if order.status is not OrderStatus.PAID or not settings.unaccepted_after:
        return None
    return (_came_to(order, OrderStatus.PAID) or order.placed_at) + settings.unaccepted_after


def undecided(order: Order, settings: OrdersSettings) -> datetime | None:
    """When an order whose goods came back ends by rule; None if it is not such a one."""
    if order.status is not OrderStatus.BROUGHT_BACK or not settings.undecided_after:
        return None
    return order.history[-1].at + settings.undecided_after


def unanswered(order: Order, settings: OrdersSettings) -> datetime | None:
    """When the question to the buyer is over; for a draft, when its maker must have died."""
    if not order.proposals or order.status is not OrderStatus.PICKING:
        return None
    last = order.proposals[-1]
    if last.status is ProposalStatus.DRAFT:
        return last.at + settings.reservation_grace
    return last.until if last.asked else None


def next_check(order: Order, settings: OrdersSettings) -> datetime | None:
    """When the sweep should look at the order again; None if nothing can become of it by time alone."""
    if order.status is OrderStatus.PICKING and not bag(order):
        return order.history[-1].at  # at once: somebody died before ending an order of which nothing is left
    flagged = {flag.kind for flag in order.flags}
    times = [at for kind, at in deadlines(order, settings).items() if kind not in flagged]
    waits = (unaccepted(order, settings), unanswered(order, settings), undecided(order, settings))
    times += [at for at in waits if at is not None]
    return min(times, default=None)


def _came_to(order: Order, status: OrderStatus) -> datetime | None:
    return next((entry.at for entry in order.history if entry.status is status), None)
