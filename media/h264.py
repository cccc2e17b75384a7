"""H264 in RTP (RFC 6184): where a key frame is, and a frame's packets back into Annex B."""

from collections.abc import Iterable

_START = b"\0\0\0\1"
_IDR, _SPS, _PPS, _STAP_A, _FU_A = 5, 7, 8, 24, 28


def _stap_units(payload: memoryview | bytes) -> list[memoryview | bytes]:
    """The NAL units of a STAP-A, as far as they are whole."""
    units: list[memoryview | bytes] = []
    at = 1
    while at + 2 < len(payload):
        size = payload[at] << 8 | payload[at + 1]
        if size == 0 or at + 2 + size > len(payload):
            break
        units.append(payload[at + 2 : at + 2 + size])
        at += 2 + size
    return units


def carries_key_frame(payload: memoryview | bytes) -> bool:
    """Whether this payload has (a part of) an IDR picture in it."""
    if len(payload) < 2:
        return False
    kind = payload[0] & 31
    if kind == _FU_A:
        return payload[1] & 31 == _IDR
    if kind == _STAP_A:
        return any(unit[0] & 31 == _IDR for unit in _stap_units(payload))
    return kind == _IDR


def annex_b(payloads: Iterable[memoryview | bytes]) -> bytes:
    """One access unit as a decoder takes it; unknown and broken payloads are left out."""
    out = bytearray()
    for payload in payloads:
        if len(payload) < 2:
            continue
        kind = payload[0] & 31
        if kind == _FU_A:
            if payload[1] & 0x80:
                out += _START
                out.append(payload[0] & 0xE0 | payload[1] & 31)
            out += payload[2:]
        elif kind == _STAP_A:
            for unit in _stap_units(payload):
                out += _START
                out += unit
        elif 0 < kind < _STAP_A:
            out += _START
            out += payload
    return bytes(out)


def has_parameter_sets(stream: bytes) -> bool:
    """Whether an Annex B access unit brings its own SPS and PPS, so that it can be decoded alone."""
    kinds = {unit[0] & 31 for unit in stream.split(_START) if unit}
    return _SPS in kinds and _PPS in kinds
