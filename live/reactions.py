"""The one table from what happened to what follows.

Every effect may run twice, and late: it reads the present state or is harmless to repeat. All effects of an event run
even when one of them fails; then the event is handled again (live/outbox.py).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from delivery import events as delivery
from live.effects import buying, comeback, conduct, contact, crediting, paying, promoting, stage, stocking, webhooks
from live.outbox import EventTypes
from live.shows import events as shows
from moderation import events as moderation
from orders import events as orders

if TYPE_CHECKING:
    from live.services import Services

Effect: TypeAlias = "Callable[[Services, Any], Awaitable[None]]"

REACTIONS: Final[Mapping[type[Any], tuple[Effect, ...]]] = {
    # Buying
    orders.OrderPlaced: (buying.tell_order, webhooks.tell_systems),
    orders.OrderPaid: (
        buying.request_delivery,
        buying.tell_order,
        buying.show_sale,
        crediting.note_personal,
        webhooks.tell_systems,
    ),
    orders.OrderAccepted: (buying.let_others_be_asked, buying.tell_order, webhooks.tell_systems),
    orders.OrderPicking: (buying.tell_order, webhooks.tell_systems),
    orders.OrderReady: (buying.tell_courier_ready, buying.tell_order, webhooks.tell_systems),
    orders.OrderCollected: (buying.tell_order, webhooks.tell_systems),
    orders.OrderDelivered: (buying.tell_order, webhooks.tell_systems),
    orders.OrderCompleted: (buying.tell_order, crediting.settle_commission, webhooks.tell_systems),
    orders.OrderCancelled: (buying.call_delivery_off, buying.tell_order, webhooks.tell_systems),
    orders.OrderBroughtBack: (buying.tell_order, comeback.tell_console, webhooks.tell_systems),
    orders.OrderUndelivered: (buying.tell_order, comeback.tell_console, webhooks.tell_systems),
    orders.OrderRefunded: (buying.tell_order, crediting.settle_commission, webhooks.tell_systems),
    orders.ProposalChanged: (buying.tell_order, webhooks.tell_systems),
    orders.ReturnChanged: (buying.tell_order, webhooks.tell_systems),
    orders.OrderLate: (buying.tell_order, buying.tell_console_late, webhooks.tell_systems),
    orders.CaptureFailed: (buying.note_capture_failure, buying.tell_order, webhooks.tell_systems),
    orders.PaymentChanged: (buying.tell_order, crediting.settle_commission),
    orders.PaymentNoticed: (paying.follow_notice,),
    orders.PaymentAlerted: (paying.tell_alert,),
    orders.TransferChanged: (stocking.tell_transfer,),
    orders.StockChanged: (buying.tell_stock, buying.tell_availability),
    # Delivery
    delivery.JobCreated: (buying.tell_fleet, buying.tell_order),
    delivery.JobOffered: (buying.tell_fleet,),
    delivery.JobAccepted: (buying.tell_fleet, buying.tell_order),
    delivery.JobReleased: (buying.tell_fleet, buying.tell_order),
    delivery.JobHandedOn: (buying.tell_fleet, buying.tell_order),
    delivery.JobUnserved: (buying.tell_console_unserved,),
    delivery.CourierAtStore: (buying.tell_fleet, buying.tell_order),
    delivery.JobCollected: (buying.mark_collected, buying.tell_fleet, buying.tell_order),
    delivery.CourierArriving: (buying.tell_fleet,),
    delivery.JobDelivered: (buying.complete, buying.tell_fleet, buying.tell_order),
    delivery.JobFailed: (buying.give_up, buying.tell_fleet, buying.tell_order),
    delivery.JobReturned: (comeback.bring_back, buying.tell_fleet, buying.tell_order),
    delivery.JobCancelled: (buying.tell_fleet, buying.tell_order),
    delivery.PromiseMoved: (buying.tell_fleet, buying.tell_order),
    delivery.MessageSent: (contact.tell_message,),
    delivery.JobNoted: (buying.tell_fleet, buying.tell_order),
    # Conduct
    moderation.UserMuted: (conduct.tell_muted,),
    moderation.UserBanned: (conduct.shut_out, conduct.tell_banned),
    moderation.SanctionLifted: (conduct.let_in, conduct.tell_lifted),
    moderation.MessageDeleted: (conduct.delete_message,),
    moderation.ShowWarned: (conduct.warn,),
    moderation.ShowCut: (stage.cut,),
    # Shows
    shows.ShowStatusChanged: (stage.tell_status, promoting.close),
    shows.ShowCardsChanged: (stage.tell_cards,),
    shows.ShowTitleChanged: (stage.tell_title,),
}

EVENT_TYPES: Final = EventTypes(tuple(REACTIONS))


class Reactions:
    """Runs the table."""

    def __init__(self, services: "Services") -> None:
        self._services = services

    async def handle(self, event: Any) -> None:
        """Everything that follows from the event. Raises ExceptionGroup of what went wrong, after trying all."""
        failed: list[Exception] = []
        for effect in REACTIONS[type(event)]:
            try:
                await effect(self._services, event)
            except Exception as error:  # noqa: BLE001 - raised again below, after the other effects had their turn
                failed.append(error)
        if failed:
            raise ExceptionGroup(f"effects of {type(event).__name__} failed", failed)
