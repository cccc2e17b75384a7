"""Two minutes of joins and leaves: a node's memory, descriptors, sessions and tasks stay as they were."""

from pathlib import Path

import aiohttp
import pytest

from scripts.media_load.network import LOOPBACK
from scripts.media_load.rounds import Load, clients
from scripts.media_load.servers import node
from scripts.media_load.soak import soak

SECONDS, VIEWERS = 120, 100


@pytest.mark.real_time
@pytest.mark.timeout(300)
async def test_joins_and_leaves_leave_nothing_behind(tmp_path: Path) -> None:
    async with node(LOOPBACK, tmp_path) as server, clients(LOOPBACK, tmp_path) as started:
        found = await soak(server, Load(VIEWERS, SECONDS), started)
        async with aiohttp.ClientSession() as http, http.get(f"{server.url}/metrics") as answer:
            metrics = await answer.text()
    assert found["failed_joins"] == 0
    assert found["viewers"] == VIEWERS
    assert found["joins_and_leaves"] > 2 * VIEWERS
    assert found["growth_pct"] <= 2.0, found
    assert found["descriptors_late"] <= found["descriptors_early"] + 2
    assert metrics
