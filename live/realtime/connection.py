"""One page's socket, from the sending side: a bounded queue, and where each followed topic stands."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from aiohttp import WSMsgType, web

from live.http.access import Principal
from live.realtime.topics import Event

#: Frames that may wait for a socket that does not read; one more closes it.
QUEUE: Final = 256
#: Seconds that a closing socket gets for its last frames.
_LAST_WORDS: Final = 2.0


class Close(IntEnum):
    """Close codes of docs/protocol.md."""

    RESTART = 1012
    TOO_SLOW = 1013
    BAD_MESSAGE = 4400
    TOKEN_ENDED = 4401
    FORBIDDEN = 4403
    NO_HELLO = 4408
    TOO_MANY = 4429


@dataclass(slots=True)
class Subscription:
    """`sent`: number of the last event that the page has or will get; None while it joins and events wait."""

    sent: int | None = None
    waiting: list[Event] = field(default_factory=list)


class Connection:
    """Sends in order. `run` is the only one that writes to the socket."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._socket = socket
        self._transport = transport
        self._task: asyncio.Task[None] | None = None
        self._queue: deque[bytes] = deque()
        #: `QUEUE`, and what a page that came back has still to be sent of what it missed.
        self._most = QUEUE
        self._woken = asyncio.Event()
        self.principal: Principal | None = None
        #: When the token of the last hello ends; set anew by each hello.
        self._ends_at = datetime.now(UTC)
        self._greeted = asyncio.Event()
        self.subscriptions: dict[str, Subscription] = {}
        #: Why we closed it; None while it is open or when the page closed it.
        self.closing: Close | None = None

    def sign_in(self, principal: Principal, ends_at: datetime) -> None:
        """Hello: who it is, and until when."""
        self.principal = principal
        self._ends_at = ends_at
        self._greeted.set()

    async def token_ended(self) -> None:
        """Returns when the token of the last hello has ended without another hello."""
        while (left := (self._ends_at - datetime.now(UTC)).total_seconds()) > 0:
            self._greeted.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._greeted.wait()

    def send(self, frame: bytes) -> None:
        """Put a frame in the queue. A page that does not read is closed: slow ones never hold up others."""
        if self.closing is not None:
            return
        if len(self._queue) >= self._most:
            self._too_slow()
            return
        self._queue.append(frame)
        self._woken.set()

    def make_good(self, events: Sequence[Event]) -> None:
        """All that a page missed at once, which may be more than `QUEUE`: it is no sign that the page is slow."""
        if self.closing is not None:
            return
        if len(self._queue) >= QUEUE:
            self._too_slow()
            return
        self._queue.extend(event.frame for event in events)
        self._most = QUEUE + len(self._queue)
        self._woken.set()

    def _too_slow(self) -> None:
        self._queue.clear()
        self.close(Close.TOO_SLOW)
        if self._task is not None:
            self._task.cancel()  # it waits for the page to read

    def close(self, code: Close) -> None:
        """Close after the frames that wait."""
        if self.closing is None:
            self.closing = code
            self._woken.set()

    def event(self, topic: str, event: Event) -> None:
        """An event of a topic that the page follows."""
        subscription = self.subscriptions.get(topic)
        if subscription is None:
            return
        if subscription.sent is None:
            subscription.waiting.append(event)
            if len(subscription.waiting) > QUEUE:
                self.close(Close.TOO_SLOW)
        elif event.seq > subscription.sent:
            subscription.sent = event.seq
            self.send(event.frame)

    def caught_up(self, topic: str, seq: int) -> None:
        """The page has everything up to `seq`: go on with what came meanwhile."""
        subscription = self.subscriptions.get(topic)
        if subscription is None:
            return
        subscription.sent = seq
        waiting, subscription.waiting = subscription.waiting, []
        for event in waiting:
            self.event(topic, event)

    async def run(self) -> None:
        """Write until there is a reason to close, then close. Cancelled when the page has gone."""
        self._task = asyncio.current_task()
        try:
            await self._write()
        except asyncio.CancelledError:
            if self.closing is None:
                raise
        except ConnectionError:
            return
        if self.closing is not None:
            await self._hang_up(self.closing)

    async def _write(self) -> None:
        while True:
            while self._queue:
                await self._socket.send_frame(self._queue.popleft(), WSMsgType.TEXT)
            if self.closing is not None:
                return
            self._most = QUEUE
            self._woken.clear()
            await self._woken.wait()

    async def _hang_up(self, code: Close) -> None:
        """Say why, and do not wait for long for somebody who does not read."""
        try:
            async with asyncio.timeout(_LAST_WORDS):
                await self._socket.close(code=code)
        except (TimeoutError, ConnectionError):
            pass
        finally:
            # Frames that nobody reads would keep the connection in memory for as long as the network lets them.
            if self._transport is not None:
                self._transport.abort()
