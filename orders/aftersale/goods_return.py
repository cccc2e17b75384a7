"""The values of a return."""

from dataclasses import dataclass
from datetime import datetime

from orders.lifecycle import ReturnStatus


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """So many pieces of what was in the bag; `amount` is what the buyer paid for them, minor units."""

    product_id: str
    name: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class ReturnStep:
    """One change of a return. `by` is the id of who did it, or "system"."""

    at: datetime
    by: str
    status: ReturnStatus
    note: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Goods that a buyer gives back. `restocked` is whether they went back on sale (None: nobody has them yet, or the
    buyer keeps them); `refund_key` names the refund among the order's payment events."""

    id: str
    status: ReturnStatus
    lines: tuple[ReturnedLine, ...]
    history: tuple[ReturnStep, ...]
    restocked: bool | None = None
    refund_key: str = ""

    @property
    def amount(self) -> int:
        """Money that goes back for it, minor units."""
        return sum(line.amount for line in self.lines)

    @property
    def stands(self) -> bool:
        """Its pieces cannot be returned once more."""
        return self.status is not ReturnStatus.REFUSED
