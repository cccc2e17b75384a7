"""Whatever a viewer goes through, it sees one stream: numbers that go on, time that goes forward, nothing twice.

Real lanes, libsrtp and sockets; the layers are made here.
"""

import socket
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from media import picture_id, rtcp, rtp
from media.answer import Format
from media.fanout import FanOut
from media.outgoing import Sending
from media.port import DatagramPort
from media.subscription import CONGESTED, Subscription
from media.track import Source, Track
from tests.media.packets import rtp_packet
from tests.media.receivers import Receiver

MEDIA, REPAIR, NUMBER = 7, 8, 3
PARTS = 3  # packets of a frame


@dataclass
class Link(Receiver):
    """What carries the subscription; over "TCP" it goes by the same socket, so that the order is seen."""

    direct: bool = False
    backlog: int = 0
    created: float = 0.0
    paced: bool = False

    def pace(self) -> None:
        self.paced = True

    def send_rtp(self, packet: bytes) -> None:
        self.out_socket.sendto(self.out.protect(packet), self.socket.getsockname())

    def send_rtcp(self, packet: bytes) -> None:
        """Reports are tested elsewhere."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.out_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)

    def close(self) -> None:
        self.socket.close()
        self.out_socket.close()


@dataclass
class Layer:
    """A publisher's layer: every frame has its number, its layer and whether it is a key frame in it."""

    name: int
    source: Source
    sequence: int
    stamp: int
    picture: int
    base: int
    tells_clock: bool

    def packets(self, frame: int, *, key: bool) -> list[memoryview]:
        made = []
        for part in range(PARTS):
            number = (0x8000 | (self.picture + frame) & 0x7FFF).to_bytes(2, "big")
            head = bytes([0x90 if part == 0 else 0x80, 0xC0]) + number + bytes([(self.base + frame) & 255])
            text = bytes([0 if key and part == 0 else 1, self.name, key]) + frame.to_bytes(4, "big") + bytes(40)
            stamp = self.stamp + 3000 * frame
            made.append(rtp_packet(self.sequence + PARTS * frame + part, stamp, head + text, marker=part == PARTS - 1))
        return made

    def tell(self, frame: int, now: float) -> None:
        if self.tells_clock:
            ntp = int((1000 + frame / 30) * (1 << 32))
            self.source.sender_report(rtcp.SenderReport(1, ntp, (self.stamp + 3000 * frame) % 2**32, 1, 1), now)


@dataclass(frozen=True)
class Seen:
    sequence: int
    stamp: int
    picture: int
    base: int
    layer: int
    frame: int
    key: bool


def read(packet: bytes) -> tuple[int, Seen]:
    """The SSRC, and what is in it; of RTX the original's sequence number."""
    start, end = rtp.payload_span(packet)
    payload, sequence = packet[start:end], int.from_bytes(packet[2:4], "big")
    ssrc = int.from_bytes(packet[8:12], "big")
    if ssrc == REPAIR:
        sequence, payload = int.from_bytes(payload[:2], "big"), payload[2:]
    numbers = picture_id.read(payload)
    assert numbers is not None
    layer, key, frame = payload[6], bool(payload[7]), int.from_bytes(payload[8:12], "big")
    return ssrc, Seen(sequence, rtp.timestamp_of(packet), numbers.picture, numbers.base, layer, frame, key)


