"""What repairs a codec's packets: retransmission (RTX, RFC 4588) and redundant audio (RED, RFC 2198)."""

from media.sdp import Codec, MediaSection


def formats(section: MediaSection, codec: Codec) -> tuple[Codec | None, Codec | None]:
    """The codec's RTX, which only NACKs make useful, and its RED, which we know for audio alone."""
    number = str(codec.payload_type)
    rtx = red = None
    for each in section.codecs:
        if each.clock_rate != codec.clock_rate:
            continue
        if each.name.lower() == "rtx" and each.parameters.get("apt") == number and "nack" in codec.feedback:
            rtx = rtx or each
        if each.name.lower() == "red" and f"{number}/{number}" in each.parameters and section.kind == "audio":
            red = red or each
    return rtx, red
