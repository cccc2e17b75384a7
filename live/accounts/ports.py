"""What accounts need from the house."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

T = TypeVar("T")

Clock = Callable[[], datetime]
"""Gives the time now: aware, UTC."""


class RateLimiter(Protocol):
    """`live/http/limits.py`."""

    async def take(self, key: str, limit: int, per_seconds: int) -> object:
        """Count one use; raises its own refusal when the limit is reached."""


class Transactions(Protocol):
    """`live/db.py`."""

    async def run(self, body: Callable[[object], Awaitable[T]]) -> T:
        """Run the body in one transaction, again after a transient error; its exception rolls everything back."""
        ...


class Revocations(Protocol):
    """The sessions that ended within the life of an access token."""

    def revoked(self, family: str) -> bool:
        """Whether access tokens of this session must be refused. Asked at every request: no I/O."""
        ...

    async def revoke(self, family: str, until: datetime) -> None:
        """Refuse them from now on, in every process; `until` the last of them has expired."""
        ...
