"""How large a picture is, as key frames tell it: of real encoders, of every SPS that can be written, of noise."""

from collections.abc import Iterator
from fractions import Fraction

import aiortc.codecs.h264
import aiortc.codecs.vpx
import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import h264, vp8
from media.answer import Format
from media.fanout import FanOut
from media.port import DatagramPort
from media.track import Track
from tests.media.nodes import Served, until
from tests.media.peers import HEIGHT, WIDTH, Cast, video_of

SIZES = [(1920, 1080), (1080, 1920), (540, 960), (322, 242), (16, 16), (2, 34), (1280, 720)]
FULL = [(1919, 1079), (321, 241), (17, 15)]  # odd ones are possible with 4:4:4 alone


def encoded(codec: str, size: tuple[int, int], pixels: str = "yuv420p", **options: str) -> list[bytes]:
    """The payloads of a real encoder's first frame."""
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.time_base = pixels, Fraction(1, 90_000)
    encoder.options = options
    frame = av.VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8), format="rgb24").reformat(
        format=pixels
    )
    frame.pts = 0
    packet = [*encoder.encode(frame), *encoder.encode(None)][0]
    packet.time_base = Fraction(1, 90_000)
    packer = aiortc.codecs.h264.H264Encoder() if codec == "libx264" else aiortc.codecs.vpx.Vp8Encoder()
    return packer.pack(packet)[0]


def told(payloads: list[bytes]) -> list[tuple[int, int]]:
    found = [h264.picture_size(payload) for payload in payloads]
    return [size for size in found if size is not None]


@pytest.mark.parametrize("profile", ["baseline", "main", "high"])
@pytest.mark.parametrize("size", SIZES)
def test_of_x264(size: tuple[int, int], profile: str) -> None:
    assert told(encoded("libx264", size, preset="ultrafast", tune="zerolatency", profile=profile)) == [size]


@pytest.mark.parametrize(
    ("pixels", "size"),
    [*(("yuv444p", size) for size in FULL), ("yuv422p", (642, 361)), ("gray", (641, 361)), ("yuv420p10le", (642, 362))],
)
def test_of_x264_with_other_colours(pixels: str, size: tuple[int, int]) -> None:
    assert told(encoded("libx264", size, pixels, preset="ultrafast", tune="zerolatency")) == [size]


@pytest.mark.parametrize("parameters", ["interlaced=1", "cqm=jvt", "interlaced=1:cqm=jvt"])
def test_of_x264_in_fields_and_with_scaling_lists(parameters: str) -> None:
    options = {"preset": "medium", "tune": "zerolatency", "x264-params": parameters}
    assert told(encoded("libx264", (1920, 1080), **options)) == [(1920, 1080)]


@pytest.mark.parametrize("size", [*SIZES, *FULL])
def test_of_libvpx(size: tuple[int, int]) -> None:
    first, *others = encoded("libvpx", size, deadline="realtime", **{"lag-in-frames": "0"})
    assert vp8.picture_size(first) == size
    assert not any(vp8.picture_size(payload) for payload in others)


class Writer:
    """Bits as H.264 9.1 writes them."""

    def __init__(self) -> None:
        self.bits = ""

    def put(self, value: int, count: int) -> None:
        self.bits += f"{value:0{count}b}"

    def code(self, value: int) -> None:
        digits = f"{value + 1:b}"
        self.bits += "0" * (len(digits) - 1) + digits

    def signed(self, value: int) -> None:
        self.code(2 * value - 1 if value > 0 else -2 * value)

    def unit(self) -> bytes:
        """An SPS, with the bytes in it that keep it from looking like a start code (7.4.1)."""
        bits = self.bits + "1"
        bits += "0" * (-len(bits) % 8)
        unit, zeros = bytearray([0x67]), 0
        for byte in int(bits, 2).to_bytes(len(bits) // 8, "big"):
            if zeros == 2 and byte <= 3:
                unit.append(3)
                zeros = 0
            unit.append(byte)
            zeros = 0 if byte else zeros + 1
        return bytes(unit)


def scaling_list(draw: st.DrawFn, out: Writer, size: int) -> None:
    """A full list of scales, or one that ends early."""
    last = 8
    scales = draw(st.lists(st.integers(1, 255), max_size=size))
    for scale in scales:
        out.signed((scale - last + 128) % 256 - 128)
        last = scale
    if len(scales) < size:
        out.signed((-last + 128) % 256 - 128)


def colours(draw: st.DrawFn, out: Writer) -> tuple[int, int]:
    """The part that high profiles have; what a unit of cropping is in samples, across and down."""
    chroma = draw(st.integers(0, 3))
    out.code(chroma)
    separate = draw(st.booleans()) if chroma == 3 else False
    if chroma == 3:
        out.put(separate, 1)
    out.code(draw(st.integers(0, 6)))
    out.code(draw(st.integers(0, 6)))
    out.put(draw(st.integers(0, 1)), 1)
    lists = draw(st.booleans())
    out.put(lists, 1)
    if lists:
        for index in range(12 if chroma == 3 else 8):
            present = draw(st.booleans())
            out.put(present, 1)
            if present:
                scaling_list(draw, out, 16 if index < 6 else 64)
    return {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}[chroma]


def picture_order(draw: st.DrawFn, out: Writer) -> None:
    kind = draw(st.integers(0, 2))
    out.code(kind)
    if kind == 0:
        out.code(draw(st.integers(0, 12)))
    if kind == 1:
        out.put(draw(st.integers(0, 1)), 1)
        offsets = draw(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=6))
        out.signed(draw(st.integers(-(2**31) + 1, 2**31 - 1)))
        out.signed(0)
        out.code(len(offsets))
        for offset in offsets:
            out.signed(offset)


