"""Faults at any step between orders and what it depends on: the process dies, an answer or a request is lost, or a
request to a payment provider arrives twice."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeVar, cast

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import NetworkTimeout

from live.db import Transactions
from orders.errors import PaymentUnavailable
from orders.payments.provider import Providers
from orders.payments.service import cash_of, sandbox_of
from orders.picking.bag import bag, owed
from orders.service import Orders, Records
from orders.settings import OrdersSettings
from tests.orders.city import City, KeptOutbox, PinnedDeals, SetClock, Tariff

T = TypeVar("T")


class Killed(BaseException):
    """The process is gone: no handler of ours may run after this."""


class FaultKind(StrEnum):
    """What goes wrong. `TIME_OUT` before a call loses the request, after it the answer."""

    CRASH = "crash"
    TIME_OUT = "time-out"
    DUPLICATE = "duplicate"


class Fault:
    """Strikes at the chosen step: 0 is the first one after `arm`. Steps are the moments before and after each call."""

    def __init__(self) -> None:
        self.steps = 0
        self._at: int | None = None
        self._kind = FaultKind.CRASH

    def arm(self, at: int | None, kind: FaultKind = FaultKind.CRASH) -> None:
        self.steps, self._at, self._kind = 0, at, kind

    def step(self, lost: type[Exception] = NetworkTimeout) -> None:
        """Raises what `kind` asks for; `lost` is what the caller of this dependence gets when nothing answers."""
        struck = self._at is not None and self.steps >= self._at
        if struck and self._kind is FaultKind.CRASH:
            raise Killed  # and every step from here on: a dead process does nothing more
        self.steps += 1
        if struck and self._kind is FaultKind.TIME_OUT:
            self._at = None
            raise lost("nothing answers")

    def doubles(self) -> bool:
        """Whether the request that is under way is delivered twice."""
        if self._kind is not FaultKind.DUPLICATE or self._at is None or self.steps < self._at:
            return False
        self._at = None
        return True


class Watched:
    """Passes every call on to the real thing, with a step before and after."""

    def __init__(self, real: object, fault: Fault, *, lost: type[Exception] = NetworkTimeout) -> None:
        self._real = real
        self._fault = fault
        self._lost = lost

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._real, name)
        if not inspect.iscoroutinefunction(member):
            return member

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._fault.step(self._lost)
            if self._lost is PaymentUnavailable and self._fault.doubles():
                await member(*args, **kwargs)
            answer = await member(*args, **kwargs)
            self._fault.step(self._lost)
            return answer

        return call


class WatchedTransactions:
    """Steps before the transaction, before its commit and after it."""

    def __init__(self, real: Transactions, fault: Fault) -> None:
        self._real = real
        self._fault = fault

    async def run(self, body: Callable[[object], Awaitable[T]]) -> T:
        async def watched(session: object) -> T:
            result = await body(session)
            self._fault.step()
            return result

        self._fault.step()
        result = await self._real.run(watched)
        self._fault.step()
        return result


async def mortal_city(database: AsyncIOMotorDatabase[Any], settings: OrdersSettings) -> tuple[City, Fault]:
    """A city whose every dependence goes through a fault."""
    fault, clock, outbox, deals = Fault(), SetClock(), KeptOutbox(database), PinnedDeals()
    transactions = Transactions(database.client, lambda: None)
    real = Records.of(database)
    records = Records(*(cast("Any", Watched(one, fault)) for one in (getattr(real, of.name) for of in fields(real))))
    sandbox, cash = sandbox_of(database, clock, b"test"), cash_of(database, settings)
    providers = Providers(cast("Any", Watched(one, fault, lost=PaymentUnavailable)) for one in (sandbox, cash))
    orders = Orders.compose(
        records,
        WatchedTransactions(transactions, fault),
        cast("Any", Watched(outbox, fault)),
        clock,
        settings,
        Tariff(),
        deals,
        providers,
    )
    await orders.ensure_indexes()
    return City(database, orders, clock, outbox, deals, transactions), fault


async def check_settled(city: City) -> None:
    """When nothing is under way any more: books, holds, and the provider's books against ours."""
    await city.check_books()
    assert [d for d in await city.levels() if d.get("pending")] == []
    holding = {"placed", "paid", "accepted", "picking", "ready"}
    taken = {"collected", "delivered", "completed", "brought_back"}
    live = {d["_id"]: d async for d in city.database["orders"].find({"status": {"$ne": "abandoned"}})}
    held = {order for level in await city.levels() for order in level["reservations"]}
    assert held == {order_id for order_id, d in live.items() if d["status"] in holding}
    money: dict[str, list[dict[str, Any]]] = {}
    async for payment in city.database["sandbox_payments"].find({}):
        money.setdefault(payment["_id"].rsplit("-", 1)[0], []).append(payment)
    assert set(money) <= set(live)
    for order_id, d in live.items():
        payments = money.get(order_id, [])
        standing = [p for p in payments if p["status"] in {"authorised", "captured"}]
        assert d["due"] == [], d
        due = owed(await city.orders.order(order_id))
        if d["status"] in {"placed", "cancelled", "rejected"} and not due:
            assert standing == [], d
        elif d["status"] == "undelivered":
            moved = city.database["stock_movements"].find({"ref": order_id, "kind": "return"})
            order = await city.orders.order(order_id)
            came = sum(line.quantity for line in bag(order)) if order.restocked else 0
            assert sum([one["change"] async for one in moved]) == came, "counted once"
            assert [p for p in standing if p["status"] == "authorised"] == [], d
            assert sum(p["refundable"] for p in standing) <= due, d
            if not any(p["by"] == "usr_op" for p in d["payments"]):
                assert sum(p["refundable"] for p in standing) == due, d
        elif d["status"] in {*taken, "cancelled"}:
            assert [p["status"] for p in standing] == ["captured"], d
            assert standing[0]["captured"] == due, "the bag, or the fee of a late cancellation"
            given = [p for p in d["payments"] if p["kind"] == "refund" and p["outcome"] == "succeeded"]
            assert standing[0]["captured"] - standing[0]["refundable"] == sum(p["amount"] for p in given), d
        else:
            assert [p["status"] for p in standing] == ["authorised"], d
        assert d["history"][-1]["status"] == d["status"]
