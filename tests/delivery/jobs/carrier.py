"""A provider of the tests: all of the protocol, with its books in memory, which no death of ours touches.

What its couriers do, the test says; each change is told by a signed message that the test carries, when and how often
it likes. Its line can be bad: requests or answers get lost, and a request can arrive a minute and a half late.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from delivery.errors import Forged, ProviderBusy, Unreachable
from delivery.jobs.lifecycle import FINAL, RANK, Status
from delivery.jobs.terms import merged
from delivery.model import Part, Proof, ProofKind, Terms
from delivery.providers.provider import Change, Delivery, News, OutsideCourier, ProviderQuote, Refused, Task
from delivery.travel import Vehicle

T = TypeVar("T")
SECRET = b"of the tests"
LATE_S = 90  # how late a request may arrive: less than our settling time


class Line(StrEnum):
    """How the way to the provider is."""

    GOOD = "good"
    CUT = "cut"
    """Nothing gets through."""
    NO_ANSWER = "no_answer"
    """Requests get through, answers do not."""
    LATE = "late"
    """A create gets through only after a while; nobody hears of it."""
    BUSY = "busy"
    FULL = "full"
    """It answers, and takes no new delivery."""


@dataclass(frozen=True)
class Message:
    """What it sends us, and sends again until we acknowledge."""

    id: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Carrier:
    """See `delivery.providers.provider.Provider`."""

    name: str
    clock: Callable[[], datetime]
    signs: bool = True
    takes: frozenset[Part] = frozenset({Part.NOTE, Part.LEAVE_AT_DOOR, Part.READY_AT})
    price: int = 900
    line: Line = Line.GOOD
    step: Callable[[], None] = lambda: None
    books: dict[str, Delivery] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    late: list[tuple[datetime, Task, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    terms: dict[str, Terms] = field(default_factory=dict)
    """What its couriers go by."""

    # What we ask

    async def quote(self, task: Task) -> ProviderQuote | Refused:
        self._ask("quote")
        now = self.clock()
        later = now + timedelta(minutes=30)
        return ProviderQuote(self.name, self.price, task.currency, now, later, later)

    async def create(self, task: Task, key: str) -> Delivery | Refused:
        self._ask("create")
        if self.line is Line.LATE:
            self.late.append((self.clock() + timedelta(seconds=LATE_S), task, key))
            raise Unreachable(self.name, maybe_done=True)
        if self.line is Line.FULL and self._by_key(key) is None:
            return Refused("full", "Nobody is free.")
        return self._answer(self._made(task, key))

    async def find(self, key: str) -> Delivery | None:
        self._ask("find")
        return self._answer(self._by_key(key))

    async def get(self, delivery_id: str) -> Delivery | None:
        self._ask("get")
        return self._answer(self.books.get(delivery_id))

    async def update(self, delivery_id: str, change: Change) -> Delivery | Refused:
        self._ask("update")
        assert change.parts
        assert change.parts <= self.takes
        known = self.books.get(delivery_id)
        if known is None or known.status in FINAL:
            return self._answer(Refused("over"))
        self.terms[delivery_id] = merged(self.terms[delivery_id], change.now, change.parts)
        return self._answer(known)

    async def cancel(self, delivery_id: str, reason: str) -> Delivery | Refused:
        self._ask("cancel")
        known = self.books.get(delivery_id)
        if known is None or known.status is None:
            return Refused("unknown")
        if known.status not in FINAL and RANK[known.status] >= RANK[Status.COLLECTED]:
            return self._answer(Refused("collected"))
        if known.status not in FINAL:
            self.move(delivery_id, Status.CANCELLED, reason)
        return self._answer(self.books[delivery_id])

    async def proof(self, delivery_id: str) -> Proof | None:
        self._ask("proof")
        known = self.books.get(delivery_id)
        if known is None or known.status is not Status.DELIVERED:
            return self._answer(None)
        return self._answer(Proof(ProofKind.SIGNATURE, self.clock(), self.name, "https://example.com/s.png"))

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:  # noqa: ARG002
        if not hmac.compare_digest(headers.get("x-signature", ""), sign(body)):
            raise Forged(self.name)

    def news(self, body: bytes) -> tuple[News, ...]:
        told = json.loads(body)
        courier = told["courier"]
        return (
            News(
                event_id=told["event"],
                delivery_id=told["delivery"],
                status=Status(told["status"]) if told["status"] in set(Status) else None,
                raw=told["status"],
                at=datetime.fromisoformat(told["at"]),
                key=told["key"],
                courier=OutsideCourier(courier, f"Courier {courier}", "13700001111", Vehicle.EBIKE)
                if courier
                else None,
                position=tuple(told["position"]) if told["position"] else None,
            ),
        )

    # What happens there

    def move(self, delivery_id: str, status: Status, why: str = "", courier: str | None = None) -> Message:
        """Its delivery moves on, and a message about it is on its way."""
        known = self.books[delivery_id]
        rider = OutsideCourier(courier, f"Courier {courier}", "13700001111", Vehicle.EBIKE) if courier else None
        if status is Status.SEARCHING:
            rider = None
        elif rider is None:
            rider = known.courier
        self.books[delivery_id] = replace(known, status=status, raw=status.value, courier=rider, why=why)
        return self.tell(delivery_id, status.value)

    def tell(
        self, delivery_id: str, status: str, position: tuple[float, float] | None = None, *, at: datetime | None = None
    ) -> Message:
        """A message that says so, true or not."""
        known = self.books[delivery_id]
        event = f"{self.name}-{len(self.messages)}"
        said = {
            "event": event,
            "delivery": delivery_id,
            "key": known.key,
            "status": status,
            "courier": known.courier.id if known.courier else None,
            "position": position,
            "at": (at or self.clock()).isoformat(),
        }
        body = json.dumps(said).encode()
        self.messages.append(Message(f"{self.name}:{event}", {"x-signature": sign(body)}, body))
        return self.messages[-1]

    def arrivals(self) -> None:
        """What was sent late gets here by now."""
        due = [one for one in self.late if one[0] <= self.clock()]
        self.late = [one for one in self.late if one not in due]
        for _, task, key in due:
            self._made(task, key)

    def alive(self, job_id: str) -> list[Delivery]:
        """Its deliveries of a job that may still be carried."""
        return [
            one
            for one in self.books.values()
            if (one.key or "").rpartition("-")[0] == job_id and one.status not in FINAL
        ]

    def _by_key(self, key: str) -> Delivery | None:
        return next((one for one in self.books.values() if one.key == key), None)

    def _made(self, task: Task, key: str) -> Delivery:
        known = self._by_key(key)
        if known is not None:
            return known
        made = Delivery(f"{self.name}_{len(self.books)}", Status.SEARCHING, "searching", key, fee=self.price)
        assert key.rpartition("-")[0] == task.job_id
        self.terms[made.id] = Terms(task.ready_at, task.drop_off.note, task.drop_off.phone, task.leave_at_door)
        self.books[made.id] = made
        return made

    def _ask(self, what: str) -> None:
        self.step()
        self.asked.append(what)
        if self.line is Line.CUT:
            raise Unreachable(self.name, maybe_done=False)
        if self.line is Line.BUSY:
            raise ProviderBusy(7)

    def _answer(self, answer: T) -> T:
        self.step()
        if self.line is Line.NO_ANSWER:
            raise Unreachable(self.name, maybe_done=True)
        return answer


@dataclass
class Gallery:
    """Where pictures lie: the port `Pictures`."""

    step: Callable[[], None] = lambda: None
    there: bool = True
    lost: bool = False
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str) -> bytes | None:
        self.step()
        self.asked.append(url)
        if self.lost:
            raise Unreachable(url, maybe_done=True)
        return b"a picture" if self.there else None


def sign(body: bytes) -> str:
    """What proves that it was the provider."""
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()