@st.composite
def parameter_sets(draw: st.DrawFn) -> tuple[bytes, tuple[int, int]]:
    """An SPS by the table of 7.3.2.1.1, and the size that it means."""
    out = Writer()
    profile = draw(st.sampled_from([66, 77, 88, 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]))
    out.put(profile, 8)
    out.put(draw(st.integers(0, 0xFFFF)), 16)
    out.code(draw(st.integers(0, 31)))
    across, down = (2, 2) if profile in {66, 77, 88} else colours(draw, out)
    out.code(draw(st.integers(0, 12)))
    picture_order(draw, out)
    out.code(draw(st.integers(0, 16)))
    out.put(draw(st.integers(0, 1)), 1)
    columns, rows, frames = draw(st.integers(1, 300)), draw(st.integers(1, 300)), draw(st.integers(0, 1))
    out.code(columns - 1)
    out.code(rows - 1)
    out.put(frames, 1)
    if not frames:
        out.put(draw(st.integers(0, 1)), 1)
    out.put(draw(st.integers(0, 1)), 1)
    width, height, down = 16 * columns, 16 * rows * (2 - frames), down * (2 - frames)
    cropped = draw(st.booleans())
    out.put(cropped, 1)
    if cropped:
        left, right, top, bottom = (draw(st.integers(0, 3)) for _ in range(4))
        for edge in (left, right, top, bottom):
            out.code(edge)
        width, height = width - across * (left + right), height - down * (top + bottom)
    out.put(draw(st.integers(0, 1)), 1)  # vui_parameters_present_flag
    return out.unit(), (width, height)


@given(parameter_sets())
def test_every_sps_is_read(made: tuple[bytes, tuple[int, int]]) -> None:
    unit, size = made
    expected = size if min(size) > 0 else None
    assert h264.picture_size(unit) == expected
    pps = b"\x68\xee\x38\x80"
    stap = b"\x78" + b"".join(len(each).to_bytes(2, "big") + each for each in (unit, pps))
    assert h264.picture_size(memoryview(stap)) == expected


def sound(size: tuple[int, int] | None) -> bool:
    return size is None or all(0 < side <= 16384 for side in size)


@given(parameter_sets(), st.integers(0, 400), st.binary(max_size=30), st.integers(0, 400))
def test_a_broken_sps_is_no_fault(made: tuple[bytes, object], cut: int, noise: bytes, at: int) -> None:
    unit = made[0]
    assert sound(h264.picture_size(unit[:cut]))
    assert sound(h264.picture_size(unit[:at] + noise + unit[at:]))


@given(
    st.sampled_from([b"", b"\x67", b"\x67\x42\xc0\x1f", b"\x67\x64\0\x1f", b"\x78\0\x40\x67", b"\x10\0"]), st.binary()
)
def test_anything_is_no_fault(start: bytes, rest: bytes) -> None:
    assert sound(h264.picture_size(start + rest))
    assert sound(vp8.picture_size(start + rest))


def test_a_code_without_end_is_no_sps() -> None:
    assert h264.picture_size(b"\x67\x42\xc0\x1f" + bytes(1400)) is None


@given(st.integers(1, 0x3FFF), st.integers(1, 0x3FFF), st.integers(0, 3), st.integers(0, 3), st.integers(0, 9))
def test_every_vp8_header_is_read(width: int, height: int, across: int, down: int, cut: int) -> None:
    sides = (width | across << 14).to_bytes(2, "little") + (height | down << 14).to_bytes(2, "little")
    header = b"\x10\x02\x00\x9d\x01\x2a" + sides
    assert vp8.picture_size(b"\x90\x80\x85\x01" + header + b"more") == (width, height)
    assert vp8.picture_size(b"\x10" + header[:cut]) is None
    assert vp8.picture_size(b"\x10\x11" + header[1:]) is None  # no key frame
    assert vp8.picture_size(b"\x00" + header) is None  # not its first packet
    assert vp8.picture_size(b"\x10\x10\x02\x00\x9d\x01\x2b" + sides) is None


@pytest.fixture
def fanout() -> Iterator[FanOut]:
    port = DatagramPort("127.0.0.1", 0)
    yield FanOut(port)
    port.close()


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_a_track_is_as_large_as_its_last_key_frame(fanout: FanOut, codec: str) -> None:
    track = Track(Format("video", "H264" if codec == "H264" else "VP8", 90_000), fanout, 16)
    sequence = timestamp = 1 << 16

    def send(payloads: list[bytes]) -> None:
        nonlocal sequence, timestamp
        for payload in payloads:
            marker = 0x80 if payload is payloads[-1] else 0
            track.put(sequence, timestamp, marker, memoryview(payload), timestamp / 90_000)
            sequence += 1
        timestamp += 3000
        track.flush(timestamp / 90_000)

    assert track.size == (0, 0)
    for size in ((640, 360), (1080, 1920)):
        frame = encoded("libx264" if codec == "H264" else "libvpx", size)
        send(frame)
        assert track.size == size
        send([b"\x41delta"] if codec == "H264" else [b"\x10\x01delta"])
        assert track.size == size
    without = [b"\x65picture", b"\x65picture"] if codec == "H264" else [b"\x10\x00\0\0broken one"]
    send(without)
    assert track.counters.key_frames == 3
    assert track.size == (1080, 1920)


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_a_node_tells_the_size(served: Served, people: Cast, codec: str) -> None:
    await people.publish(served, codec)
    await until(lambda: video_of(served).size == (WIDTH, HEIGHT), what="the size")
    found = await served.client.show("demo")
    assert found is not None
    assert {(each.kind, each.width, each.height) for each in found.tracks} == {
        ("video", WIDTH, HEIGHT),
        ("audio", 0, 0),
    }
