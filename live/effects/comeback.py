"""Effects of goods that could not be delivered."""

from typing import TYPE_CHECKING

from delivery.events import JobReturned
from delivery.jobs.lifecycle import Status
from live.buying.views import counter_view
from orders.events import OrderBroughtBack, OrderUndelivered

if TYPE_CHECKING:
    from live.services import Services


async def bring_back(services: "Services", event: JobReturned) -> None:
    """The goods are at the store again: who was to pay at the door owes nothing, and somebody has to decide."""
    job = await services.delivery.jobs.job(event.job_id)
    told = (step.why for step in reversed(job.history) if step.status is Status.RETURNING)
    await services.orders.fulfilment.bring_back(event.order_id, event.courier_id, next(told, ""))


async def tell_console(services: "Services", event: OrderBroughtBack | OrderUndelivered) -> None:
    """The operators' list of orders that wait for a decision: one more, or one that was decided."""
    view = await counter_view(services, await services.orders.order(event.order_id))
    await services.topics.publish("console", "back", {"order": view.model_dump(mode="json")})
