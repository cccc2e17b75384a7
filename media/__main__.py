"""`python -m media`: one media node in a process of its own."""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable
from typing import get_args

from pydantic import SecretStr, ValidationError

from media import logs
from media.serve import serving
from media.settings import MediaSettings


def _arguments(argv: list[str] | None) -> dict[str, str]:
    parser = argparse.ArgumentParser(prog="python -m media", description=MediaSettings.__doc__)
    for name, field in MediaSettings.model_fields.items():
        if SecretStr in {field.annotation, *get_args(field.annotation)}:
            continue  # would show in the process list
        text = f"{field.description or ''} [NEARLIVE_MEDIA_{name.upper()}]"
        parser.add_argument("--" + name.replace("_", "-"), help=text, default=argparse.SUPPRESS)
    return vars(parser.parse_args(argv))


async def _run(settings: MediaSettings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def stop() -> None:
        if asked.is_set() or not settings.drain:
            stopped.set()
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with serving(settings) as (node, url):
        print(f"media listening on {url} udp {node.port.number}", flush=True)  # noqa: T201 — the parent reads this
        gc.collect()
        gc.freeze()  # what lives for ever is not looked at again: a full collection would delay packets
        await asked.wait()
        if not stopped.is_set() and node.depart is not None:
            await _first(node.depart(settings.drain), stopped.wait())


async def _first(*works: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main(argv: list[str] | None = None) -> int:
    """Until SIGINT or SIGTERM and the drain after it, which a second one cuts short; 2 when a setting is wrong."""
    try:
        settings = MediaSettings(**_arguments(argv))  # type: ignore[arg-type]  # text, parsed by pydantic
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(str(part) for part in problem["loc"]) or "settings"
            print(f"{place}: {problem['msg']}", file=sys.stderr)  # noqa: T201 — for the person at the terminal
        return 2
    logs.configure()
    asyncio.run(_run(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
