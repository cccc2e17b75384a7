"""The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07), with the answers kept as Stripe does.

The first request under a caller's key runs; the same again within a day gets its status and body again, a failure of
ours included, marked `Idempotent-Replayed: true`. While it runs the same key is told 409 with Retry-After, and with
another payload 422. Nothing is kept of a request that was refused before it did anything (400 to 404, 413, 415, 422,
429), of one that met another at the same thing, and of 503, which asks to be sent again by what it says.

Answers lie in Redis. That two copies never do a thing twice rests on the domains, which know the key too: if Redis
forgets, or a process dies so that the key is free again after `RUNNING`, the second run finds what the first has done.
"""

import asyncio
import hmac
import json
import re
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from live.http.problem import Problem
from live.keys import KeyRing

log = structlog.get_logger(__name__)

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
#: Seconds.
KEPT: Final = 24 * 3600
#: A key is free again so long after its process has died; while that lives, it says so every `ALIVE`.
RUNNING: Final = 6
ALIVE: Final = 2.0
#: A conflict with another request that runs now: the same may be sent again.
_PASSING: Final = frozenset({"payment_in_progress"})
_VISIBLE: Final = re.compile(r"[\x21-\x7e]{1,255}")

_BEGIN: Final = """
local known = redis.call('GET', KEYS[1])
if known then return known end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return false
"""
_END: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""

_GO_ON: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('EXPIRE', KEYS[1], ARGV[2])
"""


def read_key(headers: Mapping[str, str]) -> str:
    """The key: 1 to 255 visible ASCII characters, without the quotes of a structured-field string.

    Raises Problem `idempotency_key_missing` (400) or `idempotency_key_invalid` (400).
    """
    given = headers.get(HEADER)
    if given is None:
        raise Problem(400, "idempotency_key_missing", f"Send {HEADER}: a random value, the same for a retry.", HEADER)
    key = given.strip()
    if len(key) > 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _VISIBLE.fullmatch(key):
        raise Problem(400, "idempotency_key_invalid", f"{HEADER} has 1 to 255 visible ASCII characters.", HEADER)
    return key


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered: JSON text, with the headers that belong to it."""

    status: int
    body: str
    headers: Mapping[str, str]

    @property
    def lasts(self) -> bool:
        """Whether the same request gets it again."""
        if self.status == 409:
            return json.loads(self.body).get("code") not in _PASSING
        return self.status < 300 or self.status in {402, 410} or (self.status >= 500 and self.status != 503)


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that is ours while its request runs."""

    name: str
    mark: bytes


class Replays:
    """The keys of all callers. Without a trace of what was sent: of payloads it keeps a keyed hash."""

    def __init__(self, redis: Redis, keys: KeyRing) -> None:
        self._begin = redis.register_script(_BEGIN)
        self._end = redis.register_script(_END)
        self._go_on = redis.register_script(_GO_ON)
        self._alive: dict[Claim, asyncio.TimerHandle] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._keys = keys

    async def claim(self, caller: str, key: str, payload: bytes) -> Claim | Answered:
        """The key for a first request, or the answer for a repeated one.

        Raises Problem `idempotency_running` (409), `idempotency_mismatch` (422), and the driver's errors.
        """
        name = f"idempotency:{caller}:{sha256(key.encode()).hexdigest()}"
        mine = {"run": secrets.token_hex(8), "kid": self._keys.current, "hash": self._hash(self._keys.current, payload)}
        claim = Claim(name, json.dumps(mine).encode())
        known = await self._begin(keys=[name], args=[claim.mark, RUNNING])
        if known is None:
            self._stay(claim)
            return claim
        return self._known(known, payload)

    def _known(self, raw: bytes, payload: bytes) -> Answered:
        running = raw.startswith(b"{")
        entry: dict[str, Any] = json.loads(raw if running else zlib.decompress(raw))
        if not hmac.compare_digest(entry["hash"], self._hash(entry["kid"], payload)):
            raise Problem(422, "idempotency_mismatch", "This key was used for another request.", HEADER)
        if running:
            headers = {"Retry-After": "1"}
            raise Problem(
                409, "idempotency_running", "The first request of this key is still at work.", HEADER, headers
            )
        return Answered(entry["status"], entry["body"], {**entry["headers"], REPLAYED: "true"})

    async def end(self, claim: Claim, answered: Answered | None) -> None:
        """Keep the answer if it lasts, else set the key free; None: there was no answer. Never raises."""
        if (timer := self._alive.pop(claim, None)) is not None:
            timer.cancel()
        text = b""
        if answered is not None and answered.lasts:
            kept = {"status": answered.status, "body": answered.body, "headers": dict(answered.headers)}
            text = zlib.compress(json.dumps({**json.loads(claim.mark), **kept}).encode(), 1)
        try:
            await self._end(keys=[claim.name], args=[claim.mark, text, KEPT])
        except RedisError as error:
            log.warning("an answer could not be kept for its retries", error=type(error).__name__)

    def _stay(self, claim: Claim) -> None:
        self._alive[claim] = asyncio.get_running_loop().call_later(ALIVE, self._tell, claim)

    def _tell(self, claim: Claim) -> None:
        self._stay(claim)
        task = asyncio.create_task(self._hold(claim))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _hold(self, claim: Claim) -> None:
        try:
            await self._go_on(keys=[claim.name], args=[claim.mark, RUNNING])
        except RedisError as error:
            log.warning("a running request could not hold its key", error=type(error).__name__)

    def _hash(self, kid: str, payload: bytes) -> str:
        secret = self._keys.keys.get(kid, self._keys.secret)
        return hmac.new(secret.encode(), payload, sha256).hexdigest()
