"""The figures of a node: what Prometheus scrapes, what the control API tells, and that both count what was there."""

import asyncio
import re
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from media import metrics, snapshot, vitals
from media.histogram import Histogram
from media.status import ShowStatus
from media.vitals import Vitals
from tests.media.nodes import Served, until
from tests.media.offers import chromium
from tests.media.peers import Cast, node_of, show_of, video_of

#: What a label may be; one more would be a label per viewer sooner or later.
LABELS = {"show", "kind", "codec", "layer", "role", "state", "transport", "ip", "where", "why", "node", "le"}


def families(text: str) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    (sample,) = [
        sample
        for family in found.values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return float(sample.value)


async def scraped(served: Served) -> dict[str, Metric]:
    async with served.http.get(f"{served.url}/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return families(await answer.text())


async def busy(served: Served, people: Cast, viewers: int = 2) -> None:
    """A publisher and viewers, for long enough that everybody has reported."""
    await people.publish(served)
    for number in range(viewers):
        await people.watch(served, subject=f"guest-{number}")
    show = show_of(served)
    await until(
        lambda: all(
            each.report is not None for viewer in show.viewers.values() for each in viewer.subscriptions.values()
        ),
        what="reports",
    )
    await until(lambda: video_of(served).counters.bitrate > 0, what="bit rate")


async def told(served: Served, audience: int = 200) -> ShowStatus:
    show = await served.client.show("demo", audience)
    assert show is not None
    return show


async def test_names_and_units_are_those_of_prometheus(served: Served, people: Cast) -> None:
    await busy(served, people)
    found = await scraped(served)
    for name, family in found.items():
        assert family.documentation, name
        for sample in family.samples:
            assert set(sample.labels) <= LABELS, sample
            if family.type == "counter":
                assert sample.name.endswith("_total")
        assert not any(bad in name for bad in ("_ms", "bitrate", "_kb", "_percent")), name
        if family.type == "histogram":
            assert name.endswith("_seconds")
    assert {"process_cpu_seconds", "process_resident_memory_bytes", "process_open_fds"} <= set(found)


async def test_the_number_of_series_does_not_grow_with_viewers(served: Served, people: Cast) -> None:
    await busy(served, people, 1)
    before = sum(len(family.samples) for family in (await scraped(served)).values())
    await people.watch(served, subject="one more")
    assert sum(len(family.samples) for family in (await scraped(served)).values()) == before


async def test_what_is_scraped_is_what_happened(served: Served, people: Cast) -> None:
    await busy(served, people)
    node, found = node_of(served), await scraped(served)
    assert value(found, "media_show_viewers", show="demo") == 2
    assert value(found, "media_show_publishing", show="demo") == 1
    assert value(found, "media_sessions", role="view", state="open", transport="udp", ip="4") == 2
    assert value(found, "media_sessions", role="publish", state="open") == 1
    assert value(found, "media_track_viewers", kind="video") == 2
    assert value(found, "media_track_alive", kind="audio") == 1
    packets = value(found, "media_track_packets_total", kind="video")
    assert 0 < packets <= video_of(served).counters.packets
    assert value(found, "media_track_bytes_total", kind="video") > 12 * packets
    assert value(found, "media_first_frame_seconds_count", show="demo") == 2
    assert 0 < value(found, "media_first_frame_seconds_sum", show="demo") < 10
    assert value(found, "media_packets_forwarded_total") <= node.fanout.sent
    assert value(found, "media_datagrams_sent_total") >= value(found, "media_packets_forwarded_total") > 0
    assert value(found, "media_sent_bytes_total") > value(found, "media_track_bytes_total", kind="video")
    assert value(found, "media_received_bytes_total") > value(found, "media_track_bytes_total", kind="video")
    assert value(found, "media_loop_lag_seconds_count") > 3
    assert value(found, "media_packets_dropped_total", where="receive_buffer") == 0
    assert value(found, "media_show_troubled_viewers", why="waiting") == 0


async def test_the_control_api_tells_of_everybody(served: Served, people: Cast) -> None:
    await busy(served, people)
    show = await told(served)
    assert show.publisher is not None
    assert (show.publisher.transport, show.publisher.ip, show.publisher.relayed) == ("udp", 4, False)
    assert {(track.kind, track.codec, track.alive, track.viewers) for track in show.tracks} == {
        ("video", "VP8", True, 2),
        ("audio", "opus", True, 2),
    }
    assert show.crowd.viewers == show.viewers == 2
    assert show.crowd.by_path == {"udp4": 2}
    assert show.first_frames.count == 2
    assert 0 < show.first_frames.p50 <= show.first_frames.p95
    assert {viewer.subject for viewer in show.audience} == {"guest-0", "guest-1"}
    for viewer in show.audience:
        assert viewer.first_frame is not None
        assert 0 < viewer.first_frame < viewer.seconds
        assert (viewer.transport, viewer.ip, viewer.state, viewer.waiting) == ("udp", 4, "open", False)
    assert len((await told(served, 1)).audience) == 1
    assert (await told(served, 0)).audience == []
    figures = (await served.client.status()).figures
    assert figures is not None
    assert (figures.publishers, figures.viewers, figures.half_open) == (1, 2, 0)
    assert figures.memory_bytes > 1 << 20
    assert figures.descriptors > 3
    assert figures.cpu_seconds > 0
    assert figures.packets_in > 0


async def test_who_fares_worst_comes_first(served: Served, people: Cast) -> None:
    await busy(served, people, 3)
    node, show = node_of(served), show_of(served)
    _, second, third = show.viewers.values()
    now = node.loop.time()
    next(iter(third.subscriptions.values())).round_trip = 5.0
    for subscription in second.subscriptions.values():
        if subscription.track.is_video:
            subscription.state = "waiting"
    second.created -= 60
    found = snapshot.of_show(show, now, audience=2)
    assert [each.session for each in found.audience] == [second.id, third.id]
    assert (found.crowd.waiting, found.crowd.far, found.crowd.lossy) == (1, 1, 0)
    for subscription in second.subscriptions.values():
        subscription.state = "live"


async def test_a_half_open_session_is_counted(served: Served, people: Cast) -> None:
    await people.publish(served)
    token = {"Authorization": f"Bearer {served.token('view')}", "Content-Type": "application/sdp"}
    offer = chromium("recvonly")
    async with served.http.post(f"{served.url}/whep/demo", data=offer, headers=token) as answer:
        assert answer.status == 201
    assert value(await scraped(served), "media_sessions", role="view", state="new") == 1
    figures = (await served.client.status()).figures
    assert figures is not None
    assert figures.half_open == 1


async def test_strangers_and_noise_are_counted(served: Served) -> None:
    node = node_of(served)
    transport, _ = await node.loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", node.port.number)
    )
    for datagram in (b"\x80\x60" + bytes(30), b"\x00\x01noise", b"\x16" + bytes(40)):
        transport.sendto(datagram)
    await until(lambda: node.mux.counters.received >= 3, what="datagrams")
    found = await scraped(served)
    transport.close()
    assert value(found, "media_datagrams_strange_total") == 2
    assert value(found, "media_datagrams_malformed_total") == 1
    assert value(found, "media_received_bytes_total") == 32 + 7 + 41


async def test_a_late_loop_is_seen() -> None:
    loop = asyncio.get_running_loop()
    found = Vitals(loop)
    found.start()
    try:
        await until(lambda: found.lags.count >= 2, what="beats")
        time.sleep(0.3)  # noqa: ASYNC251 - to be late is the point
        await until(lambda: found.lag > 0.1, what="lag")
        assert found.lags.total > 0.1
    finally:
        found.stop()
    await until(lambda: True)


def test_without_the_files_of_linux_there_are_figures_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "_STATM", Path("/nowhere/statm"))
    monkeypatch.setattr(vitals, "_DESCRIPTORS", Path("/nowhere/fd"))
    assert vitals.memory() > 1 << 20
    assert vitals.descriptors() == 0


