"""Background tasks come back when they fall over, and end when they are told."""

import asyncio

from live.http.metrics import Metrics
from live.tasks import Tasks, end
from tests.waiting import until


async def test_a_fallen_task_starts_again_and_is_counted() -> None:
    metrics = Metrics()
    tasks, starts = Tasks(metrics), list[int]()

    async def falls() -> None:
        starts.append(1)
        raise RuntimeError("fell")

    tasks.forever("falling", falls)
    await until(lambda: len(starts) == 2)
    await tasks.stop()
    assert metrics.registry.get_sample_value("nearlive_task_crashes_total", {"task": "falling"}) == len(starts)
    assert len(starts) == 2


async def test_a_task_that_loses_a_cancellation_ends_all_the_same() -> None:
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1
                if lost > 2:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end(task)
    assert task.cancelled()
    await end(task)


async def test_work_is_done_again_and_again() -> None:
    tasks, done = Tasks(Metrics()), list[int]()

    async def once() -> None:
        done.append(1)

    tasks.every("often", 0.01, once)
    await until(lambda: len(done) > 3)
    await tasks.stop()
    count = len(done)
    await asyncio.sleep(0.05)
    assert len(done) == count
