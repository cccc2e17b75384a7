"""A courier of the story: takes offers, rides, waits at the counter, climbs stairs."""

import random
from typing import Final

from delivery.errors import DeliveryError, OfferGone
from delivery.fleet.model import Offer
from delivery.geo import Position, distance_m
from delivery.model import Job
from delivery.travel import SPEED_MPS, Vehicle
from live.simulate.lunch.house import House
from live.simulate.lunch.record import Stretch
from live.simulate.lunch.town import Hand
from live.simulate.way import onward

REPORT_S: Final = 30.0
"""Positions are sent so often on the way."""
REST_S: Final = 50.0
"""Who stands still sends a sign of life so often; dispatch looks away after 60 s."""
DETOUR: Final = 1.35
"""Ways are longer than straight lines, as the services think too."""
HERE_M: Final = 15.0
THINK_S: Final = (3.0, 15.0)
COUNTER_S: Final = 40.0
EACH_BAG_S: Final = 15.0
STAIRS_S: Final = (60.0, 200.0)
DECLINES, IGNORES = 0.06, 0.02


class Rider:
    """Online from the first second to the last."""

    def __init__(self, house: House, hand: Hand, dice: random.Random) -> None:
        self.id = f"usr_courier{hand.number}"
        self._house = house
        self._story = house.story
        self._number = hand.number
        self._at = hand.start
        self._dice = dice
        self._trips: list[list[Job]] = []
        self._gathered: list[Job] = []
        self._towards: Position | None = None
        self._reported_s = 0.0

    async def play(self) -> None:
        """Until the story ends."""
        couriers, bell = self._house.delivery.couriers, self._house.bells[self.id]
        await couriers.register(self.id, f"Courier {self._number}", "13900000000", Vehicle.EBIKE)
        await couriers.go_online(self.id, self._at, consent=True)
        await self._story.sleep(1 + self._number % REPORT_S)  # phones do not report in step
        while True:
            if await self._story.wait(bell, REST_S):
                await self._answer(thinks=True)
            elif self._towards is not None:
                await self._ride(self._towards, stops=True)
            else:
                await self._rest()
            await self._work()

    def advise(self, position: Position) -> None:
        """Dispatch thinks that this is a good place to wait."""
        self._towards = position

    async def _work(self) -> None:
        if not self._trips:
            return
        stretch = Stretch(self._number, self._story.now_s)
        self._house.record.stretches.append(stretch)
        while self._trips:
            await self._trip(self._trips.pop(0))
        stretch.ends_s = self._story.now_s
        self._towards = None

    async def _answer(self, *, thinks: bool) -> None:
        """Look at the offer and take it, mostly."""
        offer = (await self._house.delivery.couriers.state(self.id)).offer
        if offer is None:
            return
        if thinks:
            await self._story.sleep(self._dice.uniform(*THINK_S))
        mood = self._dice.random()
        if mood < DECLINES:
            await self._house.delivery.offers.decline(offer.jobs[0].id, self.id)
        elif mood > IGNORES + DECLINES:
            await self._accept(offer)

    async def _accept(self, offer: Offer) -> None:
        try:
            await self._house.delivery.offers.accept(offer.jobs[0].id, self.id)
        except OfferGone:
            return
        for job in offer.jobs:
            self._house.record.orders[job.order_id].trip = offer.bundle_id
        if self._gathered and self._gathered[0].store.id == offer.jobs[0].store.id:
            self._gathered += offer.jobs
        else:
            self._trips.append(list(offer.jobs))

    async def _trip(self, jobs: list[Job]) -> None:
        """To the store, where more may join, and then from door to door."""
        self._gathered = jobs
        await self._ride(jobs[0].store.position)
        with_goods: set[str] = set()
        for job in jobs:  # it may grow meanwhile
            await self._try(job, self._house.delivery.jobs.arrive(job.id, self.id))
            if await self._collect(job):
                with_goods.add(job.id)
        await self._pause(COUNTER_S)
        self._gathered = []
        for job in (await self._house.delivery.couriers.state(self.id)).jobs:  # in the sequence of the doors
            if job.id in with_goods:
                await self._bring(job)

    async def _bring(self, job: Job) -> None:
        await self._ride(job.drop_off.position)
        await self._pause(self._dice.uniform(*STAIRS_S))
        if await self._try(job, self._house.delivery.jobs.deliver(job.id, self.id, job.pin)):
            self._house.record.orders[job.order_id].delivered_s = self._story.now_s

    async def _collect(self, job: Job) -> bool:
        """Wait for the bag and show the code; False if the job is no more."""
        record = self._house.record.orders[job.order_id]
        while record.ready_s is None:
            await self._pause(REST_S / 2)
        await self._pause(EACH_BAG_S)
        code = (await self._house.delivery.jobs.job(job.id)).hand_over_code
        if not await self._try(job, self._house.delivery.jobs.hand_over(job.order_id, code, "usr_counter")):
            return False
        record.collected_s = self._story.now_s
        return True

    async def _ride(self, target: Position, *, stops: bool = False) -> None:
        """To the target, reporting on the way; with `stops` only until an offer comes."""
        pace = SPEED_MPS[Vehicle.EBIKE] / DETOUR
        while (left := distance_m(self._at, target)) > HERE_M:
            before = self._story.now_s
            await self._story.sleep(min(REPORT_S, left / pace))
            self._at = onward(self._at, target, pace * (self._story.now_s - before))
            await self._report()
            if stops and self._house.bells[self.id].rung_s is not None:
                return
            if not stops:
                await self._listen()
        self._towards = None if stops else self._towards

    async def _pause(self, seconds: float) -> None:
        """Busy with something that lets one look at the phone."""
        until_s = self._story.now_s + seconds
        while (left := until_s - self._story.now_s) >= 1:
            if await self._story.wait(self._house.bells[self.id], min(REST_S / 2, left)):
                await self._answer(thinks=False)
            await self._rest()

    async def _listen(self) -> None:
        """Busy couriers may be asked for what is next; they answer at a glance."""
        if self._story.heard(self._house.bells[self.id]):
            await self._answer(thinks=False)

    async def _rest(self) -> None:
        if self._story.now_s - self._reported_s >= REST_S / 2:
            await self._report()

    async def _report(self) -> None:
        self._reported_s = self._story.now_s
        await self._house.delivery.couriers.move(self.id, self._at, 8.0, self._story())

    async def _try(self, job: Job, step: object) -> bool:
        """Whether the step could be made; what could not is counted."""
        try:
            await step  # type: ignore[misc] # every step is a coroutine
        except DeliveryError as error:
            self._house.record.troubles[f"{type(error).__name__}: {error}".replace(job.id, "job")] += 1
            return False
        return True
