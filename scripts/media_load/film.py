"""The stream that a load is made of: H264 packets as libwebrtc cuts them, with a stamp in each instead of a picture.

Servers forward without decoding, so only sizes, NAL headers, markers and timing have to be right.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

FPS = 30
LARGEST = 1200  # bytes of a payload at most, about what browsers send
STAMP = struct.Struct("!HQ")  # the publisher's sequence number, and when the packet was sent: CLOCK_REALTIME in ns
_IDR, _SLICE, _FU_A = 5, 1, 28
_PARAMETER_SETS = (bytes((0x67, 0x42, 0xE0, 0x1F)) + bytes(20), bytes((0x68, 0xCE)) + bytes(4))
_STAMP_AT = 2  # behind the two bytes of an FU-A


@dataclass(frozen=True, slots=True)
class Cut:
    """A payload without its stamp. `last`: the frame's last packet, which carries the marker."""

    payload: bytes
    last: bool


def split_evenly(size: int, largest: int = LARGEST) -> list[int]:
    """Sizes that differ by one byte at most, the smaller first, as libwebrtc's packetizer makes them."""
    pieces = -(-size // largest)
    small, larger = divmod(size, pieces)
    return [small] * (pieces - larger) + [small + 1] * larger


def _fragments(kind: int, size: int) -> Iterator[Cut]:
    sizes = split_evenly(max(size, 2 * 64))
    if len(sizes) == 1:
        sizes = split_evenly(sizes[0], -(-sizes[0] // 2))
    for index, each in enumerate(sizes):
        edge = (0x80 if index == 0 else 0) | (0x40 if index == len(sizes) - 1 else 0)
        yield Cut(bytes((0x60 | _FU_A, edge | kind)) + bytes(each - 2), last=index == len(sizes) - 1)


def frames(bitrate: int, key_interval: float, seed: int = 1) -> Iterator[list[Cut]]:
    """Frames for ever: a key frame eight times as large as the others every `key_interval` s; `bitrate` in bit/s."""
    sizes = np.random.default_rng(seed)
    group = max(1, round(FPS * key_interval))
    ordinary = bitrate / 8 / FPS * group / (group + 7)
    while True:
        for index in range(group):
            size = int(ordinary * (8 if index == 0 else 1) * sizes.uniform(0.8, 1.2))
            cuts = [Cut(each, last=False) for each in _PARAMETER_SETS] if index == 0 else []
            yield cuts + list(_fragments(_IDR if index == 0 else _SLICE, size))


def stamped(cut: Cut, sequence: int, nanoseconds: int) -> bytes:
    """The payload with its stamp; parameter sets are left as they are."""
    payload = cut.payload
    if not is_fragment(payload):
        return payload
    return payload[:_STAMP_AT] + STAMP.pack(sequence & 0xFFFF, nanoseconds) + payload[_STAMP_AT + STAMP.size :]


def is_fragment(payload: bytes | memoryview) -> bool:
    """Whether it carries a stamp."""
    return len(payload) >= _STAMP_AT + STAMP.size and payload[0] & 0x1F == _FU_A


def stamp_of(payload: bytes | memoryview) -> tuple[int, int]:
    """The publisher's sequence number (16 bits) and the time of sending in ns, of a fragment."""
    sequence, nanoseconds = STAMP.unpack_from(payload, _STAMP_AT)
    return int(sequence), int(nanoseconds)


def begins_key_frame(payload: bytes | memoryview) -> bool:
    """Whether a decoder can begin with the frame that this payload belongs to."""
    kind = payload[0] & 0x1F if payload else 0
    return kind in {7, _IDR} or (kind == _FU_A and len(payload) > 1 and payload[1] & 0x1F == _IDR)
