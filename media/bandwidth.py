"""What a viewer's path carries, as far as its reports tell: REMB, loss and round trip.

REMB knows no more than half above what is being received, and then climbs by 8 % a second. So it is believed at once
when it falls or shows more; that it lies below what was once carried well says nothing by itself.
"""

START = 1_000_000.0  # bit/s, before anything is known
FLOOR, CEILING = 30_000.0, 100_000_000.0
LOSSY, CLEAN = 0.10, 0.02  # shares lost: of congestion, and of none
SAMPLE = 200  # packets by which a share is judged: of 40, a path that loses 5 % loses over 10 % now and then
RADIO = 0.05  # a share lost of which chance among few packets makes more, which is no congestion
_FALLEN, _RISEN = 0.95, 1.03  # REMB, as a part of the last one
_STUCK = 2.5  # seconds without rising, while more is sent than REMB says
_OVER = 1.1
_DOUBT = 1.5  # seconds after congestion in which a receiver does not know of it yet
_BACK_OFF = 0.85
_GROWTH, _BEYOND = 1.08, 1.3  # a second without loss; and at most so many times what is being sent
_DELAYED = 0.25  # seconds above the shortest round trip: a queue stands
_FORGET = 0.005  # seconds a second by which the shortest round trip grows again


class Bandwidth:
    """Feed it what comes back, with `sending`, the bit/s on the way at present; `estimate` is in bit/s.

    `congested_at`: when anything last said that it is too much; `starved_at`: when loss or delay did.
    """

    __slots__ = (
        "_delayed",
        "_peak",
        "_report_at",
        "_rose",
        "_sampled",
        "_shortest",
        "_told",
        "congested_at",
        "estimate",
        "loss",
        "reported",
        "starved_at",
    )

    def __init__(self, start: float = START) -> None:
        self.estimate = start
        self.reported = 0  # by REMB
        self.loss = 0.0
        self.congested_at = -1e9
        self.starved_at = -1e9
        self._told: float | None = None
        self._peak = 0.0
        self._rose = 0.0
        self._shortest: tuple[float, float] | None = None
        self._delayed = False
        self._report_at: float | None = None
        self._sampled = 0.0

    def congested(self, carried: float, now: float) -> None:
        """The path takes no more than `carried`."""
        self.estimate = max(FLOOR, min(self.estimate, carried))
        self.congested_at = now

    def proved(self, rate: float) -> None:
        """So much was carried well."""
        self.estimate = min(CEILING, max(self.estimate, rate))

    def excuse(self, carried: float, congested_at: float) -> None:
        """What has just been seen was of our own doing: the path carries what it did, and is not congested."""
        self.estimate = min(CEILING, max(self.estimate, carried))
        self.congested_at = congested_at

    def remb(self, bitrate: float, sending: float, now: float) -> None:
        """The receiver's own estimate."""
        before, self._told = self._told, bitrate
        self.reported = int(bitrate)
        if before is None or bitrate >= self._peak * _RISEN:
            self._peak, self._rose = bitrate, now
        if before is not None and bitrate < before * _FALLEN:
            self._peak, self._rose = bitrate, now
            self.congested(bitrate, now)
        elif sending > _OVER * bitrate and now - self._rose > _STUCK:
            self.congested(bitrate, now)
        elif bitrate > self.estimate and now - self.congested_at > _DOUBT:
            self.proved(bitrate)

    def report(self, lost: float, packets: int, sending: float, now: float) -> None:
        """A receiver report: the share that was lost of so many packets since the last one."""
        passed = 1.0 if self._report_at is None else min(5.0, now - self._report_at)
        self._report_at = now
        earlier = min(self._sampled, max(0.0, SAMPLE - packets))
        self._sampled = earlier + packets
        if packets:
            self.loss = (self.loss * earlier + lost * packets) / self._sampled
        if lost > LOSSY and self._lossy():
            self.starved_at = now
            self.congested(min(self.estimate, max(sending, FLOOR)) * (1 - self.loss / 2), now)
        elif lost < CLEAN and not self._delayed:
            grown = min(self.estimate * _GROWTH**passed, _BEYOND * sending)
            self.estimate = min(CEILING, max(self.estimate, grown))

    def _lossy(self) -> bool:
        """Whether more than LOSSY is lost, and that by more than chance (two standard errors) would make of RADIO."""
        error = (self.loss * (1 - self.loss) / max(1.0, self._sampled)) ** 0.5
        return self.loss > LOSSY and self.loss - 2 * error > RADIO

    def round_trip(self, seconds: float, sending: float, now: float) -> None:
        """How long an answer took; a queue on the way makes it longer. One late answer alone is no queue."""
        if self._shortest is None:
            self._shortest = seconds, now
        shortest = min(seconds, self._shortest[0] + _FORGET * (now - self._shortest[1]))
        self._shortest = shortest, now
        delayed = seconds > shortest + _DELAYED
        if delayed and self._delayed:
            self.starved_at = now
            self.congested(sending * _BACK_OFF, now)
        self._delayed = delayed
