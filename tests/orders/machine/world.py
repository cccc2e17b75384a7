"""The shop that the state machine drives, and what must be true of it: at any moment, and when all is settled."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import PyMongoError

from orders.errors import OrdersError
from orders.events import PaymentNoticed
from orders.lifecycle import RELEASED, OrderStatus
from orders.model import Order, Product, Store
from orders.payments.ledger import Ledger
from orders.picking.bag import bag, held, owed, price_of_bag
from orders.pricing.model import CouponKind
from orders.promotions.coupons.coupon import CouponDetails
from orders.promotions.flash.flash import FlashCard, FlashTerms
from orders.settings import OrdersSettings
from orders.stock.movement import MovementKind
from tests.orders.city import City
from tests.orders.faults import Fault, FaultKind, Killed, mortal_city

PIECES, FLASH_TOTAL, FLASH_EACH, COUPON_OFF, COUPON_BUDGET = 5, 3, 1, 300, 900
SHOW, CARD = "shw_1", "crd_1"
BUYERS = ("usr_0", "usr_1", "usr_2")
SETTINGS = OrdersSettings(max_unpaid=1000)
#: What a caller may be told: a refusal of ours, that the database does not answer, or nothing since we are dead.
TOLD = (OrdersError, PyMongoError, Killed)


@dataclass(frozen=True)
class Strike:
    """A fault at a step of the next deeds."""

    kind: FaultKind
    at: int


@dataclass
class World:
    """Two stores with two products each; a flash sale on one of them, and a coupon that every buyer holds."""

    city: City
    fault: Fault
    stores: tuple[Store, Store]
    products: tuple[Product, Product]
    flash_id: str
    coupon_id: str

    @classmethod
    async def open(cls, database: AsyncIOMotorDatabase[Any]) -> "World":
        city, fault = await mortal_city(database, SETTINGS)
        stores = (await city.store("near", 300), await city.store("far", 900))
        products = (await city.product("tea"), await city.product("cup", 700))
        for store in stores:
            for product in products:
                await city.stock(store, product, PIECES)
        now, promotions = city.clock(), city.orders.promotions
        terms = FlashTerms(1000, FLASH_TOTAL, FLASH_EACH, now, now + timedelta(hours=6))
        sale = await promotions.flash.open(FlashCard(SHOW, CARD, products[0].id, 2000), terms, "usr_host")
        details = CouponDetails(
            "3 off",
            CouponKind.AMOUNT,
            COUPON_OFF,
            now,
            now + timedelta(days=1),
            per_buyer=2,
            budget_amount=COUPON_BUDGET,
        )
        coupon = await promotions.coupons.define(details, "usr_op")
        for buyer in BUYERS:
            await promotions.coupons.claim(coupon.id, buyer)
        return cls(city, fault, stores, products, sale.id, coupon.id)

    async def together(self, deeds: Iterable[Awaitable[object]], strike: Strike | None) -> None:
        """All at once, with one fault somewhere in them. What is told to the callers must be of `TOLD`."""
        self.city.clock.forward(timedelta(seconds=1))
        if strike is None:
            self.fault.arm(None)
        else:
            self.fault.arm(strike.at, strike.kind)
        answers = await asyncio.gather(*deeds, return_exceptions=True)
        self.fault.arm(None)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, TOLD):
                raise answer

    async def orders(self) -> list[Order]:
        """All that were written, oldest first."""
        found = self.city.database["orders"].find({"status": {"$ne": "abandoned"}}, {"_id": 1}).sort("placed_at", 1)
        return [await self.city.orders.order(document["_id"]) async for document in found]

    async def tick(self, seconds: float) -> None:
        """What the server does every few seconds, so much later."""
        self.city.clock.forward(timedelta(seconds=seconds))
        await self.city.orders.sweep.run()
        await self.city.orders.promotions.sweep(100)
        await self.city.orders.notices.carry()
        for told in await self.city.outbox.of("PaymentNoticed"):
            fields = {name: told.get(name, told["_id"]) for name in PaymentNoticed.__slots__}
            await self.city.orders.notices.follow(PaymentNoticed(**fields))

    async def settle(self) -> None:
        """Nobody does anything any more, and nothing fails: time passes until all is done that was owed."""
        self.fault.arm(None)
        for _ in range(8):
            await self.tick(SETTINGS.payment_window.total_seconds() + 1)

    async def check_now(self) -> None:
        """At any moment: books agree, nothing is oversold, nobody was charged more than once or more than the price."""
        await self.city.check_books()
        await self._check_rations(settled=False)
        taken: Counter[str] = Counter()
        async for payment in self.city.database["sandbox_payments"].find({"status": "captured"}):
            taken[payment["order_id"]] += payment["captured"]
        for order in await self.orders():
            assert taken[order.id] <= order.total, (taken[order.id], order)
            assert Ledger(order.payments).refunded <= Ledger(order.payments).captured, order

    async def check_settled(self) -> None:
        """When nothing is under way: each order holds what it may, and has paid what it owes; nothing else is held."""
        await self.check_now()
        await self._check_rations(settled=True)
        orders = await self.orders()
        await self._check_stock(orders)
        for order in orders:
            await self._check_money(order)
            await self._check_back(order)

    async def _check_stock(self, orders: list[Order]) -> None:
        wanted = {
            (order.store_id, product, order.id): pieces
            for order in orders
            for product, pieces in held(order).items()
            if pieces
        }
        held_now = {
            (level["store_id"], level["product_id"], order_id): reservation["quantity"]
            for level in await self.city.levels()
            for order_id, reservation in level["reservations"].items()
        }
        assert held_now == wanted
        assert [level for level in await self.city.levels() if level.get("pending")] == []

    async def _check_money(self, order: Order) -> None:
        ledger = Ledger(order.payments)
        assert not order.due, order
        found = self.city.database["sandbox_payments"].find({"order_id": order.id})
        theirs = [payment async for payment in found]
        standing = [payment for payment in theirs if payment["status"] == "authorised"]
        if order.status is OrderStatus.UNDELIVERED:
            assert ledger.captured in {0, price_of_bag(order)}, order
            assert ledger.kept <= owed(order), order
            if not ledger.capture_failed and not any(e.by == "usr_op" for e in order.payments):
                assert ledger.kept == owed(order), order
        elif not ledger.capture_failed:
            assert ledger.captured == owed(order), order
        assert sum(one["captured"] for one in theirs if one["status"] == "captured") == ledger.captured, order
        returned = sum(sum(one.get("refunds", {}).values()) for one in theirs)
        assert returned == ledger.refunded, (returned, order, theirs)
        if order.status in {OrderStatus.PAID, OrderStatus.ACCEPTED, OrderStatus.PICKING, OrderStatus.READY}:
            assert len(standing) == 1, (order, theirs)
            assert standing[0]["amount"] == order.total, order
        elif not ledger.capture_failed:
            assert standing == [], (order, theirs)

    async def _check_back(self, order: Order) -> None:
        """What came back is counted once, and only if somebody said that it can be sold."""
        found = self.city.database["stock_movements"].find({"ref": order.id, "kind": MovementKind.RETURN.value})
        came: Counter[str] = Counter()
        async for movement in found:
            came[movement["product_id"]] += movement["change"]
        expected: Counter[str] = Counter()
        if order.restocked:
            expected.update({line.product_id: line.quantity for line in bag(order)})
        for one in order.returns:
            if one.restocked:
                expected.update({line.product_id: line.quantity for line in one.lines})
        assert came == expected, order

    async def _check_rations(self, *, settled: bool) -> None:
        sale = await self.city.orders.promotions.flash.sale(self.flash_id)
        coupon = await self.city.orders.promotions.coupons.coupon(self.coupon_id)
        assert 0 <= sale.left <= FLASH_TOTAL
        assert 0 <= coupon.left <= COUPON_BUDGET
        sold: Counter[str] = Counter()
        spent = 0
        for order in await self.orders():
            if order.status in RELEASED or (order.status is OrderStatus.UNDELIVERED and not order.fee):
                continue
            sold[order.buyer_id] += sum(line.quantity for line in order.lines if line.flash_id == self.flash_id)
            spent += sum(use.amount for use in order.quote.coupons)
        assert all(pieces <= FLASH_EACH for pieces in sold.values()), sold
        assert sold.total() <= FLASH_TOTAL - sale.left
        assert spent <= COUPON_BUDGET - coupon.left
        if settled:
            assert sold.total() == FLASH_TOTAL - sale.left, (sold, sale)
            assert spent == COUPON_BUDGET - coupon.left, (spent, coupon)
