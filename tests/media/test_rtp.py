"""Arithmetic on wrapping counters, and headers that lie."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from media import h264, rtp, vp8
from media.errors import MalformedPacketError


@given(st.integers(0, 2**40), st.integers(-32768, 32767))
def test_extension_is_the_nearest(reference: int, distance: int) -> None:
    true = reference + distance
    assert rtp.extend(true & 0xFFFF, reference) == true


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31), 2**31 - 1))
def test_distance_undoes_addition(start: int, distance: int) -> None:
    assert rtp.signed_distance((start + distance) & 0xFFFFFFFF, start, 32) == distance


@given(st.binary(max_size=80))
def test_payload_span_stays_inside(packet: bytes) -> None:
    with contextlib.suppress(MalformedPacketError):
        start, end = rtp.payload_span(packet)
        assert rtp.HEADER <= start <= end <= len(packet)


def test_payload_past_csrcs_extension_and_padding() -> None:
    header = bytes([0x80 | 0x20 | 0x10 | 1, 96]) + bytes(10)
    packet = header + bytes(4) + b"\xbe\xde\0\1abcd" + b"payload" + b"\0\0\3"
    start, end = rtp.payload_span(packet)
    assert packet[start:end] == b"payload"


@given(st.binary(max_size=100))
def test_payload_readers_take_anything(payload: bytes) -> None:
    h264.carries_key_frame(payload)
    vp8.carries_key_frame(payload)
    h264.annex_b([payload])
    vp8.frame([payload])


def test_h264_fragments_come_back_as_one_unit() -> None:
    unit = bytes([0x65]) + bytes(range(200)) * 10
    fragments = [bytes([0x60 | 28, 0x80 | 5]) + unit[1:900], bytes([0x60 | 28, 5]) + unit[900:1800]]
    fragments.append(bytes([0x60 | 28, 0x40 | 5]) + unit[1800:])
    sets = bytes([0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3])
    stream = h264.annex_b([sets, *fragments])
    assert stream == b"\0\0\0\1\x67\1\2\0\0\0\1\x68\3\0\0\0\1" + unit
    assert h264.has_parameter_sets(stream)
    assert all(h264.carries_key_frame(fragment) for fragment in fragments)
    assert not h264.carries_key_frame(sets)
    assert not h264.carries_key_frame(bytes([0x61, 0]))


def test_vp8_descriptors_of_every_length() -> None:
    for descriptor in (b"\x10", b"\x90\x80\x05", b"\x90\x80\x85\x01", b"\x90\xe0\x05\x06\x20", b"\x90\x20\x01"):
        key, delta = descriptor + b"\x00data", descriptor + b"\x01data"
        assert vp8.carries_key_frame(key)
        assert not vp8.carries_key_frame(delta)
        assert vp8.frame([key, delta]) == b"\x00data\x01data"
    assert not vp8.carries_key_frame(b"\x00\x00")  # not the start of a partition
