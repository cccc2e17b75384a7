"""One provider to be held to the contract, with a hand on what happens at its side."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from delivery.jobs.lifecycle import Status
from delivery.model import Item, Part, Terms
from delivery.providers.provider import Change, Place, Provider, Task

Message = tuple[dict[str, str], bytes]

STORE = Place(
    "Lane Bakery", "021-5550-0101", "12 Wukang Road, Shanghai", (121.44, 31.21), "Ask at the counter", "sto_1"
)
DOOR = Place("Mei Lin", "13800001234", "Flat 3, 8 Anfu Road, Shanghai", (121.45, 31.215), "Ring twice")
FAR = Place("Far Away", "13800001235", "1 Nowhere", (100.0, 10.0))


def now() -> datetime:
    return datetime.now(UTC)


def task(number: int = 1, door: Place = DOOR, *, ready_in: float = 5, due_in: float = 45) -> Task:
    """Minutes from now."""
    at = now()
    return Task(
        job_id=f"job_{number}",
        order_id=f"ord_{number}",
        order_number=f"A-104{number}",
        pickup=STORE,
        drop_off=door,
        items=(Item("Sourdough loaf", 2, 2800), Item("Flat white", 1, 3200)),
        value=8800,
        currency="CNY",
        ready_at=at + timedelta(minutes=ready_in),
        due_from=at + timedelta(minutes=due_in - 15),
        due_at=at + timedelta(minutes=due_in),
        pin="1234",
    )


def changed(*parts: Part, of: Task, **to: Any) -> Change:
    """These parts are otherwise than the task says."""
    asked = Terms(of.ready_at, of.drop_off.note, of.drop_off.phone, of.leave_at_door)
    return Change(frozenset(parts), replace(asked, **to), asked)


class Bench(Protocol):
    """What the contract needs to do behind a provider's back."""

    steps: tuple[Status, ...]
    """A life as far as the provider tells it, from created to delivered."""

    provider: Provider

    @property
    def created(self) -> int:
        """How many deliveries there really are at the provider."""
        ...

    async def task(self, number: int) -> Task:
        """Something to be carried."""
        ...

    async def move(self, delivery_id: str, status: Status) -> None:
        """Let it happen there."""
        ...


class OutsideBench(Bench, Protocol):
    """The same for a provider that is another house, behind a wire."""

    @property
    def active(self) -> int:
        """How many of them are under way."""
        ...

    def lose_answer(self, call: str) -> None:
        """The next call of this kind (create, cancel) is done, and its answer lost."""
        ...

    def limit(self, call: str, wait: int) -> None:
        """The next one is answered with 429 and a Retry-After."""
        ...

    def break_down(self, call: str) -> None:
        """The next one is answered with 500 and a page."""
        ...

    def refuse(self) -> None:
        """The next call is refused."""
        ...

    def message(self, delivery_id: str, *, at: datetime | None = None) -> Message:
        """What it tells us of the delivery as it stands, as it would sign it."""
        ...

    def unknown_message(self, delivery_id: str) -> Message:
        """The same with a status that no document knows."""
        ...

    def forged(self, message: Message) -> list[Message]:
        """Messages that are nearly this one."""
        ...
