"""Reports of viewers."""

import asyncio

import pytest

from moderation.errors import InvalidInput, ReportResolved, ReportUnknown
from moderation.model import Outcome, Report, ReportReason
from moderation.service import Moderation
from tests.moderation.conftest import Time


async def file(moderation: Moderation, reporter: str, message: str | None, show: str = "shw_1") -> Report:
    filed = await moderation.reports.file(
        reporter, show, message, "usr_bad", ReportReason.ABUSE, text="look", excerpt="you …"
    )
    return filed.report


async def test_one_open_report_for_a_reporter_and_a_subject(moderation: Moderation) -> None:
    first, *others = await asyncio.gather(*(file(moderation, "usr_1", "msg_1") for _ in range(5)))
    assert {report.id for report in others} == {first.id}
    assert (await file(moderation, "usr_1", "msg_2")).id != first.id
    assert (await file(moderation, "usr_2", "msg_1")).id != first.id
    assert await moderation.reports.open_counts(["shw_1", "shw_2"]) == {"shw_1": 3}
    await moderation.reports.resolve(first.id, "usr_op", Outcome.DISMISSED)
    assert (await file(moderation, "usr_1", "msg_1")).id != first.id


async def test_who_files_again_is_told_so(moderation: Moderation) -> None:
    first = await moderation.reports.file("usr_1", "shw_1", None, "usr_bad", ReportReason.SPAM)
    again = await moderation.reports.file("usr_1", "shw_1", None, "usr_bad", ReportReason.FRAUD)
    assert (first.fresh, again.fresh, again.id) == (True, False, first.id)
    assert again.report.reason is ReportReason.SPAM


async def test_an_outcome_is_given_once_and_logged(moderation: Moderation, time: Time) -> None:
    report = await file(moderation, "usr_1", "msg_1")
    time.passes(seconds=1)
    results = await asyncio.gather(
        *(moderation.reports.resolve(report.id, f"usr_{n}", Outcome.UPHELD, "seen") for n in range(4)),
        return_exceptions=True,
    )
    done = [result for result in results if isinstance(result, Report)]
    assert len(done) == 1
    assert all(isinstance(result, ReportResolved) for result in results if result not in done)
    assert await moderation.reports.list() == ()
    (kept,) = await moderation.reports.list(open_only=False)
    assert kept == done[0]
    assert (kept.open, kept.resolved_at, kept.at) == (False, time.now, report.at)
    (entry,) = await moderation.audit.list()
    assert (entry.action, entry.subject, entry.why) == ("report.resolve", report.id, "seen")


async def test_what_is_wrong_with_a_report(moderation: Moderation) -> None:
    with pytest.raises(InvalidInput):
        await moderation.reports.file("usr_1", "shw_1", None, None, ReportReason.OTHER, text="x" * 501)
    with pytest.raises(ReportUnknown):
        await moderation.reports.resolve("rpt_0", "usr_op", Outcome.UPHELD)


async def test_pages_of_reports(moderation: Moderation, time: Time) -> None:
    reports = []
    for n in range(5):
        time.passes(seconds=1)
        reports.append(await file(moderation, "usr_1", f"msg_{n}"))
    newest = await moderation.reports.list(limit=2)
    assert [r.id for r in newest] == [reports[4].id, reports[3].id]
    older = await moderation.reports.list(before=newest[-1].at, limit=5)
    assert [r.id for r in older] == [reports[2].id, reports[1].id, reports[0].id]
