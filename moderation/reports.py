"""What viewers report, and what the operators make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from moderation.audit import Act, Audit
from moderation.errors import InvalidInput
from moderation.events import new_id
from moderation.model import Outcome, Report, ReportReason, Subject
from moderation.ports import Clock


class ReportStore(Protocol):
    """Where reports are kept."""

    async def add(self, report: Report) -> Report:
        """The report, or the open one that this reporter has on the same subject already."""
        ...

    async def get(self, report_id: str) -> Report:
        """Raises `ReportUnknown`."""
        ...

    async def resolve(self, report: Report, session: object) -> None:
        """Raises `ReportResolved` when it was not open."""
        ...

    async def list(self, before: datetime | None, limit: int, *, open_only: bool) -> tuple[Report, ...]: ...

    async def open_of_shows(self, show_ids: Sequence[str]) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True)
class Filed:
    """The report that stands now; `fresh` when it was not there before."""

    report: Report
    fresh: bool

    @property
    def id(self) -> str:
        """The report's id."""
        return self.report.id


class Reports:
    """The review queue of what people saw."""

    def __init__(self, store: ReportStore, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    async def file(
        self,
        reporter_id: str,
        show_id: str,
        message_id: str | None,
        user_id: str | None,
        reason: ReportReason,
        text: str = "",
        excerpt: str = "",
    ) -> Filed:
        """About a message and its author, a person, or (both None) the show.

        Once per reporter and subject while open: again gives the same report. Raises `InvalidInput` (text).
        """
        if len(text) > 500:
            raise InvalidInput("text", "At most 500 characters.")
        report = Report(
            new_id("rpt"),
            reporter_id,
            show_id,
            Subject(message_id, user_id),
            reason,
            text.strip(),
            excerpt[:300],
            self._clock(),
        )
        kept = await self._store.add(report)
        return Filed(kept, fresh=kept.id == report.id)

    async def list(
        self, before: datetime | None = None, limit: int = 50, *, open_only: bool = True
    ) -> tuple[Report, ...]:
        """Newest first, filed before `before`."""
        return await self._store.list(before, limit, open_only=open_only)

    async def open_counts(self, show_ids: Sequence[str]) -> dict[str, int]:
        """How many open reports each of these shows has; shows without one are left out."""
        return await self._store.open_of_shows(show_ids)

    async def resolve(self, report_id: str, by: str, outcome: Outcome, note: str = "") -> Report:
        """Raises `ReportUnknown`, `ReportResolved`."""
        report = await self._store.get(report_id)
        resolved = replace(report, outcome=outcome, resolved_by=by, resolved_at=self._clock())

        async def change(session: object) -> Report:
            await self._store.resolve(resolved, session)
            return resolved

        detail = {"outcome": outcome.value, "show_id": report.show_id, "reason": report.reason.value}
        return await self._audit.record(Act(by, "report.resolve", report_id, note, detail), change)
