"""The packets of one viewer's stream, made one by one: for a replay, over TCP, and again for who has missed them."""

import secrets
import time
from dataclasses import dataclass

from media import padding, repair, send_time
from media.numbering import Numbering


@dataclass(frozen=True, slots=True)
class Sending:
    """What was agreed: `repair` is SSRC and payload type of RTX; `extension` the send time's number, `red` RED's
    payload type (0: not agreed).
    """

    ssrc: int
    payload_type: int
    repair: tuple[int, int] | None = None
    extension: int = 0
    red: int = 0


class Outgoing:
    """Makes packets under a viewer's numbers."""

    __slots__ = ("_repairs", "sending")

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self._repairs = secrets.randbits(14)

    def copy(self, numbering: Numbering, packet: memoryview) -> bytes:
        """A packet of the track for this viewer."""
        sending, count = self.sending, padding.of(packet)
        head = self._head(numbering, packet, numbering.sequence(packet), sending.ssrc, sending.payload_type, count)
        return head + bytes(numbering.payload(packet)) + padding.octets(count)

    def repair(self, numbering: Numbering, packet: memoryview) -> bytes | None:
        """The same once more, as RTX where that was agreed.

        Without RTX it is the same packet again, and never another one under its number: that would break its
        encryption. So there is none if it carried its send time, or was packed as RED, for it can not be made again.
        RTX has no padding (RFC 4588 section 4).
        """
        if self.sending.repair is not None:
            ssrc, payload_type = self.sending.repair
            self._repairs = (self._repairs + 1) & 0xFFFF
            head = self._head(numbering, packet, self._repairs, ssrc, payload_type)
            return head + repair.pack_rtx(numbering.sequence(packet), numbering.payload(packet))
        return None if self.sending.extension or self.sending.red else self.copy(numbering, packet)

    def _head(
        self, numbering: Numbering, packet: memoryview, sequence: int, ssrc: int, payload_type: int, padded: int = 0
    ) -> bytes:
        extension = send_time.extension(self.sending.extension, time.monotonic())
        first = (0x90 if extension else 0x80) | (padding.BIT if padded else 0)
        head = bytes((first, packet[1] & 0x80 | payload_type))
        stamp = numbering.stamp(packet)
        return head + sequence.to_bytes(2, "big") + stamp.to_bytes(4, "big") + ssrc.to_bytes(4, "big") + extension
