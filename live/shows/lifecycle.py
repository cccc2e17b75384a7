"""The life of a show: one table. A move is one conditional update with `status` in its filter (`store.py`)."""

from enum import StrEnum

from live.shows.model import Status


class Move(StrEnum):
    """What can happen to a show."""

    GO_LIVE = "go_live"
    PAUSE = "pause"
    END = "end"
    CUT = "cut"
    TIME_OUT = "time_out"


#: move → (statuses it may start from, status it leads to). A show that has ended stays ended.
TABLE: dict[Move, tuple[frozenset[Status], Status]] = {
    Move.GO_LIVE: (frozenset({Status.DRAFT, Status.SCHEDULED, Status.PAUSED}), Status.LIVE),
    Move.PAUSE: (frozenset({Status.LIVE}), Status.PAUSED),
    Move.END: (frozenset({Status.LIVE, Status.PAUSED}), Status.ENDED),
    Move.CUT: (frozenset({Status.DRAFT, Status.SCHEDULED, Status.LIVE, Status.PAUSED}), Status.ENDED),
    Move.TIME_OUT: (frozenset({Status.LIVE, Status.PAUSED}), Status.ENDED),
}
