"""Tells pages the present state of a show. Called by reactions: reads, then publishes, so late or twice is harmless."""

from collections.abc import Mapping
from typing import Any

from live.shows.chat import Topics
from live.shows.model import Show
from live.shows.shows import ShowService
from live.shows.views import ShowView, ShowViews


class Announcer:
    """Publishes to `show:{id}` and to the console."""

    def __init__(self, shows: ShowService, views: ShowViews, topics: Topics) -> None:
        self._shows = shows
        self._views = views
        self._topics = topics

    async def status(self, show_id: str) -> Show:
        """Status, signal and times; the show, for what else follows from its end."""
        show, view = await self._read(show_id)
        members = {"status", "signal", "started_at", "ended_at", "end_reason"}
        await self._publish(show_id, "status", view.model_dump(mode="json", include=members))
        # An end un-pins, a start or a pause changes what the pinned card costs: cards go with it.
        await self._publish(show_id, "cards", view.model_dump(mode="json", include={"cards", "pinned_card_id"}))
        await self._topics.publish("console", "show", {"show": view.model_dump(mode="json")})
        return show

    async def cards(self, show_id: str) -> None:
        """The whole list of cards and which one is pinned."""
        _, view = await self._read(show_id)
        await self._publish(show_id, "cards", view.model_dump(mode="json", include={"cards", "pinned_card_id"}))

    async def title(self, show_id: str) -> None:
        """Title and cover."""
        _, view = await self._read(show_id)
        await self._publish(show_id, "title", view.model_dump(mode="json", include={"title", "cover_url"}))

    async def _read(self, show_id: str) -> tuple[Show, ShowView]:
        show = await self._shows.show(show_id)
        return show, await self._views.one(show)

    async def _publish(self, show_id: str, kind: str, data: Mapping[str, Any]) -> None:
        await self._topics.publish(f"show:{show_id}", kind, data)