@given(st.lists(st.floats(0, 20), max_size=50), st.floats(0.01, 1))
def test_a_histogram_counts(values: list[float], part: float) -> None:
    found = Histogram((0.1, 1.0, 10.0))
    for each in values:
        found.observe(each)
    for (bound, below), (_, above) in pairwise([("-1", 0.0), *found.buckets()]):
        assert below <= above
        assert below == sum(each <= float(bound) for each in values)
    assert found.buckets()[-1] == ("+Inf", float(len(values))) == ("+Inf", found.count)
    assert found.total == pytest.approx(sum(values))
    quantile = found.quantile(part)
    if values and max(values) <= 10:
        assert sum(each <= quantile for each in values) >= part * len(values)
    twice = Histogram(found.bounds)
    twice.add(found)
    twice.add(found)
    assert twice.count == 2 * len(values)


@pytest.mark.parametrize("shows", [1, 50])
async def test_a_scrape_is_cheap(served: Served, people: Cast, shows: int) -> None:
    """It runs on the loop that forwards packets: a scrape must not hold them up for long."""
    await busy(served, people, 1)
    node, show = node_of(served), show_of(served)
    for number in range(1, shows):
        node.shows[f"copy-{number}"] = show
    try:
        scrape: Callable[[], bytes] = lambda: metrics.exposition(node)  # noqa: E731 - timed below
        best = min(_seconds(scrape) for _ in range(5))
    finally:
        for number in range(1, shows):
            del node.shows[f"copy-{number}"]
    assert best < 0.02 + 0.002 * shows


def _seconds(what: Callable[[], object]) -> float:
    began = time.process_time()
    what()
    return time.process_time() - began


async def test_the_pages_speak_of_figures_that_are_there(served: Served, people: Cast) -> None:
    """docs/alerts.yml and docs/operations.md name only what a node exposes."""
    await busy(served, people, 1)
    async with served.http.get(f"{served.url}/metrics") as answer:
        there = set(re.findall(r"^# TYPE (\w+)", await answer.text(), re.MULTILINE))
    docs = Path(__file__).parents[2] / "docs"
    alerts, operations = (docs / name for name in ("alerts.yml", "operations.md"))
    named = re.findall(r"\b(media_[a-z_]+|process_[a-z_]+)\b", alerts.read_text(encoding="utf-8"))
    named += re.findall(r"`(?:rate\()?(media_[a-z_]+|process_[a-z_]+)", operations.read_text(encoding="utf-8"))
    assert len(set(named)) > 12
    assert {re.sub(r"_bucket$", "", name) for name in named} - there == set()
