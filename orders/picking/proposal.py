"""The values of a proposal: what the store does not have, and what it would send instead."""

from dataclasses import dataclass
from datetime import datetime

from orders.lifecycle import CONCLUDED, ProposalStatus


@dataclass(frozen=True, slots=True)
class Replacement:
    """What would go into the bag instead. `charge` is for all pieces: their price, but never above what is missing."""

    product_id: str
    name: str
    quantity: int
    unit_price: int
    charge: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """So many pieces of a line are not on the shelf. `held` pieces of it were in the bag or to come before;
    `value` is what the buyer would have paid for those that are missing, minor units."""

    product_id: str
    name: str
    missing: int
    held: int
    value: int
    replacement: Replacement | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question to the buyer, open till `until`. Without an answer what is missing is not paid for and nothing is
    sent instead, as if declined."""

    id: str
    at: datetime
    by: str
    until: datetime
    status: ProposalStatus
    shortages: tuple[Shortage, ...]
    answered_at: datetime | None = None

    @property
    def asked(self) -> bool:
        """The buyer has to answer."""
        return self.status is ProposalStatus.OPEN

    @property
    def short(self) -> bool:
        """What was missing stays out of the bag."""
        return self.status in CONCLUDED

    @property
    def refund(self) -> int:
        """What the buyer does not pay when nothing is sent instead, minor units."""
        return sum(shortage.value for shortage in self.shortages)

    @property
    def difference(self) -> int:
        """What the buyer pays less when the replacements are sent, minor units; never negative."""
        return sum(s.value - (s.replacement.charge if s.replacement else 0) for s in self.shortages)
