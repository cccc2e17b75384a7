"""A show's own life: made, edited, live, paused, ended; and what the media nodes say of its signal."""

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from live.shows import events
from live.shows.errors import NotYourShow, ShowUnknown, TextRefused, WrongStatus
from live.shows.lifecycle import TABLE, Move
from live.shows.model import EndReason, Show, Signal, Status, new_id
from live.shows.store import ShowStore
from orders.sourcing.why import SourcingStrategy

Clock = Callable[[], datetime]

#: A show that nobody streams into for this long ends by itself.
IDLE_LIMIT = timedelta(minutes=15)
END_REASONS = {Move.END: EndReason.ENDED, Move.CUT: EndReason.CUT, Move.TIME_OUT: EndReason.TIMED_OUT}


class Transactions(Protocol):
    """Runs a body in one database transaction and tries again on a transient error (`live/db.py`)."""

    async def run(self, body: Callable[[Any], Any]) -> Any:
        """Call `body(session)`; what it returns after the commit."""


class Outbox(Protocol):
    """Where events wait for the commit (`live/outbox.py`)."""

    async def add(self, event: Any, session: Any) -> None:
        """Write the event in the session's transaction."""


class TitleRules(Protocol):
    """The word rules, as far as a title needs them."""

    async def refuses(self, text: str) -> bool:
        """Whether a rule blocks or holds this text."""


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """Who makes a show, and the store it is made in. `position` is (lon, lat)."""

    user_id: str
    name: str
    store_id: str
    store_name: str
    position: tuple[float, float]


