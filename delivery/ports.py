"""What delivery needs from the house around it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from delivery.events import Event
from delivery.geo import Position

Clock = Callable[[], datetime]
"""Now, aware UTC."""

T = TypeVar("T")


class Transactions(Protocol):
    """Runs a body in one transaction. The body may run again after a conflict, so it has no effect outside of it."""

    async def run(self, body: Callable[[object], Awaitable[T]]) -> T:
        """Commit what the body wrote and return what it returned; if it raises, nothing is written."""
        ...


class Outbox(Protocol):
    """Keeps events in the transaction of the change that they tell of, and publishes them after commit."""

    async def add(self, event: Event, session: object) -> None:
        """Write the event in the session's transaction."""
        ...


class Positions(Protocol):
    """Fans out a courier's moves to those who look on. Nothing is kept: a lost move is made good by the next."""

    async def moved(self, courier_id: str, position: Position, at: datetime, job_ids: tuple[str, ...]) -> None:
        """The courier is at `position`, carrying these jobs."""
        ...