@dataclass
class Stage:
    """Three layers and one viewer."""

    direct: bool
    clocks: bool
    seeds: list[int]
    seen: list[Seen] = field(default_factory=list)
    repaired: list[Seen] = field(default_factory=list)
    frame: int = 0
    now: float = 100.0
    late: list[tuple[int, memoryview]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = DatagramPort("127.0.0.1", 0)
        fanout = FanOut(self.port)
        self.tracks = [Track(Format("video", "VP8", 90000), fanout, 16, rid) for rid in "qhf"]
        self.layers = [
            Layer(
                index,
                Source(track, index),
                seed % 65536,
                seed * 7919 % 2**32,
                seed * 31 % 32768,
                seed % 256,
                self.clocks,
            )
            for index, (track, seed) in enumerate(zip(self.tracks, self.seeds, strict=True))
        ]
        self.link = Link(16, MEDIA, direct=self.direct)
        sending = Sending(MEDIA, 101, (REPAIR, 102), NUMBER)
        self.viewer = Subscription(self.link, self.tracks[0], sending, replay_age=3.0)

    def drain(self) -> None:
        for packet in self.link.received():
            ssrc, seen = read(packet)
            (self.repaired if ssrc == REPAIR else self.seen).append(seen)

    def step(self, keys: set[int], *, whole: bool, lost: int | None) -> None:
        """One frame of every layer, sent on in one go or packet by packet."""
        for layer, track in zip(self.layers, self.tracks, strict=True):
            for part, packet in enumerate(layer.packets(self.frame, key=layer.name in keys)):
                if part == lost:
                    self.late.append((layer.name, packet))
                    continue
                layer.source.accept(packet, self.now)
                if not whole:
                    track.flush(self.now)
            layer.tell(self.frame, self.now)
            if track.pending:
                track.flush(self.now)
        self.frame += 1
        self.now += 1 / 30
        self.drain()

    def repair_from_publisher(self) -> None:
        """What was lost on the way to us comes late."""
        for name, packet in self.late:
            self.layers[name].source.accept(packet, self.now)
            if self.tracks[name].pending:
                self.tracks[name].flush(self.now)
        self.late.clear()
        self.drain()

    def act(self, action: str, number: int) -> None:
        if action == "aim":
            self.viewer.aim(self.tracks[number % 3])
        elif action == "pause":
            self.viewer.pause(self.now)
        elif action == "start" and self.viewer.state == "paused":
            self.viewer.start(self.now)
        elif action == "hush" and self.viewer.state in {"live", "replaying"}:
            self.viewer.hush(self.now)
        elif action == "full":
            self.link.backlog = CONGESTED + 1 if self.direct else 0
        elif action == "drained":
            self.link.backlog = 0
        elif action == "narrow":
            self.viewer.tune(narrow=bool(number % 2), lossy=False)
        elif action == "late":
            self.repair_from_publisher()
        elif action == "move":
            self.link.direct = not self.link.direct
            self.link.backlog = 0
            self.viewer.moved()
        self.viewer.advance(4000, self.now)
        self.drain()

    def close(self) -> None:
        self.viewer.end()
        self.link.close()
        self.port.close()


ACTIONS = st.tuples(
    st.sampled_from(["", "", "aim", "pause", "start", "hush", "full", "drained", "narrow", "late", "move"]),
    st.integers(0, 5),
    st.sets(st.integers(0, 2)),
    st.booleans(),
    st.sampled_from([None, None, 0, 1, 2]),
)


def play(stage: Stage, steps: list[Any]) -> None:
    stage.step({0, 1, 2}, whole=True, lost=None)
    stage.viewer.start(stage.now)
    stage.drain()
    for action, number, keys, whole, lost in steps:
        stage.act(action, number)
        stage.step(keys, whole=whole, lost=lost)


@settings(max_examples=80)
@given(
    st.lists(ACTIONS, max_size=40),
    st.booleans(),
    st.booleans(),
    st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3),
)
def test_one_stream_for_any_sequence_of_events(steps: list[Any], direct: bool, clocks: bool, seeds: list[int]) -> None:
    stage = Stage(direct, clocks, seeds)
    try:
        play(stage, [(*step[:4], None) for step in steps if step[0] != "late"])
        seen = stage.seen
        assert all((b.sequence - a.sequence) & 0xFFFF == 1 for a, b in pairwise(seen))
        for a, b in pairwise(seen):
            ahead = rtp.signed_distance(b.stamp, a.stamp, 32)
            assert ahead >= 0
            assert (b.picture - a.picture) & 0x7FFF == (b.base - a.base) & 0xFF == (ahead > 0)
            goes_on = b.layer == a.layer and b.frame - a.frame == (ahead > 0)
            assert goes_on or (b.key and ahead > 0)  # a key frame may come again, after a pause
    finally:
        stage.close()


@settings(max_examples=80)
@given(
    st.lists(ACTIONS, max_size=40),
    st.booleans(),
    st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3),
)
def test_no_number_is_used_twice_though_packets_come_late(steps: list[Any], direct: bool, seeds: list[int]) -> None:
    stage = Stage(direct, True, seeds)
    try:
        play(stage, steps)
        meant: dict[int, tuple[int, int]] = {}
        for each in stage.seen:
            assert each.sequence not in meant
            meant[each.sequence] = each.layer, each.frame
        before = list(stage.seen)
        for each in before[-60:]:
            stage.viewer.repairs.retransmit(each.sequence, stage.viewer.current)
        stage.drain()
        assert stage.repaired == before[-60:]
    finally:
        stage.close()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=5, max_size=60),
    st.booleans(),
    st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3),
)
def test_layers_are_lined_up_in_time(wishes: list[tuple[int, bool]], clocks: bool, seeds: list[int]) -> None:
    stage = Stage(False, clocks, seeds)
    try:
        stage.step({0, 1, 2}, whole=True, lost=None)
        stage.viewer.start(stage.now)
        stage.drain()
        for wish, key in wishes:
            stage.viewer.aim(stage.tracks[wish])
            stage.step({wish} if key else set(), whole=True, lost=None)
        first = stage.seen[0]
        for each in stage.seen:
            passed = 3000 * (each.frame - first.frame)
            assert (
                abs(rtp.signed_distance(each.stamp, (first.stamp + passed) % 2**32, 32)) < 9
            )  # a tenth of a millisecond
    finally:
        stage.close()
