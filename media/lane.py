"""The viewers of one track as dense arrays; whoever needs packets of another make-up is in another lane.

Slots are dense: the last member moves into the place of one that leaves, so numpy sees no holes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from media.batch_send import Names

_FIRST_CAPACITY = 16

Place: TypeAlias = tuple[Any, Any]  # C pointers to a packet, and to its length
Call: TypeAlias = tuple[Any, Any, Any]  # libsrtp's session, and a place: the arguments of its functions


class Make(NamedTuple):
    """What a lane's packets have in common: bytes that SRTP adds, the number of the send time's header extension
    (0: none), and for RED the payload type of its blocks (0: no RED).
    """

    tag_length: int
    extension: int = 0
    red: int = 0


class Numbers(Protocol):
    """How a viewer's numbers follow from the track's: offsets in 16, 32, and for VP8's own 15 and 8 bits.

    Packets before `first` (extended sequence) are not for it: their numbers have been used otherwise.
    """

    first: int
    sequence_offset: int
    timestamp_offset: int
    picture_offset: int
    base_offset: int


class Member(Protocol):
    """What a lane must know of a subscription. `name` is the raw sockaddr, `handle` libsrtp's session."""

    slot: int

    @property
    def ssrc(self) -> int:
        """What it is sent under."""
        ...

    @property
    def payload_type(self) -> int:
        """Likewise."""
        ...

    @property
    def numbers(self) -> Numbers:
        """Of its packets."""
        ...

    @property
    def name(self) -> bytes:
        """Where its packets go."""
        ...

    @property
    def handle(self) -> Any:
        """What encrypts them."""
        ...


class Lane:
    """Arrays over members. `renumbers`: whether VP8's own numbers differ for anybody; `begins`: no member has joined
    later than with this packet.
    """

    def __init__(self, make: Make, name_length: int) -> None:
        self.make = make
        self.members: list[Member] = []
        self.handles: list[Any] = []
        self.firsts: NDArray[np.int64] = np.zeros(0, np.int64)
        self.sequence_offsets: NDArray[np.uint16] = np.zeros(0, np.uint16)
        self.timestamp_offsets: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self.picture_offsets: NDArray[np.uint16] = np.zeros(0, np.uint16)
        self.base_offsets: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.ssrcs: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self.payload_types: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.names = Names(np.zeros((0, name_length), np.uint8))
        self.renumbers = False
        self.begins = -1
        self._rows: dict[int, list[list[Call]]] = {}
        self._calls: dict[tuple[int, int], list[Call]] = {}
        self._grow(_FIRST_CAPACITY)

    def __len__(self) -> int:
        return len(self.members)

    def _grow(self, capacity: int) -> None:
        names = self.names.rows
        more = capacity - len(names)
        self.firsts = np.concatenate([self.firsts, np.zeros(more, np.int64)])
        self.sequence_offsets = np.concatenate([self.sequence_offsets, np.zeros(more, np.uint16)])
        self.timestamp_offsets = np.concatenate([self.timestamp_offsets, np.zeros(more, np.uint32)])
        self.picture_offsets = np.concatenate([self.picture_offsets, np.zeros(more, np.uint16)])
        self.base_offsets = np.concatenate([self.base_offsets, np.zeros(more, np.uint8)])
        self.ssrcs = np.concatenate([self.ssrcs, np.zeros(more, np.uint32)])
        self.payload_types = np.concatenate([self.payload_types, np.zeros(more, np.uint8)])
        self.names = Names(np.concatenate([names, np.zeros((more, names.shape[1]), np.uint8)]))

    def add(self, member: Member) -> None:
        """Give a member a slot."""
        if len(self.members) == len(self.firsts):
            self._grow(2 * len(self.firsts))
        member.slot = len(self.members)
        self.members.append(member)
        self.handles.append(None)
        self.refresh(member)

    def refresh(self, member: Member) -> None:
        """Copy a member's values into its slot, after they have changed."""
        slot, numbers = member.slot, member.numbers
        self.handles[slot] = member.handle
        self.firsts[slot] = numbers.first
        self.begins = max(self.begins, numbers.first)
        self.sequence_offsets[slot] = numbers.sequence_offset
        self.timestamp_offsets[slot] = numbers.timestamp_offset
        self.picture_offsets[slot], self.base_offsets[slot] = numbers.picture_offset, numbers.base_offset
        self.renumbers = self.renumbers or bool(numbers.picture_offset or numbers.base_offset)
        self.ssrcs[slot] = member.ssrc
        self.payload_types[slot] = member.payload_type
        self.names.rows[slot] = np.frombuffer(member.name, np.uint8)
        self._forget_calls()

    def remove(self, member: Member) -> None:
        """Take a member out; the last one moves into its slot."""
        slot, last = member.slot, self.members.pop()
        self.handles.pop()
        member.slot = -1
        self._forget_calls()
        self.renumbers = self.renumbers and bool(self.members)
        if last is not member:
            last.slot = slot
            self.members[slot] = last
            self.refresh(last)

    def calls_for(self, start: int, stop: int, packets: int, places: Sequence[Sequence[Place]]) -> list[Call]:
        """What is to be encrypted for slots [start, stop), whose first `packets` packets are in these places.

        Kept until the lane changes, so `places` have to be the same every time.
        """
        known = self._calls.get((start, packets))
        if known is None:
            rows = self._rows.get(start)
            if rows is None or len(rows[0]) < packets:
                handles = self.handles[start:stop]
                rows = [
                    [(handle, *place) for place in row[:packets]] for handle, row in zip(handles, places, strict=False)
                ]
                self._rows[start] = rows
            # The lists of all numbers of packets share their calls.
            known = [call for row in rows for call in row[:packets]]
            self._calls[start, packets] = known
        return known

    def _forget_calls(self) -> None:
        self._rows.clear()
        self._calls.clear()
