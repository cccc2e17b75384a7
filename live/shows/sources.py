"""The port `ShowSources` of orders: where a show is made, and what its orders go by."""

from live.shows.store import ShowStore
from orders.ports import ShowSource


class ShowPlaces:
    """Asked at every order; the store reads for many at once."""

    def __init__(self, store: ShowStore) -> None:
        self._store = store

    async def source(self, show_id: str) -> ShowSource | None:
        """None if there is no such show."""
        show = await self._store.get(show_id)
        return None if show is None else ShowSource(show.store_id, show.sourcing)
