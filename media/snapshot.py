"""A node's figures at one moment: the same for the control API and for Prometheus."""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from media import vitals
from media.histogram import Histogram
from media.node import Node
from media.publisher import Publisher
from media.session import Session
from media.show import Show
from media.status import (
    FAR,
    LOSSY,
    PATIENCE,
    CrowdStatus,
    FirstFrames,
    NodeFigures,
    NodeStatus,
    PublisherStatus,
    ShowStatus,
    TrackStatus,
    ViewerStatus,
)
from media.track import Track
from media.viewer import Viewer

AUDIENCE = 200  # viewers that are told one by one


def tracks_of(show: Show) -> list[Track]:
    """All its tracks."""
    return [layer for stream in show.streams.values() for layer in stream.layers]


def _tracks(show: Show, now: float) -> Iterable[TrackStatus]:
    sources = [] if show.publisher is None else list(show.publisher.sources.values())
    watching = Counter(
        id(subscription.track)
        for viewer in show.audience
        if viewer.state == "open"
        for subscription in viewer.subscriptions.values()
        if subscription.state in {"live", "replaying"}
    )
    for track in tracks_of(show):
        receptions = [source.reception for source in sources if source.track is track]
        counters = track.counters
        yield TrackStatus(
            kind=track.format.kind,
            codec=track.format.name,
            layer=track.rid,
            alive=track.alive(now),
            width=track.size[0],
            height=track.size[1],
            bitrate=round(counters.bitrate),
            packets=counters.packets,
            octets=counters.octets,
            lost=sum(max(0, each.lost) for each in receptions),
            loss=max((each.recent_loss for each in receptions), default=0.0),
            jitter=max((each.jitter for each in receptions), default=0.0),
            key_frames=counters.key_frames,
            key_frame_requests=counters.key_frame_requests,
            nacked=counters.nacked,
            recovered=sum(each.recovered + each.repaired for each in receptions),
            retransmitted=counters.retransmitted,
            dropped=counters.dropped,
            viewers=watching[id(track)],
        )


def transport_of(session: Session) -> Literal["udp", "tcp"]:
    """How its packets go at present."""
    return "tcp" if session.direct else "udp"


def ip_of(session: Session) -> Literal[4, 6]:
    """The IP version that its packets go by; an IPv4 address in IPv6 clothes is IPv4."""
    selected = session.ice.selected
    host = "" if selected is None else selected.host
    return 6 if ":" in host and not host.startswith("::ffff:") else 4


def loss_of(viewer: Viewer) -> float:
    """The worst of its tracks in its last reports, 0 to 1."""
    reports = [each.report.fraction_lost for each in viewer.subscriptions.values() if each.report is not None]
    return max(reports, default=0) / 256


def round_trip_of(viewer: Viewer) -> float | None:
    """The longest of its tracks, in seconds."""
    return max((each.round_trip for each in viewer.subscriptions.values()), default=0.0) or None


def waits(viewer: Viewer, now: float) -> bool:
    """Whether it has been without its first picture for longer than anybody likes."""
    return now - viewer.created > PATIENCE and any(each.state == "waiting" for each in viewer.subscriptions.values())


def trouble(viewer: Viewer, now: float) -> float:
    """How badly it fares, to sort by."""
    return loss_of(viewer) / LOSSY + (round_trip_of(viewer) or 0.0) / FAR + 100 * waits(viewer, now)


def _viewer(viewer: Viewer, now: float) -> ViewerStatus:
    subscriptions = list(viewer.subscriptions.values())
    jitters = [each.report.jitter / each.track.format.clock_rate for each in subscriptions if each.report is not None]
    first = [each.first_frame for each in subscriptions if each.first_frame is not None]
    return ViewerStatus(
        session=viewer.id,
        subject=viewer.subject,
        state=viewer.state,
        seconds=round(now - viewer.created, 1),
        transport=transport_of(viewer),
        ip=ip_of(viewer),
        round_trip=round_trip_of(viewer),
        loss=loss_of(viewer),
        jitter=max(jitters, default=0.0),
        layer=viewer.layer("video"),
        estimate=viewer.estimate,
        nacks=viewer.nacks,
        key_frame_requests=viewer.key_frame_requests,
        retransmitted=sum(each.retransmitted for each in subscriptions),
        dropped=viewer.dropped,
        paused=viewer.paused("video"),
        first_frame=min(first, default=None),
        waiting=waits(viewer, now),
        relay=viewer.relay,
    )


