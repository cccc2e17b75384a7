"""Keeps the figures of open consoles fresh: viewers, chat rate, flags, reports of every show that is on."""

from typing import TYPE_CHECKING, Any, Final

from live.console.desk import console_shows
from live.console.views import ConsoleShowView

if TYPE_CHECKING:
    from live.services import Services

EVERY: Final = 4.0
_LEASE: Final = "lease:console"
_SHOWN: Final = ("viewers", "chat_rate", "flags", "open_reports", "warned_at", "signal")


class ConsoleFeed:
    """Tells the `console` topic of each show whose figures have changed. `tell` every `EVERY` seconds in any number of
    processes: the lease lets one of them do it."""

    def __init__(self, services: "Services") -> None:
        self._services = services
        self._told: dict[str, tuple[Any, ...]] = {}

    async def tell(self) -> int:
        """One pass; how many shows were told of."""
        mine = self._services.process
        lease = await self._services.redis.set(_LEASE, mine, nx=True, px=int(EVERY * 3000))
        if not lease and await self._services.redis.get(_LEASE) != mine.encode():
            self._told.clear()
            return 0
        await self._services.redis.pexpire(_LEASE, int(EVERY * 3000))
        views = await console_shows(self._services)
        changed = [view for view in views if self._told.get(view.id) != _figures(view)]
        for view in changed:
            data = {"show": view.model_dump(mode="json")}
            await self._services.topics.publish("console", "show", data)
        self._told = {view.id: _figures(view) for view in views}
        return len(changed)


def _figures(view: ConsoleShowView) -> tuple[Any, ...]:
    return tuple(str(getattr(view, name)) for name in _SHOWN)
