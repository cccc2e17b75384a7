"""What a buyer asks for, and the offer that was made before."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from orders.model import Address, Credit, Door, LineRequest, Position, Quote


@dataclass(frozen=True, slots=True)
class Offer:
    """Quotes that hold for a while: stores, prices, fees and promises. Stock and limits do not.

    Each of the `parts` becomes an order of its own. `total` is in minor units.
    """

    id: str
    buyer_id: str
    show_id: str | None
    position: Position
    parts: tuple[Quote, ...]
    quoted_at: datetime
    valid_until: datetime

    @property
    def total(self) -> int:
        return sum(part.total for part in self.parts)

    @property
    def currency(self) -> str:
        return self.parts[0].currency


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A buyer's order: of an `offer`, or of lines that are priced now.

    `expected_total` is the total that the buyer saw, if one was shown; minor units. `coupons` are ids, None: the best
    of the buyer's. `split`: the buyer agreed to several stores, if no single one has everything.
    """

    buyer_id: str
    idempotency_key: str
    lines: tuple[LineRequest, ...]
    address: Address
    show_id: str | None = None
    credit: Credit | None = None
    expected_total: int | None = None
    note: str = ""
    door: Door = field(default_factory=Door)
    coupons: tuple[str, ...] | None = ()
    split: bool = False
    offer: Offer | None = None

    def fingerprint(self) -> str:
        """Equal exactly for commands that ask for the same thing."""
        lines = [[line.product_id, line.quantity, line.card_id] for line in self.lines]
        address = [self.address.name, self.address.phone, self.address.text, *self.address.position]
        coupons = None if self.coupons is None else list(self.coupons)
        offer = None if self.offer is None else self.offer.id
        whole = [lines, address, self.show_id, self.expected_total, self.note, coupons, self.split, offer]
        if self.door != Door():
            whole.append([self.door.leave, self.door.note])
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()
