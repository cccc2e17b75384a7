"""What is missing: the store asks, the buyer answers, and bag, bill and shelf follow."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from orders.errors import (
    CancelCosts,
    InvalidProposal,
    OrderNotFound,
    OrdersError,
    ProposalGone,
    ProposalOpen,
    SoldOut,
    WrongStatus,
)
from orders.lifecycle import Actor, OrderStatus, ProposalStatus
from orders.model import Order
from orders.payments.ledger import Ledger
from orders.picking.bag import Pieces, bag, owed, price_of_bag, share
from orders.picking.shortfall import Missing
from tests.orders.city import GOOD, SETTINGS, City, order_for
from tests.orders.faults import Killed, check_settled, mortal_city

STAFF = "usr_staff"
TEA, CUP, BAG = "prd_tea", "prd_cup", "prd_bag"


async def picking(city: City, tea: int = 3, key: str = "k1") -> Order:
    """An order for tea and a cup that is being picked; the store also has ten bags."""
    store = await city.store("near")
    products = [await city.product("tea", 1000), await city.product("cup", 700), await city.product("bag", 900)]
    for product in products:
        await city.stock(store, product, 10)
    return await another(city, tea, key)


async def another(city: City, tea: int = 3, key: str = "k1") -> Order:
    products = await city.orders.catalogue.products([TEA, CUP])
    order = await city.orders.checkout.place(order_for((products[TEA], tea), products[CUP], key=key))
    await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    await city.orders.fulfilment.accept(order.id, order.store_id, STAFF)
    return await city.orders.fulfilment.start_picking(order.id, order.store_id, STAFF)


async def ask(city: City, order: Order, *missing: Missing) -> Order:
    return await city.orders.proposals.propose(order.id, order.store_id, missing or (INSTEAD,), STAFF)


INSTEAD = Missing(TEA, 2, Pieces(BAG, 3))


async def answer(city: City, order: Order, *, accept: bool) -> Order:
    return await city.orders.proposals.answer(order.id, order.proposals[-1].id, "usr_b", accept=accept)


async def level(city: City, product_id: str) -> tuple[int, int]:
    """On hand and reserved."""
    found = next(d for d in await city.levels() if d["product_id"] == product_id)
    return found["on_hand"], found["reserved"]


async def collect(city: City, order: Order) -> Order:
    await city.orders.fulfilment.ready(order.id, order.store_id, STAFF)
    return await city.orders.fulfilment.mark_collected(order.id, "usr_c")


async def test_a_replacement_is_held_while_it_is_proposed_and_never_costs_more(city: City) -> None:
    order = await ask(city, await picking(city))
    (proposal,) = order.proposals
    assert proposal.status is ProposalStatus.OPEN
    (shortage,) = proposal.shortages
    assert (shortage.value, proposal.refund) == (2000, 2000)
    assert shortage.replacement is not None
    assert (shortage.replacement.charge, proposal.difference) == (2000, 0), "2,700 for three bags, but 2,000 at most"
    assert await level(city, BAG) == (10, 3)
    assert await ask(city, order) == order, "the same question is the same"
    with pytest.raises(ProposalOpen):
        await ask(city, order, Missing(CUP, 1))
    with pytest.raises(ProposalOpen):
        await city.orders.fulfilment.ready(order.id, order.store_id, STAFF)
    await city.check_books()


async def test_accepted(city: City) -> None:
    order = await ask(city, await picking(city), Missing(TEA, 2, Pieces(BAG, 1)))
    order = await answer(city, order, accept=True)
    assert [(line.product_id, line.quantity, line.charge) for line in bag(order)] == [
        (TEA, 1, 1000),
        (CUP, 1, 700),
        (BAG, 1, 900),
    ]
    assert await answer(city, order, accept=True) == order
    with pytest.raises(ProposalGone):
        await answer(city, order, accept=False)
    done = await collect(city, order)
    assert Ledger(done.payments).captured == owed(done) == order.total - 1100
    assert [await level(city, one) for one in (TEA, CUP, BAG)] == [(7, 0), (9, 0), (9, 0)], "two teas are written off"
    reasons = [d["reason"] async for d in city.database["stock_movements"].find({"change": -2})]
    assert reasons == ["not_found"]
    await city.check_books()


@pytest.mark.parametrize("way", ["declined", "expired", "withdrawn"])
async def test_not_accepted(city: City, way: str) -> None:
    order = await ask(city, await picking(city))
    if way == "declined":
        order = await answer(city, order, accept=False)
    elif way == "withdrawn":
        order = await city.orders.proposals.withdraw(order.id, order.store_id)
    else:
        city.clock.forward(SETTINGS.proposal_window)
        await city.orders.sweep.run()
        order = await city.orders.order(order.id)
    assert order.proposals[-1].status == way
    assert await level(city, BAG) == (10, 0), "on sale again at once"
    short = way != "withdrawn"
    assert price_of_bag(order) == order.total - 2000 * short
    done = await collect(city, order)
    assert Ledger(done.payments).captured == price_of_bag(order)
    assert await level(city, TEA) == (7, 0)
    await check_settled_bag(city)


async def check_settled_bag(city: City) -> None:
    await city.check_books()
    assert [d["reservations"] for d in await city.levels() if d["reservations"]] == []


async def test_nothing_left_ends_the_order(city: City) -> None:
    order = await picking(city)
    with pytest.raises(InvalidProposal, match="reject"):
        await ask(city, order, Missing(TEA, 3), Missing(CUP, 1))
    order = await ask(city, order, Missing(TEA, 3, Pieces(BAG, 1)), Missing(CUP, 1))
    ended = await answer(city, order, accept=False)
    assert (ended.status, ended.reason, ended.due) == (OrderStatus.REJECTED, "nothing left", ())
    assert Ledger(ended.payments).captured == 0
    assert [await level(city, one) for one in (TEA, CUP, BAG)] == [(7, 0), (9, 0), (10, 0)]
    await city.check_books()


@pytest.mark.parametrize(
    "missing",
    [
        (),
        (Missing(TEA, 4),),
        (Missing(TEA, 0),),
        (Missing(BAG, 1),),
        (Missing(TEA, 1), Missing(TEA, 1)),
        (Missing(TEA, 1, Pieces(CUP, 1)),),
        (Missing(TEA, 1, Pieces("prd_none", 1)),),
        (Missing(TEA, 1, Pieces(BAG, 0)),),
        (Missing(TEA, 1, Pieces(BAG, 1)), Missing(CUP, 1, Pieces(BAG, 1))),
    ],
)
async def test_questions_that_make_no_sense(city: City, missing: tuple[Missing, ...]) -> None:
    order = await picking(city)
    with pytest.raises(InvalidProposal):
        await city.orders.proposals.propose(order.id, order.store_id, missing, STAFF)
    assert (await city.orders.order(order.id)).proposals == ()


async def test_a_replacement_that_is_sold_out_is_not_proposed(city: City) -> None:
    order = await picking(city)
    with pytest.raises(SoldOut):
        await ask(city, order, Missing(TEA, 1, Pieces(BAG, 11)))
    order = await city.orders.order(order.id)
    assert order.proposals[-1].status is ProposalStatus.WITHDRAWN
    assert price_of_bag(order) == order.total
    assert (await ask(city, order)).proposals[-1].asked, "another try is free"


async def test_the_same_product_may_be_proposed_again(city: City) -> None:
    order = await answer(city, await ask(city, await picking(city)), accept=False)
    order = await ask(city, order, Missing(TEA, 1, Pieces(BAG, 2)))
    assert await level(city, BAG) == (10, 2)
    order = await answer(city, order, accept=True)
    await collect(city, order)
    assert [await level(city, one) for one in (TEA, BAG)] == [(7, 0), (8, 0)]
    await check_settled_bag(city)


async def test_only_its_buyer_and_its_store(city: City) -> None:
    order = await ask(city, await picking(city))
    with pytest.raises(OrderNotFound):
        await city.orders.proposals.answer(order.id, order.proposals[-1].id, "usr_x", accept=True)
    with pytest.raises(OrderNotFound):
        await city.orders.proposals.withdraw(order.id, "sto_other")
    with pytest.raises(ProposalGone):
        await city.orders.proposals.answer(order.id, "prp_other", "usr_b", accept=True)


async def test_the_end_of_an_order_ends_its_question(city: City) -> None:
    order = await ask(city, await picking(city))
    ended = await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b")
    assert (ended.status, ended.fee) == (OrderStatus.CANCELLED, 0), "the store fell short: it costs nothing"
    assert ended.proposals[-1].status is ProposalStatus.EXPIRED
    with pytest.raises(ProposalGone):
        await answer(city, order, accept=True)
    await check_settled_bag(city)


async def test_cancelling_late_costs_the_fee(city: City) -> None:
    order = await picking(city)
    assert city.orders.fulfilment.cancel_fee(order) == 500
    with pytest.raises(CancelCosts) as refused:
        await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b", agreed=499)
    assert refused.value.detail() == {"fee": 500}
    ended = await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b", agreed=500)
    assert (ended.fee, owed(ended), Ledger(ended.payments).captured) == (500, 500, 500)
    assert city.orders.fulfilment.cancel_fee(ended) is None
    by_desk = await another(city, key="k2")
    ended = await city.orders.fulfilment.cancel(by_desk.id, Actor.OPERATOR, "no", "usr_op")
    assert (ended.fee, Ledger(ended.payments).captured) == (0, 0)
    await check_settled_bag(city)


async def test_a_cancellation_that_meets_the_store_accepting_costs_no_more_than_was_agreed(city: City) -> None:
    store, tea = await city.store("near"), await city.product("tea", 1000)
    await city.stock(store, tea, 10)
    for n in range(6):
        order = await city.orders.checkout.place(order_for((tea, 1), key=f"m{n}"))
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
        cancel = city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b")
        accept = city.orders.fulfilment.accept(order.id, order.store_id, "usr_s")
        first, second = (cancel, accept) if n % 2 else (accept, cancel)
        answers = await asyncio.gather(first, second, return_exceptions=True)
        after = await city.orders.order(order.id)
        refused = [answer for answer in answers if isinstance(answer, CancelCosts)]
        assert after.fee == 0
        assert [after.status] == ([OrderStatus.ACCEPTED] if refused else [OrderStatus.CANCELLED]), answers
        await city.check_books()


async def test_answers_at_once(city: City) -> None:
    """Accept, decline, withdraw and cancel race: one of them holds, and the books agree."""
    first = await picking(city, 1)
    for n in range(8):
        order = first if n == 0 else await another(city, 1, f"r{n}")
        order = await ask(city, order, Missing(TEA, 1, Pieces(BAG, 1)))
        answers = await asyncio.gather(
            answer(city, order, accept=True),
            answer(city, order, accept=False),
            city.orders.proposals.withdraw(order.id, order.store_id),
            city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b"),
            return_exceptions=True,
        )
        assert all(isinstance(one, (Order, OrdersError)) for one in answers), answers
        await city.check_books()
        after = await city.orders.order(order.id)
        if after.status is OrderStatus.PICKING:
            await collect(city, after)
    await check_settled_bag(city)


@pytest.mark.timeout(120)
async def test_death_at_every_step_of_a_question(database: AsyncIOMotorDatabase[Any]) -> None:
    """Whoever dies while asking, answering or ending leaves nothing that is not put right by time."""
    city, fault = await mortal_city(database, SETTINGS)
    order, at, ended = await picking(city, 1), 0, False
    while not ended:
        fault.arm(at)
        try:
            order = await ask(city, order, Missing(TEA, 1, Pieces(BAG, 1)))
            order = await answer(city, order, accept=at % 4 < 2)
            ended = True
        except Killed:
            at += 3
        fault.arm(None)
        city.clock.forward(SETTINGS.proposal_window + timedelta(seconds=30))
        for _ in range(3):
            await city.orders.sweep.run()
        await city.check_books()
        after = await city.orders.order(order.id)
        assert after.due == (), after
        held = {d["product_id"] for d in await city.levels() if order.id in d["reservations"]}
        accepted = bool(after.proposals) and after.proposals[-1].status is ProposalStatus.ACCEPTED
        assert held == {TEA, CUP} | ({BAG} if accepted else set()), (at, after.proposals)
        await city.orders.fulfilment.cancel(order.id, Actor.OPERATOR, "next", "usr_op")
        for product in (TEA, BAG):
            await city.orders.stock.set_on_hand(order.store_id, product, 10, "count", STAFF)
        order = await another(city, 1, f"d{at}-{ended}")
    assert at > 30
    await city.orders.fulfilment.cancel(order.id, Actor.OPERATOR, "end", "usr_op")
    await check_settled(city)


async def test_it_must_be_picking(city: City) -> None:
    order = await picking(city)
    await city.orders.fulfilment.ready(order.id, order.store_id, STAFF)
    with pytest.raises(WrongStatus):
        await ask(city, order)


def test_shares_add_up() -> None:
    for paid, quantity in ((1000, 3), (999, 7), (1, 4), (0, 2)):
        parts = [share(paid, quantity, n + 1) - share(paid, quantity, n) for n in range(quantity)]
        assert sum(parts) == paid
        assert max(parts) - min(parts) <= 1
