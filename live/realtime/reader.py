"""One process's ear: follows the topics that its sockets want, in order and without gaps.

Redis pub/sub is fast and forgets: a broken connection loses what was said meanwhile. So each confirmation of a
subscription (the first, and those after a reconnect) and each gap in the numbers is made good from the topic's stream.
"""

import asyncio
import secrets
from typing import Any, Final, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from live.realtime.topics import CHANNEL, Event, Topics

log = structlog.get_logger(__name__)

#: Prefix of the reader's own channel: it exists before the first topic, and waking the reader is a message on it.
_OWN: Final = "topic-reader:"
_RETRY: Final = 0.5
#: Seconds of silence after which the connection's own health check may speak.
_QUIET: Final = 10.0


class Listener(Protocol):
    """Who is told (`live/realtime/hub.py`)."""

    def deliver(self, topic: str, event: Event) -> None:
        """The topic's next event."""

    def lost(self, topic: str) -> None:
        """Events of the topic are gone for good."""


class TopicReader:
    """Delivers each event of each followed topic once, in order."""

    def __init__(self, redis: Redis, topics: Topics, listener: Listener) -> None:
        self._redis = redis
        # Only `run` touches the connection: two tasks that meet in the middle of a reconnect would mix up the answers.
        self._pubsub = redis.pubsub(ignore_subscribe_messages=False)
        self._own = _OWN + secrets.token_hex(8)
        self._topics = topics
        self._listener = listener
        #: Topic → number of the last event delivered; None until the subscription is confirmed.
        self._last: dict[str, int | None] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        #: Topics to ask Redis for (again: it confirms again), and those that it was asked for.
        self._wanted: set[str] = set()
        self._asked: set[str] = set()

    async def run(self) -> None:
        """Read for ever; a background task of the server."""
        await self._pubsub.subscribe(self._own)
        while True:
            try:
                await self._ask()
                message = await self._pubsub.get_message(ignore_subscribe_messages=False, timeout=_QUIET)
                if message is not None:
                    await self._take(message)
            except (RedisConnectionError, RedisTimeoutError) as error:
                log.warning("lost the connection to the topics", error=str(error))
                self._wanted |= self._last.keys()
                await asyncio.sleep(_RETRY)

    async def close(self) -> None:
        """Hang up. `run` must have ended."""
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped

    async def follow(self, topic: str) -> None:
        """Deliver the topic's events from now on; returns when nothing that is published can be missed any more."""
        confirmed = self._confirmed.get(topic)
        if confirmed is None:
            confirmed = self._confirmed[topic] = asyncio.Event()
            self._last[topic] = None
            self._wanted.add(topic)
            await self._wake()
        await confirmed.wait()

    async def unfollow(self, topic: str) -> None:
        """Nobody here wants the topic any more."""
        if self._confirmed.pop(topic, None) is not None:
            self._last.pop(topic, None)
            await self._wake()

    async def _wake(self) -> None:
        await self._redis.publish(self._own, b"")

    async def _ask(self) -> None:
        """Tell Redis what is wanted and what is not any more. Others may change both while it listens."""
        if new := self._wanted & self._last.keys():
            self._asked |= new
            await self._pubsub.subscribe(*(CHANNEL + topic for topic in new))
            self._wanted -= new
        if old := self._asked - self._last.keys():
            self._asked -= old
            await self._pubsub.unsubscribe(*(CHANNEL + topic for topic in old))

    async def _take(self, message: dict[str, Any]) -> None:
        topic = message["channel"].decode().removeprefix(CHANNEL)
        if topic not in self._last:
            return
        if message["type"] == "subscribe":
            await self._confirm(topic)
        elif message["type"] == "message":
            number, _, frame = message["data"].partition(b" ")
            await self._event(topic, Event(int(number), frame))

    async def _confirm(self, topic: str) -> None:
        last = self._last[topic]
        if last is None:
            number = await self._topics.current(topic)
            if topic in self._last:
                self._last[topic] = number
        else:
            await self._refill(topic, last)
        if topic in self._confirmed:
            self._confirmed[topic].set()

    async def _event(self, topic: str, event: Event) -> None:
        last = self._last[topic]
        if last is None or event.seq <= last:
            return
        if event.seq > last + 1:
            await self._refill(topic, last)
            return
        self._last[topic] = event.seq
        self._listener.deliver(topic, event)

    async def _refill(self, topic: str, last: int) -> None:
        missed = await self._topics.since(topic, last)
        if topic not in self._last:
            return
        if missed is None:
            self._last[topic] = await self._topics.current(topic)
            self._listener.lost(topic)
            return
        for event in missed:
            self._last[topic] = event.seq
            self._listener.deliver(topic, event)
