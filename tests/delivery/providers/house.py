"""A provider's server in a test: real sockets, the faults that a test asks for, and all requests as they came."""

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """One request. `body` is what it said: JSON, or a form as a dictionary."""

    method: str
    path: str
    body: Json
    headers: dict[str, str]


@dataclass
class Faults:
    """How often what goes wrong next. Each counts calls of the part of the path that it names."""

    lose_answer: dict[str, int] = field(default_factory=dict)
    """Do it, then hang up."""
    limit: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Answer 429 so often, with a Retry-After of so many seconds."""
    broken: dict[str, int] = field(default_factory=dict)
    """Answer 500 with a page instead of JSON."""

    def take(self, kind: dict[str, int], path: str) -> bool:
        for part, left in kind.items():
            if path.endswith(part) and left > 0:
                kind[part] = left - 1
                return True
        return False

    def limited(self, path: str) -> int | None:
        for part, (left, wait) in self.limit.items():
            if path.endswith(part) and left > 0:
                self.limit[part] = (left - 1, wait)
                return wait
        return None


class House(ABC):
    """What both providers' servers have in common."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.seen: list[Seen] = []
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        app = web.Application(middlewares=[self._faulty()])
        self.routes(app.router)
        self.server = TestServer(app)

    @abstractmethod
    def routes(self, router: web.UrlDispatcher) -> None:
        """What it answers."""

    @abstractmethod
    def limited(self, wait: int) -> web.Response:
        """Its way to say that too much is asked."""

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def bodies(self, part: str) -> list[Json]:
        """What was sent to paths that end so."""
        return [seen.body for seen in self.seen if seen.path.endswith(part) and seen.method == "POST"]

    async def __aenter__(self) -> Self:
        await self.server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.close()

    def _faulty(self) -> Any:
        @web.middleware
        async def faulty(request: web.Request, handler: Handler) -> web.StreamResponse:
            body: Json = {}
            if "urlencoded" in request.content_type:
                body = dict(await request.post())
            elif raw := await request.read():
                body = json.loads(raw)
            self.seen.append(Seen(request.method, request.path, body, dict(request.headers)))
            if (wait := self.faults.limited(request.path)) is not None:
                return self.limited(wait)
            if self.faults.take(self.faults.broken, request.path):
                return web.Response(status=500, content_type="text/html", text="<h1>Oops</h1>")
            answer = await handler(request)
            if self.faults.take(self.faults.lose_answer, request.path):
                assert request.transport is not None
                request.transport.close()
            return answer

        return faulty
