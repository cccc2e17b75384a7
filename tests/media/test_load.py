"""The load tools against a real node: small runs whose figures must be right."""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import bench_media, load_viewers
from scripts.media_load import film
from scripts.media_load.network import LOOPBACK
from scripts.media_load.rounds import SHOW, Load, clients, configuration
from scripts.media_load.servers import Server, node

pytestmark = pytest.mark.real_time

ROOT = Path(__file__).resolve().parents[2]
WANTED = {
    "us_per_packet",
    "peer_us_per_packet",
    "ratio",
    "floor_us_per_packet",
    "loss_pct",
    "join_cpu_ms",
    "kb_per_viewer",
    "p50_ms",
    "p99_ms",
    "load_avg",
}


@given(st.integers(1, 200_000))
def test_pieces_of_a_frame_differ_by_a_byte_at_most(size: int) -> None:
    pieces = film.split_evenly(size)
    assert sum(pieces) == size
    assert max(pieces) - min(pieces) <= 1
    assert max(pieces) <= film.LARGEST
    assert pieces == sorted(pieces)


def test_the_film_has_its_bit_rate_its_key_frames_and_its_markers() -> None:
    reel = film.frames(1_500_000, 2.0)
    second = [next(reel) for _ in range(10 * film.FPS)]
    octets = sum(len(cut.payload) for frame in second for cut in frame)
    assert 0.9 < octets * 8 / 10 / 1_500_000 < 1.1
    assert all([cut.last for cut in frame] == [False] * (len(frame) - 1) + [True] for frame in second)
    keys = [index for index, frame in enumerate(second) if film.begins_key_frame(frame[0].payload)]
    assert keys == [0, 60, 120, 180, 240]


def test_a_stamp_is_found_again_and_changes_no_size() -> None:
    cut = next(film.frames(1_500_000, 2.0))[-1]
    payload = film.stamped(cut, 65_537, 123_456_789)
    assert len(payload) == len(cut.payload)
    assert film.stamp_of(payload) == (1, 123_456_789)


@pytest.mark.timeout(120)
def test_the_bench_prints_one_object_with_the_promised_figures() -> None:
    options = ["--viewers", "5", "--seconds", "2", "--rounds", "1", "--first-frames", "2", "--loopback", "--json"]
    found = json.loads(_output([str(ROOT / "scripts" / "bench_media.py"), *options]))
    assert found.keys() >= WANTED
    assert found["ours"]["viewers"] == 5
    assert found["ours"]["failed_joins"] == 0
    assert found["network"] == "loopback"
    assert 0 < found["us_per_packet"] < 1000
    assert found["loss_pct"] < 1
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert found["first_frame_p50_ms"] > 0
    assert 4_000 < 8 * found["ours"]["bytes_per_packet"] < 12_000
    assert found["ours"]["fewest"] > 200


def _output(command: Sequence[str]) -> str:
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=110, check=True)
    return done.stdout


@pytest.mark.parametrize("floor", [1.0, None])
def test_ratios_are_of_the_same_run(floor: float | None) -> None:
    ours = dict.fromkeys(("loss_pct", "join_cpu_ms", "kb_per_viewer", "p50_ms", "p99_ms"), 1.0)
    ours |= {"us_per_packet": 2.0, "cpu_ms_per_viewer_second": 1.0}
    ours |= {"first_frame_p50_ms": 1.0, "first_frame_p95_ms": 1.0}
    peer = {"us_per_packet": 8.0}
    found = bench_media.summary(ours, peer, {"us_per_packet": floor}, {"cpu_ms_per_viewer_second": 1.1})
    assert found["ratio"] == 0.25
    assert found["floor_ratio"] == (2.0 if floor else None)
    assert found["pair_ratio"] == 1.1


def test_medians_leave_out_what_was_not_measured() -> None:
    rounds: list[dict[str, Any]] = [
        {"a": 1, "b": None, "c": "x"},
        {"a": 9, "b": 4, "c": "y"},
        {"a": 2, "b": 6, "c": "z"},
    ]
    assert bench_media.medians(rounds) == {"a": 2, "b": 5, "c": "z"}


@pytest.mark.timeout(120)
async def test_viewers_are_put_on_a_node_that_runs(tmp_path: Path) -> None:
    async with node(LOOPBACK, tmp_path) as server, clients(LOOPBACK, tmp_path) as started:
        publisher = await started.start("publisher", configuration(server, Load(1, 1), LOOPBACK, "", 1))
        await publisher.ask("publish")
        await publisher.ask("begin")
        options = _options(server, tmp_path, viewers="6", seconds="3", churn="2", first_frames="2")
        found = await load_viewers.load(options)
    assert found["failed"] == 0
    assert found["joined"] == 6 + found["left"]
    assert found["left"] >= 4
    assert found["viewers"] == 6
    assert found["loss_pct"] < 1
    assert found["fewest_packets"] > 20
    assert found["first_frame_p95_ms"] < 5000
    assert found["bits_per_second"] > 6 * 1_000_000


def _options(server: Server, folder: Path, **changes: str) -> argparse.Namespace:
    secret = folder / "secret"
    secret.write_text(server.secret)
    values = ["--url", server.url, "--show", SHOW, "--secret-file", str(secret), "--video-only"]
    for name, value in changes.items():
        values += ["--" + name.replace("_", "-"), value]
    return load_viewers.arguments(values)


async def test_who_cannot_join_hears_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with node(LOOPBACK, tmp_path) as server:
        secret = tmp_path / "secret"
        secret.write_text(server.secret)
        values = ["--url", server.url, "--show", SHOW, "--secret-file", str(secret), "--viewers", "2", "--seconds", "1"]
        assert await asyncio.to_thread(load_viewers.main, values) == 1
    assert "nobody publishes" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_told_politely(capsys: pytest.CaptureFixture[str]) -> None:
    values = ["--url", "http://127.0.0.1:9", "--show", "x", "--viewers", "1", "--seconds", "1", "--token", "t"]
    assert load_viewers.main(values) == 1
    assert "could not join" in capsys.readouterr().err
