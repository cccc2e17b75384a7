"""The parts, wired: one typed container that handlers, messages and reactions reach everything through."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
from redis.asyncio import BlockingConnectionPool, Redis

from delivery.dispatching.engine import EngineParameters, engine
from delivery.service import Delivery
from delivery.settings import DeliverySettings
from live.accounts.accounts import Accounts
from live.accounts.revocations import RedisRevocations
from live.bans import Bans
from live.broadcast.control import MediaControl
from live.broadcast.gateway import MediaGateway
from live.broadcast.observer import MediaObserver
from live.broadcast.pictures import Pictures
from live.broadcast.placement import Placement
from live.broadcast.tickets import Tickets, Turn
from live.buying.offers import SignedOffers
from live.buying.supply import SupplyFeed
from live.db import Database
from live.fleet.announcer import FleetAnnouncer, PositionFeed
from live.fleet.carriers import open_carriers
from live.fleet.outgoing import Outgoing
from live.fleet.proof_pictures import ProofPictures
from live.fleet.ways import open_travel
from live.http.engine import SERVICES
from live.http.idempotency import Replays
from live.http.limits import Limiter
from live.http.metrics import Metrics
from live.http.origin import Frontier
from live.outbox import Outbox
from live.paying.page import PayPage
from live.paying.providers import open_providers
from live.promotions.announcer import PromotionAnnouncer
from live.promotions.offers import ShowOffers
from live.quotes import OrderQuotes
from live.reactions import EVENT_TYPES
from live.realtime.hub import Hub
from live.realtime.presence import Presence
from live.realtime.topics import Topics
from live.settings import Settings
from live.shows.announcer import Announcer
from live.shows.cards import CardService
from live.shows.chat import ChatService
from live.shows.covers import CoverService
from live.shows.gate import ModerationGate
from live.shows.hearts import HeartService
from live.shows.pace import ChatPace
from live.shows.products import CardProducts
from live.shows.shows import ShowService
from live.shows.sources import ShowPlaces
from live.shows.store import ChatStore, ShowStore
from live.shows.views import ShowViews
from live.webhooks.endpoints import Endpoints
from live.webhooks.sender import Sender
from live.webhooks.store import WebhookStore
from live.webhooks.targets import connector as guarded
from media.directory import Directory
from media.refusals import Refusals
from moderation.service import Moderation
from orders.service import Orders
from orders.settings import OrdersSettings

__all__ = ["SERVICES", "Services", "open_services"]

REDIS_CONNECTIONS = 100
#: Seconds; longer than the longest command that waits (live/broadcast/signals.py: 5 s).
REDIS_TIMEOUT = 10


def now() -> datetime:
    """The clock of everything: aware, UTC, in whole milliseconds: what the database keeps of a time."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything. `process` names this process among all that share the database and Redis."""

    settings: Settings
    process: str
    metrics: Metrics
    frontier: Frontier
    database: Database
    redis: Redis
    limiter: Limiter
    replays: Replays
    outbox: Outbox

    topics: Topics
    presence: Presence
    hub: Hub

    revocations: RedisRevocations
    accounts: Accounts
    moderation: Moderation
    bans: Bans
    offers: SignedOffers
    orders: Orders
    supply: SupplyFeed
    promotions: PromotionAnnouncer
    pay_page: PayPage
    delivery: Delivery
    positions: PositionFeed
    fleet: FleetAnnouncer

    shows: ShowService
    show_views: ShowViews
    show_announcer: Announcer
    cards: CardService
    covers: CoverService
    chat: ChatService
    pace: ChatPace
    hearts: HeartService

    pictures: Pictures
    tickets: Tickets
    gateway: MediaGateway
    media: MediaControl
    observer: MediaObserver

    endpoints: Endpoints
    webhooks: Sender

    async def ensure_indexes(self) -> None:
        """Every index of every part; again at each start, harmless."""
        stores = (ShowStore(self.database.db), ChatStore(self.database.db), WebhookStore(self.database.db))
        for part in (self.outbox, self.accounts, self.moderation, self.orders, self.delivery, *stores):
            await part.ensure_indexes()


class _Deals:
    """The port `Deals` of orders. Cards need the catalogue, which is of orders: so this one is joined last."""

    def __init__(self) -> None:
        self.cards: CardService | None = None

    async def price(self, show_id: str, card_id: str, product_id: str) -> int | None:
        return None if self.cards is None else await self.cards.price(show_id, card_id, product_id)


@contextlib.asynccontextmanager
async def open_services(settings: Settings, metrics: Metrics | None = None) -> AsyncIterator[Services]:
    """Open the clients, wire the parts, close the clients. Runs no background task: `live/server.py` does."""
    database = Database(settings.mongodb_uri, settings.mongodb_database)
    pool = BlockingConnectionPool.from_url(
        settings.redis_url,
        max_connections=REDIS_CONNECTIONS,
        timeout=5,
        socket_timeout=REDIS_TIMEOUT,
        health_check_interval=15,
    )
    redis = Redis.from_pool(pool)
    try:
        # Each stream of events that is passed on holds a connection, so they are not limited here.
        connector = aiohttp.TCPConnector(limit=0)
        anywhere = settings.webhook_targets == "any"
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            Outgoing.open() as outgoing,
            Outgoing.open(guarded(anywhere=anywhere)) as abroad,
        ):
            proofs = ProofPictures(abroad, anywhere=anywhere)
            yield _wire(settings, metrics or Metrics(), database, redis, session, outgoing, proofs)
    finally:
        await redis.aclose()
        database.close()
        await asyncio.sleep(0)


