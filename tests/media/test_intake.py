"""What a publisher sends finds its track: layers by rid, retransmissions and redundant audio in their old places."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import extensions, repair, rtp, sdp
from media.answer import Format, Kind, agree_publisher
from media.errors import MalformedPacketError
from media.fanout import FanOut
from media.intake import SSRCS, Intake
from media.meter import PATIENCE, Meter
from media.port import DatagramPort
from media.stream import Stream
from media.track import Track
from tests.media.offers import simulcast
from tests.media.packets import DELTA, KEY, rtp_packet
from tests.media.test_twcc import read

RID, REPAIRED, COUNTER = 10, 11, 3
VP8, RTX, OPUS, RED = 96, 97, 111, 63
RIDS = ("q", "h", "f")


def extended(packet: memoryview, **values: bytes) -> memoryview:
    """With header extensions in the one-byte form: rid, repaired, counter."""
    numbers = {"rid": RID, "repaired": REPAIRED, "counter": COUNTER}
    block = b"".join(bytes([numbers[name] << 4 | len(value) - 1]) + value for name, value in values.items())
    block += bytes(-len(block) % 4)
    head = bytes([packet[0] | 0x10]) + bytes(packet[1:12])
    return memoryview(head + b"\xbe\xde" + (len(block) // 4).to_bytes(2, "big") + block + bytes(packet[12:]))


class Publisher:
    """An intake with its streams, as a session has it."""

    def __init__(self, fanout: FanOut, offer: str) -> None:
        agreed = agree_publisher(sdp.parse_offer(offer), {"video": Format("video", "VP8", 90000)})
        self.intake = Intake(agreed)
        self.streams: dict[Kind, Stream] = {}
        for each in agreed:
            assert each.track is not None
            self.streams[each.track.kind] = Stream(
                each.track, each.rids or ("",), lambda track_format, rid: Track(track_format, fanout, 16, rid)
            )
        self.intake.attach(self.streams)

    def send(self, packet: memoryview, now: float = 1.0) -> None:
        ssrc = int.from_bytes(packet[8:12], "big")
        if self.intake.expects(ssrc, packet[1] & 0x7F):
            self.intake.take(ssrc, packet, now)

    def layer(self, rid: str) -> Track:
        found = self.streams["video"].layer(rid)
        assert found is not None
        return found

    def payloads(self, rid: str) -> list[bytes]:
        return contents(self.layer(rid))


def contents(track: Track) -> list[bytes]:
    """The payloads of a track, from its first packet on; b"" for each that is missing."""
    numbers = range(1 << 16, track.ring.head + 1)
    return [bytes((track.ring.get(number) or bytes(12))[rtp.HEADER :]) for number in numbers]


def original(ssrc: int, sequence: int, payload: bytes = DELTA, rid: str = "") -> memoryview:
    packet = rtp_packet(sequence, 3000 * sequence, payload, ssrc=ssrc, payload_type=VP8)
    return extended(packet, rid=rid.encode()) if rid else packet


def again(ssrc: int, sequence: int, payload: bytes, rid: str = "", at: int = 500) -> memoryview:
    """What repairs the packet of this sequence number."""
    inner = sequence.to_bytes(2, "big") + payload
    packet = rtp_packet(at, 3000 * sequence, inner, ssrc=ssrc, payload_type=RTX)
    return extended(packet, repaired=rid.encode()) if rid else packet


@pytest.fixture
def fanout() -> Iterator[FanOut]:
    port = DatagramPort("127.0.0.1", 0)
    yield FanOut(port)
    port.close()


@pytest.fixture
def publisher(fanout: FanOut) -> Publisher:
    return Publisher(fanout, simulcast())


def test_layers_are_told_by_the_rid_of_their_first_packets(publisher: Publisher) -> None:
    for index, rid in enumerate(RIDS):
        publisher.send(original(100 + index, 7, KEY + rid.encode(), rid))
        publisher.send(original(100 + index, 8, DELTA + rid.encode()))  # acknowledged: the rid is left out
    for rid in RIDS:
        assert publisher.payloads(rid) == [KEY + rid.encode(), DELTA + rid.encode()]
        assert publisher.layer(rid).key_frame_wanted
    assert [track.rid for track in publisher.streams["video"].layers] == list(RIDS)


def test_a_packet_that_names_no_layer_is_nobodys(publisher: Publisher) -> None:
    publisher.send(original(1, 7))
    publisher.send(original(2, 7, rid="x"))
    publisher.send(extended(rtp_packet(7, 7, ssrc=3, payload_type=VP8), rid=b"\xff\xfe"))
    assert not publisher.intake.sources
    publisher.send(original(1, 8, rid="h"))
    assert publisher.payloads("h") == [DELTA]


def test_layers_come_and_go(publisher: Publisher) -> None:
    for sequence in range(40):
        now = 10 + sequence / 8
        publisher.send(original(1, sequence, rid="q"), now)
        if not 10 <= sequence < 30:
            publisher.send(original(2, sequence, rid="f"), now)
        living = {track.rid for track in publisher.streams["video"].layers if track.alive(now)}
        assert living == ({"q"} if 17 <= sequence < 30 else {"q", "f"})


def test_a_new_ssrc_takes_over_its_layer_and_the_old_one_is_over(publisher: Publisher) -> None:
    publisher.send(original(1, 100, b"\x10\x01a", "f"), 1.0)
    publisher.send(original(2, 9000, b"\x10\x01b", "f"), 1.1)
    publisher.send(original(1, 101, b"\x10\x01c", "f"), 1.2)
    publisher.send(original(2, 9001, b"\x10\x01d", "f"), 1.3)
    assert publisher.payloads("f") == [b"\x10\x01a", b"\x10\x01b", b"\x10\x01d"]
    assert list(publisher.intake.sources) == [2]


def test_the_number_of_ssrcs_is_bounded(publisher: Publisher) -> None:
    for ssrc in range(1000):
        publisher.send(original(ssrc + 1, 5, rid="f"))
    assert not publisher.intake.expects(5000, VP8)
    assert len(publisher.intake._retired) + len(publisher.intake.sources) == SSRCS


@pytest.mark.parametrize("named", ["f", ""])
@given(lost=st.sets(st.integers(1, 48), max_size=20), first=st.integers(65480, 65536))
@settings(max_examples=15)
def test_retransmissions_come_back_in_their_places(named: str, lost: set[int], first: int) -> None:
    """By the repaired rid, or without it because one layer alone misses them; then the ring has no hole."""
    port = DatagramPort("127.0.0.1", 0)
    try:
        sender = Publisher(FanOut(port), simulcast())
        payloads = [DELTA + bytes([index]) for index in range(50)]
        for index, payload in enumerate(payloads):
            sender.send(original(1, 30000 + index, payload, "q"))
            if index not in lost:
                sender.send(original(2, (first + index) & 0xFFFF, payload, "f"))
        assert sender.intake.sources[2].reception.lost == len(lost)
        for index in lost:
            sender.send(again(9, (first + index) & 0xFFFF, payloads[index], named, 500 + index))
        assert sender.payloads("f") == sender.payloads("q") == payloads
        assert sender.intake.sources[2].reception.lost == 0
        assert sender.layer("f").counters.repaired == len(lost)
        block = sender.intake.sources[2].reception.report(2, 2.0)
        assert block.lost == len(lost)  # the network did lose them
    finally:
        port.close()


def test_what_is_not_missed_is_not_taken_again(publisher: Publisher) -> None:
    for sequence in (1, 2, 4):
        publisher.send(original(2, sequence, DELTA + bytes([sequence]), "f"))
    publisher.send(again(9, 2, b"another", "f"))
    publisher.send(again(9, 3, b"", "f"))  # padding, as probes are
    publisher.send(again(9, 9, b"from the future", "f"))
    assert publisher.payloads("f") == [DELTA + b"\1", DELTA + b"\2", b"", DELTA + b"\4"]
    publisher.send(again(9, 3, DELTA + b"\3", "f"))
    publisher.send(again(9, 3, DELTA + b"?", "f"))
    assert publisher.payloads("f")[2] == DELTA + b"\3"


def test_the_group_of_the_sdp_tells_who_repairs_whom(fanout: FanOut) -> None:
    offer = simulcast(layers=(), more="a=ssrc-group:FID 2 9\r\na=ssrc:2 cname:x\r\na=ssrc:9 cname:x\r\n")
    publisher = Publisher(fanout, offer)
    publisher.send(original(2, 1, b"\x10\x01a"))
    publisher.send(original(2, 3, b"\x10\x01c"))
    publisher.send(again(9, 2, b"\x10\x01b"))
    assert contents(publisher.streams["video"].layers[0]) == [b"\x10\x01a", b"\x10\x01b", b"\x10\x01c"]


# ---- redundant audio


def red(sequence: int, blocks: list[bytes], ssrc: int = 7) -> memoryview:
    """RFC 2198: the oldest first, the last one is the primary; 960 clock units apart."""
    payload = b""
    for back, block in zip(range(len(blocks) - 1, 0, -1), blocks, strict=False):
        payload += ((0x80 | OPUS) << 24 | 960 * back << 10 | len(block)).to_bytes(4, "big")
    payload += bytes([OPUS]) + b"".join(blocks)
    return rtp_packet(sequence, 960 * sequence, payload, ssrc=ssrc, payload_type=RED)


@given(st.integers(1, 3), st.sets(st.integers(1, 60)), st.integers(0, 65535))
@settings(max_examples=30)
def test_redundancy_fills_what_was_lost(depth: int, lost: set[int], first: int) -> None:
    port = DatagramPort("127.0.0.1", 0)
    try:
        sender = Publisher(FanOut(port), simulcast())
        voice = [b"opus" + bytes([index]) for index in range(64)]
        for index in range(64):
            if index not in lost:
                sender.send(red(first + index, voice[max(0, index - depth) : index + 1]))
        beyond = {i for i in lost if all(i + back in lost for back in range(1, depth + 1))}
        got = contents(sender.streams["audio"].layers[0])
        assert got == [b"" if index in beyond else voice[index] for index in range(64)]
        stamps = [rtp.timestamp_of(p) for n in range(1 << 16, (1 << 16) + 64) if (p := _packet(sender, n)) is not None]
        assert all(stamp % 960 == 0 for stamp in stamps)
    finally:
        port.close()


def _packet(publisher: Publisher, number: int) -> memoryview | None:
    return publisher.streams["audio"].layers[0].ring.get(number)


def test_red_and_plain_opus_may_take_turns(publisher: Publisher) -> None:
    publisher.send(rtp_packet(1, 960, b"one", ssrc=7, payload_type=OPUS))
    publisher.send(red(2, [b"two"]))
    publisher.send(rtp_packet(3, 2880, b"three", ssrc=7, payload_type=OPUS))
    assert contents(publisher.streams["audio"].layers[0]) == [b"one", b"two", b"three"]


@given(st.binary(max_size=60))
def test_any_payload_is_red_or_refused(payload: bytes) -> None:
    try:
        primary, earlier = repair.unpack_red(memoryview(payload))
    except MalformedPacketError:
        return
    assert len(primary) + sum(len(block) for _, block in earlier) < len(payload)
    assert all(0 <= offset < 1 << 14 for offset, _ in earlier)


@given(st.binary(min_size=12, max_size=80), st.sampled_from([VP8, RTX, OPUS, RED, 1]), st.integers(1, 30))
def test_whatever_is_decrypted_nothing_else_is_raised(packet: bytes, payload_type: int, ssrc: int) -> None:
    port = DatagramPort("127.0.0.1", 0)
    try:
        sender = Publisher(FanOut(port), simulcast())
        sender.send(original(1, 1, rid="f"))
        mangled = bytes([0x80 | packet[0] & 0x3F, payload_type]) + packet[2:8] + ssrc.to_bytes(4, "big") + packet[12:]
        try:
            sender.send(memoryview(mangled))
        except MalformedPacketError:
            return
    finally:
        port.close()


# ---- header extensions, and the limit


@given(st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16)), st.integers(0, 3), st.booleans())
def test_extensions_are_found_in_both_forms(values: dict[int, bytes], padding: int, long: bool) -> None:
    block = bytes(padding)
    for number, value in values.items():
        block += bytes([number, len(value)]) if long else bytes([number << 4 | len(value) - 1])
        block += value + bytes(padding)
    block += bytes(-len(block) % 4)
    profile = b"\x10\x00" if long else b"\xbe\xde"
    head = bytes([0x90, 96]) + bytes(10)
    packet = memoryview(head + profile + (len(block) // 4).to_bytes(2, "big") + block + b"payload")
    for number in range(1, 15):
        found = extensions.value(packet, number)
        assert (None if found is None else bytes(found)) == values.get(number)
    assert extensions.value(packet, 0) is None


@given(st.binary(min_size=12, max_size=60), st.integers(0, 255))
def test_extensions_of_anything(packet: bytes, number: int) -> None:
    found = extensions.value(memoryview(packet), number)
    assert found is None or len(found) <= len(packet) - 16


def test_transport_feedback_counts_every_packet(publisher: Publisher) -> None:
    """Also retransmissions, audio, and what belongs to nobody."""
    packets = [
        extended(rtp_packet(1, 1, ssrc=1, payload_type=VP8), rid=b"f", counter=b"\0\1"),
        extended(rtp_packet(9, 1, b"\0\5x", ssrc=9, payload_type=RTX), repaired=b"f", counter=b"\0\2"),
        extended(rtp_packet(1, 960, ssrc=7, payload_type=OPUS), counter=b"\0\3"),
        extended(rtp_packet(1, 1, ssrc=55, payload_type=VP8), counter=b"\0\4"),
    ]
    for number, packet in enumerate(packets):
        publisher.send(packet, 1.0 + number / 100)
    assert publisher.intake.arrivals is not None
    (feedback,) = publisher.intake.arrivals.due(1, 1, 5.0)
    assert [number for number, at in read(feedback)[2].items() if at is not None] == [1, 2, 3, 4]


def test_a_meter_lets_bursts_through_and_floods_not() -> None:
    meter = Meter(100, 800_000, 0.0)
    assert all(meter.admits(1000, 0.0) for _ in range(200))  # two seconds' worth at once
    assert not meter.admits(1000, 0.0)
    assert [meter.admits(1000, 0.1) for _ in range(11)] == [True] * 10 + [False]
    meter = Meter(100, 800_000, 0.0)
    assert sum(meter.admits(10, second / 100) for second in range(1000) for _ in range(10)) <= 200 + 1000
    assert meter.second()
    assert meter.second()
    for second in range(PATIENCE):
        while meter.admits(100_000, 20.0 + second):
            pass
        assert meter.second() == (second < PATIENCE - 1)
