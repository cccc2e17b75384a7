"""`nearlive stock audit`: proves that ledger, counters, reservations and transfers agree, and repairs nothing."""

import asyncio
import sys
from collections.abc import Sequence

from live.launch.errors import LaunchError
from live.launch.servers import servers
from live.services import open_services
from live.settings import Settings
from orders.errors import StoreNotFound
from orders.stock.audit import AuditReport, Difference

HEADS = ("store", "product", "what", "expected", "found", "order or transfer")


def audit_stock(settings: Settings, store: str | None) -> bool:
    """Tell what was compared and each difference; whether there is none.

    Raises:
        LaunchError: there is no such store, or the servers cannot be had.
    """
    report = asyncio.run(_audit(settings, store))
    sys.stdout.write(told(report))
    return not report.differences


async def _audit(settings: Settings, store: str | None) -> AuditReport:
    async with servers(settings) as running, open_services(running) as services:
        try:
            return await services.orders.audit.run(store)
        except StoreNotFound as error:
            raise LaunchError(str(error)) from None


def told(report: AuditReport) -> str:
    """The report as text: a table of the differences, and a line of what was compared."""
    compared = (
        f"{report.stocks} stocks, {report.movements} movements, {report.orders} open orders, "
        f"{report.transfers} transfers"
    )
    if not report.differences:
        return f"{compared}: all agree\n"
    table = [HEADS, *(_row(one) for one in report.differences)]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "".join(f"{line}\n" for line in (*lines, f"{compared}: {len(report.differences)} differences"))


def _row(one: Difference) -> Sequence[str]:
    return (one.store_id, one.product_id, one.wrong.value, str(one.expected), str(one.found), one.ref)
