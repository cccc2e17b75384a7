"""Opens the services on a database of their own, plays the hour, and says what came of it."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from delivery.settings import DeliverySettings
from live.collector import spare_collector
from live.db import Database
from live.launch.children import EmbeddedDatabase, start_embedded
from live.launch.errors import LaunchError
from live.simulate.lunch.arguments import POLICIES, Arguments, read_arguments
from live.simulate.lunch.desk import Desk
from live.simulate.lunch.house import House, open_house
from live.simulate.lunch.plot import plot
from live.simulate.lunch.record import Record
from live.simulate.lunch.rider import Rider
from live.simulate.lunch.shop import Shops
from live.simulate.lunch.story import Story
from live.simulate.lunch.summary import Played, summary
from live.simulate.lunch.town import hands, wishes

#: Half past eleven of some day in Shanghai.
BEGINS: Final = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
#: What an operator of this city would have set: how long packing mostly takes, and a door.
PACKED_S, DOOR_S = 10 * 60, 2 * 60
#: What has not come to its end so long after the hour never will.
AFTER_S: Final = 5_400.0


def main(argv: Sequence[str]) -> int:
    """The exit status: 1 when something that was taken was not delivered."""
    arguments = read_arguments(argv)
    try:
        found, picture = asyncio.run(_embedded(arguments))
    except LaunchError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    sys.stdout.write(text)
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "summary.json").write_text(text, encoding="utf-8")
        (arguments.out / "lunch.svg").write_text(picture, encoding="utf-8")
    return 1 if found["orders"]["undelivered"] else 0


async def _embedded(arguments: Arguments) -> tuple[dict[str, Any], str]:
    """On a server that nobody else sees, and that is gone afterwards."""
    server = EmbeddedDatabase(None)
    process = await start_embedded(server)
    database = Database(server.uri, "lunch")
    spare_collector()
    try:
        return await lunch(database, arguments, _tell)
    finally:
        database.close()
        await process.stop()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


async def lunch(
    database: Database, arguments: Arguments, tell: Callable[[str], None] = lambda _line: None
) -> tuple[dict[str, Any], str]:
    """The hour on this database, which should be empty: summary and picture (SVG). `tell` hears how far it is."""
    story = Story(BEGINS, arguments.speed)
    settings = replace(DeliverySettings(), interval_s=arguments.interval_s, prepare_s=PACKED_S, service_s=DOOR_S)
    house = open_house(database, story, settings, POLICIES[arguments.policy](settings))
    await house.delivery.ensure_indexes()
    began, cpu = time.monotonic(), time.process_time()
    await _play(house, arguments, tell)
    wall_s = time.monotonic() - began
    played = Played(
        orders=arguments.orders,
        couriers=arguments.couriers,
        hour_s=arguments.hour_s,
        seed=arguments.seed,
        policy=arguments.policy,
        speed_asked=arguments.speed,
        speed=round(story.now_s / wall_s, 1),
        wall_s=round(wall_s, 1),
        cpu_s=round(time.process_time() - cpu, 1),
        story_s=story.now_s,
    )
    record: Record = house.record
    return summary(record, played), plot(record, played)


async def _play(house: House, arguments: Arguments, tell: Callable[[str], None]) -> None:
    dice = random.Random(arguments.seed)  # noqa: S311 - the same story for the same seed
    planned = wishes(arguments.orders, arguments.hour_s, dice)
    riders = [
        Rider(house, hand, random.Random(arguments.seed * 1_000 + hand.number))  # noqa: S311 - as above
        for hand in hands(arguments.couriers, dice)
    ]
    desk = Desk(house, {rider.id: rider for rider in riders}, tell)
    actors = [Shops(house).serve(planned), *(rider.play() for rider in riders), desk.play()]
    await house.story.play(actors, arguments.hour_s + AFTER_S)
