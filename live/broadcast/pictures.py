"""The latest still of each live show, which `python -m media.pictures` keeps in Redis."""

from redis.asyncio import Redis


class Pictures:
    """Reads stills."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def latest(self, show_id: str) -> bytes | None:
        """A JPEG at most half a minute old, or None."""
        value = await self._redis.get(f"picture:{show_id}")
        return value if isinstance(value, bytes) else None
