"""How many media nodes a machine gets."""

import os
from pathlib import Path

import pytest

from live.launch.cores import cores
from live.launch.programs import MediaNode
from live.settings import Settings


@pytest.mark.parametrize(
    ("quota", "allowed"),
    [("max 100000", 99), ("150000 100000", 1), ("200000 100000", 2), ("50000 100000", 1), ("1 0", 99), ("?", 99)],
)
def test_a_containers_quota_counts(tmp_path: Path, quota: str, allowed: int) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(quota, encoding="ascii")
    assert cores(file) == min(allowed, len(os.sched_getaffinity(0)))
    assert cores(tmp_path / "none") == len(os.sched_getaffinity(0))


def test_nodes_of_one_machine_do_not_share_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEARLIVE_MEDIA_UDP_PORT", "5000")
    monkeypatch.setenv("NEARLIVE_MEDIA_HTTP_PORT", "0")
    monkeypatch.setenv("NEARLIVE_MEDIA_NODE_ID", "shop")
    monkeypatch.setenv("NEARLIVE_MEDIA_DRAIN", "20")
    settings = Settings(data=tmp_path)
    programs = [MediaNode(lambda: settings, index).program() for index in range(2)]
    assert [program.name for program in programs] == ["media", "media 2"]
    first, second = (program.environment or {} for program in programs)
    assert (first["NEARLIVE_MEDIA_UDP_PORT"], second["NEARLIVE_MEDIA_UDP_PORT"]) == ("5000", "5001")
    assert (first["NEARLIVE_MEDIA_HTTP_PORT"], second["NEARLIVE_MEDIA_HTTP_PORT"]) == ("0", "0")
    assert (first["NEARLIVE_MEDIA_NODE_ID"], second["NEARLIVE_MEDIA_NODE_ID"]) == ("shop", "shop-2")
    assert {program.stop_within for program in programs} == {30.0}
