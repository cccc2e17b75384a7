"""What a node does again and again: ask for what is missing, report, measure, end what is silent or over."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from media.background import end, forever

if TYPE_CHECKING:  # a node has clocks
    from media.node import Node

CHASE = 0.02  # seconds between two looks for lost packets and wanted key frames
PATIENCE = 0.03  # seconds that viewers' reports may wait, until the next such look
CONSENT = 0.5  # seconds between two looks for peers that are silent


class Clocks:
    """Of one node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._tasks: list[asyncio.Task[None]] = []
        self._caught_up = 0.0

    def start(self) -> None:
        """Run them."""
        steps = ((CHASE, self._chase), (CONSENT, self._expire), (1.0, self._each_second))
        self._tasks = [
            forever(step.__name__.strip("_"), partial(self._every, seconds, step)) for seconds, step in steps
        ]

    async def close(self) -> None:
        """Stop them."""
        await end(*self._tasks)

    async def _every(self, seconds: float, step: Callable[[float], None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            step(self._node.loop.time())

    def _chase(self, now: float) -> None:
        if now - self._caught_up >= PATIENCE:
            self._caught_up = now
            self._node.mux.catch_up()
        for show in self._node.shows.values():
            if show.publisher is not None:
                show.publisher.chase(now, self._node.settings.key_frame_spacing)

    def _expire(self, now: float) -> None:
        heard = now - self._node.settings.consent_timeout
        for show in list(self._node.shows.values()):
            for session in show.sessions():
                if session.ice.heard < heard:
                    session.close("silent")

    def _each_second(self, now: float) -> None:
        node = self._node
        if node.mux.streams is not None:
            node.mux.streams.each_second(now)
        node.captures.tick(node.shows, now)
        for show in list(node.shows.values()):
            if show.publisher is not None:
                show.publisher.report(now, node.settings.publisher_rate)
            for viewer in show.viewers.values():
                viewer.each_second(now)
            for stream in show.streams.values():
                for track in stream.layers:
                    track.measure(1.0)
            if show.state == "lost" and now - show.since >= node.settings.grace:
                show.end("grace over", now)
            if show.idle:
                del node.shows[show.name]
