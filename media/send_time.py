"""The header extension abs-send-time: receivers that report REMB estimate their bandwidth by it."""

_SHORT_FORM, _LONG_FORM = b"\xbe\xde\x00\x01", b"\x10\x00\x00\x02"  # RFC 8285, with the length in words
_HIGHEST_SHORT = 14


def extension(number: int, now: float) -> bytes:
    """A whole header extension, 8 or 12 bytes, for what leaves at `now` (s, any clock); empty for number 0."""
    if not number:
        return b""
    time = (int(now * (1 << 18)) & 0xFFFFFF).to_bytes(3, "big")  # 6 bits of seconds, 18 of fractions
    if number <= _HIGHEST_SHORT:
        return _SHORT_FORM + bytes((number << 4 | 2,)) + time
    return _LONG_FORM + bytes((number, 3)) + time + bytes(3)
