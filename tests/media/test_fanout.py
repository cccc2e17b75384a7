"""The fan-out with real libsrtp sessions and real sockets: every viewer gets its own numbers, and the same payload."""

import errno
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylibsrtp import Session

from media import addresses, extensions, repair, rtcp, rtp
from media.audience import Audience
from media.batch_io import ffi
from media.batch_send import GSO_STRIDE, BatchSender, runs
from media.fanout import CHUNK, FanOut
from media.lane import Lane, Make
from media.port import DatagramPort
from media.ring import PacketRing
from tests.media.packets import rtp_packet
from tests.media.receivers import Offsets, Receiver


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


def vp8(picture: int, base: int, *, wide: bool) -> bytes:
    number = (0x8000 | picture).to_bytes(2, "big") if wide else bytes([picture])
    return b"\x90\xc0" + number + bytes([base]) + b"\x01 a frame"


@pytest.mark.parametrize("extension", [0, 3, 77])
@pytest.mark.parametrize("wide", [True, False])
def test_send_time_and_vp8s_own_numbers_are_each_viewers(
    port: tuple[DatagramPort, FanOut], receivers: list[Receiver], extension: int, wide: bool
) -> None:
    _, fanout = port
    lane = Lane(Make(16, extension), addresses.name_length(socket.AF_INET))
    for index in range(CHUNK + 2):
        receivers.append(Receiver(16, 1000 + index, numbers=Offsets(0, 0, 300 * index, 7 * index % 256)))
        lane.add(receivers[-1])
    last = (1 << 15) - 1 if wide else 127
    packets = [rtp_packet(n, 0, vp8((last + n) % (last + 1), (255 + n) % 256, wide=wide)) for n in range(4)]
    began = time.monotonic()
    fanout.forward(lane, [row(packet) for packet in packets])
    for receiver in receivers:
        got = [memoryview(each) for each in receiver.received()]
        assert len(got) == 4
        for n, packet in enumerate(got):
            if extension:
                sent = int.from_bytes(extensions.value(packet, extension) or b"", "big") / (1 << 18)
                assert (sent - began) % 64 < 1.0
            start, end = rtp.payload_span(packet)
            numbers = receiver.numbers
            picture = (last + n + numbers.picture_offset) % (last + 1)
            expected = vp8(picture, (255 + n + numbers.base_offset) % 256, wide=wide)
            assert packet[start:end] == expected


def test_packets_from_before_a_viewer_came_are_withheld_from_it_alone(
    port: tuple[DatagramPort, FanOut], receivers: list[Receiver]
) -> None:
    _, fanout = port
    audience = Audience(fanout, addresses.name_length(socket.AF_INET))
    ring = PacketRing(64)
    for number in (100, 102):
        assert ring.put(number, 0, 0, rtp_packet(number, 0)[12:], 1.0)
    receivers += [Receiver(16, 1, numbers=Offsets(first=101)), Receiver(16, 2), Receiver(16, 3, numbers=Offsets())]
    for receiver in receivers:
        audience.lane(Make(16)).add(receiver)
    audience.flush(ring, [100, 102], 1.0)
    assert [len(each.received()) for each in receivers] == [1, 2, 2]
    assert fanout.refused == 0


def test_red_holds_the_packet_before(port: tuple[DatagramPort, FanOut], receivers: list[Receiver]) -> None:
    _, fanout = port
    audience = Audience(fanout, addresses.name_length(socket.AF_INET))
    ring = PacketRing(64)
    receivers += [Receiver(16, 1, 63), Receiver(16, 2, 111)]
    audience.lane(Make(16, 0, 111)).add(receivers[0])
    audience.lane(Make(16)).add(receivers[1])
    for number, text in ((100, b"one"), (101, b"two"), (103, b"four")):
        ring.put(number, 960 * number, 0, memoryview(text), 1.0)
        audience.flush(ring, [number], 1.0)
    packed = [repair.unpack_red(memoryview(each)[12:]) for each in receivers[0].received()]
    found = [(bytes(last), [(older, bytes(block)) for older, block in rest]) for last, rest in packed]
    assert found == [(b"one", []), (b"two", [(960, b"one")]), (b"four", [])]
    assert [each[12:] for each in receivers[1].received()] == [b"one", b"two", b"four"]


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
    lane.names.rows[1] = np.frombuffer(addresses.to_name("127.0.0.1", 0, socket.AF_INET), np.uint8)  # no such port
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
    found = runs(lengths)
    assert [index for start, stop in found for index in range(start, stop)] == list(range(len(lengths)))
    for start, stop in found:
        sizes = lengths[start:stop]
        assert all(size == sizes[0] for size in sizes[:-1])
        assert sizes[-1] <= sizes[0]
        assert len(sizes) == 1 or sizes[0] <= GSO_STRIDE
    assert len(runs(lengths, gso=False)) == len(lengths)


def test_a_driver_that_refuses_gso_in_the_middle_costs_nobody_a_packet(receivers: list[Receiver]) -> None:
    opened = DatagramPort("127.0.0.1", 0)
    fanout = FanOut(opened)
    sender = fanout._sender
    assert isinstance(sender, BatchSender)
    kernel, calls = sender._call, []

    def refusing(descriptor: int, messages: Any, count: int, flags: int) -> int:
        calls.append(count)
        if not messages[0].msg_hdr.msg_controllen:
            return int(kernel(descriptor, messages, count, flags))
        if len(calls) > 1:
            ffi.errno = errno.EIO
            return -1
        return int(kernel(descriptor, messages, 2, flags))

    sender._call = refusing
    lane = Lane(Make(16), addresses.name_length(socket.AF_INET))
    for index in range(3):
        receivers.append(Receiver(16, 1000 + index))
        lane.add(receivers[-1])
    payloads = [bytes([number]) * size for number, size in enumerate((100, 100, 101, 101, 40))]
    fanout.forward(lane, [row(rtp_packet(number, 7, payload)) for number, payload in enumerate(payloads)])
    for receiver in receivers:
        assert [packet[12:] for packet in receiver.received()] == payloads
    assert not sender.gso
    assert (fanout.sent, fanout.dropped) == (15, 0)
    opened.close()


@given(st.lists(st.one_of(st.just("add"), st.integers(0, 100)), max_size=60))
def test_slots_stay_dense_whoever_leaves(steps: list[str | int]) -> None:
    @dataclass
    class Member:
        ssrc: int
        slot: int = -1
        payload_type: int = 96
        numbers: Offsets = field(default_factory=lambda: Offsets(3, 4))
        name: bytes = bytes(16)

        @property
        def handle(self) -> str:
            return f"session {self.ssrc}"

    lane, count = Lane(Make(16), 16), 0
    for step in steps:
        if isinstance(step, str):
            count += 1
            lane.add(Member(count))
        elif len(lane):
            lane.remove(lane.members[step % len(lane)])
        assert [member.slot for member in lane.members] == list(range(len(lane)))
        assert lane.ssrcs[: len(lane)].tolist() == [member.ssrc for member in lane.members]
        handles = [handle for handle, *_ in lane.calls_for(0, len(lane), 2, [[("packet", "length")] * 3] * 99)]
        assert handles == [member.handle for member in lane.members for _ in range(2)]
