"""Prometheus figures, read from the node when asked; nothing is counted twice, and nobody has a label of their own."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from media import snapshot, vitals
from media.node import Node
from media.status import NodeFigures, ShowStatus

_TRACK = ("show", "kind", "codec", "layer")
_TRACK_COUNTERS = {
    "packets": ("media_track_packets", "Packets taken from the publisher"),
    "octets": ("media_track_bytes", "Bytes of them, RTP headers included"),
    "nacked": ("media_track_nacked", "Packets that the publisher was asked for again"),
    "recovered": ("media_track_recovered", "Packets that came late, again, or in the redundancy of others"),
    "retransmitted": ("media_track_retransmitted", "Packets repeated to viewers"),
    "dropped": ("media_track_dropped", "Packets left out for viewers whose paths were full"),
    "key_frames": ("media_track_key_frames", "Key frames"),
    "key_frame_requests": ("media_track_key_frame_requests", "PLIs to the publisher"),
}
_TRACK_GAUGES = {
    "loss": ("media_track_loss_ratio", "Part of the last second's packets that did not come from the publisher"),
    "lost": ("media_track_lost_packets", "Packets of the present publisher that never came"),
    "jitter": ("media_track_jitter_seconds", "Jitter of the publisher"),
    "viewers": ("media_track_viewers", "Viewers who get it"),
    "alive": ("media_track_alive", "1 while packets come"),
}


class NodeCollector(Collector):
    """A node's counters as metric families."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client."""
        status = snapshot.of_node(self._node)
        yield from self._totals(snapshot.figures(self._node))
        yield from self._process()
        yield self._sessions()
        yield from _shows(status.shows)
        yield from _tracks(status.shows)
        yield self._first_frames()

    def _totals(self, figures: NodeFigures) -> Iterator[Metric]:
        fanout, mux, port = self._node.fanout, self._node.mux.counters, self._node.port
        sending = fanout.dropped + port.dropped
        for name, text, value in (
            ("media_packets_forwarded", "Packets handed to the kernel for viewers, many at a time", fanout.sent),
            ("media_packets_refused", "Packets that libsrtp would not protect", fanout.refused),
            ("media_datagrams_received", "Datagrams that came in", mux.received),
            ("media_datagrams_sent", "Datagrams that went out", figures.packets_out),
            ("media_received_bytes", "Bytes of datagrams that came in", figures.octets_in),
            ("media_sent_bytes", "Bytes of datagrams that went out", figures.octets_out),
            ("media_stun_received", "STUN messages that came in", mux.stun),
            ("media_datagrams_malformed", "Datagrams that could not be read or believed", mux.malformed),
            ("media_datagrams_strange", "Datagrams of no session", mux.strangers),
            ("media_datagrams_forged", "Datagrams that do not decrypt", mux.forged),
        ):
            yield CounterMetricFamily(name, text, value=value)
        dropped = CounterMetricFamily("media_packets_dropped", "Packets lost in this machine", labels=["where"])
        dropped.add_metric(["send_buffer"], sending)
        dropped.add_metric(["tcp_backlog"], figures.packets_dropped - sending)
        dropped.add_metric(["receive_buffer"], figures.kernel_dropped)
        yield dropped

    def _process(self) -> Iterator[Metric]:
        lags, threads = self._node.vitals.lags, vitals.threads()
        lag = HistogramMetricFamily("media_loop_lag_seconds", "How late the event loop was, ten times a second")
        lag.add_metric([], lags.buckets(), lags.total)
        yield lag
        yield GaugeMetricFamily("media_python_threads", "Python threads; one is right", value=threads)
        info = GaugeMetricFamily("media_node_info", "1, with the node's id", labels=["node"])
        info.add_metric([self._node.settings.node_id], 1)
        yield info

    def _sessions(self) -> Metric:
        labels = ["role", "state", "transport", "ip"]
        family = GaugeMetricFamily("media_sessions", "WHIP and WHEP sessions; not open: half-open", labels=labels)
        found = Counter(
            (each.role, each.state, snapshot.transport_of(each), str(snapshot.ip_of(each)))
            for show in self._node.shows.values()
            for each in show.sessions()
        )
        for named, count in sorted(found.items()):
            family.add_metric(named, count)
        return family

    def _first_frames(self) -> Metric:
        text = "From a viewer's offer until its first key frame goes out"
        family = HistogramMetricFamily("media_first_frame_seconds", text, labels=["show"])
        for show in self._node.shows.values():
            found = snapshot.first_frames_of(show)
            if found is not None and show.watchable:
                family.add_metric([show.name], found.buckets(), found.total)
        return family


def _shows(shows: list[ShowStatus]) -> Iterator[Metric]:
    viewers = GaugeMetricFamily("media_show_viewers", "Viewers with open sessions", labels=["show"])
    publishing = GaugeMetricFamily("media_show_publishing", "1 while a publisher is there", labels=["show"])
    text = "Viewers who fare badly or want less: loss, delay, waiting, paused"
    troubled = GaugeMetricFamily("media_show_troubled_viewers", text, labels=["show", "why"])
    text = "Mean of the loss that viewers report"
    loss = GaugeMetricFamily("media_show_viewer_loss_ratio", text, labels=["show"])
    text = "Mean round trip to viewers"
    away = GaugeMetricFamily("media_show_viewer_round_trip_seconds", text, labels=["show"])
    text = "Round trip to the publisher, where its browser answers"
    trip = GaugeMetricFamily("media_publisher_round_trip_seconds", text, labels=["show"])
    text = "Packets dropped of a publisher that sends more than it may"
    throttled = GaugeMetricFamily("media_publisher_throttled_packets", text, labels=["show"])
    for show in shows:
        crowd = show.crowd
        viewers.add_metric([show.show], show.viewers)
        publishing.add_metric([show.show], show.publishing)
        loss.add_metric([show.show], crowd.loss)
        away.add_metric([show.show], crowd.round_trip)
        whys = {"loss": crowd.lossy, "delay": crowd.far, "waiting": crowd.waiting, "paused": crowd.paused}
        for why, count in whys.items():
            troubled.add_metric([show.show, why], count)
        if show.publisher is not None:
            throttled.add_metric([show.show], show.publisher.throttled)
        if show.publisher is not None and show.publisher.round_trip is not None:
            trip.add_metric([show.show], show.publisher.round_trip)
    yield from (viewers, publishing, troubled, loss, away, trip, throttled)


def _tracks(shows: list[ShowStatus]) -> Iterator[Metric]:
    families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {
        **{name: CounterMetricFamily(*told, labels=_TRACK) for name, told in _TRACK_COUNTERS.items()},
        **{name: GaugeMetricFamily(*told, labels=_TRACK) for name, told in _TRACK_GAUGES.items()},
    }
    for show in shows:
        for track in show.tracks:
            named = [show.show, track.kind, track.codec, track.layer]
            for name, family in families.items():
                family.add_metric(named, getattr(track, name))
    yield from families.values()


def exposition(node: Node) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(NodeCollector(node))
    ProcessCollector(registry=registry)
    return generate_latest(registry)
