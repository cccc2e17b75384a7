"""Settings of quotes and ways: read strictly, passed on whole, and made into what delivery takes."""

import json
from datetime import time
from pathlib import Path

import pytest

from delivery.errors import Unreachable
from delivery.ports import HttpRequest, HttpResponse
from delivery.settings import DeliverySettings
from delivery.travel import StraightLine, Vehicle
from live.fleet.ways import open_travel
from live.launch.errors import SettingsError
from live.settings import Settings, read_settings

HERE, THERE = (121.44, 31.21), (121.45, 31.22)


class Away:
    """A way out that leads nowhere; counts the tries."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request.url)
        raise Unreachable("no road", maybe_done=False)


def read(tmp_path: Path, **given: str) -> Settings:
    return read_settings({"NEARLIVE_DATA": str(tmp_path), **{f"NEARLIVE_{name}": text for name, text in given.items()}})


def test_fee_rules_reach_delivery_also_by_way_of_another_process(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        DELIVERY_BANDS="1000=500/3900, 3000=700",
        DELIVERY_HOURS="22:00-06:00=200",
        DELIVERY_DEMAND="",
        DELIVERY_FREE_COVERS="way",
        DELIVERY_LONGEST_WAIT="0",
        PREPARE_MINUTES="20",
    )
    assert read_settings(settings.environment()) == settings
    given = DeliverySettings(**settings.quoting)
    assert [(one.up_to_m, one.fee, one.free_from) for one in given.fees.bands] == [(1000, 500, 3900), (3000, 700, None)]
    assert [(one.begins, one.fee) for one in given.fees.hours] == [(time(22), 200)]
    assert (given.fees.steps, given.fees.free_covers_all, given.longest_wait_s, given.prepare_s) == ((), False, 0, 1200)


def test_the_defaults_are_those_of_delivery(tmp_path: Path) -> None:
    assert DeliverySettings(**read(tmp_path).quoting) == DeliverySettings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DELIVERY_BANDS", "abc"),
        ("DELIVERY_HOURS", "25:00-06:00=1"),
        ("DELIVERY_DEMAND", "3=100,2=5"),
        ("DELIVERY_TIME_ZONE", "Mars/Olympus"),
        ("OSRM_URL", "ftp://roads.example.com"),
        ("TRAVEL_FACTOR", "0.5"),
        ("TRAVEL_TABLE", "/nowhere"),
    ],
)
def test_what_cannot_be_meant_stops_the_start(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, **{name: text})
    assert name.lower() in caught.value.problems[0].lower()


async def test_ways_come_from_the_road_server_then_the_table_then_straight_lines(tmp_path: Path) -> None:
    file, away = tmp_path / "ways.json", Away()
    file.write_text(json.dumps({"places": [HERE, THERE], "seconds": [[0, 777], [888, 0]]}))
    settings = read(tmp_path, TRAVEL_TABLE=str(file), OSRM_URL="https://roads.example.com/{profile}")
    times = await open_travel(settings, away).matrix([HERE], [Vehicle.EBIKE], [THERE, (121.5, 31.3)])
    straight = await StraightLine().matrix([HERE], [Vehicle.EBIKE], [(121.5, 31.3)])
    assert times.tolist() == [[777, pytest.approx(straight[0, 0])]]
    assert [url.partition("?")[0].rpartition("/")[0] for url in away.asked] == [
        "https://roads.example.com/bike/table/v1/bike"
    ]
    plain = open_travel(read(tmp_path, TRAVEL_FACTOR="2"), away)
    assert (await plain.matrix([HERE], [Vehicle.EBIKE], [(121.5, 31.3)]))[0, 0] == pytest.approx(
        straight[0, 0] * 2 / 1.35
    )
