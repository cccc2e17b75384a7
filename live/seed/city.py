"""Builds the demo city through the services that people use, so that what is seeded is what they could have made."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import structlog

from live.accounts.accounts import Credentials
from live.accounts.model import User
from live.db import finished, note_finished
from live.seed.covers import cover
from live.seed.goods import PRICES, PRODUCTS, DemoProduct, picture
from live.seed.offers import COUPONS, WELCOME
from live.seed.people import DEMO_PEOPLE, PASSWORD, RIDES, DemoPerson
from live.seed.places import STORES, store_id
from live.seed.words import RULES
from live.services import Services, now, open_services
from live.settings import Settings
from live.shows.cards import WantedCard
from live.shows.lifecycle import Move
from live.shows.model import Status
from live.shows.shows import Host
from moderation.errors import RuleExists
from orders.catalogue.price_list import ListedPrice, PriceRow
from orders.promotions.errors import CouponNotFound

log = structlog.get_logger(__name__)

#: Raise it when the city changes: it is then put in again over what is there.
VERSION: Final = 4
PIECES: Final = (120, 60, 24, 80)
AT_ONCE: Final = 8

#: Host, title, hours from now (None: one that is over), colour, first product, price cut of its first card in per cent.
_SHOWS: Final = (
    ("associate1", "秋冬口红一次试完 Lipsticks for the cold months", 2, 345, 0, 25),
    ("associate2", "在家也有好味道 Candles and tea at home", 20, 30, 6, 20),
    ("associate3", "包里都装了什么 What is in my bag", None, 230, 15, 15),
)


async def build(settings: Settings) -> None:
    """Put in what is missing; keep the scheduled shows in the future."""
    async with open_services(settings) as services:
        if not await finished(services.database, "demo city", VERSION):
            await services.ensure_indexes()
            await _goods(services)
            people = await _people(services)
            await _rules(services, people["admin"].id)
            await _coupons(services, people["admin"].id)
            await _shows(services, people)
            await note_finished(services.database, "demo city", VERSION)
            log.info("the demo city is built")
        else:
            people = await _known(services)
        await _reschedule(services, people)


async def _goods(services: Services) -> None:
    catalogue = services.orders.catalogue
    for key, store in STORES.items():
        await catalogue.add_store(store, store_id(key))
    await _together(_product(services, product) for product in PRODUCTS)
    await services.orders.prices.set_many(
        PriceRow(f"prd_demo{product}", store and store_id(store), ListedPrice(price, member))
        for product, store, price, member in PRICES
    )
    had = await services.orders.stock.available([store_id(key) for key in STORES], [one.id for one in PRODUCTS])
    await _together(
        services.orders.stock.set_on_hand(store, product, pieces, "opening stock", "seed")
        for store, product, pieces in _opening_stock()
        if (store, product) not in had
    )


async def _product(services: Services, product: DemoProduct) -> None:
    await services.orders.catalogue.add_product(product.details(), product.id)
    await services.orders.catalogue.pictures.set(product.id, [(picture(product), product.name)])


def _opening_stock() -> Iterator[tuple[str, str, int]]:
    """Store, product, pieces. Each store lacks a few things: the nearest one is not always the one that delivers."""
    for place, key in enumerate(STORES):
        for index, product in enumerate(PRODUCTS):
            if (index + 2 * place) % 7:
                yield store_id(key), product.id, PIECES[(index + place) % len(PIECES)]


async def _together(works: Iterable[Coroutine[Any, Any, object]]) -> None:
    """A few at a time."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(work: Coroutine[Any, Any, object]) -> None:
        async with slots:
            await work

    await asyncio.gather(*map(one, works))


async def _people(services: Services) -> dict[str, User]:
    made = await asyncio.gather(*(_person(services, person) for person in DEMO_PEOPLE))
    people = {person.login: user for person, user in zip(DEMO_PEOPLE, made, strict=True)}
    couriers = services.delivery.couriers
    for number, (login, vehicle) in enumerate(RIDES.items(), 1):
        user = people[login]
        await couriers.register(user.id, user.name, f"138-5550-000{number}", vehicle, simulated=True)
        await couriers.equip(user.id, vehicle)
    return people


async def _person(services: Services, person: DemoPerson) -> User:
    found = await services.accounts.by_login(person.login)
    if found is not None:
        return found
    store = store_id(person.store) if person.store else None
    return await services.accounts.create(Credentials(person.login, PASSWORD, person.name), person.role, store)


async def _known(services: Services) -> dict[str, User]:
    found = {login: await services.accounts.by_login(login) for login, *_ in _SHOWS}
    return {login: user for login, user in found.items() if user is not None}


async def _rules(services: Services, by: str) -> None:
    for pattern, action, category, note in RULES:
        try:
            await services.moderation.rules.add(pattern, action, category, by, note)
        except RuleExists:
            continue


async def _coupons(services: Services, by: str) -> None:
    coupons = services.orders.promotions.coupons
    for one in COUPONS:
        try:
            await coupons.coupon(one.id)
        except CouponNotFound:
            await coupons.define(one.details(now()), by, one.id)


async def _shows(services: Services, people: Mapping[str, User]) -> None:
    for login, title, hours, hue, first, cut in _SHOWS:
        host = people[login]
        if await services.shows.of_associate(host.id, None, 1):
            continue
        at = None if hours is None else now() + timedelta(hours=hours)
        store = await services.orders.catalogue.store(host.store_id or "")
        made = await services.shows.create(Host(host.id, host.name, store.id, store.name, store.position), title, at)
        await services.covers.save(made.id, host.id, await asyncio.to_thread(cover, hue))
        wanted = [
            WantedCard(product.id, product.price * (100 - cut) // 100 if index == 0 else None)
            for index, product in enumerate(PRODUCTS[first : first + 6])
        ]
        await services.cards.replace(made.id, host.id, wanted)
        if login == _SHOWS[0][0]:
            await services.orders.promotions.coupons.pin(made.id, store.id, WELCOME.id)
        if hours is None:
            await services.shows.move(made.id, Move.GO_LIVE, host.id)
            await services.shows.move(made.id, Move.END, host.id)


async def _reschedule(services: Services, people: Mapping[str, User]) -> None:
    """A demo that is started days later still has something to come."""
    for login, _, hours, *_ in _SHOWS:
        if hours is None or login not in people:
            continue
        for show in await services.shows.of_associate(people[login].id, None, 20):
            late = show.scheduled_at is not None and show.scheduled_at < now() - timedelta(minutes=30)
            if show.status is Status.SCHEDULED and late:
                await services.shows.edit(show.id, people[login].id, None, now() + timedelta(hours=hours))
