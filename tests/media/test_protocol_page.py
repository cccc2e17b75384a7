"""docs/protocol.md tells the node's routes as they are, and who needs which token."""

import re
from pathlib import Path
from typing import Final

import pytest

from media.app import make_app
from tests.media.nodes import Served
from tests.media.peers import node_of

PAGE: Final = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
SECTION: Final = re.search(r"^## Media node\n(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE)
assert SECTION is not None
ROWS: Final = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
    for line in SECTION[1].splitlines()
    if line.startswith("| `")
]
TOLD: Final = {route: row[1] for row in ROWS for route in re.findall(r"`([A-Z]+ /[^`]*)`", row[0])}


async def test_every_route_is_told_and_none_that_is_not_there(served: Served) -> None:
    routes = make_app(node_of(served)).router.routes()
    there = {f"{route.method} {route.resource.canonical}" for route in routes if route.resource is not None}
    assert {name for name in there if not name.startswith("HEAD ")} == set(TOLD)


@pytest.mark.parametrize("name", sorted(TOLD))
async def test_who_needs_no_token_is_told(served: Served, name: str) -> None:
    method, path = name.split(" ", 1)
    async with served.http.request(method, served.url + re.sub(r"{\w+}", "demo", path)) as answer:
        assert (answer.status != 401) == (TOLD[name].startswith("none") or "or none" in TOLD[name])
