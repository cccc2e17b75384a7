"""Goods that come back, and money for single lines."""

import asyncio
from datetime import timedelta

import pytest

from orders.aftersale.returns import status_of
from orders.errors import InvalidReturn, OrderNotFound, OrdersError, ReturnStatusWrong, ReturnTooLate, WrongStatus
from orders.lifecycle import Actor, Handling, ReturnStatus
from orders.model import Order
from orders.payments.ledger import Ledger
from orders.picking.bag import Pieces
from tests.orders.city import GOOD, SETTINGS, City, order_for

STAFF, TEA = "usr_staff", "prd_tea"


async def delivered(city: City, pieces: int = 3, price: int = 1000) -> Order:
    store = await city.store("near")
    tea = await city.product("tea", price)
    await city.stock(store, tea, 20)
    order = await city.orders.checkout.place(order_for((tea, pieces)))
    await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    await city.orders.fulfilment.accept(order.id, order.store_id, STAFF)
    return await city.orders.fulfilment.complete(order.id)


async def ask(city: City, order: Order, pieces: int) -> Order:
    return await city.orders.returns.request(order.id, "usr_b", [Pieces(TEA, pieces)], "too bitter")


async def handle(
    city: City, order: Order, action: Handling, actor: Actor = Actor.STORE, *, restock: bool = True
) -> Order:
    store_id = order.store_id if actor is Actor.STORE else None
    return await city.orders.returns.handle(
        order.id, order.returns[-1].id, action, actor, STAFF, store_id=store_id, restock=restock
    )


async def on_hand(city: City) -> int:
    (found,) = await city.levels()
    return int(found["on_hand"])


@pytest.mark.parametrize("restock", [True, False])
async def test_the_whole_way(city: City, restock: bool) -> None:
    order = await ask(city, await delivered(city), 2)
    assert await ask(city, order, 2) == order, "the same request is the same"
    assert (order.returns[0].amount, order.returns[0].status) == (2000, ReturnStatus.REQUESTED)
    order = await handle(city, order, Handling.APPROVE)
    assert Ledger(order.payments).refunded == 0, "not before the goods are there"
    order = await handle(city, order, Handling.RECEIVE, restock=restock)
    assert await handle(city, order, Handling.RECEIVE, restock=restock) == order
    assert (Ledger(order.payments).refunded, status_of(order, order.returns[0])) == (2000, ReturnStatus.REFUNDED)
    assert await on_hand(city) == (19 if restock else 17)
    kinds = [kind for kind in await city.outbox.kinds() if kind.startswith("Return")]
    assert kinds == ["ReturnChanged"] * 3
    await city.check_books()


async def test_refused_goods_may_be_asked_for_again(city: City) -> None:
    order = await ask(city, await delivered(city), 3)
    with pytest.raises(InvalidReturn):
        await ask(city, order, 1)
    order = await handle(city, order, Handling.REFUSE)
    with pytest.raises(ReturnStatusWrong):
        await handle(city, order, Handling.RECEIVE)
    assert len((await ask(city, order, 3)).returns) == 2


async def test_piece_by_piece_is_the_whole(city: City) -> None:
    """What is paid back for each of three pieces adds up to what they cost, to the last minor unit."""
    order = await delivered(city, 3, 333)
    for n in range(3):
        await city.orders.returns.refund_lines(order.id, [Pieces(TEA, 1)], "stale", "usr_op", f"k{n}")
        order = await city.orders.returns.refund_lines(order.id, [Pieces(TEA, 1)], "stale", "usr_op", f"k{n}")
    assert Ledger(order.payments).refunded == 999
    with pytest.raises(InvalidReturn):
        await city.orders.returns.refund_lines(order.id, [Pieces(TEA, 1)], "stale", "usr_op", "k9")
    assert await on_hand(city) == 17, "the buyer keeps them"


async def test_who_may_what(city: City) -> None:
    order = await ask(city, await delivered(city), 1)
    with pytest.raises(OrderNotFound):
        await city.orders.returns.request(order.id, "usr_x", [Pieces(TEA, 1)], "x")
    with pytest.raises(OrderNotFound):
        await city.orders.returns.handle(
            order.id, order.returns[0].id, Handling.APPROVE, Actor.STORE, STAFF, store_id="sto_other"
        )
    with pytest.raises(ReturnStatusWrong):
        await handle(city, order, Handling.WAIVE)
    order = await handle(city, order, Handling.WAIVE, Actor.OPERATOR)
    assert (order.returns[0].restocked, Ledger(order.payments).refunded) == (None, 1000)


async def test_until_when(city: City) -> None:
    order = await delivered(city)
    end = city.orders.returns.until(order)
    assert end == order.history[-1].at + SETTINGS.return_window
    city.clock.forward(SETTINGS.return_window + timedelta(seconds=1))
    assert city.orders.returns.until(order) is None
    with pytest.raises(ReturnTooLate):
        await ask(city, order, 1)


async def test_not_before_delivery(city: City) -> None:
    _, tea = await city.shop()
    order = await city.orders.checkout.place(order_for(tea))
    with pytest.raises(WrongStatus):
        await ask(city, order, 1)
    with pytest.raises(WrongStatus):
        await city.orders.returns.refund_lines(order.id, [Pieces(TEA, 1)], "x", "usr_op", "k")


async def test_two_hands_receive_once(city: City) -> None:
    order = await handle(city, await ask(city, await delivered(city), 2), Handling.APPROVE)
    answers = await asyncio.gather(
        *(handle(city, order, Handling.RECEIVE) for _ in range(4)),
        city.orders.payments.refund(order.id, None, "all", "usr_op"),
        return_exceptions=True,
    )
    assert all(isinstance(one, (Order, OrdersError)) for one in answers), answers
    after = await city.orders.settlement.settle(order.id)
    ledger = Ledger(after.payments)
    assert ledger.refunded in {2000, ledger.captured}
    await city.check_books()
