"""What delivery tells the rest of the house. Written in the transaction of the change; readers may see one twice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from delivery.ids import new_id
from delivery.model import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Every event: what it is about."""

    id: str
    at: datetime
    job_id: str
    order_id: str
    buyer_id: str
    store_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCreated(Event):
    """A courier is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOffered(Event):
    """A courier is asked, until `expires_at`."""

    courier_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAccepted(Event):
    """A courier is coming to the store."""

    courier_id: str
    courier_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReleased(Event):
    """`courier_id` has it no more and the search goes on: declined, expired, silent, offline, accident, ..."""

    courier_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHandedOn(Event):
    """Another provider is asked: `provider` did not carry it, for this reason."""

    courier_id: str | None
    provider: str
    next_provider: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobUnserved(Event):
    """Everybody was asked, and nobody takes it. The search goes on; somebody should look. `since`: when it began."""

    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierAtStore(Event):
    """The courier stands at the counter."""

    courier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCollected(Event):
    """The store gave the goods to the courier."""

    courier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierArriving(Event):
    """The courier is close to the door."""

    courier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDelivered(Event):
    """The buyer has the goods."""

    courier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(Event):
    """The buyer will not get the goods: the store was closed, or the courier turns back with them."""

    courier_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReturned(Event):
    """The goods of a failed job are back at the store."""

    courier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCancelled(Event):
    """Called off before collection. `courier_id` had the offer or the job, or nobody."""

    courier_id: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMoved(Event):
    """The buyer is told another time: `by_s` later than what was told before (negative: earlier), and why."""

    by_s: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Event):
    """Buyer or courier wrote to the other."""

    courier_id: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNoted(Event):
    """Something that is no status is known of it: `what` is `told` (what the provider was told) or `proof`."""

    what: str


EVENTS: tuple[type[Event], ...] = (
    JobCreated,
    JobOffered,
    JobAccepted,
    JobReleased,
    JobHandedOn,
    JobUnserved,
    CourierAtStore,
    JobCollected,
    CourierArriving,
    JobDelivered,
    JobFailed,
    JobReturned,
    JobCancelled,
    PromiseMoved,
    MessageSent,
    JobNoted,
)


KindT = TypeVar("KindT", bound=Event)


def happened(kind: type[KindT], job: Job, at: datetime, **more: Any) -> KindT:
    """An event about the job; `more` are the members that this kind adds."""
    return kind(
        id=new_id("evt"),
        at=at,
        job_id=job.id,
        order_id=job.order_id,
        buyer_id=job.buyer_id,
        store_id=job.store.id,
        **more,
    )
