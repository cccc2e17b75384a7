"""Many readers, few queries, no stale answer."""

import asyncio

import pytest

from orders.gathering import Gathered


class Shelf:
    """Counts how often it is read, and stops at a gate while doing so."""

    def __init__(self) -> None:
        self.values = {f"k{n}": n for n in range(10)}
        self.reads: list[tuple[str, ...]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.reading = asyncio.Event()

    async def read(self, keys: tuple[str, ...]) -> dict[str, int]:
        self.reads.append(keys)
        self.reading.set()
        found = {key: self.values[key] for key in keys if key in self.values}
        await self.gate.wait()
        return found


async def test_who_ask_together_share_one_query() -> None:
    shelf = Shelf()
    gathered = Gathered(shelf.read)
    answers = await asyncio.gather(*(gathered.get(f"k{n % 12}") for n in range(100)))
    assert answers == [n % 12 if n % 12 < 10 else None for n in range(100)]
    assert len(shelf.reads) == 1
    assert await gathered.of(["k1", "k11", "k1"]) == {"k1": 1}
    assert await gathered.of([]) == {}


async def test_an_answer_is_never_older_than_its_question() -> None:
    shelf = Shelf()
    gathered = Gathered(shelf.read)
    shelf.gate.clear()
    before = asyncio.create_task(gathered.get("k1"))
    await shelf.reading.wait()
    shelf.values["k1"] = 100
    after = asyncio.create_task(gathered.get("k1"))
    await asyncio.sleep(0)
    shelf.gate.set()
    assert (await before, await after) == (1, 100)
    assert len(shelf.reads) == 2


async def test_a_query_has_a_largest_size() -> None:
    shelf = Shelf()
    gathered = Gathered(shelf.read, most=3)
    assert len(await gathered.of(f"k{n}" for n in range(10))) == 10
    assert [len(keys) for keys in shelf.reads] == [3, 3, 3, 1]


async def test_a_failure_reaches_all_who_wait_and_no_one_later() -> None:
    shelf = Shelf()
    fails = True

    async def read(keys: tuple[str, ...]) -> dict[str, int]:
        if fails:
            raise ConnectionError
        return await shelf.read(keys)

    gathered = Gathered(read)
    answers = await asyncio.gather(*(gathered.get("k1") for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionError] * 3
    fails = False
    assert await gathered.get("k1") == 1


async def test_who_gives_up_takes_nobody_along() -> None:
    shelf = Shelf()
    gathered = Gathered(shelf.read)
    shelf.gate.clear()
    one, other = asyncio.create_task(gathered.get("k1")), asyncio.create_task(gathered.get("k1"))
    await shelf.reading.wait()
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    shelf.gate.set()
    assert await other == 1
