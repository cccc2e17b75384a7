"""The fan-out with real libsrtp sessions and real sockets: every viewer gets its own numbers, and the same payload."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

from media import addresses, rtcp
from media.batch_io import BatchSender
from media.fanout import CHUNK, RUN, FanOut, runs
from media.lane import Lane, Make
from media.port import DatagramPort
from tests.media.packets import rtp_packet

KEY = bytes(range(28))
PROFILES = {16: Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 10: Policy.SRTP_PROFILE_AES128_CM_SHA1_80}


def session(tag_length: int, *, outbound: bool) -> Session:
    policy = Policy(
        key=KEY + b"xx",
        ssrc_type=Policy.SSRC_ANY_OUTBOUND if outbound else Policy.SSRC_ANY_INBOUND,
        srtp_profile=PROFILES[tag_length],
    )
    return Session(policy)


@dataclass
class Offsets:
    """A viewer's numbers."""

    sequence_offset: int = 0
    timestamp_offset: int = 0
    picture_offset: int = 0
    base_offset: int = 0
    first: int = 0


@dataclass
class Receiver:
    """A viewer: lane member on one side, socket and decrypting session on the other."""

    tag_length: int
    ssrc: int
    payload_type: int = 100
    numbers: Offsets = field(default_factory=Offsets)
    slot: int = -1

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.out = session(self.tag_length, outbound=True)
        self.into = session(self.tag_length, outbound=False)

    @property
    def name(self) -> bytes:
        return addresses.to_name("127.0.0.1", self.socket.getsockname()[1], socket.AF_INET)

    @property
    def handle(self) -> Any:
        return self.out._srtp[0]

    def received(self) -> list[bytes]:
        found = []
        while True:
            try:
                found.append(self.into.unprotect(self.socket.recv(2048)))
            except BlockingIOError:
                return found


@pytest.fixture(params=["gso", "batch", "plain"])
def port(request: pytest.FixtureRequest) -> Iterator[tuple[DatagramPort, FanOut]]:
    opened = DatagramPort("127.0.0.1", 0, plain=request.param == "plain")
    fanout = FanOut(opened)
    if request.param == "batch":
        assert isinstance(fanout._sender, BatchSender)
        fanout._sender.gso = False
    yield opened, fanout
    opened.close()


@pytest.fixture
def receivers() -> Iterator[list[Receiver]]:
    made: list[Receiver] = []
    yield made
    for receiver in made:
        receiver.socket.close()


def row(packet: memoryview) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], int]:
    kept = np.zeros(1504, np.uint8)
    kept[: len(packet)] = np.frombuffer(packet, np.uint8)
    return kept, len(packet)


@pytest.mark.parametrize("tag_length", [16, 10])
@pytest.mark.parametrize("viewers", [1, CHUNK + 3])
def test_each_viewer_gets_its_own_numbers_and_the_same_payload(
    port: tuple[DatagramPort, FanOut], receivers: list[Receiver], tag_length: int, viewers: int
) -> None:
    _, fanout = port
    lane = Lane(Make(tag_length), addresses.name_length(socket.AF_INET))
    for index in range(viewers):
        receivers.append(
            Receiver(tag_length, 1000 + index, 96 + index % 30, Offsets(7 * index, 2**32 - 50 * index - 1))
        )
        lane.add(receivers[-1])
    payloads = [bytes([n]) * 1100 for n in range(5)] + [b"short", b"longer than the one before"]
    packets = [rtp_packet(65533 + n, 90 + n, payload, marker=n == 6) for n, payload in enumerate(payloads)]
    fanout.forward(lane, [row(packet) for packet in packets])
    for receiver in receivers:
        got = receiver.received()
        assert [each[12:] for each in got] == payloads
        for n, each in enumerate(got):
            assert int.from_bytes(each[2:4], "big") == (65533 + n + receiver.numbers.sequence_offset) & 0xFFFF
            assert int.from_bytes(each[4:8], "big") == (90 + n + receiver.numbers.timestamp_offset) & 0xFFFFFFFF
            assert int.from_bytes(each[8:12], "big") == receiver.ssrc
            assert each[1] == (0x80 if n == 6 else 0) | receiver.payload_type
    assert fanout.sent == viewers * len(payloads)
    assert fanout.dropped == fanout.refused == 0


