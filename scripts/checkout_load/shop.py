"""The shop of a sale, and its books when the sale is over."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from live.services import Services
from live.shows.cards import WantedCard
from live.shows.lifecycle import Move
from live.shows.shows import Host
from orders.catalogue.hours import OpeningHours
from orders.checkout.quoting import Wish
from orders.model import LineRequest, ProductDetails, StoreDetails
from orders.promotions.flash.flash import FlashCard, FlashTerms

STORE, PRODUCT, HOST_ID = "sto_bench", "prd_bench", "usr_bench"
PLACE = (121.4737, 31.2304)
PRICE, FLASH_PRICE = 5900, 3900
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Sale:
    """What is on sale: `body` is what each buyer sends."""

    flash_id: str
    body: Mapping[str, Any]


async def open_sale(services: Services, pieces: int, limit: int) -> Sale:
    """One store with so many pieces, and a show with a flash sale of all of them, `limit` for each buyer."""
    await services.ensure_indexes()
    catalogue = services.orders.catalogue
    place = StoreDetails("Bench", "Bench road 1", PLACE, "Asia/Shanghai", OpeningHours.daily("00:00-24:00"), 5000)
    store = await catalogue.add_store(place, STORE)
    await catalogue.add_product(ProductDetails("Last pieces", "", PRICE, "CNY"), PRODUCT)
    await services.orders.stock.set_on_hand(STORE, PRODUCT, pieces, "count", HOST_ID)
    host = Host(HOST_ID, "Host", store.id, store.name, store.position)
    show = await services.shows.create(host, "Bench", None)
    show = await services.cards.replace(show.id, HOST_ID, [WantedCard(PRODUCT, None)])
    await services.shows.move(show.id, Move.GO_LIVE, HOST_ID)
    card = show.cards[0].id
    await services.cards.pin(show.id, HOST_ID, card)
    now = datetime.now(UTC)
    terms = FlashTerms(FLASH_PRICE, pieces, limit, now, now + timedelta(hours=1))
    flash = await services.orders.promotions.flash.open(FlashCard(show.id, card, PRODUCT, PRICE), terms, HOST_ID)
    wish = Wish([LineRequest(PRODUCT, 1, card)], PLACE, show.id, HOST_ID)
    total = (await services.orders.checkout.offer(wish)).total
    address = {
        "name": "Chen",
        "phone": "13800138000",
        "text": "Lane 9, room 302",
        "position": {"lon": PLACE[0], "lat": PLACE[1]},
    }
    line = {"product_id": PRODUCT, "quantity": 1, "card_id": card}
    # The total that the buyer saw: nobody is sold a piece at the full price who came for the flash price.
    body = {"show_id": show.id, "lines": [line], "address": address, "expected_total": total}
    return Sale(flash.id, body)


async def effects_done(services: Services) -> None:
    """Wait until every event of the sale has had its effects. Raises TimeoutError."""
    waiting = services.database.db["outbox"]
    async with asyncio.timeout(_PATIENCE):
        while await waiting.find_one({"due_at": {"$exists": True}}, {"_id": 1}) is not None:  # noqa: ASYNC110 - another process's work
            await asyncio.sleep(0.02)


async def books(services: Services, sale: Sale, pieces: int, limit: int, acknowledged: list[str]) -> dict[str, Any]:
    """What stock, ledger and orders say when all have their answer."""
    db = services.database.db
    orders = [d async for d in db["orders"].find({"status": {"$ne": "abandoned"}}) if "quote" in d]
    sold = sum(line["quantity"] for order in orders for line in order["quote"]["lines"])
    by_buyer = Counter[str]()
    for order in orders:
        by_buyer[order["buyer_id"]] += sum(line["quantity"] for line in order["quote"]["lines"])
    stock = await db["stock"].find_one({"_id": f"{STORE}:{PRODUCT}"})
    if stock is None:
        raise LookupError("the stock is gone")
    flash = await db["flash_sales"].find_one({"_id": sale.flash_id}) or {}
    shares = [share["taken"] async for share in db["flash_shares"].find({"pool_id": sale.flash_id})]
    entered = [m["change"] async for m in db["stock_movements"].find({"store_id": STORE, "product_id": PRODUCT})]
    waiting = [m["change"] for m in stock.get("pending", {}).values()]
    held = {order_id: r["quantity"] for order_id, r in stock["reservations"].items()}
    facts = {
        "counters": stock["on_hand"] == stock["available"] + stock["reserved"] and stock["available"] >= 0,
        "reservations": stock["reserved"] == sum(held.values()),
        "movements": stock["on_hand"] == sum(entered) + sum(waiting) == pieces,
        "orders": held == {o["_id"]: sum(line["quantity"] for line in o["quote"]["lines"]) for o in orders},
        "answers": sorted(acknowledged) == sorted(o["_id"] for o in orders),
        "flash": flash["left"] == pieces - sold and sum(shares) == sold and max(shares, default=0) <= limit,
        "numbers": len({o["number"] for o in orders}) == len(orders),
    }
    return {
        "sold": sold,
        "oversold": max(0, sold - pieces),
        "limit_broken": sum(count > limit for count in by_buyer.values()),
        "ledger_ok": all(facts.values()),
        "ledger": facts,
    }
