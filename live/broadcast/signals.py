"""What media nodes say of a show's signal becomes the show's `signal`; media of a show that has ended is cut.

Nodes append to the Redis stream `media:events`; the server's processes read it as one consumer group, so each entry is
handled once, and again by another process if the first died with it.
"""

from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from live.broadcast.control import MediaControl
from live.shows.errors import ShowUnknown
from live.shows.model import Signal, Status
from live.shows.shows import ShowService
from media.errors import NodeAnswerError

log = structlog.get_logger(__name__)

STREAM = "media:events"
GROUP = "shows"
#: An entry whose reader has not confirmed it for so long (milliseconds) is read again by another.
CLAIM_AFTER = 10_000
SIGNALS = {"publishing": Signal.ON, "back": Signal.ON, "lost": Signal.LOST, "gone": Signal.NONE}


class SignalReader:
    """Reads `media:events` for ever; a background task of the server."""

    def __init__(self, redis: Redis, shows: ShowService, media: MediaControl, consumer: str) -> None:
        self._redis = redis
        self._shows = shows
        self._media = media
        self._consumer = consumer

    async def run(self) -> None:
        """Read, apply, confirm."""
        await self._make_group()
        while True:
            claimed = await self._redis.xautoclaim(STREAM, GROUP, self._consumer, CLAIM_AFTER, count=50)
            await self._apply(claimed[1])
            fresh = await self._redis.xreadgroup(GROUP, self._consumer, {STREAM: ">"}, count=50, block=5000)
            for _, entries in _streams(fresh):
                await self._apply(entries)

    async def _make_group(self) -> None:
        try:
            await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _apply(self, entries: Any) -> None:
        for entry_id, fields in entries:
            named = {_text(key): _text(value) for key, value in (fields or {}).items()}
            signal, show_id = SIGNALS.get(named.get("kind", "")), named.get("show", "")
            if signal is not None:
                await self._shows.signal(show_id, signal)
            if signal is Signal.ON and await self._over(show_id):
                try:
                    await self._media.cut(show_id)
                except NodeAnswerError as error:
                    log.warning("media of an ended show not cut yet", show_id=show_id, error=str(error))
                    continue  # not confirmed: read again soon
            await self._redis.xack(STREAM, GROUP, entry_id)

    async def _over(self, show_id: str) -> bool:
        """Whether nobody may publish to it any more. A node that was started anew has forgotten the cut, and the
        publisher's token lives for hours.
        """
        try:
            return (await self._shows.show(show_id)).status is Status.ENDED
        except ShowUnknown:
            return True


def _streams(answer: Any) -> list[tuple[Any, Any]]:
    """Replies of XREADGROUP in RESP2 (list of pairs) or RESP3 (mapping of lists of lists)."""
    if not answer:
        return []
    if isinstance(answer, dict):
        return [(name, [entry for batch in batches for entry in batch]) for name, batches in answer.items()]
    return [(name, entries) for name, entries in answer]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
