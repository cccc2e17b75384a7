"""A small lunch hour on the real services, and the pieces that it is made of."""

import asyncio
import itertools
import random
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest

from delivery.geo import distance_m
from live.db import Database
from live.simulate.lunch.arguments import read_arguments
from live.simulate.lunch.run import lunch
from live.simulate.lunch.story import Bell, Story
from live.simulate.lunch.town import FAR_M, SHOPS, hands, wishes

BEGINS = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def dice() -> random.Random:
    return random.Random(4)  # noqa: S311 - what happens in an hour, no secret


async def test_a_small_lunch_is_delivered_and_told(mongo_uri: str) -> None:
    database = Database(mongo_uri, "test_lunch")
    await database.db.client.drop_database("test_lunch")
    arguments = read_arguments(["--orders", "12", "--couriers", "5", "--minutes", "4", "--speed", "0", "--seed", "3"])
    try:
        found, picture = await lunch(database, arguments)
    finally:
        await database.db.client.drop_database("test_lunch")
        database.close()
    assert found["orders"]["wished"] == 12
    assert found["orders"]["delivered"] == found["orders"]["placed"] == 12 - sum(found["orders"]["refused"].values())
    assert found["orders"]["delivered"] >= 10
    assert found["events"]["JobDelivered"] == found["orders"]["delivered"]
    assert 10 < found["click_to_door_min"]["mean"] < 60
    assert 0 <= found["late_share"] <= 0.5
    assert 0 < found["utilisation"] <= 1
    assert found["orders_per_bundle"] >= 1
    assert found["engine"]["plans"] > 10
    assert found["played"]["policy"] == "engine"
    drawn = ET.fromstring(picture)  # noqa: S314 - our own
    texts = " ".join(one.text or "" for one in drawn.iter(f"{SVG}text"))
    assert f"{found['orders']['delivered']} of 12 orders" in texts
    assert len(list(drawn.iter(f"{SVG}circle"))) == 12


async def test_the_clock_stands_still_while_anybody_acts() -> None:
    story, log = Story(BEGINS, speed=0), list[tuple[str, float]]()

    async def slow() -> None:
        for _ in range(3):
            await story.sleep(10)
            before = story.now_s
            await asyncio.sleep(0.01)  # a write that takes its time
            assert story.now_s == before
            log.append(("slow", story.now_s))

    async def quick() -> None:
        for _ in range(4):
            await story.sleep(7)
            log.append(("quick", story.now_s))

    await story.play([slow(), quick()], 1_000)
    assert sorted(log, key=lambda one: one[1]) == [
        ("quick", 7), ("slow", 10), ("quick", 14), ("slow", 20), ("quick", 21), ("quick", 28), ("slow", 30),
    ]  # fmt: skip


async def test_a_bell_is_heard_a_second_later_once_also_by_who_was_busy() -> None:
    story, bell, heard = Story(BEGINS, speed=0), Bell(), list[tuple[bool, float]]()

    async def listener() -> None:
        for _ in range(4):
            heard.append((await story.wait(bell, 30), story.now_s))
            if len(heard) == 1:
                await story.sleep(20)

    async def ringer() -> None:
        await story.sleep(10)
        story.ring(bell)
        await story.sleep(10)
        story.ring(bell)

    await story.play([listener(), ringer()], 1_000)
    assert heard == [(True, 11), (True, 32), (False, 62), (False, 92)]


async def test_the_clock_runs_no_faster_than_asked() -> None:
    story = Story(BEGINS, speed=100)

    async def act() -> None:
        await story.sleep(20)

    began = asyncio.get_running_loop().time()
    await story.play([act()], 1_000)
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_what_an_actor_raises_ends_the_story() -> None:
    story = Story(BEGINS, speed=0)

    async def fails() -> None:
        await story.sleep(1)
        raise ValueError("a fault")

    async def waits() -> None:
        await story.sleep(10_000)

    with pytest.raises(ExceptionGroup, match="unhandled"):
        await story.play([fails(), waits()], 100_000)


def test_the_same_seed_is_the_same_hour() -> None:
    one, two = wishes(50, 3600, dice()), wishes(50, 3600, dice())
    assert one == two
    assert all(0 <= wish.at_s <= 3600 and wish.pack_s > 0 for wish in one)
    assert all(a.at_s <= b.at_s for a, b in itertools.pairwise(one))
    assert all(distance_m(wish.shop.position, wish.door) <= FAR_M * 1.01 for wish in one)
    near = hands(20, dice())
    assert all(min(distance_m(hand.start, shop.position) for shop in SHOPS) <= 950 for hand in near)


@pytest.mark.parametrize("argv", [["--orders", "0"], ["--speed", "fast"], ["--policy", "luck"]])
def test_nonsense_is_refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_arguments(argv)
    assert "simulate lunch: error" in capsys.readouterr().err
