"""Effects of what buyer and courier write to each other."""

from typing import TYPE_CHECKING

from delivery.events import MessageSent
from live.fleet.tracking_views import message_view

if TYPE_CHECKING:
    from live.services import Services


async def tell_message(services: "Services", event: MessageSent) -> None:
    """Both sides see it, on all their pages. A page that has it already knows it by its id."""
    message = await services.delivery.messages.message(event.message_id)
    if message is None:
        return
    data = {"message": message_view(message).model_dump(mode="json")}
    for person in (message.buyer_id, message.courier_id):
        await services.topics.publish(f"me:{person}", "message", data)
