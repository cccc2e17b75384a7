"""What has been received of one SSRC: extended sequence, loss and jitter (RFC 3550 A.1, A.3, A.8), and what to NACK."""

from media import rtp
from media.rtcp import ReportBlock

MAX_DROPOUT = 3000  # packets: a longer jump forward is a new beginning
MAX_MISORDER = 1000  # packets: likewise backward
MAX_MISSING = 400  # packets: beyond this a key frame is cheaper than retransmission
NACK_TRIES, NACK_INTERVAL = 8, 0.04  # at most; seconds between two requests for the same packet, at least
NACK_PATIENCE = 1.0  # seconds: who still lacks a packet then has long since had to do without


class Reception:
    """Feed it every packet's sequence and timestamp; `clock_rate` is the codec's."""

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._base = -1
        self._highest = -1
        self._suspect = -1
        self.received = 0
        self.recovered = 0
        self.repaired = 0
        self.restarts = 0
        self.overwhelmed = False
        self._jitter = 0.0
        self._transit: float | None = None
        self._reported_expected = 0
        self._reported_received = 0
        self.recent_loss = 0.0
        self._sender_report = (0, 0.0)
        self._missing: dict[int, tuple[int, float]] = {}

    def accept(self, sequence: int, timestamp: int, now: float) -> int | None:
        """The extended sequence number; None for a packet that cannot belong here (yet).

        A jump that the next packet confirms is a restart: `restarts` counts it, and numbering begins anew.
        """
        if self._highest < 0:
            self._start(sequence)
        extended = rtp.extend(sequence, self._highest)
        ahead = extended - self._highest
        if ahead > MAX_DROPOUT or ahead < -MAX_MISORDER:
            if sequence != self._suspect:
                self._suspect = (sequence + 1) & 0xFFFF
                return None
            self.restarts += 1
            self._start(sequence)
            extended = self._highest + 1
            ahead = 1
        self._suspect = -1
        if ahead > 0:
            self._note_gap(extended, now)
            self._highest = extended
        elif self._missing.pop(extended, None) is not None:
            self.recovered += 1
        self.received += 1
        self._note_jitter(timestamp, now)
        return extended

    def misses(self, sequence: int) -> bool:
        """Whether the packet of this number (16 bits) is waited for."""
        return self._highest >= 0 and rtp.extend(sequence, self._highest) in self._missing

    def restore(self, sequence: int) -> int | None:
        """A packet has come another way, by RTX or RED: its extended number if it was missed.

        To the sender it stays lost: the network did not deliver it (RFC 4588 section 6.3).
        """
        extended = rtp.extend(sequence, self._highest)
        if self._highest < 0 or self._missing.pop(extended, None) is None:
            return None
        self.repaired += 1
        return extended

    def _start(self, sequence: int) -> None:
        self._base = sequence + (1 << 16)
        self._highest = self._base - 1
        self.received = self.repaired = 0
        self._reported_expected = self._reported_received = 0
        self._missing.clear()
        self._transit = None

    def _note_gap(self, extended: int, now: float) -> None:
        gap = range(self._highest + 1, extended)
        if not gap:
            return
        if len(self._missing) + len(gap) > MAX_MISSING:
            self._missing.clear()
            self.overwhelmed = True
            return
        self._missing.update(dict.fromkeys(gap, (0, now)))

    def _note_jitter(self, timestamp: int, now: float) -> None:
        arrival = now * self._clock_rate
        transit = arrival - timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < self._clock_rate * 10:  # else the timestamp has wrapped or jumped
                self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def due(self, now: float, round_trip: float = 0.0) -> list[int]:
        """Sequence numbers (16 bits) to ask for now: each a few times, a round trip apart, then it is given up."""
        interval = max(NACK_INTERVAL, 1.25 * round_trip)
        most = max(2, min(NACK_TRIES, int(NACK_PATIENCE / interval)))
        wanted = []
        for extended, (tries, at) in list(self._missing.items()):
            if now < at:
                continue
            if tries >= most:
                del self._missing[extended]
                continue
            self._missing[extended] = (tries + 1, now + interval)
            wanted.append(extended & 0xFFFF)
        return wanted

    @property
    def waiting(self) -> bool:
        """Whether anything is missing that may still come."""
        return bool(self._missing)

    @property
    def expected(self) -> int:
        """Packets that should have come since the beginning."""
        return self._highest - self._base + 1 if self._highest >= 0 else 0

    @property
    def lost(self) -> int:
        """Packets that did not come in any way (negative with duplicates)."""
        return self.expected - self.received - self.repaired

    @property
    def jitter(self) -> float:
        """Interarrival jitter in seconds."""
        return self._jitter / self._clock_rate

    def note_sender_report(self, ntp: int, now: float) -> None:
        """Remember the clock that a report block echoes."""
        self._sender_report = ((ntp >> 16) & 0xFFFFFFFF, now)

    def report(self, ssrc: int, now: float) -> ReportBlock:
        """A block for the sender; its fraction lost, which `recent_loss` is too, covers the time since the last one."""
        expected = self.expected - self._reported_expected
        received = self.received - self._reported_received
        self._reported_expected, self._reported_received = self.expected, self.received
        lost = expected - received
        self.recent_loss = max(0, lost) / expected if expected > 0 else 0.0
        fraction = min(255, lost * 256 // expected) if expected > 0 and lost > 0 else 0
        middle, at = self._sender_report
        return ReportBlock(
            ssrc=ssrc,
            fraction_lost=fraction,
            lost=self.expected - self.received,
            highest=self._highest & 0xFFFFFFFF,
            jitter=int(self._jitter),
            last_sr=middle,
            delay=int((now - at) * 65536) & 0xFFFFFFFF if middle else 0,
        )
