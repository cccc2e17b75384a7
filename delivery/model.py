"""The values of delivery. All are frozen; times are aware UTC; money is in fen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from delivery.dispatching.plan import Why
from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.travel import Vehicle

FLEET = "fleet"  # our own couriers, as a provider


class ProblemKind(StrEnum):
    """What a courier reports."""

    STORE_CLOSED = "store_closed"
    BUYER_ABSENT = "buyer_absent"
    REFUSED = "refused"
    """The buyer does not take the goods, or does not pay for them at the door."""
    DAMAGED = "damaged"
    ACCIDENT = "accident"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class StorePoint:
    """Where the goods are fetched."""

    id: str
    name: str
    address: str
    position: Position
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of what is carried. `price` in fen a piece."""

    name: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class DropOff:
    """Where they go. `name` and `phone` are the buyer's: shown to a courier only while the goods are on the way."""

    position: Position
    text: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a job's history. `by` is a user id, or `dispatch`."""

    status: Status
    at: datetime
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """This courier is not asked again for the job before `until`."""

    courier_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Guard:
    """Wrong tries of one code since the last lock."""

    tries: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who carries the job, as it was when the offer was made."""

    courier_id: str
    name: str
    phone: str
    vehicle: Vehicle


class AttemptState(StrEnum):
    """How far one try with one provider is. At most one attempt of a job is `OPEN`, and it is the last."""

    ASKING = "asking"
    """Written before the provider is asked: whether it knows of the delivery is to be found out by our key."""
    PLACED = "placed"
    """The provider has it, and answers for it by its own id."""
    WITHDRAWING = "withdrawing"
    """We want it back: nothing else is begun until the provider confirms, or is known never to have had it."""
    PROVING = "proving"
    """Delivered; the provider's proof is still to be fetched."""
    DONE = "done"
    """Delivered, or brought back."""
    ENDED = "ended"
    """Refused, withdrawn, or called off by either side: it can carry nothing any more."""


class Part(StrEnum):
    """What may change about a delivery after somebody else was asked to carry it."""

    READY_AT = "ready_at"
    NOTE = "note"
    PHONE = "phone"
    LEAVE_AT_DOOR = "leave_at_door"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was, or is to be, said to another provider of the two hand-overs, named as the `Part`s are.

    `note` and `phone` are for the door; `ready_at` is when the goods are, or are thought to be, packed.
    """

    ready_at: datetime
    note: str
    phone: str
    leave_at_door: bool

    def of(self, part: Part) -> object:
        """Its value."""
        return getattr(self, part.value)


OPEN = frozenset({AttemptState.ASKING, AttemptState.PLACED, AttemptState.WITHDRAWING})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try with one provider. `key` is ours (`{job_id}-{number}`) and makes asking twice harmless.

    `called_at`: a create was begun then, and whether it came to anything is not known; None when none is in doubt.
    `looked_at`: when the provider last said how it stands; `told_at`: the latest of its own times that it gave.
    `wait_until`: the provider is left alone before.
    `hand_over_code` is what the courier's app shows at the counter, where it shows one.
    `quoted` and `fee` (fen): what the provider said that it would take, just before it was asked, and what it takes.
    `asked_with` is what it was asked with, `said` what it knows since; `telling` was begun to be told, and whether it
    arrived is not known; `tried` is what was told last, whether it was taken or not (delivery/jobs/terms.py).
    """

    number: int
    provider: str
    key: str
    state: AttemptState
    asked_at: datetime
    external_id: str | None = None
    tracking_url: str | None = None
    hand_over_code: str | None = None
    called_at: datetime | None = None
    looked_at: datetime | None = None
    told_at: datetime | None = None
    wait_until: datetime | None = None
    ended_at: datetime | None = None
    why: str = ""
    quoted: int | None = None
    fee: int | None = None
    asked_with: Terms | None = None
    said: Terms | None = None
    telling: Terms | None = None
    tried: Terms | None = None


@dataclass(frozen=True, slots=True)
class ExternalRef:
    """Where a delivery lies that is not our own fleet's."""

    provider: str
    id: str
    tracking_url: str | None


