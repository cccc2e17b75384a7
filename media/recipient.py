"""Who is sent a stream, as lanes and reports see it; what is sent when is the subscription's matter."""

from typing import Any, Literal, TypeAlias

from media import rtcp
from media.answer import CNAME
from media.numbering import Numbering
from media.outgoing import Outgoing, Sending
from media.repairs import Repairs
from media.track import Track
from media.viewer_link import ViewerLink

SubscriptionState: TypeAlias = Literal["waiting", "replaying", "live", "paused", "ended"]


class Recipient:
    """`target` is the track to have, `track` the one that is being sent."""

    def __init__(self, link: ViewerLink, track: Track, sending: Sending) -> None:
        self.target = track
        self.numbers = Numbering(track, 0, 0, 0)
        self.slot = -1
        self.state: SubscriptionState = "waiting"
        self.report: rtcp.ReportBlock | None = None
        self.round_trip = 0.0
        self._link = link
        self._outgoing = Outgoing(sending)
        self.repairs = Repairs(link, self._outgoing)
        self._red = False

    @property
    def track(self) -> Track:
        """The layer that is being sent, or will be next."""
        return self.numbers.track if self.state in {"live", "replaying"} else self.target

    @property
    def sending(self) -> Sending:
        """What was agreed."""
        return self._outgoing.sending

    @property
    def retransmitted(self) -> int:
        """Packets that were asked for again, and sent."""
        return self.repairs.retransmitted

    @property
    def ssrc(self) -> int:
        """See lane.Member."""
        return self.sending.ssrc

    @property
    def payload_type(self) -> int:
        """See lane.Member."""
        return self.sending.red if self._red else self.sending.payload_type

    @property
    def name(self) -> bytes:
        """See lane.Member."""
        return self._link.name

    @property
    def handle(self) -> Any:
        """See lane.Member."""
        return self._link.handle

    def tell_clock(self, report: rtcp.SenderReport) -> None:
        """See audience.Solo: the track's clock pair as this viewer's own."""
        shifted = (report.rtp_time + self.numbers.timestamp_offset) & 0xFFFFFFFF
        own = rtcp.SenderReport(self.ssrc, report.ntp, shifted, report.packets, report.octets)
        self._link.send_rtcp(rtcp.sender_report(own) + rtcp.source_description(self.ssrc, CNAME))

    def reported(self, block: rtcp.ReportBlock, now: float) -> float | None:
        """The viewer's report on this stream; with the last relayed SR it gives the round trip, in seconds."""
        self.report = block
        sent = self.track.report_sent(block.last_sr)
        if sent is None:
            return None
        self.round_trip = max(0.0, now - sent - block.delay / 65536)
        return self.round_trip
