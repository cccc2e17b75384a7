"""What must hold of a job before a courier or a store moves it."""

from enum import StrEnum

from delivery.errors import JobUnknown, WrongStatus
from delivery.jobs.lifecycle import TABLE, WITH_GOODS, Action, Status
from delivery.model import Job


class Place(StrEnum):
    """Where a courier arrives."""

    STORE = "store"
    DOOR = "door"


def there(job: Job, place: Place) -> bool:
    """Whether it is known already that the courier is, or was, at that place."""
    if place is Place.DOOR:
        return job.status is Status.ARRIVING
    return job.status is Status.AT_STORE or job.status in WITH_GOODS


def belongs(job: Job, courier_id: str) -> None:
    """Raises JobUnknown for a job that is not in this courier's hands."""
    if job.courier_id != courier_id or job.status is Status.OFFERED:
        raise JobUnknown(job.id)


def allow(job: Job, action: Action) -> None:
    """Raises WrongStatus where the table has no such way."""
    if job.status not in TABLE[action].sources:
        raise WrongStatus(job.status, action)
