"""The node's HTTP application."""

from aiohttp import web

from media import control, cors, departure, event_routes, layer_routes, metrics
from media.counter_offer import CounterOffers
from media.departure import DEPARTURE, Departure
from media.keys import COUNTER_OFFERS, EVENT_STREAMS, LIMITS, NODE, SETTINGS, SIGNING_KEYS
from media.limits import Limits
from media.node import Node
from media.problem import problems
from media.server_events import EventStreams
from media.signalling import WHEP, WHIP


async def healthz(_request: web.Request) -> web.Response:
    """200 while the process runs."""
    return web.json_response({"status": "ok"})


async def exposition(request: web.Request) -> web.Response:
    """Prometheus text."""
    body = metrics.exposition(request.app[NODE])
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def make_app(node: Node) -> web.Application:
    """WHIP, WHEP, control, metrics and health of one node."""
    app = web.Application(middlewares=[problems], client_max_size=node.settings.body_limit)
    app[NODE] = node
    app[SETTINGS] = node.settings
    app[SIGNING_KEYS] = node.settings.keys()
    app[LIMITS] = Limits(node.settings, node.loop.time)
    app[COUNTER_OFFERS] = CounterOffers(node)
    app[EVENT_STREAMS] = EventStreams(node)
    app[DEPARTURE] = Departure(node, app[EVENT_STREAMS].ask)
    app.on_shutdown.extend([departure.forget, event_routes.shut])
    app.on_response_prepare.append(cors.on_prepare)
    app.add_routes([*WHIP.routes(), *WHEP.routes(), *event_routes.routes(), *layer_routes.routes()])
    app.add_routes([*control.routes(), *departure.routes()])
    app.add_routes([web.get("/healthz", healthz), web.get("/metrics", exposition)])
    return app
