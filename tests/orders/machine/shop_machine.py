"""A Hypothesis state machine over stock, the life of orders and payments: rules in any order, several at once, each
with or without a fault between any two calls to the database or the payment provider."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from motor.motor_asyncio import AsyncIOMotorClient

from orders.aftersale.comeback import Closing
from orders.errors import OrderNotFound
from orders.lifecycle import Actor, Handling, OrderStatus
from orders.model import LineRequest, Order
from orders.payments import sandbox_cards as cards
from orders.payments.provider import Card
from orders.picking.bag import Pieces
from orders.picking.shortfall import Missing
from tests.orders.city import order_for
from tests.orders.faults import FaultKind
from tests.orders.machine.world import BUYERS, CARD, SHOW, Strike, World

CARDS = tuple(
    Card(number, "12/30", "123")
    for number in (
        *(cards.APPROVED,) * 4,
        cards.DECLINED,
        cards.SLOW,
        cards.SLOW_THEN_DECLINED,
        cards.ANSWER_LOST,
        cards.NOTICE_TWICE,
        cards.NOTICE_LATE,
        cards.NOTICE_REVERSED,
        cards.CAPTURE_FAILS_TWICE,
    )
)
Deed = Callable[[World, int, int], Awaitable[object]]

small = st.integers(0, 20)
strikes = st.one_of(st.none(), st.builds(Strike, st.sampled_from(FaultKind), st.integers(0, 30)), st.none())


async def one_of(world: World, which: int, *statuses: OrderStatus) -> Order:
    """An order, of one of these statuses if there is any. Raises OrderNotFound when there is none at all."""
    orders = await world.orders()
    fitting = [order for order in orders if order.status in statuses] or orders
    if not fitting:
        raise OrderNotFound("No order yet.")
    return fitting[which % len(fitting)]


async def place(world: World, which: int, how: int) -> object:
    tea, cup = world.products
    lines = [LineRequest(tea.id, 1 + how % 2, CARD if how % 3 == 0 else None)]
    if how % 4 == 1:
        lines.append(LineRequest(cup.id, 1))
    more: dict[str, Any] = {"show_id": SHOW, "coupons": None if how % 5 < 2 else (), "split": how % 7 == 0}
    key = f"k{which}"  # keys meet again: with the same basket, or with another one
    return await world.city.orders.checkout.place(
        order_for(lines=tuple(lines), key=key, buyer=BUYERS[which % len(BUYERS)], **more)
    )


async def pay(world: World, which: int, how: int) -> object:
    order = await one_of(world, which, OrderStatus.PLACED)
    return await world.city.orders.payments.pay(order.id, order.buyer_id, CARDS[how % len(CARDS)], f"p{how % 4}")


async def refresh(world: World, which: int, how: int) -> object:
    order = await one_of(world, which, OrderStatus.PLACED)
    return await world.city.orders.payments.refresh(order.id, order.buyer_id)


async def counter(world: World, which: int, how: int) -> object:
    fulfilment = world.city.orders.fulfilment
    order = await one_of(world, which, OrderStatus.PAID, OrderStatus.ACCEPTED, OrderStatus.PICKING)
    following = {
        OrderStatus.PAID: fulfilment.accept,
        OrderStatus.ACCEPTED: fulfilment.start_picking,
        OrderStatus.PICKING: fulfilment.ready,
    }
    step = following.get(order.status, (fulfilment.accept, fulfilment.start_picking, fulfilment.ready)[how % 3])
    return await step(order.id, order.store_id, "usr_staff")


async def reject(world: World, which: int, how: int) -> object:
    order = await one_of(world, which, OrderStatus.PAID, OrderStatus.ACCEPTED)
    return await world.city.orders.fulfilment.reject(order.id, order.store_id, "none left", "usr_staff")


async def cancel(world: World, which: int, how: int) -> object:
    order = await one_of(world, which)
    actor, agreed = (Actor.BUYER, Actor.OPERATOR)[how % 2], (0, 500)[how // 2 % 2]
    ended = await world.city.orders.fulfilment.cancel(order.id, actor, "no", order.buyer_id, agreed=agreed)
    assert order.status is OrderStatus.CANCELLED or ended.fee <= agreed, "it costs more than was agreed"
    return ended


async def courier(world: World, which: int, how: int) -> object:
    fulfilment = world.city.orders.fulfilment
    order = await one_of(world, which, OrderStatus.READY, OrderStatus.COLLECTED, OrderStatus.DELIVERED)
    news = (fulfilment.mark_collected, fulfilment.mark_delivered, fulfilment.complete)[how % 3]
    return await news(order.id, "usr_courier")


async def collect(world: World, which: int, how: int) -> object:
    order = await one_of(world, which, OrderStatus.READY)
    return await world.city.orders.fulfilment.mark_collected(order.id, "usr_courier")


async def complete(world: World, which: int, how: int) -> object:
    order = await one_of(world, which, OrderStatus.COLLECTED)
    return await world.city.orders.fulfilment.complete(order.id)


async def bring_back(world: World, which: int, how: int) -> object:
    """The door stayed shut: the goods go back, and somebody decides, or nobody does."""
    order = await one_of(world, which, OrderStatus.COLLECTED, OrderStatus.BROUGHT_BACK)
    if order.status is OrderStatus.BROUGHT_BACK or how % 4 == 0:
        closing = Closing(keep_fee=how % 2 == 0, restock=how % 3 > 0)
        return await world.city.orders.fulfilment.close(order.id, closing, "decided", "usr_desk")
    why = ("buyer_absent: rang twice", "damaged")[how % 2]
    return await world.city.orders.fulfilment.bring_back(order.id, "usr_courier", why)


async def short(world: World, which: int, how: int) -> object:
    order = await one_of(world, which, OrderStatus.PICKING)
    instead = Pieces(world.products[1].id, 1) if how % 2 and len(order.lines) == 1 else None
    missing = [Missing(order.lines[0].product_id, 1, instead)]
    return await world.city.orders.proposals.propose(order.id, order.store_id, missing, "usr_staff")


async def answer(world: World, which: int, how: int) -> object:
    asked = [order for order in await world.orders() if order.proposals]
    if not asked:
        raise OrderNotFound("Nobody was asked.")
    order = asked[which % len(asked)]
    if how % 3 == 2:
        return await world.city.orders.proposals.withdraw(order.id, order.store_id)
    proposal = order.proposals[-1].id
    return await world.city.orders.proposals.answer(order.id, proposal, order.buyer_id, accept=how % 3 == 0)


async def give_back(world: World, which: int, how: int) -> object:
    order = await one_of(world, which, OrderStatus.DELIVERED, OrderStatus.COMPLETED)
    returns = world.city.orders.returns
    if not order.returns:
        return await returns.request(order.id, order.buyer_id, [Pieces(order.lines[0].product_id, 1)], "broken")
    action = (Handling.APPROVE, Handling.RECEIVE, Handling.REFUSE, Handling.WAIVE)[how % 4]
    return await returns.handle(order.id, order.returns[-1].id, action, Actor.OPERATOR, "usr_op", restock=how % 2 == 0)


async def refund(world: World, which: int, how: int) -> object:
    order = await one_of(world, which, OrderStatus.COLLECTED, OrderStatus.COMPLETED, OrderStatus.BROUGHT_BACK)
    amount = (None, 100, 1500)[how % 3]
    return await world.city.orders.payments.refund(order.id, amount, "late", "usr_op", f"r{how % 5}")


async def count(world: World, which: int, how: int) -> object:
    store, product = world.stores[which % 2], world.products[how % 2]
    return await world.city.orders.stock.set_on_hand(store.id, product.id, how % 9, "count", "usr_staff")


async def wait(world: World, which: int, how: int) -> None:
    await world.tick((1, 25, 40, 400, 1000)[how % 5])


DEEDS: tuple[Deed, ...] = (
    *(place, place, place, pay, pay, pay, counter, counter, courier, courier),
    *(
        bring_back,
        bring_back,
        refresh,
        reject,
        cancel,
        short,
        short,
        answer,
        answer,
        give_back,
        refund,
        refund,
        count,
        wait,
    ),
)
#: What usually happens to an order, one after the other.
WAY: tuple[Deed, ...] = (place, pay, counter, counter, counter, collect, complete)


class ShopMachine(RuleBasedStateMachine):
    """`mongo_uri` is set by who runs it."""

    mongo_uri = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            self.mongo_uri, tz_aware=True, io_loop=self.loop
        )
        self.name = f"test_{uuid.uuid4().hex}"
        self.rushed = 0
        self.world = self.loop.run_until_complete(World.open(self.client[self.name]))

    def act(self, strike: Strike | None, *deeds: tuple[Deed, int, int]) -> None:
        work = [deed(self.world, which, how) for deed, which, how in deeds]
        self.loop.run_until_complete(self.world.together(work, strike))

    @initialize(stages=st.permutations(range(2, len(WAY) + 1)))
    def open_with_some_orders(self, stages: list[int]) -> None:
        """Orders that have come so far already, so that every deed finds one to be done to."""
        for which, stage in enumerate(stages[:4]):
            self.walk(which, which, [None] * stage)

    @rule(which=small, how=small, struck=st.lists(strikes, min_size=2, max_size=len(WAY)))
    def along_the_way(self, which: int, how: int, struck: list[Strike | None]) -> None:
        """An order from the click on, as far as it comes."""
        self.walk(which, how, struck)

    @rule(buyers=st.integers(2, 6), how=small, strike=strikes)
    def rush(self, buyers: int, how: int, strike: Strike | None) -> None:
        """Many want the same at the same moment."""
        self.act(strike, *((place, 21 + self.rushed + buyer, how) for buyer in range(buyers)))
        self.rushed += buyers

    def walk(self, which: int, how: int, struck: Sequence[Strike | None]) -> None:
        for deed, strike in zip(WAY, struck, strict=False):
            self.act(strike, (deed, which, how))

    @rule(deed=st.sampled_from(DEEDS), which=small, how=small, strike=strikes)
    def one(self, deed: Deed, which: int, how: int, strike: Strike | None) -> None:
        self.act(strike, (deed, which, how))

    @rule(deed=st.sampled_from(DEEDS), which=small, how=small, strike=strikes)
    def twice(self, deed: Deed, which: int, how: int, strike: Strike | None) -> None:
        """The same request two times at once."""
        self.act(strike, (deed, which, how), (deed, which, how))

    @rule(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), small, small), min_size=2, max_size=4), strike=strikes)
    def several(self, deeds: list[tuple[Deed, int, int]], strike: Strike | None) -> None:
        self.act(strike, *deeds)

    @invariant()
    def books_agree(self) -> None:
        self.loop.run_until_complete(self.world.check_now())

    def teardown(self) -> None:
        async def end() -> None:
            try:
                await self.world.settle()
                await self.world.check_settled()
            finally:
                await self.client.drop_database(self.name)

        try:
            self.loop.run_until_complete(end())
        finally:
            self.client.close()
            self.loop.close()
