"""The built pages. What they show is decided by the API, so anybody may have them."""

import asyncio
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aiohttp import web

from live.http.access import anyone
from live.http.problem import Problem
from live.http.route import Call, Handler, Nothing, RouteTable
from live.launch.errors import LaunchError
from live.pages_dir import pages_dir

routes = RouteTable("pages")

#: Address → page. `{…}` is read by the page's own script.
PAGES = {
    "/": "index",
    "/watch/{show}": "watch",
    "/orders/{order}": "order",
    "/sign-in": "sign-in",
    "/join/{token}": "join",
    "/studio": "studio",
    "/console": "console",
    "/counter": "counter",
    "/courier": "courier",
}
#: Address → file. A worker answers for addresses below its own, so it cannot lie with the assets.
WORKERS = {"/courier-worker.js": "courier-worker.js"}
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
ALWAYS_ASK = "no-cache"
#: Names of assets carry a hash of what is in them.
NEVER_ASK = "public, max-age=31536000, immutable"
SANE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
COMPRESS_FROM = 1024


@dataclass(frozen=True, slots=True)
class Built:
    """A built file in memory; `gzipped` where that is shorter. The whole folder is a few megabytes."""

    body: bytes
    gzipped: bytes | None
    etag: str
    content_type: str


def read(path: Path) -> Built:
    """The file as it is now. Raises OSError."""
    return load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def load(path: Path, _changed_ns: int) -> Built:
    """Read and compress once; again when the file has changed (a new build under a running server)."""
    body = path.read_bytes()
    content_type = TYPES.get(path.suffix, "application/octet-stream")
    gzipped = None
    if len(body) >= COMPRESS_FROM and content_type.startswith(("text/", "application/", "image/svg")):
        gzipped = gzip.compress(body, 9, mtime=0)
    return Built(body, gzipped, f'W/"{hashlib.sha256(body).hexdigest()[:20]}"', content_type)


def folder() -> Path:
    """Where the pages are. Raises Problem `unavailable` in a source tree in which nobody has built them."""
    try:
        return pages_dir()
    except LaunchError as error:
        raise Problem(503, "unavailable", str(error)) from None


async def built(path: Path) -> Built:
    """Raises Problem `not_found`."""
    try:
        return await asyncio.to_thread(read, path)
    except (FileNotFoundError, IsADirectoryError):
        raise Problem(404, "not_found", "There is nothing at this address.") from None


def answer(request: web.Request, file: Built, caching: str) -> web.Response:
    """200, or 304 for who has it already."""
    headers = {"ETag": file.etag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if file.etag in [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]:
        return web.Response(status=304, headers=headers)
    body = file.body
    if file.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"], body = "gzip", file.gzipped
    charset = "utf-8" if file.content_type.startswith("text/") else None
    return web.Response(body=body, content_type=file.content_type, charset=charset, headers=headers)


def asked_each_time(file: str) -> Handler:
    """The handler of a file whose address stays when its content changes."""

    async def handler(call: Call[Nothing, Nothing]) -> web.Response:
        return answer(call.request, await built(folder() / file), ALWAYS_ASK)

    return handler


for address, name in PAGES.items():
    routes.add("GET", address, access=anyone(), summary=f"The page {name}")(asked_each_time(f"{name}.html"))
for address, file in WORKERS.items():
    routes.add("GET", address, access=anyone(), summary="What opens a page without a network")(asked_each_time(file))


@routes.add("GET", "/assets/{file}", access=anyone(), summary="Scripts, styles and pictures of the pages")
async def asset(call: Call[Nothing, Nothing]) -> web.Response:
    """For ever: another content has another name."""
    file = call.path("file")
    if not SANE_NAME.fullmatch(file):
        raise Problem(404, "not_found", "There is nothing at this address.")
    return answer(call.request, await built(folder() / "assets" / file), NEVER_ASK)
