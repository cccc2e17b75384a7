"""What a delivery provider is asked and what it tells: one protocol for our own fleet and for others.

Statuses are those of a job (`delivery.jobs.lifecycle.Status`), mapped by the adapter:

- `SEARCHING`: it has the delivery, nobody has taken it yet (or its courier gave it back, and it looks for another);
- `ACCEPTED`, `AT_STORE`, `COLLECTED`, `ARRIVING`, `DELIVERED`: as the words say;
- `RETURNING`, `RETURNED`: the goods go back, are back;
- `CANCELLED`: it ended there without delivery, whoever wanted that: refused, expired, called off, failed;
- None: a status that its documents do not tell us how to take. It is logged, and the delivery is asked for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.model import Item, Part, Proof, Terms
from delivery.travel import Vehicle

#: Among the headers of a message: what the address that it came to was told to carry (`?token=`).
TOKEN = "x-address-token"  # noqa: S105 - a header's name


@dataclass(frozen=True, slots=True)
class Place:
    """One end of the way. `note` is for the courier there; `ref` is our store id, empty at a door."""

    name: str
    phone: str
    address: str
    position: Position
    note: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be carried. Money in fen.

    `ready_at`: when the goods may be fetched (known or expected). `pin` is what the buyer tells at the door; a provider
    that can check one gets it. `leave_at_door`: nobody is to be waited for there; a photo shows where the goods are.
    """

    job_id: str
    order_id: str
    order_number: str
    pickup: Place
    drop_off: Place
    items: tuple[Item, ...]
    value: int
    currency: str
    ready_at: datetime
    due_from: datetime
    due_at: datetime
    pin: str
    leave_at_door: bool = False


@dataclass(frozen=True, slots=True)
class ProviderQuote:
    """What the provider would take (fen), and when it would be there. `id` is its own, where it has one."""

    provider: str
    fee: int
    currency: str
    pickup_at: datetime
    drop_off_at: datetime
    valid_until: datetime
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider answered, and does not do it; nothing exists there because of the request. `code` is its word."""

    code: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class OutsideCourier:
    """Who carries it there. `id` is the provider's, or what tells its couriers apart best (a phone number).

    Adapters of providers that do not say what the courier rides give what most of its couriers ride.
    """

    id: str
    name: str
    phone: str
    vehicle: Vehicle


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the provider has it. `raw` is its own word for the status; `key` is ours, where it gives it back.

    `hand_over_code` is what the courier's app shows at the counter, where there is one. `why`: the reason for an end
    without delivery. `fee` in fen. `pin`: what the buyer tells at this courier's arrival, where the provider makes it.
    """

    id: str
    status: Status | None
    raw: str
    key: str | None = None
    courier: OutsideCourier | None = None
    position: Position | None = None
    tracking_url: str | None = None
    eta_at: datetime | None = None
    hand_over_code: str | None = None
    fee: int | None = None
    why: str = ""
    at: datetime | None = None
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What changes about a delivery under way: these `parts` are as `now` says; it was asked for as `asked` says."""

    parts: frozenset[Part]
    now: Terms
    asked: Terms


@dataclass(frozen=True, slots=True)
class News:
    """One thing that a provider told us.

    `event_id` is unique at the provider, or made from what tells its messages apart; `delivery_id` is the provider's;
    `key` is ours where the message has it. `at` is the provider's time of it.
    """

    event_id: str
    delivery_id: str
    status: Status | None
    raw: str
    at: datetime
    key: str | None = None
    courier: OutsideCourier | None = None
    position: Position | None = None
    tracking_url: str | None = None
    why: str = ""


class Provider(Protocol):
    """Anybody who carries.

    Every call may raise `Unreachable`, `ProviderBusy` or `ProviderFault` (delivery/errors.py).
    """

    @property
    def name(self) -> str:
        """As in settings, in attempts and in the webhook's path: lower case, no hyphen."""
        ...

    @property
    def signs(self) -> bool:
        """Whether `verify` proves who sent a message. What is not proved is asked for again before it is believed."""
        ...

    @property
    def takes(self) -> frozenset[Part]:
        """What of a delivery under way it lets us change, or passes on to its courier in words."""
        ...

    async def quote(self, task: Task) -> ProviderQuote | Refused:
        """What it would take. Nothing comes of it."""
        ...

    async def create(self, task: Task, key: str) -> Delivery | Refused:
        """Have it carried. With a key that was used before: the delivery of then, never a second one.

        `Unreachable(maybe_done=True)`: call `find` or this again with the same key before anything else is begun.
        """
        ...

    async def find(self, key: str) -> Delivery | None:
        """The delivery that was created with our key; None when the provider says that there is none."""
        ...

    async def get(self, delivery_id: str) -> Delivery | None:
        """As it stands now; None when the provider does not know it."""
        ...

    async def update(self, delivery_id: str, change: Change) -> Delivery | Refused:
        """Change these parts, all of which are among `takes`. Again is the same. `Refused`: nothing is changed."""
        ...

    async def cancel(self, delivery_id: str, reason: str) -> Delivery | Refused:
        """Call it off: the delivery, CANCELLED, which an earlier call may have done. `Refused`: it goes on."""
        ...

    async def proof(self, delivery_id: str) -> Proof | None:
        """That it was given, once it is delivered; None while there is none."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Check that a message is from the provider, and not older than its time limit. Header names in lower case.

        Raises Forged. A provider without signatures (`signs` is False) checks what there is to check.
        """
        ...

    def news(self, body: bytes) -> tuple[News, ...]:
        """What a verified message tells; () for one that is none of our concern. Raises ProviderFault if unreadable."""
        ...
