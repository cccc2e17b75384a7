"""Who does what only one process needs to do.

A lease only saves work: what is done under it does no harm when two do it at once, so a lease that is lost to a pause
or a broken connection costs nothing but a doubled look.
"""

import secrets

from redis.asyncio import Redis

_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


class Lease:
    """Held by one process at a time, for `lasts_s` seconds from the last time it was asked for."""

    def __init__(self, redis: Redis, key: str, lasts_s: float) -> None:
        self._hold = redis.register_script(_HOLD)
        self._key = key
        self._lasts_ms = round(lasts_s * 1000)
        self._name = secrets.token_hex(8)

    async def held(self) -> bool:
        """Whether it is ours, now and for as long as it lasts."""
        return bool(await self._hold(keys=[self._key], args=[self._name, self._lasts_ms]))
