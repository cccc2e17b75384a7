"""Effects of what buyer and courier write to each other."""

from typing import TYPE_CHECKING

from delivery.events import MessageSent

if TYPE_CHECKING:
    from live.services import Services


async def tell_message(services: "Services", event: MessageSent) -> None:
    """Both sides see it."""
    await services.fleet.message(event.message_id)
