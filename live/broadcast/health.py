"""How a show's media is doing, from what the nodes that carry it say: one verdict, its reasons, and the figures.

Thresholds are those of docs/operations.md, "Media numbers".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel

from media.status import ShowStatus, TrackStatus, ViewerStatus

Level: TypeAlias = Literal["fair", "bad"]
Verdict: TypeAlias = Literal["good", "fair", "bad", "off"]
WarningCode: TypeAlias = Literal[
    "publisher_lost", "no_video", "publisher_loss", "publisher_far", "low_bitrate", "viewers_lossy", "viewers_waiting",
    "first_frame_slow",
]  # fmt: skip

#: What is fair from here on, and what is bad.
PUBLISHER_LOSS: Final = (0.02, 0.08)  # part of packets
PUBLISHER_FAR: Final = (0.3, 0.8)  # seconds
LOW_BITRATE: Final = (300_000, 120_000)  # bit/s of the best layer, below
VIEWERS: Final = (0.1, 0.3)  # part of the viewers, and more than one of them
FIRST_FRAME: Final = (1.0, 2.0)  # seconds, of 95 %
FEW: Final = 5  # viewers: too few to speak of 95 %


class WarningView(BaseModel):
    """A reason for a verdict; `value` in the unit of the figure that it is about."""

    code: WarningCode
    level: Level
    value: float


class PublisherView(BaseModel):
    """Rates in bit/s, times in seconds, loss 0 to 1 of the last second; `round_trip` null: its browser does not say."""

    bitrate: int
    loss: float
    jitter: float
    round_trip: float | None
    transport: str
    ip: int
    seconds: float


class LayerView(BaseModel):
    """One track; `layer` is "" without simulcast, `width` and `height` are pixels, 0 while they are not known."""

    kind: str
    codec: str
    layer: str
    alive: bool
    width: int
    height: int
    bitrate: int
    loss: float
    viewers: int
    key_frames: int
    key_frame_requests: int
    nacked: int
    retransmitted: int


class CrowdView(BaseModel):
    """The viewers in numbers: how many have loss, delay, no picture yet, or want no video; means; and how they come."""

    viewers: int
    lossy: int
    far: int
    waiting: int
    paused: int
    loss: float
    round_trip: float
    by_path: dict[str, int]
    first_frame_p50: float | None
    first_frame_p95: float | None


class ViewerView(BaseModel):
    """One viewer's session. `first_frame` null: no picture yet; `estimate` null: not told."""

    session: str
    user_id: str
    name: str
    node: str
    seconds: float
    layer: str
    transport: str
    ip: int
    loss: float
    round_trip: float | None
    jitter: float
    estimate: int | None
    first_frame: float | None
    nacks: int
    retransmitted: int
    dropped: int
    waiting: bool
    paused: bool


class CarrierView(BaseModel):
    """A node that carries the show."""

    node: str
    origin: bool
    viewers: int


class HealthView(BaseModel):
    """Everything about a show's media; `viewers` are those who fare worst."""

    verdict: Verdict
    warnings: list[WarningView]
    publisher: PublisherView | None
    layers: list[LayerView]
    crowd: CrowdView
    viewers: list[ViewerView]
    nodes: list[CarrierView]


@dataclass(frozen=True, slots=True)
class Carried:
    """What one node says of the show."""

    node: str
    status: ShowStatus


def health(carried: Sequence[Carried], names: Mapping[str, str], most: int) -> HealthView:
    """Of all nodes that carry it; `most` viewers are told one by one."""
    origin = next((one.status for one in carried if not one.status.relayed), None)
    publisher = None if origin is None else _publisher(origin)
    layers = _layers(carried, origin)
    crowd = _crowd([one.status for one in carried])
    warnings = [*_of_publisher(origin, publisher, layers), *_of_viewers(crowd, carried)] if origin is not None else []
    worst: Verdict = "bad" if any(one.level == "bad" for one in warnings) else "fair" if warnings else "good"
    told = [(one.node, viewer) for one in carried for viewer in one.status.audience if not viewer.relay]
    told.sort(key=lambda pair: trouble(pair[1]), reverse=True)
    return HealthView(
        verdict="off" if origin is None else worst,
        warnings=warnings,
        publisher=publisher,
        layers=layers,
        crowd=crowd,
        viewers=[_viewer(viewer, node, names) for node, viewer in told[:most]],
        nodes=[
            CarrierView(node=one.node, origin=not one.status.relayed, viewers=one.status.viewers) for one in carried
        ],
    )


def trouble(viewer: ViewerStatus) -> float:
    """How badly a viewer fares, to sort by."""
    return 100 * viewer.waiting + 20 * viewer.loss + 2.5 * (viewer.round_trip or 0.0)


