"""One kind of media of a show: one track, or several layers of it (simulcast, RFC 8853)."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from media.answer import Format
from media.selection import Layer
from media.track import Track

MakeTrack: TypeAlias = Callable[[Format, str], Track]
SINGLE = ("",)  # the rids of a publisher without simulcast


class Stream:
    """`layers` are in the order that the publisher offered, by convention the lowest first; never empty."""

    def __init__(self, track_format: Format, rids: Sequence[str], make_track: MakeTrack) -> None:
        self.format = track_format
        self._make_track = make_track
        self.layers: list[Track] = [make_track(track_format, rid) for rid in rids]
        self._ladder: tuple[float, list[Layer]] = -1.0, []

    @property
    def is_video(self) -> bool:
        """Video needs a key frame to begin with; audio does not."""
        return self.format.kind == "video"

    def layer(self, rid: str) -> Track | None:
        """The layer of this rid."""
        return next((track for track in self.layers if track.rid == rid), None)

    def best(self, now: float) -> Track:
        """The layer with the most bits of those that live; when all are silent, the last one offered."""
        living = [track for track in reversed(self.layers) if track.alive(now)]
        return max(living, key=lambda track: track.counters.bitrate) if living else self.layers[-1]

    def ladder(self, now: float) -> list[Layer]:
        """The layers that live, by ascending bit rate. All viewers ask at the same moments: they get the same list."""
        if self._ladder[0] != now:
            living = [Layer(track.rid, track.counters.rate) for track in self.layers if track.alive(now)]
            self._ladder = now, sorted(living, key=lambda layer: layer.bitrate)
        return self._ladder[1]

    @property
    def rids(self) -> list[str]:
        """Those of the layers."""
        return [track.rid for track in self.layers]

    def offer(self, rids: Sequence[str]) -> bool:
        """Another publisher sends these layers; whether they are others than before.

        A layer takes over the track of its rid, else the highest that is free: who watches goes on. Tracks that are
        left over fall silent, and are no longer among `layers`.
        """
        if self.rids == list(rids):
            return False
        known = {track.rid: track for track in self.layers}
        free = [track for track in self.layers if track.rid not in rids]
        taken: list[Track] = []
        for rid in reversed(rids):
            track = known.get(rid) or (free.pop() if free else self._make_track(self.format, rid))
            track.rid = rid
            taken.append(track)
        self.layers = taken[::-1]
        return True

    def key_frame_bytes(self, now: float) -> bytes | None:
        """The last whole key frame of the best layer that has one, for a decoder; see Track."""
        for track in (self.best(now), *reversed(self.layers)):
            data = track.key_frame_bytes()
            if data is not None:
                return data
        return None
