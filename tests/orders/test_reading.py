"""Reads of stock that many share: none older than its question, and few."""

import asyncio
from typing import Any, cast

import pytest

from orders.model import StockLevel
from orders.stock.reading import LevelReader
from orders.stock.store import StockRecords
from tests.waiting import until


class Counted:
    """Stock whose every read takes until it is let go, and answers with its number."""

    def __init__(self) -> None:
        self.reads: list[list[tuple[str, str]]] = []
        self.gate = asyncio.Event()
        self.broken = False

    async def levels(self, places: list[tuple[str, str]]) -> dict[tuple[str, str], StockLevel]:
        self.reads.append(places)
        number = len(self.reads)
        await self.gate.wait()
        if self.broken:
            raise ConnectionError("gone")
        return {place: StockLevel(*place, number, 0, number) for place in places}


def reader_of(records: Counted) -> LevelReader:
    return LevelReader(cast("StockRecords", cast("Any", records)))


async def test_who_asks_while_a_read_is_under_way_shares_the_next_one() -> None:
    records = Counted()
    reader = reader_of(records)
    first = [asyncio.create_task(reader.levels(["s"], ["tea"])) for _ in range(50)]
    await until(lambda: len(records.reads) == 1)
    late = [asyncio.create_task(reader.levels(["s"], ["tea", f"p{n % 3}"])) for n in range(50)]
    await asyncio.sleep(0)
    records.gate.set()
    assert {one["s", "tea"].on_hand for one in await asyncio.gather(*first)} == {1}
    answers = await asyncio.gather(*late)
    assert {one["s", "tea"].on_hand for one in answers} == {2}
    assert {len(one) for one in answers} == {2}
    assert records.reads == [[("s", "tea")], [("s", "p0"), ("s", "p1"), ("s", "p2"), ("s", "tea")]]


async def test_one_who_gives_up_and_one_read_that_fails_do_not_harm_others() -> None:
    records = Counted()
    reader = reader_of(records)
    one, other = [asyncio.create_task(reader.levels(["s"], ["tea"])) for _ in range(2)]
    await until(lambda: len(records.reads) == 1)
    one.cancel()
    records.gate.set()
    assert (await other)["s", "tea"].on_hand == 1
    records.broken = True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await reader.levels(["s"], ["tea"])
    records.broken = False
    assert (await reader.levels(["s"], ["tea"]))["s", "tea"].on_hand == len(records.reads)


async def test_many_levels_are_read_in_portions() -> None:
    records = Counted()
    records.gate.set()
    answer = await reader_of(records).levels([f"s{n}" for n in range(50)], [f"p{n}" for n in range(50)])
    assert len(answer) == 2500
    assert [len(places) for places in records.reads] == [2000, 500]
    assert await reader_of(records).levels([], ["tea"]) == {}
