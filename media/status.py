"""What a node says of its shows, as values: for the control API and those who call it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """A value."""

    model_config = ConfigDict(frozen=True)


class TrackStatus(Frozen):
    """One track; `layer` is its rid, "" without simulcast. Times are seconds, `bitrate` bit/s of the last second.
    `width` and `height` are the picture's in pixels, 0 while they are not known.

    `lost` packets never came from the publisher, `loss` is that part of the last second (0 to 1). `nacked` packets were
    asked for again, `recovered` came then, or in the redundancy of others; `retransmitted` were repeated to viewers, of
    whom `viewers` get the track, and `dropped` were left out for those whose paths were full.
    """

    kind: str
    codec: str
    layer: str = ""
    alive: bool = True
    width: int = 0
    height: int = 0
    bitrate: int
    packets: int
    octets: int = 0
    lost: int
    loss: float
    jitter: float
    key_frames: int
    key_frame_requests: int
    nacked: int
    recovered: int = 0
    retransmitted: int
    dropped: int = 0
    viewers: int = 0


class SessionStatus(Frozen):
    """What publishers and viewers have in common. `seconds` is its age, `round_trip` None: not known (yet)."""

    session: str
    subject: str
    state: str = "open"
    seconds: float
    transport: Literal["udp", "tcp"] = "udp"
    ip: Literal[4, 6] = 4
    round_trip: float | None = None


class PublisherStatus(SessionStatus):
    """Who publishes; `relayed`: it is another node, from which this one pulls.

    `throttled` packets were more than a publisher may send, and dropped.
    """

    relayed: bool = False
    throttled: int = 0


class ViewerStatus(SessionStatus):
    """One viewer session. `loss` (0 to 1) is the worst of its tracks in its last report.

    `layer` is the video's; `estimate` what the viewer believes that it can take, in bit/s (0: not told); `first_frame`
    seconds from its offer to its first key frame (None: not yet); `dropped` packets were left out for its congestion.
    """

    loss: float
    jitter: float = 0.0
    layer: str = ""
    estimate: int = 0
    nacks: int
    key_frame_requests: int
    retransmitted: int = 0
    dropped: int = 0
    first_frame: float | None = None
    waiting: bool = False
    paused: bool = False
    relay: bool = False


class CrowdStatus(Frozen):
    """A show's viewers in numbers, without the nodes among them.

    `lossy` report more loss than LOSSY, `far` have a round trip beyond FAR, `waiting` have had no picture for longer
    than PATIENCE, `paused` want no video now. `by_path` counts udp4, udp6, tcp4 and tcp6.
    """

    viewers: int = 0
    lossy: int = 0
    far: int = 0
    waiting: int = 0
    paused: int = 0
    loss: float = 0.0
    round_trip: float = 0.0
    by_path: dict[str, int] = {}


LOSSY = 0.05  # part of packets
FAR = 0.4  # seconds
PATIENCE = 3.0  # seconds


class FirstFrames(Frozen):
    """Seconds from viewers' offers to their first key frames: the bounds that half and 95 % of them stayed under."""

    count: int = 0
    p50: float = 0.0
    p95: float = 0.0


class ShowStatus(Frozen):
    """One show. `since` is seconds in the present state; `audience` begins with those who fare worst."""

    show: str
    publishing: bool
    relayed: bool = False
    subject: str | None
    since: float
    viewers: int
    bitrate: int
    packets: int
    loss: float
    tracks: list[TrackStatus]
    publisher: PublisherStatus | None = None
    crowd: CrowdStatus = CrowdStatus()
    first_frames: FirstFrames = FirstFrames()
    audience: list[ViewerStatus] = []


class NodeFigures(Frozen):
    """The process: counters since its start (seconds, bytes, packets), and `loop_lag`, the worst of the last second.

    `packets_dropped` were not taken by the kernel or a TCP connection, `kernel_dropped` not read by us in time. Of what
    came in `malformed` could not be read, `strangers` belong to no session, `forged` do not decrypt; `refused` could
    not be encrypted.
    """

    uptime: float
    cpu_seconds: float
    memory_bytes: int
    descriptors: int
    threads: int
    loop_lag: float
    packets_in: int
    octets_in: int
    packets_out: int
    octets_out: int
    packets_dropped: int
    kernel_dropped: int
    refused: int
    malformed: int
    strangers: int
    forged: int
    publishers: int
    viewers: int
    half_open: int


class NodeStatus(Frozen):
    """A node's answer to `GET /node/shows`."""

    node: str
    shows: list[ShowStatus]
    figures: NodeFigures | None = None


class CaptureOrder(BaseModel):
    """What to capture: everything of a show, or one kind or one layer (rid), for so many seconds and bytes at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: int = Field(default=30, ge=1, le=120)
    octets: int = Field(default=16 << 20, ge=64 << 10, le=64 << 20)
    kind: Literal["audio", "video"] | None = None
    layer: str | None = Field(default=None, max_length=16)


class CaptureStatus(Frozen):
    """A capture. `began` is Unix time; `missed` packets were left out because the disk was slow."""

    show: str
    state: Literal["running", "ending", "ready", "failed"]
    began: float
    seconds: float
    packets: int
    octets: int
    missed: int
    order: CaptureOrder
