"""The state machine finds bugs: each of these is planted in the running code, and has to turn it red."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from orders.lifecycle import HANDED_OVER
from orders.model import Order
from orders.payments import owing
from orders.payments.sandbox import Sandbox
from orders.promotions.rations.store import RationRecords, share_key
from orders.stock.movement import Movement
from orders.stock.store import Reservation, ReservedStock, StockRecords
from orders.sweep import Sweep
from tests.orders.machine.shop_machine import ShopMachine

SEARCH = settings(
    max_examples=60,
    stateful_step_count=20,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
)


def oversell(plant: pytest.MonkeyPatch) -> None:
    """Pieces are held without looking whether there are any."""

    async def take(self: StockRecords, place: tuple[str, str], wish: Reservation) -> bool:
        held = f"reservations.{wish.order_id}"
        await self._stock.update_one(
            {"_id": ":".join(place), held: {"$exists": False}},
            {
                "$inc": {"available": -wish.units, "reserved": wish.units, "revision": 1},
                "$set": {held: {"quantity": wish.units, "until": wish.until}},
                "$min": {"check_at": wish.until},
            },
        )
        return True

    async def take_all(self: StockRecords, place: tuple[str, str], wishes: Sequence[Reservation]) -> bool:
        return all([await take(self, place, wish) for wish in wishes])

    plant.setattr(StockRecords, "take", take)
    plant.setattr(StockRecords, "take_all", take_all)


def stuck_reservation(plant: pytest.MonkeyPatch) -> None:
    """What a dead process held is never given back."""

    async def check(_self: Sweep, _stock: ReservedStock) -> int:
        return 0

    plant.setattr(Sweep, "_check", check)


def refund_twice(plant: pytest.MonkeyPatch) -> None:
    """A refund whose answer was lost is asked for again under another key."""
    real: Callable[..., Awaitable[Any]] = Sandbox.refund

    async def refund(self: Sandbox, payment: Any, amount: int, key: str) -> Any:
        return await real(self, payment, amount, f"{key}-{secrets.token_hex(4)}")

    plant.setattr(Sandbox, "refund", refund)


def charge_what_is_not_in_the_bag(plant: pytest.MonkeyPatch) -> None:
    """The whole price is taken, whatever was missing."""

    def owed(order: Order) -> int:
        return order.total if order.status in HANDED_OVER else 0

    plant.setattr(owing, "owed", owed)


def give_back_twice(plant: pytest.MonkeyPatch) -> None:
    """A flash sale's pieces and a coupon's money come back with each try."""

    async def give_back(self: RationRecords, pool_id: str, order_id: str, holder_id: str, at: datetime) -> bool:
        entry = await self._entry(share_key(pool_id, holder_id), order_id)
        if entry is None:
            return False
        change = {"$inc": {"left": entry["units"], "revision": 1}, "$min": {"check_at": at}}
        await self._pools.update_one({"_id": pool_id}, change)
        await self._leave(share_key(pool_id, holder_id), order_id)
        return True

    plant.setattr(RationRecords, "give_back", give_back)


def sale_without_movement(plant: pytest.MonkeyPatch) -> None:
    """Pieces leave the shelf and the ledger does not hear of it."""
    real: Callable[..., Awaitable[bool]] = StockRecords.part

    async def part(
        self: StockRecords, store_id: str, product_id: str, order_id: str, quantity: int, movements: Sequence[Movement]
    ) -> bool:
        done = await real(self, store_id, product_id, order_id, quantity, movements)
        for movement in movements:
            await self.entered(store_id, product_id, movement.id)
        return done

    plant.setattr(StockRecords, "part", part)


QUICK = (charge_what_is_not_in_the_bag, sale_without_movement)
DEEP = (oversell, stuck_reservation, refund_twice, give_back_twice)
PLANTS = (*QUICK, *(pytest.param(bug, marks=pytest.mark.slow) for bug in DEEP))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bug", PLANTS, ids=lambda bug: str(bug.__name__))
def test_a_planted_bug_is_found(
    mongo_uri: str, monkeypatch: pytest.MonkeyPatch, bug: Callable[[pytest.MonkeyPatch], None]
) -> None:
    class Here(ShopMachine):
        pass

    Here.mongo_uri = mongo_uri
    bug(monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup)):  # a group, where it turned red in several ways
        run_state_machine_as_test(Here, settings=SEARCH)
