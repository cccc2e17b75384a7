"""The life of a delivery job: one table, and the rank that says which way time runs.

A job goes back only before the goods have left the store, and then into a new `round`: the pair (round, rank) only ever
grows, so an event that is late or doubled is told apart from a new one. After `collected` the rank alone only grows.
"""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a job is."""

    SEARCHING = "searching"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    AT_STORE = "at_store"
    COLLECTED = "collected"
    ARRIVING = "arriving"
    RETURNING = "returning"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What moves a job on."""

    OFFER = "offer"
    ACCEPT = "accept"
    RELEASE = "release"
    ASSIGN = "assign"
    """Another provider tells that one of its couriers comes."""
    HAND_ON = "hand_on"
    """Another provider is asked, before anybody accepted."""
    REACH_STORE = "reach_store"
    COLLECT = "collect"
    REACH_DOOR = "reach_door"
    DELIVER = "deliver"
    TURN_BACK = "turn_back"
    BRING_BACK = "bring_back"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Transition:
    """From any of `sources` to `target`. `new_round` marks the one kind that goes back in rank."""

    sources: frozenset[Status]
    target: Status
    new_round: bool = False


def _from(*sources: Status, to: Status, new_round: bool = False) -> Transition:
    return Transition(frozenset(sources), to, new_round)


TABLE: dict[Action, Transition] = {
    Action.OFFER: _from(Status.SEARCHING, to=Status.OFFERED),
    Action.ACCEPT: _from(Status.OFFERED, to=Status.ACCEPTED),
    Action.RELEASE: _from(Status.OFFERED, Status.ACCEPTED, Status.AT_STORE, to=Status.SEARCHING, new_round=True),
    Action.ASSIGN: _from(Status.SEARCHING, to=Status.ACCEPTED),
    Action.HAND_ON: _from(Status.SEARCHING, to=Status.SEARCHING, new_round=True),
    Action.REACH_STORE: _from(Status.ACCEPTED, to=Status.AT_STORE),
    Action.COLLECT: _from(Status.ACCEPTED, Status.AT_STORE, to=Status.COLLECTED),
    Action.REACH_DOOR: _from(Status.COLLECTED, to=Status.ARRIVING),
    Action.DELIVER: _from(Status.COLLECTED, Status.ARRIVING, to=Status.DELIVERED),
    Action.TURN_BACK: _from(Status.COLLECTED, Status.ARRIVING, to=Status.RETURNING),
    Action.BRING_BACK: _from(Status.RETURNING, to=Status.RETURNED),
    Action.CANCEL: _from(Status.SEARCHING, Status.OFFERED, Status.ACCEPTED, Status.AT_STORE, to=Status.CANCELLED),
}

RANK: dict[Status, int] = {status: rank for rank, status in enumerate(Status)}

FINAL = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED})
# A courier is bound to the job in these; only then does the buyer see where the courier is (and never while returning).
CARRIED = frozenset({Status.ACCEPTED, Status.AT_STORE, Status.COLLECTED, Status.ARRIVING, Status.RETURNING})
ON_THE_WAY = CARRIED - {Status.RETURNING}
BEFORE_COLLECTION = TABLE[Action.CANCEL].sources
WITH_GOODS = frozenset({Status.COLLECTED, Status.ARRIVING})
