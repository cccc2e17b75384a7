"""Proposals in the order's document: conditional updates of the collection `orders`, in transactions only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter

from orders.lifecycle import OrderStatus, ProposalStatus
from orders.model import Due, Order
from orders.picking.proposal import Proposal
from orders.store import driver_session, look_again, owing, unamended

Document = dict[str, Any]

_PROPOSAL = TypeAdapter(Proposal)


class ProposalRecords:
    """Changes the proposals of an order if nobody changed its proposals or its status since it was read."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._orders: AsyncIOMotorCollection[Document] = database["orders"]

    async def add(self, seen: Order, proposal: Proposal, check_at: datetime | None, session: object) -> bool:
        """One more, to an order that is being picked."""
        query = {"_id": seen.id, "status": OrderStatus.PICKING.value, **unamended(seen)}
        change: Document = {"$push": {"proposals": _PROPOSAL.dump_python(proposal)}, "$inc": {"amended": 1}}
        look_again(change, check_at)
        result = await self._orders.update_one(query, change, session=driver_session(session))
        return result.matched_count == 1

    async def change(
        self,
        seen: Order,
        proposal: Proposal,
        sources: Sequence[ProposalStatus],
        check_at: datetime | None,
        session: object,
        due: Sequence[Due] = (),
    ) -> bool:
        """Write the last one as it is now, if it is still in one of `sources`."""
        last = f"proposals.{len(seen.proposals) - 1}"
        query = {
            "_id": seen.id,
            "status": seen.status.value,
            f"{last}.status": {"$in": [status.value for status in sources]},
            **unamended(seen),
        }
        change: Document = {"$set": {last: _PROPOSAL.dump_python(proposal)}, "$inc": {"amended": 1}}
        if due and proposal.answered_at is not None:
            change["$set"] |= owing(seen, due, proposal.answered_at)
        look_again(change, check_at)
        result = await self._orders.update_one(query, change, session=driver_session(session))
        return result.matched_count == 1
