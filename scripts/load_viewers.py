#!/usr/bin/env python3
"""Many viewers for a show of yours: `scripts/load_viewers.py --url https://shop.example --show SHOW --viewers 500`.

They join as browsers do (WHEP, ICE, DTLS), count what arrives and report, but decode nothing. Of a Nearlive server
they are guests; for a media node (`python -m media`) give --secret-file. Run it with the Python of .venv, from another
machine.
"""

import argparse
import asyncio
import contextlib
import json
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.media_load.crowd import Crowd, Joins, quantile  # noqa: E402 - the tree is on the path from here on
from scripts.media_load.signalling import WebTarget  # noqa: E402
from scripts.media_load.tickets import Token, given, minted, of_guests  # noqa: E402


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="of a Nearlive server, or of a node")
    parser.add_argument("--show", required=True, help="its id")
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--ramp", type=float, default=10.0, help="joins a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="to stay once all have joined")
    parser.add_argument("--churn", type=float, default=0.0, help="viewers a second who leave, and as many who join")
    parser.add_argument("--first-frames", type=int, default=0, help="joiners at the end whose first frame is timed")
    parser.add_argument("--video-only", action="store_true", help="do not ask for sound")
    parser.add_argument("--token", help="a view token, the same for all")
    parser.add_argument("--secret-file", type=Path, help="a node's secret: tokens are made here")
    parser.add_argument("--key-id", default="1", help="the secret's id")
    parser.add_argument("--insecure", action="store_true", help="take any certificate")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args(argv)


def _token(options: argparse.Namespace, http: aiohttp.ClientSession, url: str) -> Token:
    if options.token:
        return given(options.token)
    if options.secret_file:
        return minted(options.secret_file.read_text(encoding="utf-8").strip(), options.key_id, options.show)
    return of_guests(http, url, options.show)


def own_address(url: str) -> str:
    """Ours on the way there. Raises OSError."""
    parts = urlsplit(url)
    for family, kind, number, _, address in socket.getaddrinfo(
        parts.hostname, parts.port or 443, type=socket.SOCK_DGRAM
    ):
        with socket.socket(family, kind, number) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    raise OSError(f"no address for {parts.hostname}")


async def _churning(crowd: Crowd, options: argparse.Namespace, joins: Joins) -> int:
    """Leaves and joins until the time is over; how many."""
    left, began = 0, time.monotonic()
    while (now := time.monotonic() - began) < options.seconds:
        due = int(now * options.churn) - left
        if due > 0:
            left += await crowd.leave(due)
            more = await crowd.join(due)
            joins.seconds += more.seconds
            joins.errors += more.errors
        await asyncio.sleep(min(0.2, max(0.0, options.seconds - now)))
    return left


async def load(options: argparse.Namespace) -> dict[str, Any]:
    """The run; its figures. Raises OSError when the server cannot be reached at all."""
    url = options.url.rstrip("/")
    connector = aiohttp.TCPConnector(limit=0, ssl=not options.insecure)
    http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    target = WebTarget(url, options.show, _token(options, http, url), http, audio=not options.video_only)
    crowd = Crowd(target, own_address(url), options.viewers + int(options.churn) + 64, None)
    crowd.start()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(crowd.close)
        joins = await crowd.join(options.viewers, per_second=options.ramp)
        crowd.sweep.open_window()
        left = await _churning(crowd, options, joins) if joins.seconds else 0
        count = crowd.sweep.close_window()
        first = await crowd.first_frames(options.first_frames, 0.3) if joins.seconds else []
        if joins.seconds:
            await crowd.leave(len(crowd.sweep.slots))
    return {
        **joins.report(),
        "left": left,
        "viewers": count.viewers,
        "seconds": round(count.seconds, 1),
        "packets": count.packets,
        "packets_per_second": round(count.packets / max(0.001, count.seconds)),
        "bits_per_second": round(8 * count.octets / max(0.001, count.seconds)),
        "loss_pct": count.loss_pct,
        "fewest_packets": count.fewest,
        "most_packets": count.most,
        "first_frame_p50_ms": quantile(first, 0.5),
        "first_frame_p95_ms": quantile(first, 0.95),
    }


def main(argv: list[str] | None = None) -> int:
    """0; 1 when nobody could join, with the reason."""
    options = arguments(argv)
    try:
        found = asyncio.run(load(options))
    except OSError as error:
        print(f"{options.url} cannot be reached: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:24} {value}")
    for reason in found["errors"]:
        print(f"could not join: {reason}", file=sys.stderr)
    return 0 if found["joined"] else 1


if __name__ == "__main__":
    sys.exit(main())
