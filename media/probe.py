"""Trying out whether a path carries more, with padding that costs the viewer nothing if it does not."""

SECONDS = 2.0  # that padding is sent
SETTLED = 3.2  # seconds: until then a report has come that tells how it went
_LONGEST_STEP = 0.05  # seconds: what a busy loop has missed is not made up for all at once


class Probe:
    """`rate` (bit/s) is what video and padding make together."""

    __slots__ = ("_at", "_owed", "began", "rate")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.began = now
        self._at = now
        self._owed = 0.0

    def due(self, video: float, now: float) -> int:
        """Bytes of padding to send now, beside so many bit/s of video."""
        if self.over(now):
            return 0
        passed, self._at = min(_LONGEST_STEP, now - self._at), now
        self._owed += max(0.0, self.rate - video) * passed / 8
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