def _publisher(publisher: Publisher, now: float) -> PublisherStatus:
    return PublisherStatus(
        session=publisher.id,
        subject=publisher.subject,
        state=publisher.state,
        seconds=round(now - publisher.created, 1),
        transport=transport_of(publisher),
        ip=ip_of(publisher),
        round_trip=publisher.round_trip,
        relayed=publisher.relays,
        throttled=publisher.meter.dropped,
    )


def _crowd(viewers: Sequence[Viewer], now: float) -> CrowdStatus:
    """`loss` and `round_trip` are means over those who have reported."""
    losses = [loss_of(viewer) for viewer in viewers]
    trips = [trip for viewer in viewers if (trip := round_trip_of(viewer)) is not None]
    return CrowdStatus(
        viewers=len(viewers),
        lossy=sum(loss > LOSSY for loss in losses),
        far=sum(trip > FAR for trip in trips),
        waiting=sum(waits(viewer, now) for viewer in viewers),
        paused=sum(viewer.paused("video") for viewer in viewers),
        loss=sum(losses) / len(losses) if losses else 0.0,
        round_trip=sum(trips) / len(trips) if trips else 0.0,
        by_path=dict(Counter(f"{transport_of(viewer)}{ip_of(viewer)}" for viewer in viewers)),
    )


def first_frames_of(show: Show) -> Histogram | None:
    """Of all layers together; None without video."""
    found: Histogram | None = None
    for track in tracks_of(show):
        if track.is_video:
            found = found or Histogram(track.counters.first_frames.bounds)
            found.add(track.counters.first_frames)
    return found


def _first_frames(show: Show) -> FirstFrames:
    found = first_frames_of(show)
    if found is None:
        return FirstFrames()
    return FirstFrames(count=found.count, p50=found.quantile(0.5), p95=found.quantile(0.95))


def of_show(show: Show, now: float, *, audience: int = 0) -> ShowStatus:
    """A show's figures, and so many viewers one by one: those who fare worst, the nodes among them last."""
    tracks = list(_tracks(show, now))
    people = [viewer for viewer in show.audience if viewer.state == "open"]
    told = heapq.nlargest(min(audience, AUDIENCE), show.viewers.values(), key=lambda viewer: trouble(viewer, now))
    return ShowStatus(
        show=show.name,
        publishing=show.state == "publishing",
        relayed=show.relayed,
        subject=None if show.publisher is None else show.publisher.subject,
        since=round(now - show.since, 1),
        viewers=len(people),
        bitrate=sum(track.bitrate for track in tracks),
        packets=sum(track.packets for track in tracks),
        loss=max((track.loss for track in tracks), default=0.0),
        tracks=tracks,
        publisher=None if show.publisher is None else _publisher(show.publisher, now),
        crowd=_crowd(people, now),
        first_frames=_first_frames(show),
        audience=[_viewer(viewer, now) for viewer in sorted(told, key=lambda viewer: viewer.relay)],
    )


def of_node(node: Node) -> NodeStatus:
    """Every show that can be watched."""
    now = node.loop.time()
    shows = [of_show(show, now) for show in node.shows.values() if show.watchable]
    return NodeStatus(node=node.settings.node_id, shows=shows, figures=figures(node))


def figures(node: Node) -> NodeFigures:
    """The process and its port."""
    fanout, mux, port, streams = node.fanout, node.mux.counters, node.port, node.mux.streams
    sessions = [session for show in node.shows.values() for session in show.sessions()]
    return NodeFigures(
        uptime=round(node.vitals.uptime, 1),
        cpu_seconds=vitals.cpu_seconds(),
        memory_bytes=vitals.memory(),
        descriptors=vitals.descriptors(),
        threads=vitals.threads(),
        loop_lag=node.vitals.lag,
        packets_in=mux.received,
        octets_in=mux.octets,
        packets_out=fanout.sent + port.sent,
        octets_out=fanout.octets + port.octets,
        packets_dropped=fanout.dropped + port.dropped + (0 if streams is None else streams.counters.dropped),
        kernel_dropped=port.overflowed,
        refused=fanout.refused,
        malformed=mux.malformed,
        strangers=mux.strangers,
        forged=mux.forged,
        publishers=sum(each.role == "publish" and each.state == "open" for each in sessions),
        viewers=sum(each.role == "view" and each.state == "open" for each in sessions),
        half_open=sum(each.state in {"new", "connecting"} for each in sessions),
    )
