"""Which layer a viewer gets. Pure: the layers and what the path carries go in, a decision comes out.

Down at once when it must, up after a quiet time with head-room, and later after each try that failed. A viewer's own
choice is a limit: more than that it never gets, less if its path carries no more, for audio comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

FAR_TOO_MUCH = 0.75  # of a layer's rate: less than that is not waited for
SHORT = 2.0  # seconds that a path may be too thin by less
HEADROOM = 1.15
TRIED = (
    1.25  # times a layer's rate: a probe takes seconds, in which the layer may grow, and shall not have been in vain
)
FIRST_QUIET, QUIET = 1.0, 4.0  # seconds before more is tried
TRIAL = 12.0  # seconds: who has to go down within them has tried in vain
LONGEST_BACK_OFF, LONGEST_OFF = 120.0, 12.0  # with a lower layer, and without any video
NEXT_TO_NOTHING = 60_000.0  # bit/s: to take so little away helps no path
EASIER = 0.8  # a part of the rate that failed: less than that need not wait for it
FORGIVEN = 60.0  # seconds without trouble, and back-off begins anew


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that is being sent: its rid, and its bit/s."""

    rid: str
    bitrate: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The rid to have (None: no video), and a rate (bit/s) that should be probed, 0 for none."""

    rid: str | None
    probe: float = 0.0


class Selection:
    """One viewer's video. `choice` is the viewer's own layer, or None."""

    __slots__ = (
        "_back_off",
        "_failed_rate",
        "_not_before",
        "_off",
        "_quiet_since",
        "_risen",
        "_short_since",
        "_wait",
        "choice",
        "rid",
    )

    def __init__(self) -> None:
        self.rid: str | None = None
        self.choice: str | None = None
        self._off = False
        self._wait = FIRST_QUIET
        self._back_off = 0.0
        self._failed_rate = 0.0
        self._not_before = 0.0
        self._quiet_since = 0.0
        self._short_since: float | None = None
        self._risen: float | None = None

    @property
    def off(self) -> bool:
        """Whether not even the lowest layer fits."""
        return self._off

    def choose(self, rid: str | None, now: float) -> None:
        """The viewer's choice: it need not wait for long."""
        self.choice = rid
        self._wait, self._quiet_since = 0.0, now
        self._not_before = min(self._not_before, now + 1.0)

    def failed(self, rate: float, now: float, *, mild: bool = False) -> None:
        """So much was tried in vain; `mild`: by an estimate alone, which a busy receiver gets wrong now and then."""
        self._failed_rate = rate
        first, factor = (QUIET, 1.5) if mild else (2 * QUIET, 2.0)
        self._back_off = min(LONGEST_BACK_OFF, max(first, factor * self._back_off))
        self._not_before = now + self._back_off

    def decide(
        self, layers: Sequence[Layer], available: float, now: float, *, congested: bool, starved: bool
    ) -> Decision:
        """`layers` that are being sent, by ascending bit rate; `available`: bit/s for video.

        `congested`: reports have shown just now that too much is sent; `starved`: by loss or delay, not by a mere
        estimate, which is not enough to take the video away.
        """
        allowed = self._allowed(layers)
        if not allowed:
            return Decision(None if self._off else self.rid)
        index = next((place for place, layer in enumerate(allowed) if layer.rid == self.rid), None)
        if self._off:
            return self._while_off(allowed, available, now)
        if index is None:
            self._short_since = None
            self._quiet_since = now
            return self._take(allowed, _highest(allowed, available, 1.0) or 0)
        if congested:
            self._quiet_since = now
        if self._too_much(allowed[index].bitrate, available, now, congested=congested):
            return self._down(allowed, index, available, now, starved=starved)
        return self._up(allowed, index, available, now)

    def _allowed(self, layers: Sequence[Layer]) -> Sequence[Layer]:
        for place, layer in enumerate(layers):
            if layer.rid == self.choice:
                return layers[: place + 1]
        return layers

    def _take(self, allowed: Sequence[Layer], index: int) -> Decision:
        self.rid = allowed[index].rid
        return Decision(self.rid)

    def _too_much(self, rate: float, available: float, now: float, *, congested: bool) -> bool:
        if available >= rate:
            self._short_since = None
            return False
        if self._short_since is None:
            self._short_since = now
        return congested or available < FAR_TOO_MUCH * rate or now - self._short_since >= SHORT

    def _down(self, allowed: Sequence[Layer], index: int, available: float, now: float, *, starved: bool) -> Decision:
        self._quiet_since, self._wait = now, QUIET
        if self._risen is not None and now - self._risen < TRIAL:
            self.failed(allowed[index].bitrate, now)
        self._risen = None
        if index:
            self._short_since = None
            return self._take(allowed, min(index - 1, _highest(allowed, available, 1.0) or 0))
        lasting = self._short_since is not None and now - self._short_since >= SHORT
        rate = allowed[0].bitrate
        if starved and lasting and available < FAR_TOO_MUCH * rate and rate > NEXT_TO_NOTHING:
            self._off, self._short_since = True, None
            self.failed(rate, now)
            self._not_before = min(self._not_before, now + LONGEST_OFF)
            return Decision(None)
        return Decision(self.rid)

    def _up(self, allowed: Sequence[Layer], index: int, available: float, now: float) -> Decision:
        if now - self._quiet_since >= FORGIVEN:
            self._back_off = 0.0
        if index + 1 == len(allowed) or now - self._quiet_since < self._wait:
            return Decision(self.rid)
        if now < self._not_before:
            allowed = [layer for layer in allowed if layer.bitrate < EASIER * self._failed_rate]
        better = _highest(allowed, available, HEADROOM)
        if index + 1 >= len(allowed):
            return Decision(self.rid)
        if better is not None and better > index:
            self._risen, self._quiet_since = now, now
            # A step on the way to what the viewer wants is no reason to rest there.
            self._wait = 0.0 if better + 1 < len(allowed) and allowed[-1].rid == self.choice else QUIET
            return self._take(allowed, better)
        return Decision(self.rid, TRIED * allowed[index + 1].bitrate)

    def _while_off(self, allowed: Sequence[Layer], available: float, now: float) -> Decision:
        wanted = HEADROOM * allowed[0].bitrate
        if available >= wanted:
            self._off = False
            self._risen, self._quiet_since, self._wait = now, now, QUIET
            return self._take(allowed, 0)
        return Decision(None, wanted if now >= self._not_before else 0.0)


def _highest(layers: Sequence[Layer], available: float, headroom: float) -> int | None:
    fitting = [place for place, layer in enumerate(layers) if layer.bitrate * headroom <= available]
    return fitting[-1] if fitting else None
