"""The sandbox's cards: each number always does the same. All have a right check digit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

APPROVED: Final = "4242424242424242"
CAPTURE_FAILS: Final = "4000000000000341"
CAPTURE_FAILS_TWICE: Final = "4000000000006207"
DECLINED: Final = "4000000000000002"
ACTION: Final = "4000002500003155"
ACTION_THEN_DECLINED: Final = "4000008400001629"
SLOW: Final = "4000000000006306"
SLOW_THEN_DECLINED: Final = "4000000000006314"
ANSWER_LOST: Final = "4000000000006405"
NOTICE_TWICE: Final = "4000000000006504"
NOTICE_LATE: Final = "4000000000006603"
NOTICE_REVERSED: Final = "4000000000006702"

ALWAYS: Final = 1_000_000


class Telling(StrEnum):
    """How the sandbox's webhooks come: not at all (all is in the answers), once, twice, late, last first."""

    NOT = "not"
    ONCE = "once"
    TWICE = "twice"
    LATE = "late"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What becomes of a payment.

    `code`: why it is refused, in the end. `action`: the buyer has to confirm first. `slow`: the bank takes its time.
    `capture_fails`: so many captures are refused. `answer_lost`: the hold is made, and the first answer never comes.
    """

    code: str = ""
    action: bool = False
    slow: bool = False
    capture_fails: int = 0
    answer_lost: bool = False
    telling: Telling = Telling.NOT


CARDS: Final[Mapping[str, Behaviour]] = MappingProxyType(
    {
        APPROVED: Behaviour(),
        DECLINED: Behaviour("card_declined"),
        "4000000000009995": Behaviour("insufficient_funds"),
        "4000000000000069": Behaviour("expired_card"),
        "4000000000000127": Behaviour("incorrect_cvc"),
        "4000000000000119": Behaviour("processing_error"),
        ACTION: Behaviour(action=True, telling=Telling.ONCE),
        ACTION_THEN_DECLINED: Behaviour("card_declined", action=True, telling=Telling.ONCE),
        SLOW: Behaviour(slow=True, telling=Telling.ONCE),
        SLOW_THEN_DECLINED: Behaviour("card_declined", slow=True, telling=Telling.ONCE),
        CAPTURE_FAILS: Behaviour(capture_fails=ALWAYS),
        CAPTURE_FAILS_TWICE: Behaviour(capture_fails=2),
        ANSWER_LOST: Behaviour(answer_lost=True),
        NOTICE_TWICE: Behaviour(telling=Telling.TWICE),
        NOTICE_LATE: Behaviour(telling=Telling.LATE),
        NOTICE_REVERSED: Behaviour(telling=Telling.REVERSED),
    }
)

UNKNOWN: Final = Behaviour("card_declined")
"""Any number that is not in the table."""


@dataclass(frozen=True, slots=True)
class Delays:
    """How long the sandbox takes for what it does slowly."""

    slow: timedelta = timedelta(seconds=20)
    late: timedelta = timedelta(seconds=60)
