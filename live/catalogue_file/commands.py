"""`nearlive catalogue import` and `export`; each starts the embedded servers for itself where no others are named."""

import asyncio
import sys
from pathlib import Path

from live.catalogue_file.errors import CatalogueFileError
from live.catalogue_file.export import Export, export, write
from live.catalogue_file.plan import Plan, make_plan
from live.catalogue_file.reading import Draft, read
from live.catalogue_file.writing import carry_out
from live.launch.errors import LaunchError
from live.launch.servers import servers
from live.services import open_services
from live.settings import Settings


def import_catalogue(settings: Settings, path: Path, *, dry_run: bool, skip_bad: bool) -> None:
    """Put a file's stores, products, prices and stock into the database and tell what changed.

    With `skip_bad` rows that are wrong are told and left out.

    Raises:
        LaunchError: something is wrong with the file, and nothing was written; or the servers cannot be had.
    """
    try:
        plan = asyncio.run(_import(settings, read(path), dry_run=dry_run, skip_bad=skip_bad))
    except CatalogueFileError as error:
        raise LaunchError(str(error)) from None
    done = "would change; nothing was written" if dry_run else "imported"
    skipped = [f"left out: {problem}" for problem in plan.problems]
    sys.stdout.write("".join(f"{line}\n" for line in (*skipped, *plan.lines, f"{_counts(plan)} {done}")))


def export_catalogue(settings: Settings, path: Path) -> None:
    """Write all stores, products, prices and stock to `path`, pictures into the folder `NAME-pictures` beside it.

    A path without a suffix is a folder of CSV files with the folder `pictures` in it.

    Raises:
        LaunchError: the file cannot be written, or the servers cannot be had.
    """
    try:
        content = asyncio.run(_export(settings, f"{path.stem}-pictures" if path.suffix else "pictures"))
        write(content, path)
    except CatalogueFileError as error:
        raise LaunchError(str(error)) from None
    sys.stdout.write(f"{path}: {_counts(content)}, {len(content.pictures)} pictures\n")


def _counts(of: Plan | Export) -> str:
    stores, products, prices, stock = (len(rows) for rows in (of.stores, of.products, of.prices, of.stock))
    return f"{stores} stores, {products} products, {prices} prices, {stock} counts of stock"


async def _import(settings: Settings, draft: Draft, *, dry_run: bool, skip_bad: bool) -> Plan:
    async with servers(settings) as running, open_services(running) as services:
        plan = await make_plan(services.orders, draft, skip_bad=skip_bad)
        plan.accept(skip_bad=skip_bad)
        if not dry_run:
            await services.ensure_indexes()
            await carry_out(services.orders, plan)
        return plan


async def _export(settings: Settings, pictures_folder: str) -> Export:
    async with servers(settings) as running, open_services(running) as services:
        return await export(services.orders, pictures_folder)
