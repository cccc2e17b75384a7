"""A flood is shed, and who is let in has an answer in bounded time."""

import asyncio
import time

import pytest

from live.http.admission import Lane, Overloaded

WORK = 0.01  # seconds of one request, one at a time: a hundred in a second


class House:
    """Serves one at a time behind a lane."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.inside = 0
        self.most = 0
        self._bench = asyncio.Lock()

    async def ask(self) -> float:
        began = time.perf_counter()
        async with self.lane.slot():
            self.inside += 1
            self.most = max(self.most, self.inside)
            async with self._bench:
                await asyncio.sleep(WORK)
            self.inside -= 1
        return time.perf_counter() - began


async def test_a_flood_is_shed_and_the_rest_is_quick() -> None:
    house = House(Lane(slots=4, patience=1.5, longest=5000))
    for _ in range(10):  # it learns what a request costs
        await asyncio.gather(*(house.ask() for _ in range(20)), return_exceptions=True)
    answers = await asyncio.gather(*(house.ask() for _ in range(2000)), return_exceptions=True)
    served = [one for one in answers if isinstance(one, float)]
    shed = [one for one in answers if isinstance(one, Overloaded)]
    assert len(served) + len(shed) == 2000
    assert 5 <= len(served) <= 600, "about what can be done within the patience"
    assert max(served) < 1.5 + 5 * WORK + 1.0
    assert {one.status for one in shed} == {503}
    assert all(one.headers["Retry-After"] == str(one.retry_after) for one in shed)
    assert house.most <= 4
    assert await house.ask() < 1.0, "afterwards all is as before"


async def test_who_is_sent_away_comes_back_one_after_the_other() -> None:
    """Told by the seconds in which it would be their turn: the first soon, nobody beyond three patiences."""
    lane = Lane(slots=1, patience=8.0, longest=200)
    stop = asyncio.Event()

    async def ask() -> None:
        async with lane.slot():
            await stop.wait()

    lane._seconds = 500 * 0.05  # an answer takes 50 ms
    inside = [asyncio.create_task(ask()) for _ in range(162)]
    await asyncio.sleep(0)
    told = []
    for _ in range(1000):
        with pytest.raises(Overloaded) as refused:
            await ask()
        told.append(refused.value.retry_after)
    assert told == sorted(told)
    assert told[0] == 5
    assert told[100] == 10, "the line of now and a hundred before, less half a patience"
    assert max(told) == 20
    stop.set()
    await asyncio.gather(*inside)


async def test_nobody_is_shed_below_what_can_be_done() -> None:
    house = House(Lane(slots=4, patience=5.0, longest=5000))
    answers = await asyncio.gather(*(house.ask() for _ in range(100)))
    assert len(answers) == 100


async def test_the_line_is_bounded_whatever_is_believed() -> None:
    lane = Lane(slots=1, patience=1000, longest=10)
    stop = asyncio.Event()

    async def stay() -> None:
        async with lane.slot():
            await stop.wait()

    staying = [asyncio.create_task(stay()) for _ in range(11)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await stay()
    stop.set()
    await asyncio.gather(*staying)


async def test_who_leaves_the_line_takes_no_place_along() -> None:
    lane = Lane(slots=1, patience=5, longest=10)
    async with lane.slot():
        waiting = [asyncio.create_task(lane.slot().__aenter__()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.gather(waiting[0], return_exceptions=True)
    await waiting[1]
    assert not waiting[2].done()
    waiting[2].cancel()


async def test_one_that_failed_frees_its_place() -> None:
    lane = Lane(slots=1, patience=5, longest=10)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with lane.slot():
                raise ZeroDivisionError
    async with lane.slot():
        assert lane.expected == 0
