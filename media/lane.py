"""The viewers of one track as dense arrays, one lane for each length of SRTP tag.

Slots are dense: the last member moves into the place of one that leaves, so numpy sees no holes.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY = 16


class Member(Protocol):
    """What a lane must know of a subscription. `name` is the raw sockaddr, `handle` libsrtp's session."""

    slot: int
    ssrc: int
    payload_type: int
    sequence_offset: int
    timestamp_offset: int

    @property
    def name(self) -> bytes:
        """Where its packets go."""
        ...

    @property
    def handle(self) -> Any:
        """What encrypts them."""
        ...


class Lane:
    """Arrays over members; offsets are added to a track's sequence (16 bits) and timestamp (32 bits)."""

    def __init__(self, tag_length: int, name_length: int) -> None:
        self.tag_length = tag_length
        self.members: list[Member] = []
        self.handles: list[Any] = []
        self.sequence_offsets: NDArray[np.uint16] = np.zeros(0, np.uint16)
        self.timestamp_offsets: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self.ssrcs: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self.payload_types: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.names: NDArray[np.uint8] = np.zeros((0, name_length), np.uint8)
        self._repeated: dict[tuple[int, int], list[Any]] = {}
        self._grow(_FIRST_CAPACITY)

    def __len__(self) -> int:
        return len(self.members)

    def _grow(self, capacity: int) -> None:
        more = capacity - len(self.names)
        self.sequence_offsets = np.concatenate([self.sequence_offsets, np.zeros(more, np.uint16)])
        self.timestamp_offsets = np.concatenate([self.timestamp_offsets, np.zeros(more, np.uint32)])
        self.ssrcs = np.concatenate([self.ssrcs, np.zeros(more, np.uint32)])
        self.payload_types = np.concatenate([self.payload_types, np.zeros(more, np.uint8)])
        rows = np.zeros((more, self.names.shape[1]), np.uint8)
        self.names = np.concatenate([self.names, rows])

    def add(self, member: Member) -> None:
        """Give a member a slot."""
        if len(self.members) == len(self.names):
            self._grow(2 * len(self.names))
        member.slot = len(self.members)
        self.members.append(member)
        self.handles.append(None)
        self.refresh(member)

    def refresh(self, member: Member) -> None:
        """Copy a member's values into its slot, after they have changed."""
        slot = member.slot
        self.handles[slot] = member.handle
        self.sequence_offsets[slot] = member.sequence_offset
        self.timestamp_offsets[slot] = member.timestamp_offset
        self.ssrcs[slot] = member.ssrc
        self.payload_types[slot] = member.payload_type
        self.names[slot] = np.frombuffer(member.name, np.uint8)
        self._repeated.clear()

    def remove(self, member: Member) -> None:
        """Take a member out; the last one moves into its slot."""
        slot, last = member.slot, self.members.pop()
        self.handles.pop()
        member.slot = -1
        self._repeated.clear()
        if last is not member:
            last.slot = slot
            self.members[slot] = last
            self.refresh(last)

    def handles_for(self, start: int, stop: int, packets: int) -> list[Any]:
        """The handles of slots [start, stop), each `packets` times, as a run of packets needs them."""
        known = self._repeated.get((start, packets))
        if known is None:
            known = [handle for handle in self.handles[start:stop] for _ in range(packets)]
            self._repeated[start, packets] = known
        return known
