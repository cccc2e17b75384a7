"""A job as a provider is told of it."""

from datetime import timedelta

from delivery.model import Job
from delivery.providers.provider import Place, Task
from delivery.settings import DeliverySettings


def task_of(job: Job, settings: DeliverySettings) -> Task:
    """What is to be carried, from where to where, and when."""
    ready_at = job.ready_at or job.created_at + timedelta(seconds=settings.prepare_s)
    store, door = job.store, job.drop_off
    return Task(
        job_id=job.id,
        order_id=job.order_id,
        order_number=job.order_number,
        pickup=Place(store.name, store.phone, store.address, store.position, ref=store.id),
        drop_off=Place(door.name, door.phone, door.text, door.position, note=job.note),
        items=job.items,
        value=sum(item.price * item.quantity for item in job.items),
        currency=settings.currency,
        ready_at=ready_at,
        due_from=job.due_from or max(ready_at, job.due_at - timedelta(seconds=settings.window_s)),
        due_at=job.due_at,
        pin=job.pin,
        leave_at_door=job.leave_at_door,
    )
