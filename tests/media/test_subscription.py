"""What a viewer is sent: continuous numbers from the first packet on, whenever it joins and whoever publishes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp, rtp
from media.answer import Format
from media.fanout import FanOut
from media.outgoing import Sending
from media.port import DatagramPort
from media.selection import Layer
from media.stream import Stream
from media.subscription import FIRST_BURST, Subscription
from media.track import Source, Track
from tests.media.packets import DELTA, KEY, rtp_packet

BIG = DELTA + bytes(1000)


@dataclass
class Recorder:
    """A link that keeps what it is given to send."""

    name: bytes = bytes(16)
    handle: Any = None
    tag_length: int = 16
    direct: bool = False
    backlog: int = 0
    created: float = 0.0
    packets: list[bytes] = field(default_factory=list)
    reports: list[bytes] = field(default_factory=list)
    paced: int = 0

    def send_rtp(self, packet: bytes) -> None:
        self.packets.append(packet)

    def send_rtcp(self, packet: bytes) -> None:
        self.reports.append(packet)

    def pace(self) -> None:
        self.paced += 1

    def sequences(self) -> list[int]:
        return [int.from_bytes(packet[2:4], "big") for packet in self.packets]

    def stamps(self) -> list[int]:
        return [rtp.timestamp_of(packet) for packet in self.packets]


@pytest.fixture
def fanout() -> Iterator[FanOut]:
    port = DatagramPort("127.0.0.1", 0)
    yield FanOut(port)
    port.close()


def video(fanout: FanOut) -> Track:
    return Track(Format("video", "VP8", 90000), fanout, 16)


def state_of(subscription: Subscription) -> str:
    """A fresh look: the checker would remember the last one."""
    return subscription.state


def feed(source: Source, first: int, frames: int, start: float, stamp: int = 0, *, key_at: int = 0) -> float:
    """So many frames of three packets, 30 a second; the time of the last."""
    now = start
    for frame in range(frames):
        now = start + frame / 30
        for part in range(3):
            payload = KEY + bytes(1000) if frame == key_at and part == 0 else BIG
            packet = rtp_packet(first + 3 * frame + part, stamp + 3000 * frame, payload, marker=part == 2)
            source.accept(packet, now)
        source.track.flush(now)
    return now


def test_a_joiner_starts_with_the_last_key_frame_and_catches_up(fanout: FanOut) -> None:
    track, link = video(fanout), Recorder()
    now = feed(Source(track, 1), 65500, 60, 10.0, key_at=20)
    subscription = Subscription(link, track, Sending(77, 101), replay_age=3.0)
    subscription.start(now)
    assert state_of(subscription) == "replaying"
    assert link.paced == 1
    assert sum(map(len, link.packets)) < FIRST_BURST + 1100
    steps = 0
    while state_of(subscription) == "replaying":
        subscription.advance(5000, now)
        steps += 1
    assert steps > 10
    assert subscription.slot == 0
    assert len(link.packets) == 40 * 3
    assert link.packets[0][12:] == KEY + bytes(1000)
    assert all((b - a) & 0xFFFF == 1 for a, b in pairwise(link.sequences()))
    assert all(packet[1] & 0x7F == 101 for packet in link.packets)
    assert all(int.from_bytes(packet[8:12], "big") == 77 for packet in link.packets)


def test_replayed_frames_lie_close_together_before_the_newest(fanout: FanOut) -> None:
    track, link = video(fanout), Recorder()
    now = feed(Source(track, 1), 1, 60, 10.0, stamp=2**32 - 90000)
    subscription = Subscription(link, track, Sending(77, 101), replay_age=3.0)
    subscription.start(now)
    subscription.advance(10**6, now)
    stamps = link.stamps()
    steps = [rtp.signed_distance(b, a, 32) for a, b in pairwise(stamps)]
    assert all(step >= 0 for step in steps)
    assert sum(step > 0 for step in steps) == 59
    assert rtp.signed_distance(stamps[-1], stamps[0], 32) <= 4500
    # what a live viewer is sent next continues where the replay ended
    assert (track._last_timestamp + subscription.numbers.timestamp_offset) & 0xFFFFFFFF == stamps[-1]


def test_a_replayed_packet_is_repeated_as_it_was(fanout: FanOut) -> None:
    track, link = video(fanout), Recorder()
    now = feed(Source(track, 1), 1, 30, 10.0)
    subscription = Subscription(link, track, Sending(77, 101), replay_age=3.0)
    subscription.start(now)
    subscription.advance(10**6, now)
    before = list(link.packets)
    assert subscription.repairs.retransmit(int.from_bytes(before[5][2:4], "big"), subscription.current)
    assert link.packets[-1] == before[5]
    assert not subscription.repairs.retransmit((link.sequences()[0] - 100) & 0xFFFF, subscription.current)
    assert not subscription.repairs.retransmit((link.sequences()[-2] + 100) & 0xFFFF, subscription.current)


def test_without_a_key_frame_it_waits_for_the_next(fanout: FanOut) -> None:
    track, link = video(fanout), Recorder(direct=True)
    source = Source(track, 1)
    now = feed(source, 1, 3, 10.0, key_at=-1)
    subscription = Subscription(link, track, Sending(77, 101), replay_age=3.0)
    subscription.start(now)
    assert state_of(subscription) == "waiting"
    wanted = track.key_frame_wanted
    assert wanted
    assert not link.packets
    feed(source, 10, 2, now + 5, stamp=90000, key_at=1)
    assert state_of(subscription) == "live"
    assert not track.key_frame_wanted
    assert subscription.numbers.first == track.ring.head - 2
    assert link.packets[0][12:] == KEY + bytes(1000)
    assert len(link.packets) == 3


def test_audio_begins_at_once(fanout: FanOut) -> None:
    track, link = Track(Format("audio", "opus", 48000), fanout, 16), Recorder()
    Source(track, 1).accept(rtp_packet(5, 5), 1.0)
    track.flush(1.0)
    subscription = Subscription(link, track, Sending(77, 111), replay_age=3.0)
    subscription.start(2.0)
    assert state_of(subscription) == "live"
    assert not link.packets


@given(
    st.integers(0, 65535),
    st.integers(0, 65535),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.floats(0.1, 25),
)
def test_a_publisher_that_returns_goes_on_where_the_last_one_stopped(
    first: int, second: int, stamp: int, other: int, absence: float
) -> None:
    port = DatagramPort("127.0.0.1", 0)
    try:
        track = video(FanOut(port))
        now = feed(Source(track, 1), first, 3, 10.0, stamp)
        head, last = track.ring.head, track._last_timestamp
        feed(Source(track, 2), second, 3, now + absence, other)
        assert track.ring.head == head + 9
        assert all(track.ring.get(sequence) is not None for sequence in range(head - 8, head + 10))
        gap = rtp.signed_distance(rtp.timestamp_of(track.ring.get(head + 1) or b""), last, 32)
        assert abs(gap - absence * 90000) <= 2
    finally:
        port.close()


def test_stragglers_from_before_a_source_began_are_left_out(fanout: FanOut) -> None:
    track = video(fanout)
    source = Source(track, 1)
    assert source.accept(rtp_packet(100, 0), 1.0)
    assert not source.accept(rtp_packet(99, 0), 1.0)
    assert not source.accept(rtp_packet(100, 0), 1.0)
    assert source.accept(rtp_packet(101, 0), 1.0)


def test_a_joiner_hears_at_once_what_time_it_is(fanout: FanOut) -> None:
    track, link = video(fanout), Recorder()
    source = Source(track, 1)
    now = feed(source, 1, 3, 10.0, stamp=500)
    source.sender_report(rtcp.SenderReport(1, 7 << 32, 500, 1, 1), now)
    subscription = Subscription(link, track, Sending(77, 101), replay_age=3.0)
    subscription.start(now + 2)
    (report,) = rtcp.parse_compound(link.reports[0])
    assert isinstance(report, rtcp.SenderReport)
    assert report.ssrc == 77
    assert report.ntp == 9 << 32
    expected = track._last_timestamp - 2 * 3000 + 2 * 90000 + subscription.numbers.timestamp_offset
    assert rtp.signed_distance(report.rtp_time, expected & 0xFFFFFFFF, 32) in {-1, 0, 1}


def test_a_publishers_clock_may_be_at_its_end(fanout: FanOut) -> None:
    track, link = video(fanout), Recorder()
    source = Source(track, 1)
    now = feed(source, 1, 3, 10.0)
    source.sender_report(rtcp.SenderReport(1, 2**64 - 1, 0, 2**32 - 1, 2**32 - 1), now)
    Subscription(link, track, Sending(77, 101), replay_age=9.0).start(now + 2)
    (report,) = rtcp.parse_compound(link.reports[0])
    assert isinstance(report, rtcp.SenderReport)
    assert report.ntp == (2 << 32) - 1


def test_the_ladder_is_of_the_layers_that_live_the_thinnest_first(fanout: FanOut) -> None:
    stream = Stream(Format("video", "VP8", 90000), ("f", "h", "q"), lambda each, rid: Track(each, fanout, 16, rid))
    ends = [feed(Source(track, 1), 1, frames, 10.0) for track, frames in zip(stream.layers, (30, 20, 5), strict=True)]
    now = max(ends)
    for track, rate in zip(stream.layers, (3e6, 1e6, 2e5), strict=True):
        track.counters.rate = rate
    assert stream.ladder(now) == [Layer("q", 2e5), Layer("h", 1e6), Layer("f", 3e6)]
    assert stream.ladder(now + 0.5) == [Layer("h", 1e6), Layer("f", 3e6)]
    stream.layers[1].counters.rate = 4e6
    assert [layer.rid for layer in stream.ladder(now + 0.6)] == ["f", "h"]
