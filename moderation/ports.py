"""What moderation needs from the house that runs it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from moderation.events import Event

T = TypeVar("T")

Clock = Callable[[], datetime]
"""Gives the time now: aware, UTC."""


class Transactions(Protocol):
    """Runs a body in one transaction, again after a transient error: the body may run many times."""

    async def run(self, body: Callable[[object], Awaitable[T]]) -> T:
        """`body` is given the session to pass to every store call; its exception rolls everything back."""
        ...


class Outbox(Protocol):
    """Keeps events that are published after the transaction commits."""

    async def add(self, event: Event, session: object) -> None:
        """Write the event in the transaction of `session`."""
        ...
