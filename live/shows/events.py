"""What happened to a show: written in the transaction of the change, read by `live/reactions.py`.

They say only which show; whoever reacts reads its present state, so acting twice or late does no harm.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShowStatusChanged:
    """Status, signal, or start and end times changed."""

    id: str
    at: datetime
    show_id: str


@dataclass(frozen=True, slots=True)
class ShowCardsChanged:
    """Cards were attached, ordered, pinned, un-pinned, priced or marked sold out."""

    id: str
    at: datetime
    show_id: str


@dataclass(frozen=True, slots=True)
class ShowTitleChanged:
    """The title or the cover changed."""

    id: str
    at: datetime
    show_id: str
