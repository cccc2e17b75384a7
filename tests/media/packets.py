"""RTP packets for tests."""

KEY, DELTA = b"\x10\x00key", b"\x10\x01delta"  # VP8: descriptor, then the frame's first byte


def rtp_packet(
    sequence: int, timestamp: int, payload: bytes = DELTA, *, marker: bool = True, ssrc: int = 5, payload_type: int = 96
) -> memoryview:
    head = bytes([0x80, (0x80 if marker else 0) | payload_type])
    numbers = (sequence & 0xFFFF).to_bytes(2, "big") + (timestamp & 0xFFFFFFFF).to_bytes(4, "big")
    return memoryview(head + numbers + ssrc.to_bytes(4, "big") + payload)
