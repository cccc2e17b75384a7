"""A node that is about to end sends its people to other nodes first, and the routes to ask for it.

It takes no newcomers from then on. Publishers are closed, and come again elsewhere; the shows are pulled from there for
the viewers who are still here. Then viewers are asked one after another to come again (by a server-sent event, if they
listen), and closed a little later: who was asked has its new session by then.
"""

import asyncio
from collections.abc import Callable

import structlog
from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from media.background import end
from media.bearer import granted
from media.errors import BadBodyError
from media.node import Node
from media.show import Show
from media.viewer import Viewer

STEP = 0.02  # seconds between two viewers who are sent away, at most
HANDOVER = 6.0  # seconds that publishers get to be back elsewhere
OVERLAP = 3.0  # seconds between asking a viewer and closing
SHARE = 0.7  # of the time that is left is for asking
LOOK = 0.05  # seconds

log = structlog.get_logger(__name__)


class Wish(BaseModel):
    """Body of PUT /node/drain."""

    seconds: float = Field(default=30.0, ge=0, le=3600)


class Departure:
    """Of one node. `ask` tells a viewer (by the session's id) to come again; False: it does not listen."""

    def __init__(self, node: Node, ask: Callable[[str], bool]) -> None:
        self._node = node
        self._ask = ask
        self._task: asyncio.Task[None] | None = None
        node.depart = self.go

    async def go(self, seconds: float) -> None:
        """Send everybody away; returns when nobody is left, or after so many seconds. Newcomers stay refused."""
        node, loop = self._node, self._node.loop
        deadline = loop.time() + seconds
        log.info("draining", seconds=seconds, viewers=node.viewers, publishers=node.publishers)
        await self._admit_nobody(drain=True)
        await self._send_publishers(min(deadline, loop.time() + HANDOVER))
        await self._send_viewers(deadline)
        while (node.viewers or node.publishers) and loop.time() < deadline:  # noqa: ASYNC110 - with a deadline
            await asyncio.sleep(LOOK)
        log.info("drained", viewers=node.viewers, publishers=node.publishers)

    def begin(self, seconds: float) -> None:
        """`go`, without waiting for it; again is the same."""
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self.go(seconds))

    async def take_back(self) -> None:
        """Take newcomers again. Whoever was sent away is away."""
        await self.stop()
        await self._admit_nobody(drain=False)

    async def stop(self) -> None:
        """End what was begun."""
        if self._task is not None:
            await end(self._task)

    async def _admit_nobody(self, *, drain: bool) -> None:
        self._node.admission.draining = drain
        if self._node.announce is not None:
            await self._node.announce()

    async def _send_publishers(self, deadline: float) -> None:
        """Close them, and wait until the shows are pulled from where they are now."""
        left: list[Show] = []
        for show in list(self._node.shows.values()):
            if show.publisher is not None and not show.relayed:
                show.publisher.close("draining")
                left.append(show)
                await asyncio.sleep(STEP)
        while self._node.loop.time() < deadline:
            left = [show for show in left if show.state == "lost" and show.viewers]
            if not left:
                return
            await asyncio.sleep(LOOK)

    async def _send_viewers(self, deadline: float) -> None:
        loop = self._node.loop
        people = [viewer for show in self._node.shows.values() for viewer in show.audience]
        pause = min(STEP, max(0.0, SHARE * (deadline - loop.time())) / max(1, len(people)))
        overlap = min(OVERLAP, max(0.0, deadline - loop.time()) / 4)
        for viewer in people:
            if viewer.state != "closed":
                self._send(viewer, overlap)
                await asyncio.sleep(pause)

    def _send(self, viewer: Viewer, overlap: float) -> None:
        if self._ask(viewer.id):
            self._node.loop.call_later(overlap, viewer.close, "draining")
        else:
            viewer.close("draining")


DEPARTURE = web.AppKey("departure", Departure)


async def drain(request: web.Request) -> web.Response:
    """PUT: send everybody to other nodes within `seconds`, and take nobody in."""
    granted(request, "control")
    try:
        wish = Wish.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise BadBodyError("seconds must be a number from 0 to 3600", "seconds") from error
    request.app[DEPARTURE].begin(wish.seconds)
    return web.Response(status=202)


async def stay(request: web.Request) -> web.Response:
    """DELETE: take newcomers again."""
    granted(request, "control")
    await request.app[DEPARTURE].take_back()
    return web.Response(status=204)


async def forget(app: web.Application) -> None:
    """When the application ends."""
    await app[DEPARTURE].stop()


def routes() -> list[web.RouteDef]:
    """All of the above."""
    return [web.put("/node/drain", drain), web.delete("/node/drain", stay)]
