"""The latest still of each live show, which `python -m media.pictures` keeps in Redis."""

from collections.abc import Sequence

from redis.asyncio import Redis


class Pictures:
    """Reads stills."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def latest(self, show_id: str) -> bytes | None:
        """A JPEG at most half a minute old, or None."""
        value = await self._redis.get(f"picture:{show_id}")
        return value if isinstance(value, bytes) else None

    async def present(self, show_ids: Sequence[str]) -> set[str]:
        """Those of the shows that have a still now."""
        if not show_ids:
            return set()
        pipeline = self._redis.pipeline(transaction=False)
        for show_id in show_ids:
            pipeline.exists(f"picture:{show_id}")
        found = await pipeline.execute()
        return {show_id for show_id, exists in zip(show_ids, found, strict=True) if exists}
