"""How many orders a store takes in a quarter of an hour."""

from datetime import UTC, datetime, timedelta
from typing import Final

from orders.catalogue.places.store import CapacityRecords
from orders.model import Store

SLOT: Final = timedelta(minutes=15)
#: A day of quarters: further ahead nobody looks for a free one.
_SLOTS: Final = 96


def slot_of(at: datetime) -> datetime:
    """When the quarter of an hour that `at` is in began, UTC."""
    return datetime.fromtimestamp(at.timestamp() // SLOT.total_seconds() * SLOT.total_seconds(), UTC)


class Capacity:
    """Places for orders. A store without a `capacity` has any number, and nothing is written for it.

    A place is held under the order's id. One that is forgotten (the process died before the order was written) costs
    the store one order of this quarter of an hour and heals when that has passed.
    """

    def __init__(self, records: CapacityRecords) -> None:
        self._records = records

    async def take(self, store: Store, at: datetime, order_id: str) -> bool:
        """Hold a place in the quarter of an hour of `at`; True also if this order has one, False if all are taken."""
        if store.details.capacity is None:
            return True
        return await self._records.take_place(store.id, slot_of(at), store.details.capacity, order_id)

    async def give_back(self, store_id: str, at: datetime, order_id: str) -> bool:
        """The order did not come about: its place of the quarter of an hour of `at` is free. False if it had none."""
        return await self._records.give_place_back(store_id, slot_of(at), order_id)

    async def taken(self, store: Store, at: datetime) -> int:
        """How many places of the quarter of an hour of `at` are taken; 0 for a store without capacity."""
        if store.details.capacity is None:
            return 0
        slot = slot_of(at)
        return (await self._records.taken_places(store.id, slot, 1)).get(slot, 0)

    async def free_at(self, store: Store, at: datetime) -> datetime | None:
        """The first moment from `at` on when the store is open and has a place; None if nobody knows."""
        capacity = store.details.capacity
        taken = {} if capacity is None else await self._records.taken_places(store.id, slot_of(at), _SLOTS)
        moment = at
        for _ in range(_SLOTS):
            opens = store.opens_at(moment)
            if opens is None or capacity is None or taken.get(slot_of(opens), 0) < capacity:
                return opens
            moment = slot_of(opens) + SLOT
        return None
