"""The hard limit of what one publisher may send: two buckets, packets and bits, each with two seconds' worth."""

BURST = 2.0  # seconds
PATIENCE = 10  # seconds in a row above the limit, after which there is no more to hope for


class Meter:
    """`packets` and `bits` are the most a second."""

    def __init__(self, packets: int, bits: int, now: float) -> None:
        self._packets, self._octets = float(packets), bits / 8
        self._packets_left, self._octets_left = BURST * self._packets, BURST * self._octets
        self._at = now
        self._before = 0
        self._seconds = 0
        self.dropped = 0

    def admits(self, length: int, now: float) -> bool:
        """Whether a packet of so many bytes is within the limit; it is counted as dropped if not."""
        if now > self._at:
            passed, self._at = now - self._at, now
            self._packets_left = min(BURST * self._packets, self._packets_left + passed * self._packets)
            self._octets_left = min(BURST * self._octets, self._octets_left + passed * self._octets)
        if self._packets_left < 1 or self._octets_left < length:
            self.dropped += 1
            return False
        self._packets_left -= 1
        self._octets_left -= length
        return True

    def second(self) -> bool:
        """Close a second; False when the limit has been passed for too long."""
        self._seconds = self._seconds + 1 if self.dropped > self._before else 0
        self._before = self.dropped
        return self._seconds < PATIENCE
