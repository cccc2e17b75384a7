"""One viewer's picture: what its path carries, which layer it gets for that, and whether more can be had."""

from media.bandwidth import Bandwidth
from media.pacer import Paced, Pacer
from media.probe import MISSED, Probe
from media.selection import FAR_TOO_MUCH, Decision, Selection
from media.stream import Stream
from media.subscription import Subscription

RECENT = 2.0  # seconds: congestion that is going on
_AFTERMATH = 1.5  # seconds after a probe in which reports still tell of it
_CARRIED = 1.05  # times what is sent: the path has shown that it carries it
_AUDIO = 40_000.0  # bit/s that are kept for it at least


class Quality:
    """Chooses for one subscription among the layers of its stream."""

    __slots__ = (
        "_failed_at",
        "_pacer",
        "_probe",
        "_viewer",
        "bandwidth",
        "held",
        "selection",
        "stream",
        "subscription",
    )

    def __init__(
        self,
        viewer: Paced,
        pacer: Pacer,
        bandwidth: Bandwidth,
        selection: Selection,
        subscription: Subscription,
        stream: Stream,
    ) -> None:
        self.subscription = subscription
        self.stream = stream
        self.bandwidth = bandwidth
        self.selection = selection
        self.held = False
        self._viewer = viewer
        self._pacer = pacer
        self._probe: Probe | None = None
        self._failed_at = -_AFTERMATH

    @property
    def showing(self) -> bool:
        """Whether anything is sent."""
        return self.subscription.state in {"live", "replaying"}

    @property
    def probing(self) -> float:
        """bit/s of video and padding together; 0 when nothing is tried."""
        return 0.0 if self._probe is None else self._probe.rate

    def decide(self, audio: float, now: float) -> None:
        """Choose a layer, and go there. `audio`: bit/s that is sent of it. `held`: the viewer wants no video now."""
        self._end_probe(audio, now)
        if self.held:
            return
        layers = self.stream.ladder(now)
        available = self.bandwidth.estimate - max(_AUDIO, audio)
        congested = now - self.bandwidth.congested_at < RECENT
        starved = now - self.bandwidth.starved_at < RECENT
        decision = self.selection.decide(layers, available, now, congested=congested, starved=starved)
        self._go(decision, available, now)
        self._try(decision, audio, now)

    def _go(self, decision: Decision, available: float, now: float) -> None:
        subscription = self.subscription
        if self.selection.off:
            if subscription.state != "paused":
                subscription.pause(now)
            return
        track = None if decision.rid is None else self.stream.layer(decision.rid)
        if track is None:
            return
        if track is not subscription.target:
            full = subscription.state == "live" and available < FAR_TOO_MUCH * subscription.track.counters.rate
            subscription.aim(track)
            if full:
                subscription.hush(now)
        if subscription.state == "paused":
            subscription.start(now)

    def _try(self, decision: Decision, audio: float, now: float) -> None:
        """See whether the path carries more: by padding, or without RTX by the layer itself."""
        if not decision.probe or self._probe is not None or not self._pacer.may_probe:
            return
        if self.subscription.repairs.can_pad(self.subscription.current):
            self._probe = Probe(decision.probe, self.bandwidth.estimate, self.bandwidth.congested_at, now)
            self._pacer.probes.add(self._viewer)
            self._pacer.add(self._viewer)
        else:
            self.bandwidth.proved(decision.probe + max(_AUDIO, audio))

    def advance(self, now: float) -> None:
        """Send the padding that is due."""
        probe, subscription = self._probe, self.subscription
        if probe is None or probe.over(now):
            return
        due = probe.due(subscription.track.counters.rate if subscription.state == "live" else 0.0, now)
        if due:
            probe.sent(subscription.repairs.pad(due, subscription.current))
        self._pacer.add(self._viewer)

    def testing(self, now: float) -> bool:
        """Whether what is reported now may be the work of a probe."""
        return self._probe is not None or now - self._failed_at < _AFTERMATH

    def missed(self, packets: int, audio: float, now: float) -> None:
        """The viewer asks for so many packets again."""
        if self._probe is not None:
            self._probe.missed += packets
            if self._probe.missed > MISSED:
                self.fail(audio, now)

    def fail(self, audio: float, now: float, *, mild: bool = False) -> None:
        """A probe was too much. Of the path that says nothing else, for without the padding it is as it was."""
        probe, self._probe = self._probe, None
        if probe is None:
            return
        self._pacer.probes.discard(self._viewer)
        self._failed_at = now
        self.selection.failed(probe.rate, now, mild=mild)
        video = self.subscription.track.counters.rate if self.showing else 0.0
        carried = min(probe.before, _CARRIED * video + max(_AUDIO, audio))
        self.bandwidth.excuse(carried, probe.congested_at)

    def _end_probe(self, audio: float, now: float) -> None:
        probe = self._probe
        if probe is not None and probe.settled(now):
            self._probe = None
            self._pacer.probes.discard(self._viewer)
            self.bandwidth.proved(probe.rate + max(_AUDIO, audio))
