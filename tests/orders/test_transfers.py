"""Goods between stores: nothing is lost or made, whoever repeats what, and whoever dies in between."""

import asyncio
from datetime import timedelta

import pytest

from orders.errors import (
    IdempotencyMismatch,
    InvalidQuantity,
    InvalidTransfer,
    NotEnoughStock,
    StoreNotFound,
    TransferNotFound,
    UnknownProduct,
    WrongStatus,
)
from orders.model import Product, Store
from orders.stock.transfers.transfer import Transfer, TransferStatus
from tests.orders.city import SETTINGS, City, open_city, order_for
from tests.orders.faults import Killed, mortal_city

S = TransferStatus


async def two_stores(city: City, pieces: int = 10) -> tuple[Store, Store, Product]:
    near, tea = await city.shop(pieces)
    return near, await city.store("far", 2000), tea


async def on_hand(city: City) -> dict[str, int]:
    return {d["_id"]: d["on_hand"] for d in await city.levels() if d["on_hand"]}


async def test_sent_and_received_with_a_shortage(city: City) -> None:
    near, far, tea = await two_stores(city)
    transfers = city.orders.transfers
    sent = await transfers.send(near.id, far.id, {tea.id: 6}, "usr_a", "k1", "for the weekend")
    assert (sent.status, sent.due_at, sent.lines[0].received) == (S.SENT, None, None)
    assert await on_hand(city) == {"sto_near:prd_tea": 4}
    received = await transfers.receive(sent.id, {tea.id: 5}, "usr_b", "k2", "one broke")
    assert (received.status, received.lines[0].received, received.lines[0].short) == (S.RECEIVED, 5, 1)
    assert await on_hand(city) == {"sto_near:prd_tea": 4, "sto_far:prd_tea": 5}
    assert [(step.status, step.by, step.text) for step in received.history] == [
        (S.SENT, "usr_a", "for the weekend"),
        (S.RECEIVED, "usr_b", "one broke"),
    ]
    (row,) = await city.orders.stock.movements(far.id, tea.id)
    assert (row.kind, row.change, row.ref, row.by) == ("transfer_in", 5, sent.id, "usr_b")
    assert await transfers.of_store(far.id) == await transfers.of_store(near.id) == [received]
    assert [d["status"] for d in await city.outbox.of("TransferChanged")] == ["sent", "received"]
    await city.check_books()


async def test_called_off(city: City) -> None:
    near, far, tea = await two_stores(city)
    sent = await city.orders.transfers.send(near.id, far.id, {tea.id: 6}, "usr_a", "k1")
    cancelled = await city.orders.transfers.cancel(sent.id, "usr_a", "k2", "wrong store")
    assert cancelled.status is S.CANCELLED
    assert await on_hand(city) == {"sto_near:prd_tea": 10}
    with pytest.raises(WrongStatus):
        await city.orders.transfers.receive(sent.id, {tea.id: 6}, "usr_b", "k3")
    await city.check_books()


async def test_each_step_once_by_its_key(city: City) -> None:
    near, far, tea = await two_stores(city)
    every = [(await open_city(city.database)).orders.transfers for _ in range(4)]
    first = city.orders.transfers
    sent = await asyncio.gather(*(one.send(near.id, far.id, {tea.id: 3}, "usr_a", "k1") for one in every))
    assert len({one.id for one in sent}) == 1
    assert await on_hand(city) == {"sto_near:prd_tea": 7}
    for other in ({tea.id: 4}, {}):
        with pytest.raises(IdempotencyMismatch):
            await first.send(near.id, far.id, other, "usr_a", "k1")
    id_ = sent[0].id
    got = await asyncio.gather(*(one.receive(id_, {tea.id: 2}, "usr_b", "k2") for one in every))
    assert {one.status for one in got} == {S.RECEIVED}
    assert await on_hand(city) == {"sto_near:prd_tea": 7, "sto_far:prd_tea": 2}
    with pytest.raises(IdempotencyMismatch):
        await first.receive(id_, {tea.id: 3}, "usr_b", "k2")
    with pytest.raises(WrongStatus):
        await first.receive(id_, {tea.id: 2}, "usr_b", "k3")
    with pytest.raises(WrongStatus):
        await first.cancel(id_, "usr_a", "k4", "no")
    await city.check_books()