def _publisher(status: ShowStatus) -> PublisherView | None:
    session = status.publisher
    if session is None:
        return None
    return PublisherView(
        bitrate=status.bitrate,
        loss=status.loss,
        jitter=max((track.jitter for track in status.tracks), default=0.0),
        round_trip=session.round_trip,
        transport=session.transport,
        ip=session.ip,
        seconds=session.seconds,
    )


def _layers(carried: Sequence[Carried], origin: ShowStatus | None) -> list[LayerView]:
    """Those of the origin, with the viewers of all nodes; video before audio, the best layer first."""
    viewers: Counter[tuple[str, str]] = Counter()
    for one in carried:
        for track in one.status.tracks:
            viewers[track.kind, track.layer] += track.viewers
    first = origin or next((one.status for one in carried), None)
    tracks = [] if first is None else sorted(first.tracks, key=lambda track: (track.kind == "audio", -track.bitrate))
    return [_layer(track, viewers[track.kind, track.layer]) for track in tracks]


def _layer(track: TrackStatus, viewers: int) -> LayerView:
    return LayerView(
        kind=track.kind,
        codec=track.codec,
        layer=track.layer,
        alive=track.alive,
        width=track.width,
        height=track.height,
        bitrate=track.bitrate,
        loss=track.loss,
        viewers=viewers,
        key_frames=track.key_frames,
        key_frame_requests=track.key_frame_requests,
        nacked=track.nacked,
        retransmitted=track.retransmitted,
    )


def _crowd(statuses: Sequence[ShowStatus]) -> CrowdView:
    crowds = [status.crowd for status in statuses]
    firsts = [status.first_frames for status in statuses if status.first_frames.count]
    viewers = sum(crowd.viewers for crowd in crowds)
    paths: Counter[str] = Counter()
    for crowd in crowds:
        paths.update(crowd.by_path)
    return CrowdView(
        viewers=viewers,
        lossy=sum(crowd.lossy for crowd in crowds),
        far=sum(crowd.far for crowd in crowds),
        waiting=sum(crowd.waiting for crowd in crowds),
        paused=sum(crowd.paused for crowd in crowds),
        loss=sum(crowd.loss * crowd.viewers for crowd in crowds) / max(1, viewers),
        round_trip=sum(crowd.round_trip * crowd.viewers for crowd in crowds) / max(1, viewers),
        by_path=dict(paths),
        first_frame_p50=max((first.p50 for first in firsts), default=None),
        first_frame_p95=max((first.p95 for first in firsts), default=None),
    )


def _viewer(viewer: ViewerStatus, node: str, names: Mapping[str, str]) -> ViewerView:
    return ViewerView(
        session=viewer.session,
        user_id=viewer.subject,
        name=names.get(viewer.subject, ""),
        node=node,
        seconds=viewer.seconds,
        layer=viewer.layer,
        transport=viewer.transport,
        ip=viewer.ip,
        loss=viewer.loss,
        round_trip=viewer.round_trip,
        jitter=viewer.jitter,
        estimate=viewer.estimate or None,
        first_frame=viewer.first_frame,
        nacks=viewer.nacks,
        retransmitted=viewer.retransmitted,
        dropped=viewer.dropped,
        waiting=viewer.waiting,
        paused=viewer.paused,
    )


def _of_publisher(
    origin: ShowStatus, publisher: PublisherView | None, layers: Sequence[LayerView]
) -> list[WarningView]:
    if publisher is None or not origin.publishing or not any(layer.alive for layer in layers):
        return [WarningView(code="publisher_lost", level="bad", value=origin.since)]
    video = [layer for layer in layers if layer.kind == "video"]
    if not any(layer.alive for layer in video):
        return [WarningView(code="no_video", level="bad", value=0)]
    best = max(layer.bitrate for layer in video)
    found = [
        _above("publisher_loss", publisher.loss, PUBLISHER_LOSS),
        _above("publisher_far", publisher.round_trip or 0.0, PUBLISHER_FAR),
        _above("low_bitrate", -best, (-LOW_BITRATE[0], -LOW_BITRATE[1])) if publisher.seconds > FEW else None,
    ]
    return [one for one in found if one is not None]


def _of_viewers(crowd: CrowdView, carried: Sequence[Carried]) -> list[WarningView]:
    parts = max(1, crowd.viewers)
    slow = [one.status.first_frames.p95 for one in carried if one.status.first_frames.count >= FEW]
    found = [
        _above("viewers_lossy", crowd.lossy / parts, VIEWERS) if crowd.lossy > 1 else None,
        _above("viewers_waiting", crowd.waiting / parts, VIEWERS) if crowd.waiting > 1 else None,
        _above("first_frame_slow", max(slow, default=0.0), FIRST_FRAME),
    ]
    return [one for one in found if one is not None]


def _above(code: WarningCode, value: float, steps: tuple[float, float]) -> WarningView | None:
    if value <= steps[0]:
        return None
    return WarningView(code=code, level="bad" if value > steps[1] else "fair", value=abs(value))
