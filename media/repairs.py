"""What a viewer is sent once more: packets that it has missed, and padding."""

from typing import TypeAlias

from media.numbering import Numbering
from media.outgoing import Outgoing
from media.viewer_link import ViewerLink

KEPT = 5.0  # seconds: how long what was sent under an old numbering may still be asked for
_AT_MOST = 8  # old numberings
_PADDING = 16  # packets that padding repeats: no older ones, which some receivers take for a new beginning

Current: TypeAlias = tuple[Numbering, int] | None  # the numbering in use, and up to which packet


class Repairs:
    """Answers NACKs, also for what was sent under numberings that have ended since."""

    __slots__ = ("_link", "_outgoing", "_padded", "_past", "retransmitted")

    def __init__(self, link: ViewerLink, outgoing: Outgoing) -> None:
        self.retransmitted = 0
        self._link = link
        self._outgoing = outgoing
        self._padded = 0
        self._past: tuple[Numbering, ...] = ()

    def keep(self, numbering: Numbering) -> None:
        """One that has ended."""
        if numbering.end > numbering.first:
            self._past = (*self._past[1 - _AT_MOST :], numbering)

    def tidy(self, now: float) -> None:
        """Forget what nobody can ask for any more."""
        if self._past and now - self._past[0].ended > KEPT:
            self._past = tuple(each for each in self._past if now - each.ended <= KEPT)

    def _last(self, current: Current) -> tuple[Numbering, int] | None:
        """The newest one that something was sent under, and up to which packet."""
        if current is not None:
            return current
        return (self._past[-1], self._past[-1].end) if self._past else None

    def _find(self, sequence: int, current: Current) -> tuple[Numbering, memoryview] | None:
        """The packet that the viewer knows by these 16 bits."""
        known = [] if current is None else [current]
        for numbering, end in (*known, *((each, each.end) for each in reversed(self._past))):
            found = numbering.find(sequence, end)
            packet = None if found is None else numbering.track.ring.get(found)
            if packet is not None:
                return numbering, packet
        return None

    def retransmit(self, sequence: int, current: Current) -> int:
        """Answer one entry of a NACK; the bytes of it, 0 if it was never sent, or is gone."""
        found = self._find(sequence, current)
        size = 0 if found is None else self._repeat(*found)
        if found is not None and size:
            self.retransmitted += 1
            found[0].track.counters.retransmitted += 1
        return size

    def _repeat(self, numbering: Numbering, packet: memoryview) -> int:
        copy = self._outgoing.repair(numbering, packet)
        if copy is not None:
            self._link.send_rtp(copy)
        return len(copy or b"")

    def can_pad(self, current: Current) -> bool:
        """Whether there is anything for `pad` to send."""
        return self._outgoing.sending.repair is not None and self._last(current) is not None

    def pad(self, budget: int, current: Current) -> int:
        """Send about so many bytes that the viewer has already, to see whether they get through; how many were."""
        known = self._last(current) if self._outgoing.sending.repair is not None else None
        if known is None:
            return 0
        numbering, end = known
        sent = 0
        for _ in range(4 * _PADDING):
            if sent >= budget:
                break
            self._padded = (self._padded + 1) % _PADDING
            found = end - 1 - self._padded
            packet = numbering.track.ring.get(found) if found >= numbering.first else None
            if packet is not None:
                sent += self._repeat(numbering, packet)
        return sent