async def test_what_makes_no_sense(city: City) -> None:
    near, far, tea = await two_stores(city)
    send = city.orders.transfers.send
    for wrong, pieces, error in (
        (near.id, {tea.id: 1}, InvalidTransfer),
        (far.id, {}, InvalidTransfer),
        (far.id, {tea.id: 0}, InvalidQuantity),
        ("sto_none", {tea.id: 1}, StoreNotFound),
        (far.id, {"prd_none": 1}, UnknownProduct),
        (far.id, {tea.id: 11}, NotEnoughStock),
    ):
        with pytest.raises(error):
            await send(near.id, wrong, pieces, "usr_a", f"k-{wrong}-{pieces}")
    await city.orders.checkout.place(order_for((tea, 4)))
    with pytest.raises(NotEnoughStock) as caught:
        await send(near.id, far.id, {tea.id: 7}, "usr_a", "k2")
    assert caught.value.detail() == {"product_id": tea.id, "free": 6}
    assert await city.orders.transfers.of_store(near.id) == []
    sent = await send(near.id, far.id, {tea.id: 6}, "usr_a", "k2")
    for lines, error in (({}, InvalidTransfer), ({tea.id: 7}, InvalidQuantity), ({tea.id: -1}, InvalidQuantity)):
        with pytest.raises(error):
            await city.orders.transfers.receive(sent.id, lines, "usr_b", "k")
    with pytest.raises(TransferNotFound):
        await city.orders.transfers.transfer("trf_none")


async def test_pieces_that_buyers_took_while_it_was_packed(city: City) -> None:
    """Two transfers see the same free pieces; the one that comes too late takes nothing, of no line."""
    near, far, tea = await two_stores(city)
    cup = await city.product("cup")
    await city.stock(near, cup, 10)
    sends = [city.orders.transfers.send(near.id, far.id, {cup.id: 2, tea.id: 7}, "usr_a", f"k{n}") for n in range(4)]
    answers = await asyncio.gather(*sends, return_exceptions=True)
    kinds = sorted(type(one).__name__ for one in answers)
    assert kinds == ["NotEnoughStock"] * 3 + ["Transfer"]
    assert await on_hand(city) == {"sto_near:prd_tea": 3, "sto_near:prd_cup": 8}
    assert {one.status for one in await city.orders.transfers.of_store(near.id)} <= {S.SENT, S.REFUSED}
    await city.check_books()


@pytest.mark.parametrize(("end", "first"), [("receive", 0), ("cancel", 1), ("refuse", 2)])
async def test_death_anywhere(city: City, end: str, first: int) -> None:
    """Killed at every third step: the same requests again, and the sweep, bring it to its one right end."""
    mortal, fault = await mortal_city(city.database, SETTINGS)
    near, far, tea = await two_stores(mortal, 1000)
    cup = await mortal.product("cup")
    await mortal.stock(near, cup, 1000)
    transfers, step, finished, refusals = mortal.orders.transfers, first, False, 0
    while not finished:
        key = f"{end}{step}"
        before = await on_hand(mortal)
        taken = {tea.id: 2, cup.id: 1}

        async def story(key: str = key, taken: dict[str, int] = taken) -> Transfer:
            sent = await transfers.send(near.id, far.id, taken, "usr_a", key)
            if end == "cancel":
                return await transfers.cancel(sent.id, "usr_a", f"{key}c", "no")
            return await transfers.receive(sent.id, {tea.id: 2, cup.id: 0}, "usr_b", f"{key}r")

        fault.arm(step)
        try:
            await story()
            finished = True
        except Killed:
            fault.arm(None)
            if end == "refuse":  # everything that is left is sold before anybody comes back to it
                await mortal.stock(near, cup, 0)
        fault.arm(None)
        mortal.clock.forward(timedelta(minutes=1))
        await transfers.sweep()
        try:
            assert (await story()).due_at is None
            refused = False
        except NotEnoughStock:
            refused = True
        after = await on_hand(mortal)
        moved = {} if refused or end == "cancel" else {"sto_near:prd_tea": -2, "sto_far:prd_tea": 2}
        if end != "refuse":
            moved |= {} if end == "cancel" else {"sto_near:prd_cup": -1}
            assert after == {id_: before.get(id_, 0) + moved.get(id_, 0) for id_ in {*before, *moved}}
        else:
            assert after.get("sto_near:prd_tea", 0) == before["sto_near:prd_tea"] + moved.get("sto_near:prd_tea", 0)
            assert finished or after.get("sto_near:prd_cup", 0) == 0, "what was sold meanwhile did not come back"
            refusals += refused
            await mortal.stock(near, cup, 1000)
        await mortal.check_books()
        step += 3
    assert step > 20
    assert (refusals > 0) == (end == "refuse")
    assert await transfers.sweep() == 0