def _wire(
    settings: Settings,
    metrics: Metrics,
    database: Database,
    redis: Redis,
    session: aiohttp.ClientSession,
    outgoing: Outgoing,
    proofs: ProofPictures,
) -> Services:
    db, transactions, process = database.db, database.transactions, secrets.token_hex(6)
    limiter, outbox = Limiter(redis), Outbox(db, EVENT_TYPES)
    topics = Topics(redis, lambda kind: metrics.topic_events.labels(kind).inc())
    presence, revocations, positions, deals = (
        Presence(redis, topics, process),
        RedisRevocations(redis, now),
        PositionFeed(),
        _Deals(),
    )
    show_store = ShowStore(db)
    moderation = Moderation.open(db, transactions, outbox, now)
    fleet_settings = DeliverySettings(**settings.own_fleet(demo=settings.demo), **settings.quoting, **settings.handing)
    carriers, travel = open_carriers(settings, outgoing, now), open_travel(settings, outgoing)
    # Nobody is sent, couriers are asked: what they are to go for is promised to them.
    policy = engine(EngineParameters(early_s=fleet_settings.lead_s, promise=True))
    delivery = Delivery.open(db, transactions, outbox, positions, now, fleet_settings, travel, policy, carriers, proofs)
    accounts = Accounts(db, transactions, settings.token_keys, limiter, revocations, now)
    order_settings = OrdersSettings(
        sourcing=settings.sourcing,
        cash_limit=settings.cash_limit,
        free_delivery_from=settings.free_delivery_from,
        prices_include_tax=settings.prices_include_tax,
        tax_rates=settings.tax_rates,
        **settings.order_life,
        commission=settings.commission,
        credit_window=timedelta(hours=settings.credit_hours),
    )
    providers = open_providers(settings, db, session, now, order_settings)
    quotes = OrderQuotes(delivery.quotes)
    orders = Orders.open(
        db,
        transactions,
        outbox,
        now,
        order_settings,
        quotes,
        deals,
        providers,
        memberships=accounts,
        shows=ShowPlaces(show_store),
    )
    gate, products, pace = (
        ModerationGate(moderation),
        CardProducts(orders.catalogue),
        ChatPace(redis),
    )
    shows = ShowService(show_store, transactions, outbox, now, gate)
    deals.cards = CardService(show_store, shows, transactions, outbox, now, products)
    pictures = Pictures(redis)
    views = ShowViews(products, presence, pictures, ShowOffers(orders.promotions, now))
    announcer = Announcer(shows, views, topics)
    keys, directory = settings.media_keys, Directory(redis)
    turn = Turn(settings.turn_urls, settings.turn_secret) if settings.turn_urls else None
    webhooks, anywhere = WebhookStore(db), settings.webhook_targets == "any"
    return Services(
        settings=settings,
        process=process,
        metrics=metrics,
        frontier=Frontier(settings.public_url, settings.trusted_proxies),
        database=database,
        redis=redis,
        limiter=limiter,
        replays=Replays(redis, settings.token_keys),
        outbox=outbox,
        topics=topics,
        presence=presence,
        hub=Hub(topics, presence),
        revocations=revocations,
        accounts=accounts,
        moderation=moderation,
        bans=Bans(moderation.sanctions),
        offers=SignedOffers(settings.token_keys),
        orders=orders,
        supply=SupplyFeed(redis, topics, show_store, orders.catalogue, orders.stock),
        promotions=PromotionAnnouncer(orders.promotions, topics, announcer.cards, now),
        pay_page=PayPage.of(settings),
        delivery=delivery,
        positions=positions,
        fleet=FleetAnnouncer(delivery, topics, orders.payments.cash_dues, settings.call_relay),
        shows=shows,
        show_views=views,
        show_announcer=announcer,
        cards=deals.cards,
        covers=CoverService(show_store, shows),
        chat=ChatService(ChatStore(db), shows, gate, topics, pace, now),
        pace=pace,
        hearts=HeartService(show_store, topics),
        pictures=pictures,
        tickets=Tickets(keys.secret, keys.current, turn),
        gateway=MediaGateway(session, Placement(directory, settings.media_spread)),
        media=MediaControl(session, directory, Refusals(redis), keys.secret, keys.current),
        observer=MediaObserver(session, directory, keys.secret, keys.current),
        endpoints=Endpoints(webhooks, now, anywhere=anywhere),
        webhooks=Sender(webhooks, now, anywhere=anywhere),
    )
