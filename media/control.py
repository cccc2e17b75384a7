"""The node's own API, for the live server and the picture maker: a control token on everything."""

from aiohttp import web

from media import capture_routes, debug_routes, snapshot
from media.bearer import granted
from media.errors import NoKeyFrameError
from media.keys import NODE
from media.signalling import NAME

SHOW = f"/node/shows/{{show:{NAME}}}"
SUBJECT = f"{SHOW}/viewers/{{subject:[^/]{{1,128}}}}"


async def shows(request: web.Request) -> web.Response:
    """GET: all shows with their figures."""
    granted(request, "control")
    return web.json_response(text=snapshot.of_node(request.app[NODE]).model_dump_json())


async def show(request: web.Request) -> web.Response:
    """GET: one show, with `?audience=` of its viewers, those first who fare worst."""
    granted(request, "control")
    node = request.app[NODE]
    wanted = request.query.get("audience", "")
    audience = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else snapshot.AUDIENCE
    found = snapshot.of_show(node.show(request.match_info["show"]), node.loop.time(), audience=audience)
    return web.json_response(text=found.model_dump_json())


async def cut(request: web.Request) -> web.Response:
    """DELETE: end it at once, and refuse it until PUT. Also before it was ever published here."""
    granted(request, "control")
    request.app[NODE].cut(request.match_info["show"])
    return web.Response(status=204)


async def restore(request: web.Request) -> web.Response:
    """PUT: it may be published again."""
    granted(request, "control")
    request.app[NODE].restore(request.match_info["show"])
    return web.Response(status=204)


async def key_frame(request: web.Request) -> web.Response:
    """GET: the last key frame, for a decoder: Annex B with SPS and PPS, or a VP8 frame; `X-Codec` says which."""
    granted(request, "control")
    node = request.app[NODE]
    now = node.loop.time()
    stream = node.show(request.match_info["show"]).streams.get("video")
    data = None if stream is None else stream.key_frame_bytes(now)
    if stream is None or data is None:
        if stream is not None:
            stream.best(now).key_frame_wanted = True
        raise NoKeyFrameError("there is no complete key frame yet")
    return web.Response(body=data, content_type="application/octet-stream", headers={"X-Codec": stream.format.name})


async def drop_viewer(request: web.Request) -> web.Response:
    """DELETE: close this person's sessions in the show, and refuse new ones until PUT."""
    granted(request, "control")
    request.app[NODE].drop_subject(request.match_info["show"], request.match_info["subject"])
    return web.Response(status=204)


async def pardon_viewer(request: web.Request) -> web.Response:
    """PUT: this person may come back."""
    granted(request, "control")
    request.app[NODE].pardon(request.match_info["show"], request.match_info["subject"])
    return web.Response(status=204)


def routes() -> list[web.RouteDef]:
    """All of the above."""
    return [
        web.get("/node/shows", shows),
        web.get(SHOW, show),
        web.delete(SHOW, cut),
        web.put(SHOW, restore),
        web.get(f"{SHOW}/keyframe", key_frame),
        web.delete(SUBJECT, drop_viewer),
        web.put(SUBJECT, pardon_viewer),
        *capture_routes.routes(),
        *debug_routes.routes(),
    ]
