"""`nearlive catalogue import` and `export`; each starts the embedded servers for itself where no others are named."""

import asyncio
import sys
from pathlib import Path

from live.catalogue_file.errors import CatalogueFileError
from live.catalogue_file.export import Export, export, write
from live.catalogue_file.plan import Plan, carry_out, make_plan
from live.catalogue_file.reading import Draft, read
from live.launch.errors import LaunchError
from live.launch.servers import servers
from live.services import open_services
from live.settings import Settings


def import_catalogue(settings: Settings, path: Path, *, dry_run: bool) -> None:
    """Put a file's stores, products and stock into the database and tell what changed.

    Raises:
        LaunchError: something is wrong with the file, and nothing was written; or the servers cannot be had.
    """
    try:
        plan = asyncio.run(_import(settings, read(path), dry_run=dry_run))
    except CatalogueFileError as error:
        raise LaunchError(str(error)) from None
    done = "would change; nothing was written" if dry_run else "imported"
    counts = f"{len(plan.stores)} stores, {len(plan.products)} products, {len(plan.stock)} counts of stock"
    sys.stdout.write("".join(f"{line}\n" for line in (*plan.lines, f"{counts} {done}")))


def export_catalogue(settings: Settings, path: Path) -> None:
    """Write all stores, products and stock to `path`, pictures into the folder `NAME-pictures` beside it.

    Raises:
        LaunchError: the file cannot be written, or the servers cannot be had.
    """
    try:
        content = asyncio.run(_export(settings, f"{path.stem}-pictures"))
        write(content, path)
    except CatalogueFileError as error:
        raise LaunchError(str(error)) from None
    counts = f"{len(content.stores)} stores, {len(content.products)} products, {len(content.stock)} counts of stock"
    sys.stdout.write(f"{path}: {counts}, {len(content.pictures)} pictures\n")


async def _import(settings: Settings, draft: Draft, *, dry_run: bool) -> Plan:
    async with servers(settings) as running, open_services(running) as services:
        plan = await make_plan(services.orders, draft)
        if not dry_run:
            await services.ensure_indexes()
            await carry_out(services.orders, plan)
        return plan


async def _export(settings: Settings, pictures_folder: str) -> Export:
    async with servers(settings) as running, open_services(running) as services:
        return await export(services.orders, pictures_folder)
