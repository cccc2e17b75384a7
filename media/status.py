"""What a node says of its shows, as values: for the control API and those who call it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TrackStatus(BaseModel):
    """One track; `layer` is its rid, "" without simulcast.

    `bitrate` in bit/s; `loss` is the part that never came from the publisher, 0 to 1.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    codec: str
    layer: str = ""
    bitrate: int
    packets: int
    lost: int
    loss: float
    jitter: float
    key_frames: int
    key_frame_requests: int
    nacked: int
    retransmitted: int


class ViewerStatus(BaseModel):
    """One viewer session. `loss` (0 to 1) is the worst of its tracks in its last report, `round_trip` in seconds."""

    model_config = ConfigDict(frozen=True)

    session: str
    subject: str
    seconds: float
    loss: float
    round_trip: float
    nacks: int
    key_frame_requests: int


class ShowStatus(BaseModel):
    """One show. `since` is seconds in the present state."""

    model_config = ConfigDict(frozen=True)

    show: str
    publishing: bool
    subject: str | None
    since: float
    viewers: int
    bitrate: int
    packets: int
    loss: float
    tracks: list[TrackStatus]
    audience: list[ViewerStatus] = []


class NodeStatus(BaseModel):
    """A node's answer to `GET /node/shows`."""

    model_config = ConfigDict(frozen=True)

    node: str
    shows: list[ShowStatus]


class CaptureOrder(BaseModel):
    """What to capture: everything of a show, or one kind or one layer (rid), for so many seconds and bytes at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: int = Field(default=30, ge=1, le=120)
    octets: int = Field(default=16 << 20, ge=64 << 10, le=64 << 20)
    kind: Literal["audio", "video"] | None = None
    layer: str | None = Field(default=None, max_length=16)


class CaptureStatus(BaseModel):
    """A capture. `began` is Unix time; `missed` packets were left out because the disk was slow."""

    model_config = ConfigDict(frozen=True)

    show: str
    state: Literal["running", "ending", "ready", "failed"]
    began: float
    seconds: float
    packets: int
    octets: int
    missed: int
    order: CaptureOrder
