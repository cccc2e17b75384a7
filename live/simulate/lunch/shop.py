"""Buyers and stores: an order is quoted, taken and packed."""

import heapq
from datetime import timedelta

from delivery.errors import NotServed
from delivery.model import DropOff, JobRequest, StorePoint
from delivery.quotes.model import Pickup
from live.simulate.lunch.house import House
from live.simulate.lunch.record import OrderRecord
from live.simulate.lunch.town import SHOPS, Wish

BENCHES = 8
"""Bags that one store packs side by side."""


class Shops:
    """The counters of all stores: who comes first is packed first."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._free_s = {shop.id: [0.0] * BENCHES for shop in SHOPS}

    async def serve(self, wishes: list[Wish]) -> None:
        """Everybody of the hour, at their time."""
        story = self._house.story
        for wish in wishes:
            self._house.record.orders[_order_id(wish)] = OrderRecord(wish)
        for wish in wishes:
            if wish.at_s > story.now_s:
                await story.sleep(wish.at_s - story.now_s)
            story.enter(self._order(wish))

    async def _order(self, wish: Wish) -> None:
        house, story = self._house, self._house.story
        record, shop, at = house.record.orders[_order_id(wish)], wish.shop, story()
        pickup = Pickup(shop.position, shop.id, shop.name, shop.address)
        try:
            quote = record.quote = await house.delivery.quotes.quote(pickup, wish.door, at)
        except NotServed as refusal:
            record.refused = refusal.code
            return
        due_at = at + timedelta(minutes=quote.minutes_to)
        record.due_s = (due_at - story.begins).total_seconds()
        job = await house.delivery.jobs.request(
            JobRequest(
                order_id=_order_id(wish),
                buyer_id=f"usr_{wish.number}",
                store=StorePoint(shop.id, shop.name, shop.address, shop.position),
                drop_off=DropOff(wish.door, f"Door {wish.number}", f"Buyer {wish.number}", "13800000000"),
                order_number=f"L-{wish.number:04d}",
                due_at=due_at,
                due_from=at + timedelta(minutes=quote.minutes_from),
            )
        )
        record.job_id = job.id
        await story.sleep(self._packed_s(wish) - story.now_s)
        record.ready_s = story.now_s
        await house.delivery.jobs.ready(job.order_id)

    def _packed_s(self, wish: Wish) -> float:
        benches = self._free_s[wish.shop.id]
        done_s = max(self._house.story.now_s, benches[0]) + wish.pack_s
        heapq.heapreplace(benches, done_s)
        return done_s


def _order_id(wish: Wish) -> str:
    return f"ord_{wish.number}"