class ProofKind(StrEnum):
    """How it was shown that the goods were given."""

    PIN = "pin"
    PHOTO = "photo"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Proof:
    """That the goods were given. `ref`: the id of a photo that we keep, or a URL of the provider's."""

    kind: ProofKind
    at: datetime
    by: str
    ref: str = ""

    @property
    def link(self) -> str | None:
        """The provider's URL, where it is one."""
        return self.ref if self.ref.startswith(("https://", "http://")) else None

    @property
    def kept(self) -> bool:
        """Whether there is (or was, for as long as they are kept) a picture of it in our house."""
        return self.kind is not ProofKind.PIN and bool(self.ref) and self.link is None


@dataclass(frozen=True, slots=True)
class Job:
    """One order's way to the door. `pay` is the courier's; `round` counts how often the search began again.

    `turn` counts the changes of `attempts`: a change is conditional on it. `bundle_id` and `stop` (from 0) tell which
    jobs one courier carries together, in which sequence. `alerted_at`: nobody takes it, and operators know since then.
    `leave_at_door`: the buyer wants it put down there; a photo of it will do in place of the PIN.
    `own_only`: no other provider may be asked (money is to be taken at the door).
    `accepted_at`: the store makes it up; no other house is asked for a courier before. `sold_cost` (fen) is what
    bringing it was thought to cost us when the buyer was told the price.
    """

    id: str
    order_id: str
    order_number: str
    buyer_id: str
    store: StorePoint
    drop_off: DropOff
    note: str
    status: Status
    round: int
    distance_m: int
    pay: int
    created_at: datetime
    due_at: datetime
    ready_at: datetime | None
    bearer: Bearer | None
    offer_expires_at: datetime | None
    why: Why | None
    refusals: tuple[Refusal, ...]
    hand_over_code: str
    pin: str
    code_guard: Guard
    pin_guard: Guard
    history: tuple[Step, ...]
    attempts: tuple[Attempt, ...] = ()
    turn: int = 0
    items: tuple[Item, ...] = ()
    due_from: datetime | None = None
    eta_at: datetime | None = None
    bundle_id: str | None = None
    stop: int = 0
    proof: Proof | None = None
    alerted_at: datetime | None = None
    leave_at_door: bool = False
    own_only: bool = False
    accepted_at: datetime | None = None
    sold_cost: int | None = None

    @property
    def courier_id(self) -> str | None:
        """Who has the offer or the job; for a courier of another provider `{provider}:{its courier}`."""
        return self.bearer.courier_id if self.bearer else None

    @property
    def attempt(self) -> Attempt:
        """The live attempt, or the last one when none lives."""
        return self.attempts[-1]

    @property
    def provider(self) -> str:
        """Who is to carry it: `fleet`, or another provider's name."""
        return self.attempts[-1].provider if self.attempts else FLEET

    @property
    def outside(self) -> bool:
        """Whether another provider is to carry it."""
        return self.provider != FLEET

    @property
    def offerable(self) -> bool:
        """Whether our own couriers may be asked."""
        return not self.outside and (not self.attempts or self.attempt.state is AttemptState.PLACED)

    @property
    def by_name(self) -> bool:
        """Whether the counter knows the courier by name only: another provider's, whose app shows no code of ours."""
        return self.outside and self.bearer is not None and self.attempt.hand_over_code is None

    @property
    def external(self) -> ExternalRef | None:
        """The delivery at another provider that carries this job, or carried it to its end."""
        last = self.attempts[-1] if self.attempts else None
        if last is None or last.provider == FLEET or last.external_id is None or last.state is AttemptState.ENDED:
            return None
        return ExternalRef(last.provider, last.external_id, last.tracking_url)


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What is needed to bring an order. `due_at` is the end of the promised window; None takes it from a quote.

    `provider` is whose promise was sold, and so who is asked first; empty: the first one of the settings. `cost` (fen)
    is what that was thought to cost us. `accepted`: the store has said already that it makes the order up.
    """

    order_id: str
    buyer_id: str
    store: StorePoint
    drop_off: DropOff
    order_number: str = ""
    note: str = ""
    due_at: datetime | None = None
    due_from: datetime | None = None
    items: tuple[Item, ...] = ()
    leave_at_door: bool = False
    own_only: bool = False
    provider: str = ""
    cost: int | None = None
    accepted: bool = False
