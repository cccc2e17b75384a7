"""A courier: goes online, takes offers, rides to the store and to the door, and delivers by the buyer's PIN."""

import asyncio
import random
from datetime import UTC, datetime

from delivery.geo import Position, distance_m
from delivery.jobs.lifecycle import Status
from live.fleet.views import CourierStateView, JobView
from live.shows.views import PositionView
from live.simulate.client import Client, Refused
from live.simulate.desk import Desk
from live.simulate.pace import Counter, Pace
from live.simulate.saying import say
from live.simulate.staff import wait_for
from live.simulate.way import onward, somewhere_near

STEP = 1.0  # seconds between two positions while riding
IDLE_STEP = 10.0
REFRESH = 5.0
THERE_M = 5.0
_AT_THE_STORE = frozenset({Status.ACCEPTED, Status.AT_STORE})


class CourierPlayer:
    """Rides for one courier of the demo fleet."""

    def __init__(self, client: Client, pace: Pace, counter: Counter, desk: Desk | None, start: Position) -> None:
        self._client = client
        self._pace = pace
        self._counter = counter
        self._desk = desk
        self._at = start
        self._heard = asyncio.Event()
        self._said: set[tuple[str, str]] = set()

    async def play(self) -> None:
        """For ever. Raises Refused when the person is no courier."""
        await self._client.enter()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._client.listen("me", self._heard))
            while True:
                try:
                    await self._shift()
                except Refused as refusal:
                    if refusal.status == 403:
                        raise
                    say(self._client.name, str(refusal))
                    await asyncio.sleep(REFRESH)

    async def leave(self) -> None:
        """Go offline, unless there is something to deliver."""
        await self._client.call("POST", "/api/courier/offline")

    async def _shift(self) -> None:
        state = await self._state()
        if state.online and state.position is not None:
            self._at = (state.position.lon, state.position.lat)
        else:
            await self._client.call("POST", "/api/courier/online", {"position": _place(self._at), "consent": True})
            say(self._client.name, "is online")
        while True:
            self._heard.clear()
            state = await self._state()
            if not state.online:
                return
            if state.offer is not None:
                await self._answer(state)
            elif state.jobs:
                await self._work(_first(state.jobs))
            else:
                await self._send_position()
                await wait_for(self._heard, IDLE_STEP)

    async def _state(self) -> CourierStateView:
        return CourierStateView.model_validate(await self._client.call("GET", "/api/courier"))

    async def _answer(self, state: CourierStateView) -> None:
        offer = state.offer
        if offer is None:
            return
        await self._pace.take(self._pace.to_answer)
        try:
            await self._client.call("POST", f"/api/courier/jobs/{offer.job_id}/accept")
        except Refused as refusal:
            if refusal.code != "offer_gone":
                raise
            say(self._client.name, "was too late for an offer")
        else:
            say(
                self._client.name,
                f"takes {offer.store.name} → {offer.drop_off.text}, {offer.earnings / 100:.2f} earned",
            )

    async def _work(self, job: JobView) -> None:
        store, door = _position(job.store.position), _position(job.drop_off.position)
        match job.status:
            case Status.ACCEPTED:
                if await self._ride(store):
                    await self._client.call("POST", f"/api/courier/jobs/{job.id}/arrive")
            case Status.AT_STORE:
                await self._show_code(job)
            case Status.COLLECTED | Status.ARRIVING:
                if await self._ride(door):
                    await self._deliver(job)
            case Status.RETURNING:
                if await self._ride(store):
                    await self._client.call("POST", f"/api/courier/jobs/{job.id}/returned")
                    say(self._client.name, f"{job.order_number} is back at {job.store.name}")
            case _:
                await wait_for(self._heard, REFRESH)

    async def _ride(self, target: Position) -> bool:
        """Ride until there (True), or until something is heard, or it is time to look at the job again."""
        for _ in range(round(REFRESH / STEP)):
            if distance_m(self._at, target) <= THERE_M:
                return True
            self._at = onward(self._at, target, self._pace.ride_mps * self._pace.speed * STEP)
            await self._send_position()
            await asyncio.sleep(STEP)
            if self._heard.is_set():
                return False
        return distance_m(self._at, target) <= THERE_M

    async def _show_code(self, job: JobView) -> None:
        self._counter.shown[job.order_id] = job.hand_over_code
        self._once(job, f"is at {job.store.name} and shows the code {job.hand_over_code} for {job.order_number}")
        await self._send_position()
        await wait_for(self._heard, REFRESH)

    async def _deliver(self, job: JobView) -> None:
        self._once(job, f"is at the door with {job.order_number}")
        self._counter.shown.pop(job.order_id, None)
        if self._desk is None:
            self._once(job, f"cannot ask for the PIN of {job.order_number}: no operator was given", "no desk")
            await self._send_position()
            await wait_for(self._heard, REFRESH)
            return
        await self._pace.take(self._pace.at_door)
        pin = await self._desk.pin(job.order_id)
        said = {"pin": pin, "cash_received": job.cash_due}
        await self._client.call("POST", f"/api/courier/jobs/{job.id}/deliver", said)
        say(self._client.name, f"{job.order_number} is delivered")

    async def _send_position(self) -> None:
        at = datetime.now(UTC).isoformat()
        fix = {"position": _place(self._at), "accuracy_m": 6.0, "at": at}
        try:
            await self._client.call("POST", "/api/courier/position", fix)
        except Refused as refusal:
            if refusal.code != "invalid_position":
                raise
            self._once(None, f"position refused: {refusal}")

    def _once(self, job: JobView | None, what: str, about: str = "") -> None:
        key = (job.id if job else "", about or what)
        if key not in self._said:
            self._said.add(key)
            say(self._client.name, what)


def _first(jobs: list[JobView]) -> JobView:
    """The next stop; all of a bundle is fetched before the first of it is brought."""
    waiting = (job for job in jobs if job.bundle_id == jobs[0].bundle_id and job.status in _AT_THE_STORE)
    return next(waiting, jobs[0])


def start_near(places: list[Position], login: str) -> Position:
    """Somewhere by one of the places, the same for the same login."""
    dice = random.Random(login)  # noqa: S311 - a place to stand, no secret
    return somewhere_near(dice.choice(places), 700, dice)


def _place(position: Position) -> dict[str, float]:
    return {"lon": position[0], "lat": position[1]}


def _position(view: PositionView) -> Position:
    return (view.lon, view.lat)
