"""Prometheus figures, read from the node when asked; nothing is counted twice."""

import threading
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media import snapshot
from media.node import Node


class NodeCollector(Collector):
    """A node's counters as metric families."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client."""
        yield from self._totals()
        yield from self._shows()

    def _totals(self) -> Iterator[Metric]:
        fanout, mux, port = self._node.fanout, self._node.mux.counters, self._node.port
        for name, text, value in (
            ("media_packets_forwarded", "Packets handed to the kernel for viewers", fanout.sent),
            ("media_packets_dropped", "Packets that the kernel would not take", fanout.dropped + port.dropped),
            ("media_packets_refused", "Packets that libsrtp would not protect", fanout.refused),
            ("media_datagrams_received", "Datagrams that came in", mux.received),
            ("media_stun_received", "STUN messages that came in", mux.stun),
            ("media_datagrams_malformed", "Datagrams that could not be read or believed", mux.malformed),
            ("media_datagrams_strange", "Datagrams of no session", mux.strangers),
        ):
            yield CounterMetricFamily(name, text, value=value)
        threads = threading.active_count()  # more than one makes each packet several times as dear
        yield GaugeMetricFamily("media_python_threads", "Python threads of this process", value=threads)

    def _shows(self) -> Iterator[Metric]:
        viewers = GaugeMetricFamily("media_show_viewers", "Viewers with open sessions", labels=["show"])
        publishing = GaugeMetricFamily("media_show_publishing", "1 while a publisher is there", labels=["show"])
        labels = ["show", "kind", "codec", "layer"]
        bitrate = GaugeMetricFamily("media_track_bitrate", "bit/s of the last second", labels=labels)
        jitter = GaugeMetricFamily("media_track_jitter_seconds", "Jitter of the publisher", labels=labels)
        counters = {
            "packets": CounterMetricFamily("media_track_packets", "Packets taken", labels=labels),
            "nacked": CounterMetricFamily("media_track_nacked", "Packets asked for again", labels=labels),
            "retransmitted": CounterMetricFamily(
                "media_track_retransmitted", "Packets repeated to viewers", labels=labels
            ),
            "key_frames": CounterMetricFamily("media_track_key_frames", "Key frames", labels=labels),
            "key_frame_requests": CounterMetricFamily(
                "media_track_key_frame_requests", "PLIs to publishers", labels=labels
            ),
        }
        lost = GaugeMetricFamily("media_track_lost", "Packets missing from the publisher", labels=labels)
        for show in snapshot.of_node(self._node).shows:
            viewers.add_metric([show.show], show.viewers)
            publishing.add_metric([show.show], show.publishing)
            for track in show.tracks:
                named = [show.show, track.kind, track.codec, track.layer]
                bitrate.add_metric(named, track.bitrate)
                jitter.add_metric(named, track.jitter)
                lost.add_metric(named, track.lost)
                for name, family in counters.items():
                    family.add_metric(named, getattr(track, name))
        yield from (viewers, publishing, bitrate, jitter, lost, *counters.values())


def exposition(node: Node) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(NodeCollector(node))
    return generate_latest(registry)
