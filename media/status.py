"""What a node says of its shows, as values: for the control API and those who call it."""

from pydantic import BaseModel, ConfigDict


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
