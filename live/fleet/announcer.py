"""Tells buyers and couriers how deliveries stand. Reads, then publishes, so late or twice is harmless."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

import structlog
from redis.exceptions import RedisError

from delivery.errors import CourierUnknown, JobUnknown
from delivery.events import Event
from delivery.model import Job
from delivery.service import Delivery
from live.db import UNAVAILABLE
from live.fleet.tracking_views import message_view, tracking_view
from live.fleet.views import courier_view
from live.realtime.topics import Topics

log = structlog.get_logger(__name__)

PASSING: Final[tuple[type[Exception], ...]] = (RedisError, *UNAVAILABLE)
PACE = 1.0  # seconds between two positions of a courier on a buyer's map


Cash: TypeAlias = Callable[[Iterable[str]], Awaitable[Mapping[str, int]]]
"""What couriers have to take at the doors of these orders, by order, minor units."""


class FleetAnnouncer:
    """Publishes `tracking` to buyers, `courier` to couriers and `message` to both, on their `me` topics."""

    def __init__(self, delivery: Delivery, topics: Topics, cash: Cash, relay: str = "") -> None:
        self._delivery = delivery
        self.cash = cash
        self.relay = relay
        self._topics = topics

    async def changed(self, event: Event) -> None:
        """The reaction to every event of delivery: its buyer and its courier (if any) see the job as it is now."""
        await self.tracking(await self._delivery.jobs.job(event.job_id))
        courier_id: str | None = getattr(event, "courier_id", None)
        if courier_id is not None:
            await self.courier(courier_id)

    async def tracking(self, job: Job) -> None:
        """To the buyer."""
        view = tracking_view(await self._delivery.trackings.of_job(job), with_pin=True, relay=self.relay)
        data = {"order_id": job.order_id, "tracking": view.model_dump(mode="json")}
        await self._topics.publish(f"me:{job.buyer_id}", "tracking", data)

    async def message(self, message_id: str) -> None:
        """What buyer or courier wrote, to both, on all their pages: one that has it already knows it by its id."""
        message = await self._delivery.messages.message(message_id)
        if message is None:
            return
        data = {"message": message_view(message).model_dump(mode="json")}
        for person in (message.buyer_id, message.courier_id):
            await self._topics.publish(f"me:{person}", "message", data)

    async def courier(self, courier_id: str) -> None:
        """To the courier; without effect for one who is not of the fleet."""
        try:
            state = await self._delivery.couriers.state(courier_id)
        except CourierUnknown:
            return
        cash = await self.cash(job.order_id for job in state.jobs)
        view = courier_view(state, cash, self.relay).model_dump(mode="json")
        await self._topics.publish(f"me:{courier_id}", "courier", {"state": view})


class PositionFeed:
    """The port `Positions`: remembers which jobs moved, and tells their buyers at the feed's own pace.

    A courier's request never waits for it. What is remembered is bounded by the jobs under way.
    """

    def __init__(self) -> None:
        self._moved: set[str] = set()

    async def moved(
        self,
        courier_id: str,  # noqa: ARG002 - the port's; buyers are told by job
        position: tuple[float, float],  # noqa: ARG002 - read again when told
        at: datetime,  # noqa: ARG002
        job_ids: tuple[str, ...],
    ) -> None:
        """See `delivery.ports.Positions`."""
        self._moved.update(job_ids)

    async def run(self, delivery: Delivery, announcer: FleetAnnouncer) -> None:
        """Tell for ever; a background task of the server."""
        while True:
            await asyncio.sleep(PACE)
            try:
                await self.tell(delivery, announcer)
            except PASSING as error:
                log.warning("positions not told", error=type(error).__name__)

    async def tell(self, delivery: Delivery, announcer: FleetAnnouncer) -> None:
        """Tell what has moved since the last time."""
        moved, self._moved = self._moved, set()
        for job_id in moved:
            try:
                job = await delivery.jobs.job(job_id)
            except JobUnknown:
                continue
            await announcer.tracking(job)