class ShowService:
    """Shows. Methods that take `by` check that it is the associate who made the show."""

    def __init__(
        self, store: ShowStore, transactions: Transactions, outbox: Outbox, clock: Clock, rules: TitleRules
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._rules = rules

    async def create(self, host: Host, title: str, scheduled_at: datetime | None) -> Show:
        """A new show at the host's store: scheduled when it has a time, else a draft."""
        await self._check_title(title)
        show = Show(
            id=new_id("shw"),
            title=title,
            status=Status.DRAFT if scheduled_at is None else Status.SCHEDULED,
            signal=Signal.NONE,
            store_id=host.store_id,
            store_name=host.store_name,
            position=host.position,
            associate_id=host.user_id,
            associate_name=host.name,
            cover_version=0,
            cards=(),
            pinned_card_id=None,
            pinned_at=None,
            hearts=0,
            created_at=self._clock(),
            scheduled_at=scheduled_at,
            started_at=None,
            paused_at=None,
            ended_at=None,
            end_reason=None,
            warned_at=None,
            revision=0,
        )
        await self._store.insert(show)
        return show

    async def show(self, show_id: str) -> Show:
        """The show. Raises ShowUnknown."""
        show = await self._store.get(show_id)
        if show is None:
            raise ShowUnknown("There is no such show.")
        return show

    async def own(self, show_id: str, by: str) -> Show:
        """The show, if `by` made it. Raises ShowUnknown, NotYourShow."""
        show = await self.show(show_id)
        if show.associate_id != by:
            raise NotYourShow("Only the associate who made this show may do that.")
        return show

    async def near(self, position: tuple[float, float], limit: int = 60) -> tuple[list[Show], list[Show]]:
        """Shows that are on air, and those to come; each nearest first with its distance."""
        on_air = await self._store.near(position, (Status.LIVE, Status.PAUSED), limit)
        upcoming = await self._store.near(position, (Status.SCHEDULED,), limit)
        expired = self._clock() - timedelta(hours=2)
        return on_air, [show for show in upcoming if show.scheduled_at is not None and show.scheduled_at > expired]

    async def on_air(self, limit: int = 500) -> list[Show]:
        """Every show that is live or paused, for the console."""
        return await self._store.with_status((Status.LIVE, Status.PAUSED), limit)

    async def unfinished(self, limit: int = 500) -> list[Show]:
        """Every show that is on or to come."""
        return await self._store.with_status([status for status in Status if status is not Status.ENDED], limit)

    async def of(self, show_ids: Collection[str]) -> dict[str, Show]:
        """Those that exist, by id."""
        return await self._store.of(show_ids)

    async def selling(self, product_ids: Collection[str], limit: int = 1000) -> dict[str, list[str]]:
        """Shows on air that have a card of one of these products, and those cards."""
        return await self._store.selling(product_ids, limit)

    async def of_associate(self, associate_id: str, before: datetime | None, limit: int) -> list[Show]:
        """An associate's shows, newest first."""
        return await self._store.of_associate(associate_id, before or self._clock() + timedelta(days=1), limit)

    async def edit(self, show_id: str, by: str, title: str | None, scheduled_at: datetime | None) -> Show:
        """Change the title, or the time of a show that has not started."""
        show = await self.own(show_id, by)
        fields: dict[str, Any] = {}
        if title is not None:
            await self._check_title(title)
            fields["title"] = title
        if scheduled_at is not None:
            if show.status not in (Status.DRAFT, Status.SCHEDULED):
                raise WrongStatus("The time can be set only before the show starts.", "scheduled_at")
            fields |= {"scheduled_at": scheduled_at, "status": Status.SCHEDULED.value}
        if fields:
            await self._write(show_id, {"status": {"$in": _open_statuses(show)}}, fields, events.ShowTitleChanged)
        return await self.show(show_id)

    async def source(self, show_id: str, by: str, strategy: SourcingStrategy | None) -> Show:
        """Which store makes orders from this show up from now on; None: by the setting."""
        show = await self.own(show_id, by)
        fields = {"sourcing": None if strategy is None else strategy.value}
        await self._write(show_id, {"status": {"$in": _open_statuses(show)}}, fields, events.ShowTitleChanged)
        return await self.show(show_id)

    async def cover_saved(self, show_id: str) -> Show:
        """The cover's bytes are stored: say so in the show."""
        version = (await self.show(show_id)).cover_version + 1
        await self._write(show_id, {}, {"cover_version": version}, events.ShowTitleChanged)
        return await self.show(show_id)

    async def delete(self, show_id: str, by: str) -> None:
        """Delete a show that never went live."""
        await self.own(show_id, by)
        if not await self._store.delete_unaired(show_id):
            raise WrongStatus("A show that has been live is kept; end it instead.")

    async def move(self, show_id: str, move: Move, by: str | None = None) -> Show:
        """Take one step of the life table. `by` None: an operator or the clock.

        A cut of a show that has ended already, and an end that is asked for twice, change nothing and are no error.
        """
        show = await (self.show(show_id) if by is None else self.own(show_id, by))
        sources, target = TABLE[move]
        if show.status is target and target is Status.ENDED:
            return show
        now = self._clock()
        fields: dict[str, Any] = {"status": target.value, "changed_at": now}
        if target is Status.LIVE:
            fields |= {"started_at": show.started_at or now, "paused_at": None}
        elif target is Status.PAUSED:
            fields |= {"paused_at": now}
        else:
            fields |= {"ended_at": now, "end_reason": END_REASONS[move].value, "signal": Signal.NONE.value}
            fields |= {"pinned_card_id": None, "pinned_at": None}
        condition = {"status": {"$in": [status.value for status in sources]}}
        moved = await self._write(show_id, condition, fields, events.ShowStatusChanged)
        after = await self.show(show_id)
        if moved or (after.status is target and target is Status.ENDED):
            return after
        raise WrongStatus(f"The show is {after.status}; this needs one that is {', '.join(sorted(sources))}.")

    async def signal(self, show_id: str, signal: Signal) -> None:
        """A media node says whether the publisher's media arrives; a signal given up pauses a live show."""
        fields: dict[str, Any] = {"signal": signal.value, "changed_at": self._clock()}
        on_air = {"$in": [Status.LIVE.value, Status.PAUSED.value, Status.DRAFT.value, Status.SCHEDULED.value]}
        condition = {"status": on_air, "signal": {"$ne": signal.value}}
        await self._write(show_id, condition, fields, events.ShowStatusChanged)
        if signal is Signal.NONE:
            paused = {"status": Status.PAUSED.value, "paused_at": self._clock(), "changed_at": self._clock()}
            await self._write(show_id, {"status": Status.LIVE.value}, paused, events.ShowStatusChanged)

    async def warned(self, show_id: str) -> None:
        """Note the time of an operator's warning."""
        await self._store.change(show_id, {}, {"warned_at": self._clock()})

    async def sweep(self) -> int:
        """End shows that nobody has streamed into for `IDLE_LIMIT`; how many."""
        before = self._clock() - IDLE_LIMIT
        stale = [
            *await self._store.stale(Status.PAUSED, before, 100),
            *(show for show in await self._store.stale(Status.LIVE, before, 500) if show.signal is not Signal.ON),
        ]
        for show in stale:
            await self.move(show.id, Move.TIME_OUT)
        return len(stale)

    async def _write(
        self, show_id: str, condition: Mapping[str, Any], fields: Mapping[str, Any], event: Callable[..., Any]
    ) -> bool:
        """The conditional update and its event, in one transaction."""

        async def body(session: Any) -> bool:
            if not await self._store.change(show_id, condition, fields, session):
                return False
            await self._outbox.add(event(id=new_id("evt"), at=self._clock(), show_id=show_id), session)
            return True

        return bool(await self._transactions.run(body))

    async def _check_title(self, title: str) -> None:
        if await self._rules.refuses(title):
            raise TextRefused("A word rule refuses this title.", "title")


def _open_statuses(show: Show) -> Sequence[str]:
    if show.status is Status.ENDED:
        raise WrongStatus("The show has ended.")
    return [status.value for status in Status if status is not Status.ENDED]
