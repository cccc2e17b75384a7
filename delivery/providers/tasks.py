"""A job as a provider is told of it."""

from datetime import timedelta

from delivery.jobs.terms import terms_of
from delivery.model import Job
from delivery.providers.provider import Place, Task
from delivery.settings import DeliverySettings


def task_of(job: Job, settings: DeliverySettings) -> Task:
    """What is to be carried, from where to where, and when: as the provider was first asked, if it was."""
    terms = job.attempt.asked_with or terms_of(job, settings)
    store, door = job.store, job.drop_off
    return Task(
        job_id=job.id,
        order_id=job.order_id,
        order_number=job.order_number,
        pickup=Place(store.name, store.phone, store.address, store.position, ref=store.id),
        drop_off=Place(door.name, terms.phone, door.text, door.position, note=terms.note),
        items=job.items,
        value=sum(item.price * item.quantity for item in job.items),
        currency=settings.currency,
        ready_at=terms.ready_at,
        due_from=job.due_from or max(terms.ready_at, job.due_at - timedelta(seconds=settings.window_s)),
        due_at=job.due_at,
        pin=job.pin,
        leave_at_door=terms.leave_at_door,
    )
