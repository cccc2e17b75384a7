"""Trying out whether a path carries more, with padding that costs the viewer nothing if it does not."""

RAMP, SECONDS = 1.5, 2.5  # seconds until all of the padding is sent, and that any is
SETTLED = 3.5  # seconds: until then a report has come that tells how it went
MISSED = 6  # packets that are asked for again meanwhile: it is too much already
_LONGEST_STEP = 0.05  # seconds: what a busy loop has missed is not made up for all at once


class Probe:
    """`rate` (bit/s) is what video and padding make together in the end; it begins softly, for a thin path has but a
    short queue. `before` and `congested_at` are what was known of the path.
    """

    __slots__ = ("_at", "_owed", "before", "began", "congested_at", "missed", "rate")

    def __init__(self, rate: float, before: float, congested_at: float, now: float) -> None:
        self.rate = rate
        self.before = before
        self.congested_at = congested_at
        self.missed = 0
        self.began = now
        self._at = now
        self._owed = 0.0

    def due(self, video: float, now: float) -> int:
        """Bytes of padding to send now, beside so many bit/s of video."""
        if self.over(now):
            return 0
        passed, self._at = min(_LONGEST_STEP, now - self._at), now
        risen = min(1.0, (now - self.began) / RAMP)
        self._owed += max(0.0, self.rate - video) * risen * passed / 8
        return int(self._owed)

    def sent(self, size: int) -> None:
        """So many bytes have gone out."""
        self._owed = max(0.0, self._owed - size)

    def over(self, now: float) -> bool:
        """Whether no more padding is due."""
        return now - self.began >= SECONDS

    def settled(self, now: float) -> bool:
        """Whether it would be known by now if it had been too much."""
        return now - self.began >= SETTLED
