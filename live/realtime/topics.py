"""Topics: numbered streams of events for pages, in Redis, shared by all processes.

Publishing is one script: it takes the next number, appends the finished frame to the topic's stream (kept: the last
`KEPT`), and publishes it. The frame is encoded once; every socket of every process sends those very bytes.

Numbers grow by one. A topic that Redis has never heard of (or has forgotten) starts at the present time in units of
10 microseconds (exact in JavaScript until the year 4800), above any number given before: a page that comes back with an
old number never gets another event for it.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel
from redis.asyncio import Redis

#: Events kept for pages that reconnect, about so many a topic; and a reader gets at most `MOST_MISSED`.
KEPT: Final = 1000
MOST_MISSED: Final = 500
#: An idle topic is forgotten after so many seconds.
EXPIRY: Final = 24 * 3600

_PUBLISH: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SET', KEYS[1], ARGV[3]) end
local seq = redis.call('INCR', KEYS[1])
local number = string.format('%.0f', seq)
local frame = ARGV[1] .. number .. ARGV[2]
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], number .. '-0', 'f', frame)
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
redis.call('PUBLISH', ARGV[6], number .. ' ' .. frame)
return number
"""
_CURRENT: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SET', KEYS[1], ARGV[1]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('GET', KEYS[1])
"""

CHANNEL: Final = "topic:"


@dataclass(frozen=True, slots=True)
class Event:
    """One numbered event. `frame` is the JSON text that sockets send."""

    seq: int
    frame: bytes


def wire_name(topic: str) -> str:
    """What a page calls the topic: everybody's own `me:{user}` is `me` there."""
    return "me" if topic.startswith("me:") else topic


class Topics:
    """Publishes, and reads what was published."""

    def __init__(self, redis: Redis, published: Callable[[str], None] | None = None) -> None:
        self._redis = redis
        self._publish = redis.register_script(_PUBLISH)
        self._current = redis.register_script(_CURRENT)
        self._published = published

    async def publish(self, topic: str, kind: str, data: BaseModel | Mapping[str, Any]) -> int:
        """Number the event and send it to every page that follows the topic; the number.

        `topic` is `show:{id}`, `me:{user id}`, `store:{id}` or `console`; `data` must be what the protocol page says.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        name, kind_text = json.dumps(wire_name(topic)), json.dumps(kind)
        before = f'{{"type":"event","topic":{name},"seq":'
        after = f',"at":"{at}","kind":{kind_text},"data":{encode(data)}}}'
        number = await self._publish(keys=_keys(topic), args=[before, after, _base(), KEPT, EXPIRY, CHANNEL + topic])
        if self._published is not None:
            self._published(kind)
        return int(number)

    async def current(self, topic: str) -> int:
        """The number of the last event."""
        return int(await self._current(keys=_keys(topic)[:1], args=[_base(), EXPIRY]))

    async def since(self, topic: str, after: int, most: int = MOST_MISSED) -> list[Event] | None:
        """Every event after this number, in order; None when some are no longer kept, or they are more than `most`.

        None as well for a number that was never given.
        """
        last = await self.current(topic)
        if after > last or last - after > most:
            return None
        if after == last:
            return []
        events = await self.between(topic, after + 1)
        if not events or events[0].seq != after + 1 or len(events) > most:
            return None
        return events

    async def between(self, topic: str, first: int, last: int | None = None) -> list[Event]:
        """What is kept from number `first` to `last` (None: to the newest), in order."""
        upper = "+" if last is None else f"{last}-0"
        entries: Any = await self._redis.xrange(_keys(topic)[1], f"{first}-0", upper)
        return [Event(int(entry_id.split(b"-")[0]), fields[b"f"]) for entry_id, fields in entries]


def encode(data: BaseModel | Mapping[str, Any]) -> str:
    """As JSON text."""
    if isinstance(data, BaseModel):
        return data.model_dump_json()
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _keys(topic: str) -> list[str]:
    """Braces keep both on one node of a cluster."""
    return [f"topic:{{{topic}}}:seq", f"topic:{{{topic}}}:events"]


def _base() -> int:
    return time.time_ns() // 10_000
