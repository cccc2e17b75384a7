"""Effects of what happens to payments."""

from typing import TYPE_CHECKING

import structlog

from live.paying.views import alert_view
from orders.events import PaymentAlerted, PaymentNoticed

if TYPE_CHECKING:
    from live.services import Services

log = structlog.get_logger(__name__)


async def follow_notice(services: "Services", event: PaymentNoticed) -> None:
    """A provider's webhook was heard: what is so is asked of the provider itself."""
    await services.orders.notices.follow(event)


async def tell_alert(services: "Services", event: PaymentAlerted) -> None:
    """Open consoles see money that needs a person, and see it go. Loud in the log too."""
    alert = await services.orders.bell.alert(event.alert_id)
    if alert.resolved_at is None:
        log.error("payment alert", kind=alert.kind.value, order_id=alert.order_id, amount=alert.amount)
    await services.topics.publish("console", "payment", {"alert": alert_view(alert).model_dump(mode="json")})
