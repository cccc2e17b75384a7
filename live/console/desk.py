"""What lies on the operator's desk: gathered from shows, chat and moderation, a batch of reads for each answer."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from live.console.views import ConsoleShowView, HeldView, ReportView, held_view, report_view
from live.shows.errors import ShowUnknown
from live.shows.model import ChatMessage, Show
from moderation.model import Report

if TYPE_CHECKING:
    from live.services import Services

MOST_HELD: Final = 500
_MOST_FLAGS: Final = 20


async def names(services: "Services", user_ids: Iterable[str | None]) -> dict[str, str]:
    """Names by user id; unknown ones are left out."""
    users = await services.accounts.users({user_id for user_id in user_ids if user_id})
    return {user_id: user.name for user_id, user in users.items()}


async def titles(services: "Services", show_ids: Iterable[str]) -> dict[str, str]:
    """Titles by show id; shows that are gone are left out."""
    found: dict[str, str] = {}
    for show_id in set(show_ids):
        try:
            found[show_id] = (await services.shows.show(show_id)).title
        except ShowUnknown:
            continue
    return found


async def console_shows(services: "Services") -> list[ConsoleShowView]:
    """Every show that is on, for the first look and for the topic's snapshot."""
    return await views_of(services, await services.shows.on_air())


async def views_of(services: "Services", shows: Sequence[Show]) -> list[ConsoleShowView]:
    """These shows as the console sees them, in their order; cards only the pinned one."""
    ids = [show.id for show in shows]
    plain = await services.show_views.many(shows, with_cards=False)
    rates = await services.pace.rates(ids)
    reports = await services.moderation.reports.open_counts(ids)
    flags = _flags(await services.chat.held(MOST_HELD))
    return [
        ConsoleShowView(
            **dict(view),
            chat_rate=rates.get(show.id, 0),
            flags=flags.get(show.id, [])[:_MOST_FLAGS],
            open_reports=reports.get(show.id, 0),
            warned_at=show.warned_at,
        )
        for show, view in zip(shows, plain, strict=True)
    ]


def _flags(held: Sequence[ChatMessage]) -> dict[str, list[str]]:
    flags: dict[str, dict[str, None]] = {}
    for message in held:
        flags.setdefault(message.show_id, {}).update(dict.fromkeys(message.matches))
    return {show_id: list(words) for show_id, words in flags.items()}


async def held_views(services: "Services", messages: Sequence[ChatMessage]) -> list[HeldView]:
    """Held messages with the titles of their shows."""
    by_show = await titles(services, (message.show_id for message in messages))
    return [held_view(message, by_show) for message in messages]


async def report_views(services: "Services", reports: Sequence[Report]) -> list[ReportView]:
    """Reports with the names of their people and their shows."""
    by_show = await titles(services, (report.show_id for report in reports))
    people = [user for report in reports for user in (report.reporter_id, report.subject.user_id)]
    by_user = await names(services, people)
    return [report_view(report, by_show, by_user) for report in reports]


async def tell_report(services: "Services", report: Report) -> None:
    """A new report, to the consoles that are open."""
    (view,) = await report_views(services, [report])
    await services.topics.publish("console", "report", {"report": view.model_dump(mode="json")})
