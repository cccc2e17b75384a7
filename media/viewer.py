"""A viewer's session: its subscriptions, and what it asks for by RTCP."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from media import rtcp
from media.answer import Agreed, Kind
from media.sdp import Offer
from media.session import Session, Surroundings
from media.stream import Stream
from media.subscription import Subscription

RETRANSMISSIONS = 500  # a second and viewer: more is no repair


class Viewer(Session):
    """Gets tracks. `streams` are those of the show when the session was made; `without`: kinds it asked for in vain.

    `relay`: it is another node that pulls the show for its own viewers.
    """

    role = "view"

    def __init__(
        self,
        place: Surroundings,
        show: str,
        subject: str,
        offer: Offer,
        agreed: Sequence[Agreed],
        streams: Mapping[Kind, Stream],
        *,
        replay_age: float,
        on_replay: Callable[["Viewer"], None],
        relay: bool = False,
    ) -> None:
        super().__init__(place, show, subject, offer)
        self.relay = relay
        now = place.now()
        self.subscriptions = {
            sent.ssrc: Subscription(
                self,
                streams[each.track.kind].layer(sent.rid) or streams[each.track.kind].best(now),
                sent.ssrc,
                each.codec.payload_type,
                replay_age,
            )
            for each in agreed
            if each.track is not None
            for sent in each.sent
        }
        self.without = frozenset(each.section.kind for each in agreed if each.track is None)
        self.nacks = 0
        self.key_frame_requests = 0
        self.estimate = 0
        self._allowance = RETRANSMISSIONS
        self._on_replay = on_replay

    @property
    def name(self) -> bytes:
        """See subscription.ViewerLink."""
        return b"" if self.ice.selected is None else self.ice.selected.name

    @property
    def handle(self) -> Any:
        """See subscription.ViewerLink."""
        return self.transport.handle

    @property
    def tag_length(self) -> int:
        """See subscription.ViewerLink."""
        return self.transport.tag_length

    @property
    def replaying(self) -> bool:
        """Whether the pacer has something to do here."""
        return any(each.state == "replaying" for each in self.subscriptions.values())

    def opened(self, now: float) -> None:
        """Begin all tracks."""
        for subscription in self.subscriptions.values():
            subscription.start(now)

    def moved(self) -> None:
        """See Session."""
        for subscription in self.subscriptions.values():
            subscription.moved()

    def advance(self, budget: int, now: float) -> None:
        """Go on with replays."""
        for subscription in self.subscriptions.values():
            if subscription.state == "replaying":
                subscription.advance(budget, now)

    def pace(self) -> None:
        """See subscription.ViewerLink."""
        self._on_replay(self)

    def send_rtp(self, packet: bytes) -> None:
        """See subscription.ViewerLink."""
        sealed = self.transport.sealed(packet)
        if sealed is not None:
            self.send(sealed)

    def receive_rtp(self, pointer: Any, packet: memoryview, now: float) -> None:
        """Viewers have nothing to send."""

    def receive_rtcp(self, packet: bytes, now: float) -> None:
        """See Session."""
        for message in rtcp.parse_compound(packet):
            if isinstance(message, rtcp.Nack):
                self._nack(message)
            elif isinstance(message, rtcp.KeyFrameRequest):
                subscription = self.subscriptions.get(message.ssrc)
                if subscription is not None and subscription.track.is_video:
                    self.key_frame_requests += 1
                    subscription.track.key_frame_wanted = True
            elif isinstance(message, rtcp.ReceiverReport | rtcp.SenderReport):
                for block in message.blocks:
                    if block.ssrc in self.subscriptions:
                        self.subscriptions[block.ssrc].reported(block, now)
            elif isinstance(message, rtcp.BitrateEstimate):
                self.estimate = message.bitrate

    def _nack(self, message: rtcp.Nack) -> None:
        subscription = self.subscriptions.get(message.ssrc)
        if subscription is None:
            return
        self.nacks += len(message.sequences)
        for sequence in message.sequences:
            if self._allowance <= 0:
                return
            self._allowance -= 1
            subscription.retransmit(sequence)

    def each_second(self, now: float) -> None:
        """Refill what may be repaired, drop what is no longer needed."""
        self._allowance = RETRANSMISSIONS
        for subscription in self.subscriptions.values():
            subscription.tidy(now)

    def leave(self) -> None:
        """Out of all lanes, before the keys die."""
        for subscription in self.subscriptions.values():
            subscription.end()
