"""The web server: routes, tasks, and a clean end."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

import structlog
from aiohttp import web

from live import logs
from live.api import (
    accounts,
    catalogue,
    catalogue_files,
    chat,
    console,
    console_media,
    console_members,
    console_promotions,
    counter,
    courier,
    courier_jobs,
    courier_shifts,
    credit,
    delivery_webhooks,
    fleet,
    media,
    order_life,
    orders,
    pages,
    payments,
    promotions,
    shifts,
    shows,
    socket,
    stock,
    stores,
    system,
    tracking,
    transfers,
    webhooks,
)
from live.broadcast.signals import SignalReader
from live.collector import spare_collector
from live.console.feed import EVERY, ConsoleFeed
from live.elsewhere import elsewhere
from live.fleet.dispatching import DispatchLoop
from live.fleet.handing import HandingLoop, NewsLoop
from live.fleet.promising import PromiseLoop
from live.http.engine import GATE, SERVICES, Gate, install
from live.http.metrics import Metrics
from live.http.middleware import envelope
from live.http.origin import Frontier
from live.http.route import Route, RouteTable
from live.launch.tls import server_context
from live.outbox import OutboxRelay
from live.reactions import EVENT_TYPES, Reactions
from live.realtime.reader import TopicReader
from live.services import Services, now, open_services
from live.settings import Settings
from live.tasks import Tasks

log = structlog.get_logger(__name__)

TABLES: Final[Sequence[RouteTable]] = tuple(
    module.routes
    for module in (
        accounts,
        shows,
        chat,
        media,
        orders,
        order_life,
        payments,
        promotions,
        stores,
        catalogue,
        catalogue_files,
        stock,
        transfers,
        counter,
        courier,
        courier_jobs,
        courier_shifts,
        delivery_webhooks,
        fleet,
        shifts,
        tracking,
        credit,
        console,
        console_media,
        console_members,
        console_promotions,
        webhooks,
        system,
        socket,
        pages,
    )
)
#: Bytes of a request that raw handlers may read at most; each route has its own limit below it.
LARGEST: Final = 4 * 1024 * 1024
#: Flash sales and coupons that one pass of their sweep looks at.
SWEPT: Final = 200
#: Seconds that requests under way get when the server ends.
GRACE: Final = 10.0


def all_routes(tables: Iterable[Iterable[Route]] = TABLES) -> tuple[Route, ...]:
    """Every route, in the order of the tables."""
    return tuple(route for table in tables for route in table)


def make_app(settings: Settings) -> web.Application:
    """The whole application; opens nothing until it starts."""
    metrics, frontier = Metrics(), Frontier(settings.public_url, settings.trusted_proxies)
    app = web.Application(
        middlewares=[envelope(frontier, metrics, elsewhere(settings))],
        client_max_size=LARGEST,
    )
    app[system.ALL_ROUTES] = all_routes()
    install(app, TABLES)

    async def house(app: web.Application) -> AsyncIterator[None]:
        async with open_services(settings, metrics) as services:
            await services.ensure_indexes()
            await services.revocations.load()
            app[SERVICES] = services
            app[GATE] = Gate(services.accounts, services.limiter, services.frontier, services.replays)
            tasks, reader = Tasks(metrics), TopicReader(services.redis, services.topics, services.hub)
            start(services, reader, tasks)
            await services.hub.listen(reader)
            try:
                yield
            finally:
                await tasks.stop()
                await reader.close()
                await services.presence.withdraw()

    async def say_goodbye(app: web.Application) -> None:
        app[SERVICES].hub.close()
        app[SERVICES].gateway.close()

    app.cleanup_ctx.append(house)
    app.on_shutdown.append(say_goodbye)
    return app


def start(services: Services, reader: TopicReader, tasks: Tasks) -> None:
    """Everything that runs beside the requests. Any number of processes may do the same."""
    relay = OutboxRelay(services.database.db, EVENT_TYPES, Reactions(services).handle, services.metrics)
    services.database.transactions.committed = relay.wake
    services.revocations.heard = services.hub.end_session
    signals = SignalReader(services.redis, services.shows, services.media, services.process)
    dispatch = DispatchLoop(services.delivery.dispatch, services.redis, services.fleet.courier)
    tasks.forever("topics", reader.run)
    tasks.forever("revocations", services.revocations.run)
    tasks.forever("outbox", relay.run)
    tasks.forever("presence", services.presence.run)
    tasks.forever("supply", services.supply.run)
    tasks.forever("hearts", services.hearts.run)
    tasks.forever("media signals", signals.run)
    tasks.forever("dispatch", dispatch.run)
    tasks.forever("handing", HandingLoop(services.delivery.handing, services.redis).run)
    tasks.forever("providers' news", NewsLoop(services.delivery.inbox).run)
    tasks.every("providers' news sweep", 3600, services.delivery.inbox.forget)
    promises = PromiseLoop(services.delivery, services.redis)
    tasks.forever("promises", promises.run)
    tasks.every("messages sweep", 3600, promises.sweep)
    tasks.forever("positions", lambda: services.positions.run(services.delivery, services.fleet))
    tasks.every("fleet sweep", 30, lambda: services.delivery.couriers.sweep(now()))
    tasks.every("places sweep", 3600, lambda: services.delivery.couriers.forget_old_places(now()))
    tasks.forever("webhooks", services.webhooks.run)
    tasks.every("touches sweep", 3600, services.orders.credits.forget)
    tasks.every("links sweep", 3600, services.orders.links.forget)
    tasks.every("webhooks sweep", 3600, services.webhooks.sweep)
    tasks.forever("promotions", services.promotions.run)
    tasks.every("flash sales", 1, services.promotions.tick)
    tasks.every("promotions sweep", 5, lambda: services.orders.promotions.sweep(SWEPT))
    tasks.every("outbox sweep", 10, relay.sweep)
    tasks.every("orders sweep", 5, services.orders.sweep.run)
    tasks.every("sandbox's webhooks", 1, services.orders.notices.carry)
    tasks.every("payments sweep", 60, services.orders.watch.run)
    tasks.every("transfers sweep", 10, services.orders.transfers.sweep)
    tasks.every("shows sweep", 30, services.shows.sweep)
    tasks.every("photos sweep", 3600, lambda: services.delivery.photos.forget(now()))
    tasks.every("accounts sweep", 600, services.accounts.sweep)
    tasks.every("console figures", EVERY, ConsoleFeed(services).tell)


def main(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    logs.configure(settings)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    app = make_app(settings)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE, handler_cancellation=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, ssl_context=server_context(settings), backlog=1024)
        await site.start()
        spare_collector()
        sys.stdout.write(f"live listening on {listening(settings, runner)}\n")
        sys.stdout.flush()
        await _until_told()
        log.info("ending")
    finally:
        await runner.cleanup()


def listening(settings: Settings, runner: web.AppRunner) -> str:
    """The URL with the port that was really taken."""
    port = runner.addresses[0][1]
    return settings.model_copy(update={"port": port, "public_url": ""}).origin


async def _until_told() -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
