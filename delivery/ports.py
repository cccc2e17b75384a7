"""What delivery needs from the house around it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
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


class Pictures(Protocol):
    """Fetches pictures of other houses, wherever in the public Internet they lie."""

    async def fetch(self, url: str) -> bytes | None:
        """One as a JPEG of ours, without whatever else was in it; None for what is no picture that may be kept.

        Raises Unreachable or ProviderBusy when it may be there later.
        """
        ...


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request to another house. `url` is absolute; `timeout_s` is for all of it; `most` bounds the answer, bytes.

    Its `repr` holds neither headers nor body: they carry secrets and addresses of people.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout_s: float = 10.0
    most: int = 1 << 20


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back, whatever its status. Names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


class Http(Protocol):
    """The way out to other houses. It follows no redirects and tries nothing twice."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """The answer. Raises Unreachable when there is none, or one that is larger than the request allows."""
        ...
