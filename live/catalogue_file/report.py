"""What became of an upload, for the page that sent it."""

import asyncio
from typing import Final

from pydantic import BaseModel

from live.catalogue_file.errors import BadCatalogue, Problem
from live.catalogue_file.plan import Plan, make_plan
from live.catalogue_file.reading import read_upload
from live.catalogue_file.writing import carry_out
from orders.service import Orders

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_ROWS: Final = 20_000
#: So many problems and changes are told one by one.
MOST_TOLD: Final = 500


class ProblemView(BaseModel):
    """Something wrong: where, what (`code` is stable, `reason` English) and what was read."""

    section: str
    row: int | None
    column: str
    code: str
    reason: str
    value: str


class ChangeView(BaseModel):
    """What becomes of one thing: `what` is "new", or what of it changes."""

    section: str
    key: str
    what: str


class ImportReport(BaseModel):
    """`applied`: it was written. `problem_count` and `change_count` count all; the lists hold the first 500."""

    applied: bool
    rows: dict[str, int]
    problem_count: int
    problems: list[ProblemView]
    change_count: int
    changes: list[ChangeView]


async def take_upload(
    orders: Orders, data: bytes, by: str, *, table: bool, dry_run: bool, skip_bad: bool
) -> ImportReport:
    """Look at a file, and write it unless it is a dry run or (without `skip_bad`) anything is wrong."""
    try:
        draft = await asyncio.to_thread(read_upload, data, table=table, most_rows=MAX_ROWS)
    except BadCatalogue as bad:
        lines = str(bad).partition("\n")[0]
        problems = bad.problems or (Problem("", lines, "bad_form"),)
        return _report(None, problems, applied=False)
    plan = await make_plan(orders, draft, skip_bad=skip_bad)
    if dry_run or (plan.problems and not skip_bad):
        return _report(plan, plan.problems, applied=False)
    try:
        await carry_out(orders, plan, by)
    except BadCatalogue as overtaken:
        return _report(plan, (*plan.problems, *overtaken.problems), applied=True)
    return _report(plan, plan.problems, applied=True)


def _report(plan: Plan | None, problems: tuple[Problem, ...], *, applied: bool) -> ImportReport:
    changes = () if plan is None else plan.changes
    return ImportReport(
        applied=applied,
        rows={} if plan is None else dict(plan.draft.counts),
        problem_count=len(problems),
        problems=[
            ProblemView(
                section=one.section,
                row=one.row,
                column=one.column,
                code=one.code,
                reason=one.reason,
                value=one.value,
            )
            for one in problems[:MOST_TOLD]
        ],
        change_count=len(changes),
        changes=[ChangeView(section=one.section, key=one.key, what=one.what) for one in changes[:MOST_TOLD]],
    )
