"""Returns in the order's document: conditional updates of the collection `orders`, in transactions only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter

from orders.aftersale.goods_return import Return
from orders.model import Due, Order
from orders.payments.ledger import PaymentEvent
from orders.store import driver_session, owing, unamended

Document = dict[str, Any]

_RETURN = TypeAdapter(Return)
_PAYMENT = TypeAdapter(PaymentEvent)


class ReturnRecords:
    """Changes the returns of an order if nobody changed them, its status or its payments since it was read."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._orders: AsyncIOMotorCollection[Document] = database["orders"]

    async def write(
        self,
        seen: Order,
        change_of: Return,
        session: object,
        *,
        payments: Sequence[PaymentEvent] = (),
        due: Sequence[Due] = (),
        at: datetime,
    ) -> bool:
        """Write one as it is now: a new one, or in the place of the one of its id. `payments` are appended."""
        places = {one.id: place for place, one in enumerate(seen.returns)}
        place = places.get(change_of.id, len(seen.returns))
        query: Document = {
            "_id": seen.id,
            "status": seen.status.value,
            "payments": {"$size": len(seen.payments)},
            **unamended(seen),
        }
        change: Document = {"$inc": {"amended": 1}}
        if place < len(seen.returns):
            change["$set"] = {f"returns.{place}": _RETURN.dump_python(change_of)}
        else:
            change["$push"] = {"returns": _RETURN.dump_python(change_of)}
        if payments:
            events = [_PAYMENT.dump_python(event) for event in payments]
            change.setdefault("$push", {})["payments"] = {"$each": events}
        if due:
            change.setdefault("$set", {}).update(owing(seen, due, at))
        result = await self._orders.update_one(query, change, session=driver_session(session))
        return result.matched_count == 1
