"""The value of a personal link."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """Made by an associate for one customer, into a show: `name` is the associate's own word for whom it is.

    Who follows it first, before `until`, is the customer (`buyer_id`); to all others it is a link like any.
    """

    id: str
    associate_id: str
    show_id: str
    name: str
    made_at: datetime
    until: datetime
    buyer_id: str | None = None
    followed_at: datetime | None = None
