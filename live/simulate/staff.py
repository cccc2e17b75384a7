"""A member of a store's staff: accepts, picks, readies, and hands over to couriers who show their code."""

import asyncio
from collections.abc import Awaitable, Callable

from live.simulate.client import Answer, Client, Refused
from live.simulate.pace import Counter, Pace
from live.simulate.saying import say

POLL = 4.0
AT_COUNTER = frozenset({"accepted", "at_store"})


class StaffPlayer:
    """Works at the counter of one store, one order at a time at each step, several side by side."""

    def __init__(self, client: Client, pace: Pace, counter: Counter) -> None:
        self._client = client
        self._pace = pace
        self._counter = counter
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._heard = asyncio.Event()

    async def play(self) -> None:
        """For ever. Raises Refused when the person may not do this at all."""
        await self._client.enter()
        store_id = self._client.me.get("store_id")
        if not store_id:
            raise Refused(403, "no_store", f"{self._client.name} works in no store")
        say(self._client.name, f"works at {self._client.me.get('store_name') or store_id}")
        async with asyncio.TaskGroup() as group:
            group.create_task(self._client.listen(f"store:{store_id}", self._heard))
            while True:
                self._heard.clear()
                queue = await self._client.call("GET", f"/api/stores/{store_id}/orders?done=false")
                for order in queue["items"]:
                    self._look_at(order, group)
                await wait_for(self._heard, 1.0 if self._counter.shown else POLL)

    def _look_at(self, order: Answer, group: asyncio.TaskGroup) -> None:
        if order["id"] in self._busy:
            return
        work = self._next(order)
        if work is not None:
            task = group.create_task(self._do(work, order))
            self._busy[order["id"]] = task
            task.add_done_callback(lambda _: self._busy.pop(order["id"], None))

    def _next(self, order: Answer) -> Callable[[Answer], Awaitable[None]] | None:
        if order["status"] == "ready":
            job = order.get("job") or {}
            return self._hand_over if job.get("status") in AT_COUNTER and self._code(order) else None
        steps = {"paid": self._accept, "accepted": self._pick, "picking": self._ready}
        return steps.get(order["status"])

    async def _do(self, work: Callable[[Answer], Awaitable[None]], order: Answer) -> None:
        try:
            await work(order)
        except Refused as refusal:
            say(self._client.name, f"{order['number']}: {refusal}")
            await asyncio.sleep(POLL)
        self._heard.set()

    async def _accept(self, order: Answer) -> None:
        await self._pace.take(self._pace.to_accept)
        await self._post(order, "accept")
        say(self._client.name, f"{order['number']} accepted: {', '.join(line['name'] for line in order['lines'])}")

    async def _pick(self, order: Answer) -> None:
        await self._pace.take(self._pace.to_begin)
        await self._post(order, "pick")
        say(self._client.name, f"{order['number']} is being picked")

    async def _ready(self, order: Answer) -> None:
        await self._pace.take(self._pace.to_pick)
        await self._post(order, "ready")
        say(self._client.name, f"{order['number']} is packed and waits for its courier")

    async def _hand_over(self, order: Answer) -> None:
        await self._pace.take(self._pace.at_counter)
        code = self._code(order)
        if code is not None:
            await self._client.call("POST", f"/api/orders/{order['id']}/hand-over", {"code": code})
            self._counter.shown.pop(order["id"], None)
            say(self._client.name, f"{order['number']} handed to {(order.get('job') or {}).get('courier_name')}")

    def _code(self, order: Answer) -> str | None:
        """What the courier shows. A real person's phone is not ours to look at: then a person must type it."""
        return self._counter.shown.get(order["id"])

    async def _post(self, order: Answer, step: str) -> None:
        await self._client.call("POST", f"/api/orders/{order['id']}/{step}")


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, or so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
