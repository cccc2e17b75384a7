"""What media nodes say of a show's signal becomes the show's `signal`.

Nodes append to the Redis stream `media:events`; the server's processes read it as one consumer group, so each entry is
handled once, and again by another process if the first died with it.
"""

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from live.shows.model import Signal
from live.shows.shows import ShowService

STREAM = "media:events"
GROUP = "shows"
#: An entry whose reader has not confirmed it for so long (milliseconds) is read again by another.
CLAIM_AFTER = 10_000
SIGNALS = {"publishing": Signal.ON, "back": Signal.ON, "lost": Signal.LOST, "gone": Signal.NONE}


class SignalReader:
    """Reads `media:events` for ever; a background task of the server."""

    def __init__(self, redis: Redis, shows: ShowService, consumer: str) -> None:
        self._redis = redis
        self._shows = shows
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
            signal = SIGNALS.get(named.get("kind", ""))
            if signal is not None:
                await self._shows.signal(named.get("show", ""), signal)
            await self._redis.xack(STREAM, GROUP, entry_id)


def _streams(answer: Any) -> list[tuple[Any, Any]]:
    """Replies of XREADGROUP in RESP2 (list of pairs) or RESP3 (mapping of lists of lists)."""
    if not answer:
        return []
    if isinstance(answer, dict):
        return [(name, [entry for batch in batches for entry in batch]) for name, batches in answer.items()]
    return [(name, entries) for name, entries in answer]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
