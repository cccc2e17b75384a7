"""The node's debug page: three fixed files without a token, since they hold nothing, and the figures with one.

A browser cannot send a token when it opens a page. It comes behind the `#` of the address, which is not sent to servers
and not logged; the script takes it from there into the Authorization header of each look.
"""

from importlib.resources import files

from aiohttp import web

from media import snapshot, tokens
from media.bearer import granted
from media.errors import WrongRoleError
from media.keys import NODE
from media.status import NodeStatus

AUDIENCE = 20  # viewers of each show
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TYPES = {"page.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}


def _served(name: str) -> web.RouteDef:
    body = (files("media") / "debug" / name).read_bytes()

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=TYPES[name], charset="utf-8", headers=HEADERS)

    return web.get("/debug" if name == "page.html" else f"/debug/{name}", serve)


async def figures(request: web.Request) -> web.Response:
    """GET: everything that the page shows. Good for it are a control token, or a debug token of this node."""
    node = request.app[NODE]
    try:
        granted(request, "debug", node.settings.node_id)
    except WrongRoleError:
        granted(request, "control", tokens.EVERY_SHOW)
    now = node.loop.time()
    shows = [snapshot.of_show(show, now, audience=AUDIENCE) for show in node.shows.values() if show.watchable]
    status = NodeStatus(node=node.settings.node_id, shows=shows, figures=snapshot.figures(node))
    return web.json_response(text=status.model_dump_json(), headers=HEADERS)


def routes() -> list[web.RouteDef]:
    """All of the above."""
    return [*map(_served, TYPES), web.get("/debug/figures", figures)]
