"""`nearlive stock audit` as an operator runs it: beside the server, with its exit status and its table."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from live.launch.stock_audit import told
from orders.stock.audit import AuditReport, Difference, Wrong
from tests.house import House

ROOT: Final = Path(__file__).parents[3]


async def audit(house: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "live", "stock", "audit", *arguments]
    environment = {**os.environ, **house.settings.environment()}
    return await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


async def test_the_command(house: House) -> None:
    right = await audit(house)
    assert (right.returncode, right.stderr) == (0, "")
    assert right.stdout == "6 stocks, 6 movements, 0 open orders, 0 transfers: all agree\n"
    stock = house.services.database.db["stock"]
    await stock.update_one({"_id": "sto_near:prd_tea"}, {"$inc": {"on_hand": 2, "available": 2}})
    wrong = await audit(house, "--store", "sto_near")
    assert wrong.returncode == 1
    head, row, summary = wrong.stdout.splitlines()
    assert head.split() == ["store", "product", "what", "expected", "found", "order", "or", "transfer"]
    assert row.split() == ["sto_near", "prd_tea", "on_hand", "50", "52"]
    assert summary == "3 stocks, 3 movements, 0 open orders, 0 transfers: 1 differences"
    unknown = await audit(house, "--store", "sto_none")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "No store sto_none." in unknown.stderr


def test_the_table_is_aligned() -> None:
    rows = (Difference("s", "p", Wrong.HELD, 3, 0, "ord_1"), Difference("a long store", "p", Wrong.ON_HAND, -1, 20))
    lines = told(AuditReport(2, 9, 1, 0, rows)).splitlines()
    assert lines[1].index("held") == lines[2].index("on_hand") == lines[0].index("what")
