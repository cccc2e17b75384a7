"""A node's figures at one moment: the same for the control API and for Prometheus."""

from collections.abc import Iterable

from media.node import Node
from media.show import Show
from media.status import NodeStatus, ShowStatus, TrackStatus, ViewerStatus
from media.viewer import Viewer


def _tracks(show: Show) -> Iterable[TrackStatus]:
    sources = [] if show.publisher is None else list(show.publisher.sources.values())
    for track in [layer for stream in show.streams.values() for layer in stream.layers]:
        receptions = [source.reception for source in sources if source.track is track]
        lost = sum(max(0, each.lost) for each in receptions)
        expected = sum(each.expected for each in receptions)
        counters = track.counters
        yield TrackStatus(
            kind=track.format.kind,
            codec=track.format.name,
            layer=track.rid,
            bitrate=round(counters.bitrate),
            packets=counters.packets,
            lost=lost,
            loss=lost / expected if expected else 0.0,
            jitter=max((each.jitter for each in receptions), default=0.0),
            key_frames=counters.key_frames,
            key_frame_requests=counters.key_frame_requests,
            nacked=counters.nacked,
            retransmitted=counters.retransmitted,
        )


def _viewer(viewer: Viewer, now: float) -> ViewerStatus:
    subscriptions = viewer.subscriptions.values()
    reports = [each.report for each in subscriptions if each.report is not None]
    return ViewerStatus(
        session=viewer.id,
        subject=viewer.subject,
        seconds=round(now - viewer.created, 1),
        loss=max((report.fraction_lost for report in reports), default=0) / 256,
        round_trip=max((each.round_trip for each in subscriptions), default=0.0),
        nacks=viewer.nacks,
        key_frame_requests=viewer.key_frame_requests,
    )


def of_show(show: Show, now: float, *, audience: bool = False) -> ShowStatus:
    """A show's figures; each viewer's too if `audience`."""
    tracks = list(_tracks(show))
    return ShowStatus(
        show=show.name,
        publishing=show.state == "publishing",
        subject=None if show.publisher is None else show.publisher.subject,
        since=round(now - show.since, 1),
        viewers=sum(viewer.state == "open" for viewer in show.viewers.values()),
        bitrate=sum(track.bitrate for track in tracks),
        packets=sum(track.packets for track in tracks),
        loss=max((track.loss for track in tracks), default=0.0),
        tracks=tracks,
        audience=[_viewer(viewer, now) for viewer in show.viewers.values()] if audience else [],
    )


def of_node(node: Node) -> NodeStatus:
    """Every show that can be watched."""
    now = node.loop.time()
    shows = [of_show(show, now) for show in node.shows.values() if show.watchable]
    return NodeStatus(node=node.settings.node_id, shows=shows)
