"""Straight lines and tables."""

import json

import numpy as np
import pytest

from delivery.geo import distance_m
from delivery.travel import StraightLine, Vehicle
from delivery.travel.table import Known, Table

STORE = (121.44, 31.21)
DOOR = (121.44, 31.21 + 1000 / 111_195)
FAR = (121.60, 31.21)


def test_known_distance() -> None:
    # One degree of latitude on the mean sphere.
    assert distance_m((121.0, 31.0), (121.0, 32.0)) == pytest.approx(111_195, abs=1)
    assert distance_m((179.9, 0.0), (-179.9, 0.0)) == pytest.approx(22_239, abs=1)


async def test_straight_line_takes_detours_and_vehicles_into_account() -> None:
    times = await StraightLine(1.5).matrix([STORE, STORE], [Vehicle.FOOT, Vehicle.EBIKE], [DOOR, STORE])
    assert times.shape == (2, 2)
    np.testing.assert_allclose(times, [[1500 / 1.4, 0], [1500 / 5.5, 0]], rtol=1e-3, atol=1e-6)


async def test_a_table_knows_its_places_and_leaves_the_rest_to_straight_lines() -> None:
    table = Table.read(json.dumps({"places": [STORE, DOOR], "seconds": [[0, 600], [700, 0]]}))
    near_the_door = (DOOR[0], DOOR[1] + 0.0005)
    origins, vehicles = [STORE, near_the_door, FAR], [Vehicle.EBIKE, Vehicle.FOOT, Vehicle.EBIKE]
    times = await Known(table, StraightLine()).matrix(origins, vehicles, [STORE, DOOR])
    straight = await StraightLine().matrix(origins, vehicles, [STORE, DOOR])
    np.testing.assert_allclose(times[0], [0, 600])
    np.testing.assert_allclose(times[1], [700 * 5.5 / 1.4, 0])
    np.testing.assert_allclose(times[2], straight[2])
    assert (await Known(table, StraightLine()).matrix([], [], [STORE])).shape == (0, 1)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"places": [[1, 2]], "seconds": [[-1]]}', '{"places": [[1, 2]], "seconds": [[0, 1]]}',
     '{"places": [[1, 2]], "seconds": [[0]], "vehicle": "horse"}', '{"places": [], "seconds": []}'],
)  # fmt: skip
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Table.read(text)
