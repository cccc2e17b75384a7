"""Travel by road, against a server over real sockets that behaves as OSRM's documents say."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from aiohttp.test_utils import TestServer

from delivery.travel import StraightLine, Vehicle
from delivery.travel.osrm import NoRoads, Osrm
from delivery.travel.roads import Patience, Roads
from live.fleet.outgoing import Outgoing
from tests.delivery.travel.osrm_server import RoadServer

HOME = (121.4400, 31.2100)
NORTH = (121.4400, 31.2200)  # 1,112 m
ISLE = (121.5000, 31.2500)
METRES = 1112.0


class Town:
    """Roads over a server whose mood a test sets, with a clock in its hand."""

    def __init__(self, server: RoadServer, http: Outgoing, url: str) -> None:
        self.server, self.http, self.url = server, http, url
        self.now = 0.0
        self.told: list[bool] = []

    def roads(self, **patience: float) -> Roads:
        return Roads(
            Osrm(self.http, self.url, timeout_s=0.5),
            StraightLine(),
            Patience(**patience),  # type: ignore[arg-type] # whole numbers where there must be
            lambda: self.now,
            lambda well, _why: self.told.append(well),
        )


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    server = RoadServer()
    async with TestServer(server.app()) as running, Outgoing.open() as http:
        yield Town(server, http, str(running.make_url("/")))


async def test_each_vehicle_rides_its_own_speed_along_the_road(town: Town) -> None:
    times = await town.roads().matrix([HOME, HOME], [Vehicle.EBIKE, Vehicle.FOOT], [NORTH, HOME])
    np.testing.assert_allclose(times, [[METRES / 5.5, 0], [METRES / 1.4, 0]], rtol=1e-3)
    assert len(town.server.asked) == 1
    assert "/table/v1/driving/121.440000,31.210000;" in town.server.asked[0]
    assert "annotations=duration,distance" in town.server.asked[0]


async def test_a_profile_for_each_vehicle_where_the_address_has_a_place_for_it(town: Town) -> None:
    osrm = Osrm(town.http, town.url, timeout_s=0.5)
    assert {osrm.profile(one) for one in Vehicle} == {"driving"}
    proxied = Osrm(town.http, "https://roads.example.com/{profile}/")
    assert [proxied.profile(one) for one in Vehicle] == ["foot", "bike", "bike", "car", "car"]
    assert [proxied.as_the_profile(one) for one in Vehicle] == [True, True, False, False, True]
    ways = await osrm.table("bike", [HOME], [NORTH])
    np.testing.assert_allclose(ways.seconds, [[METRES / 4.0]], rtol=1e-3)


async def test_what_was_asked_is_remembered_for_a_while(town: Town) -> None:
    roads = town.roads(kept_s=60)
    await roads.matrix([HOME], [Vehicle.EBIKE], [NORTH])
    again = await roads.matrix([HOME], [Vehicle.CAR], [NORTH])
    assert len(town.server.asked) == 1
    np.testing.assert_allclose(again, [[METRES / 6.0]], rtol=1e-3)
    await roads.matrix([HOME, ISLE], [Vehicle.EBIKE] * 2, [NORTH])
    assert "121.440000,31.210000" not in town.server.asked[1], "only what is not known is asked for"
    town.now = 61.0
    await roads.matrix([HOME], [Vehicle.EBIKE], [NORTH])
    assert len(town.server.asked) == 3


async def test_a_large_matrix_is_asked_for_in_pieces(town: Town) -> None:
    origins = [(121.40 + at * 0.001, 31.2) for at in range(70)]
    targets = [(121.40, 31.2 + at * 0.001) for at in range(60)]
    times = await town.roads().matrix(origins, [Vehicle.EBIKE] * 70, targets)
    assert times.shape == (70, 60)
    assert len(town.server.asked) == 4
    expected = np.add.outer(np.arange(70) * 0.001 * 111_195 * np.cos(np.radians(31.2)), np.arange(60) * 111.195) / 5.5
    np.testing.assert_allclose(times, expected, atol=0.2)


async def test_where_no_way_leads_the_straight_line_counts(town: Town) -> None:
    town.server.island = ISLE
    times = await town.roads().matrix([HOME], [Vehicle.EBIKE], [NORTH, ISLE])
    straight = await StraightLine().matrix([HOME], [Vehicle.EBIKE], [NORTH, ISLE])
    assert times[0, 1] == pytest.approx(straight[0, 1])
    assert times[0, 0] == pytest.approx(METRES / 5.5, rel=1e-3)
    assert town.told == []


async def test_a_server_without_distances_gives_them_by_its_durations(town: Town) -> None:
    town.server.distances = False
    times = await town.roads().matrix([HOME], [Vehicle.EBIKE], [NORTH])
    assert times[0, 0] == pytest.approx(METRES / 8.0 * 6.0 / 5.5, rel=1e-2)


@pytest.mark.parametrize("broken", ["down", "[1]", '{"code": "Ok"}'])
async def test_while_it_fails_straight_lines_count_and_it_is_left_alone(town: Town, broken: str) -> None:
    town.server.broken = broken
    roads, straight = town.roads(away_s=15), await StraightLine().matrix([HOME], [Vehicle.EBIKE], [NORTH])
    for _ in range(3):
        np.testing.assert_allclose(await roads.matrix([HOME], [Vehicle.EBIKE], [NORTH]), straight)
    assert (len(town.server.asked), town.told) == (1, [False])
    town.server.broken, town.now = "", 15.0
    times = await roads.matrix([HOME], [Vehicle.EBIKE], [NORTH])
    assert times[0, 0] == pytest.approx(METRES / 5.5, rel=1e-3)
    assert town.told == [False, True]


async def test_a_slow_server_costs_no_more_than_its_time(town: Town) -> None:
    town.server.slow_s = 5.0
    begun = asyncio.get_running_loop().time()
    times = await town.roads(total_s=0.1).matrix([HOME], [Vehicle.EBIKE], [NORTH])
    assert asyncio.get_running_loop().time() - begun < 2.0
    np.testing.assert_allclose(times, await StraightLine().matrix([HOME], [Vehicle.EBIKE], [NORTH]))
    assert town.told == [False]


async def test_a_refusal_is_told_by_its_code(town: Town) -> None:
    osrm = Osrm(town.http, town.url)
    with pytest.raises(NoRoads, match="400 InvalidQuery"):
        await osrm.table("train", [HOME], [NORTH])
    with pytest.raises(NoRoads, match="400 TooBig"):
        await osrm.table("car", [HOME] * 60, [NORTH] * 60)