def test_what_libsrtp_refuses_never_leaves(port: tuple[DatagramPort, FanOut], receivers: list[Receiver]) -> None:
    _, fanout = port
    lane = Lane(Make(16), addresses.name_length(socket.AF_INET))
    receivers += [Receiver(16, 1), Receiver(16, 2), Receiver(16, 3)]
    for receiver in receivers:
        lane.add(receiver)
    refused = Session()  # a session without any stream refuses every packet
    lane.handles[1] = refused._srtp[0]
    fanout.forward(lane, [row(rtp_packet(1, 1, b"secret")), row(rtp_packet(2, 1, b"secret"))])
    assert fanout.refused == 2
    assert [len(each.received()) for each in (receivers[0], receivers[2])] == [2, 2]
    with pytest.raises(BlockingIOError):
        receivers[1].socket.recv(2048)


def test_a_peer_that_cannot_be_reached_does_not_stop_the_others(
    port: tuple[DatagramPort, FanOut], receivers: list[Receiver]
) -> None:
    _, fanout = port
    lane = Lane(Make(16), addresses.name_length(socket.AF_INET))
    receivers += [Receiver(16, 1), Receiver(16, 2), Receiver(16, 3)]
    for receiver in receivers:
        lane.add(receiver)
    lane.names[1] = np.frombuffer(addresses.to_name("127.0.0.1", 0, socket.AF_INET), np.uint8)  # no such port
    fanout.forward(lane, [row(rtp_packet(1, 1))])
    assert [len(each.received()) for each in (receivers[0], receivers[2])] == [1, 1]
    assert fanout.dropped == 1


def test_sender_reports_carry_each_viewers_numbers(
    port: tuple[DatagramPort, FanOut], receivers: list[Receiver]
) -> None:
    _, fanout = port
    lane = Lane(Make(16), addresses.name_length(socket.AF_INET))
    receivers += [Receiver(16, 70, numbers=Offsets(0, 2**32 - 1)), Receiver(16, 71, numbers=Offsets(0, 5))]
    for receiver in receivers:
        lane.add(receiver)
    packet = rtcp.sender_report(rtcp.SenderReport(0, 99, 1000, 3, 4)) + rtcp.source_description(0, "nearlive")
    fanout.report(lane, packet, 1000)
    for receiver, expected in zip(receivers, (999, 1005), strict=True):
        (report,) = rtcp.parse_compound(receiver.into.unprotect_rtcp(receiver.socket.recv(2048)))
        assert report == rtcp.SenderReport(receiver.ssrc, 99, expected, 3, 4)


@given(st.lists(st.integers(12, 1400), max_size=80))
def test_runs_keep_every_packet_in_order_and_suit_gso(lengths: list[int]) -> None:
    empty = np.zeros(1, np.uint8)
    found = runs([(empty, length) for length in lengths])
    assert [length for run in found for _, length in run] == lengths
    for run in found:
        sizes = [length for _, length in run]
        assert len(sizes) <= RUN
        assert all(size == sizes[0] for size in sizes[:-1])
        assert sizes[-1] <= sizes[0]


@given(st.lists(st.one_of(st.just("add"), st.integers(0, 100)), max_size=60))
def test_slots_stay_dense_whoever_leaves(steps: list[str | int]) -> None:
    @dataclass
    class Member:
        ssrc: int
        slot: int = -1
        payload_type: int = 96
        numbers: Offsets = field(default_factory=lambda: Offsets(3, 4))
        name: bytes = bytes(16)
        handle: Any = None

    lane, count = Lane(Make(16), 16), 0
    for step in steps:
        if isinstance(step, str):
            count += 1
            lane.add(Member(count))
        elif len(lane):
            lane.remove(lane.members[step % len(lane)])
        assert [member.slot for member in lane.members] == list(range(len(lane)))
        assert lane.ssrcs[: len(lane)].tolist() == [member.ssrc for member in lane.members]
        assert len(lane.handles_for(0, len(lane), 2)) == 2 * len(lane)
