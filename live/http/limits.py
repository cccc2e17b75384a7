"""Rate limits, counted in Redis so that several processes share them.

The generic cell rate algorithm (GCRA): one key a limit holds the time at which it will be empty again. A limit of 10 in
60 s lets 10 through at once, then one every 6 s; there is no window whose edge could be straddled.
"""

import math
from dataclasses import dataclass

from redis.asyncio import Redis

from live.http.problem import Problem

_TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local limit, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local step = period / limit
local empty = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local next_empty = empty + step
local wait = next_empty - period - now
if wait > 0 then
  return {0, 0, tostring(wait)}
end
redis.call('SET', KEYS[1], string.format('%.6f', next_empty), 'PX', math.ceil((next_empty - now) * 1000) + 1)
return {1, math.floor((period - (next_empty - now)) / step + 0.000001), tostring(next_empty - now)}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a limit had left: `remaining` requests now, and all of them again in `reset` seconds."""

    limit: int
    per_seconds: int
    remaining: int
    reset: float

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers wants them."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={self.per_seconds}',
            "RateLimit": f'"default";r={self.remaining};t={math.ceil(self.reset)}',
        }


class RateLimited(Problem):
    """429 `rate_limited`, with `Retry-After` in whole seconds."""

    def __init__(self, taken: Taken) -> None:
        self.retry_after = max(1, math.ceil(taken.reset))
        headers = {**taken.headers, "Retry-After": str(self.retry_after)}
        super().__init__(429, "rate_limited", f"Too many requests; wait {self.retry_after} s.", headers=headers)


class Limiter:
    """Takes from limits. A limit exists while it is in use."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)

    async def take(self, key: str, limit: int, per_seconds: int) -> Taken:
        """Count one use of `key`, of which `limit` are allowed in `per_seconds`. Raises RateLimited."""
        allowed, remaining, seconds = await self._take(keys=[f"limit:{key}"], args=[limit, per_seconds])
        taken = Taken(limit, per_seconds, int(remaining), float(seconds))
        if not allowed:
            raise RateLimited(taken)
        return taken
