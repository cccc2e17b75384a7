"""docs/protocol.md says what the code does: its tables of routes, messages and topics against those of the code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from live.api.pages import PAGES, WORKERS
from live.realtime.dispatch import MESSAGES
from live.realtime.topic_rules import TOPICS
from live.server import all_routes

PAGE: Final = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
PAGES_PARAGRAPH: Final = re.search(r"### Pages\n(.*?)\n\n", PAGE, re.DOTALL)


def rows(heading: str) -> Iterator[list[str]]:
    """Cells of every table of the section, without the heads."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section is not None
    for line in section[1].splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if (
            line.startswith("|")
            and not set(line) <= set("|- ")
            and cells[0] not in {"route", "message", "topic", "kind"}
        ):
            yield cells


ROUTES: Final = {f"{route.method} {route.path}": route for route in all_routes()}
TOLD: Final = {
    match[1]: (cells[1], cells[0]) for cells in rows("Routes") if (match := re.match(r"`([A-Z]+ /[^`]*)`", cells[0]))
}


def test_every_route_is_told_and_none_that_is_not_there() -> None:
    pages = {f"GET {path}" for path in (*PAGES, *WORKERS, "/assets/{file}")}
    assert set(TOLD) == set(ROUTES) - pages


def test_every_page_is_told() -> None:
    assert PAGES_PARAGRAPH is not None
    told = set(re.findall(r"`(?:GET )?(/[^`]*)`", PAGES_PARAGRAPH[1]))
    assert told == {*PAGES, *WORKERS, "/assets/{file}"}


@pytest.mark.parametrize("name", sorted(TOLD))
def test_who_may_call(name: str) -> None:
    route, (who, first_cell) = ROUTES[name], TOLD[name]
    assert who == route.access.describe()
    assert ("**key**" in first_cell) == route.key


def test_messages() -> None:
    cells = {row[0]: row[1] for row in rows("Socket") if len(row) == 3}
    told = {match[1]: (match[2], who) for cell, who in cells.items() if (match := re.fullmatch(r"`(\w+) (.*)`", cell))}
    assert told == {rule.name: (rule.carries, rule.access.describe()) for rule in MESSAGES.values()}


def test_topics() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("Socket") if len(row) == 4}
    assert told == {rule.name: rule.access.describe() for rule in TOPICS}
