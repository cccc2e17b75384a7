"""One verdict from what all nodes say of a show."""

from typing import Any

import pytest

from live.broadcast.health import Carried, health
from media.status import CrowdStatus, FirstFrames, PublisherStatus, ShowStatus, TrackStatus, ViewerStatus


def track(kind: str = "video", layer: str = "", **changes: Any) -> TrackStatus:
    values: dict[str, Any] = {
        "kind": kind,
        "codec": "H264" if kind == "video" else "opus",
        "layer": layer,
        "width": 720 if kind == "video" else 0,
        "height": 1280 if kind == "video" else 0,
        "bitrate": 1_500_000 if kind == "video" else 40_000,
        "packets": 1000,
        "lost": 0,
        "loss": 0.0,
        "jitter": 0.002,
        "key_frames": 3,
        "key_frame_requests": 1,
        "nacked": 0,
        "retransmitted": 0,
        "viewers": 1,
    }
    return TrackStatus(**(values | changes))


def publisher(**changes: Any) -> PublisherStatus:
    values: dict[str, Any] = {"session": "p", "subject": "host", "seconds": 60, "round_trip": 0.04}
    return PublisherStatus(**(values | changes))


def viewer(subject: str, **changes: Any) -> ViewerStatus:
    values: dict[str, Any] = {"session": f"s-{subject}", "subject": subject, "seconds": 9, "loss": 0.0, "nacks": 0}
    return ViewerStatus(**(values | {"key_frame_requests": 0, "round_trip": 0.05} | changes))


def show(**changes: Any) -> ShowStatus:
    tracks = changes.pop("tracks", [track(), track("audio")])
    values: dict[str, Any] = {
        "show": "demo",
        "publishing": True,
        "subject": "host",
        "since": 60.0,
        "viewers": 1,
        "bitrate": sum(each.bitrate for each in tracks),
        "packets": 2000,
        "loss": max(each.loss for each in tracks),
        "tracks": tracks,
        "publisher": publisher(),
        "crowd": CrowdStatus(viewers=10, by_path={"udp4": 10}),
    }
    return ShowStatus(**(values | changes))


def warned(*statuses: ShowStatus) -> set[tuple[str, str]]:
    carried = [Carried(f"n{number}", status) for number, status in enumerate(statuses)]
    return {(one.code, one.level) for one in health(carried, {}, 10).warnings}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"publishing": False, "publisher": None}, {("publisher_lost", "bad")}),
        ({"tracks": [track(alive=False), track("audio", alive=False)]}, {("publisher_lost", "bad")}),
        ({"tracks": [track("audio")]}, {("no_video", "bad")}),
        ({"tracks": [track(alive=False), track("audio")]}, {("no_video", "bad")}),
        ({"tracks": [track(loss=0.03)]}, {("publisher_loss", "fair")}),
        ({"tracks": [track(loss=0.09)]}, {("publisher_loss", "bad")}),
        ({"publisher": publisher(round_trip=0.5)}, {("publisher_far", "fair")}),
        ({"publisher": publisher(round_trip=0.9)}, {("publisher_far", "bad")}),
        ({"publisher": publisher(round_trip=None)}, set()),
        ({"tracks": [track(bitrate=200_000)]}, {("low_bitrate", "fair")}),
        ({"tracks": [track(bitrate=90_000)]}, {("low_bitrate", "bad")}),
        ({"tracks": [track(bitrate=90_000)], "publisher": publisher(seconds=2)}, set()),
        ({"tracks": [track(layer="q", bitrate=100_000), track(layer="h", bitrate=900_000)]}, set()),
        ({"crowd": CrowdStatus(viewers=10, lossy=2)}, {("viewers_lossy", "fair")}),
        ({"crowd": CrowdStatus(viewers=10, lossy=4)}, {("viewers_lossy", "bad")}),
        ({"crowd": CrowdStatus(viewers=2, lossy=1)}, set()),
        ({"crowd": CrowdStatus(viewers=10, waiting=5)}, {("viewers_waiting", "bad")}),
        ({"first_frames": FirstFrames(count=9, p50=0.2, p95=2.0)}, {("first_frame_slow", "fair")}),
        ({"first_frames": FirstFrames(count=9, p50=0.2, p95=5.0)}, {("first_frame_slow", "bad")}),
        ({"first_frames": FirstFrames(count=2, p50=0.2, p95=5.0)}, set()),
    ],
)
def test_what_is_warned_of(changes: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    assert warned(show(**changes)) == expected


def test_the_verdict_is_the_worst() -> None:
    fair, bad = show(tracks=[track(loss=0.03)]), show(tracks=[track(loss=0.09)], publisher=publisher(round_trip=0.5))
    assert health([Carried("a", show())], {}, 10).verdict == "good"
    assert health([Carried("a", fair)], {}, 10).verdict == "fair"
    assert health([Carried("a", bad)], {}, 10).verdict == "bad"


def test_nobody_carries_it() -> None:
    found = health([], {}, 10)
    assert (found.verdict, found.publisher, found.layers, found.viewers, found.nodes) == ("off", None, [], [], [])


def test_nodes_are_added_up() -> None:
    layers = [track(layer="q", bitrate=150_000, viewers=1), track(layer="f", viewers=2), track("audio", viewers=3)]
    origin = show(
        tracks=layers,
        crowd=CrowdStatus(viewers=3, lossy=1, round_trip=0.1, by_path={"udp4": 3}),
        first_frames=FirstFrames(count=9, p50=0.1, p95=0.2),
        audience=[viewer("a"), viewer("edge", relay=True, loss=0.9), viewer("b", loss=0.2)],
    )
    edge = show(
        relayed=True,
        publisher=publisher(session="e", round_trip=9.0),
        tracks=[each.model_copy(update={"viewers": 4, "loss": 0.5}) for each in layers],
        crowd=CrowdStatus(viewers=9, lossy=1, round_trip=0.5, by_path={"udp4": 5, "tcp4": 4}),
        first_frames=FirstFrames(count=9, p50=0.3, p95=0.5),
        audience=[viewer("c", waiting=True)],
    )
    found = health([Carried("edge", edge), Carried("origin", origin)], {"b": "Bea"}, 2)
    assert found.publisher is not None
    assert found.publisher.round_trip == 0.04
    assert [(each.kind, each.layer, each.viewers) for each in found.layers] == [
        ("video", "f", 6),
        ("video", "q", 5),
        ("audio", "", 7),
    ]
    assert [(each.width, each.height) for each in found.layers] == [(720, 1280), (720, 1280), (0, 0)]
    crowd = found.crowd
    assert (crowd.viewers, crowd.lossy, crowd.by_path) == (12, 2, {"udp4": 8, "tcp4": 4})
    assert crowd.round_trip == pytest.approx(0.4)
    assert (crowd.first_frame_p50, crowd.first_frame_p95) == (0.3, 0.5)
    assert [(each.user_id, each.name, each.node) for each in found.viewers] == [
        ("c", "", "edge"),
        ("b", "Bea", "origin"),
    ]
    assert [(each.node, each.origin) for each in found.nodes] == [("edge", False), ("origin", True)]
