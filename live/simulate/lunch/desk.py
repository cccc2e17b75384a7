"""Dispatch, as the server runs it: plans by the clock or when something is urgent, and the sweep of providers."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from live.simulate.lunch.house import House
from live.simulate.lunch.record import Sample
from live.simulate.lunch.rider import Rider

LOOK_S: Final = 15.0
EVERY_S: Final = 30.0
TOLD: Final = 10
"""Of so many notes one is told."""


class Desk:
    """Looks every quarter of a minute; the server does every two seconds, which changes little and costs much here."""

    def __init__(self, house: House, riders: Mapping[str, Rider], tell: Callable[[str], None]) -> None:
        self._house = house
        self._riders = riders
        self._tell = tell
        self._planned_at = house.story.begins
        self._noted_s = -EVERY_S

    async def play(self) -> None:
        """Until every order has come to its end."""
        story, dispatch = self._house.story, self._house.delivery.dispatch
        while True:
            await story.sleep(LOOK_S)
            now = story()
            if await self._wanted(now):
                done = await dispatch.tick(now)
                self._planned_at = now
                for courier_id in done.hinted:
                    await self._hint(courier_id)
            if story.now_s - self._noted_s >= EVERY_S:
                self._noted_s = story.now_s
                await self._house.delivery.handing.sweep()
                await self._note()
            if all(one.over for one in self._house.record.orders.values()):
                await self._note()
                story.end()

    async def _wanted(self, now: datetime) -> bool:
        if (now - self._planned_at).total_seconds() >= self._house.settings.interval_s:
            return True
        return await self._house.delivery.dispatch.wanted(now, self._planned_at)

    async def _hint(self, courier_id: str) -> None:
        hint = (await self._house.delivery.couriers.state(courier_id)).hint
        if hint is not None:
            self._riders[courier_id].advise(hint.position)

    async def _note(self) -> None:
        record, now_s = self._house.record, self._house.story.now_s
        jobs = [one for one in record.orders.values() if one.job_id]
        sample = Sample(
            at_s=now_s,
            placed=len(jobs),
            delivered=sum(one.delivered_s is not None for one in jobs),
            untaken=sum(not one.trip for one in jobs),
            busy=record.busy(),
        )
        record.samples.append(sample)
        if len(record.samples) % TOLD == 1:
            self._tell(
                f"{now_s / 60:3.0f} min: {sample.placed} placed, {sample.untaken} without a courier, "
                f"{sample.busy} couriers at work, {sample.delivered} delivered"
            )
