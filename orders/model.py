"""The values of orders: frozen, typed, safe to hand to anybody.

Money is an integer in minor units of `currency`; times are aware UTC, whole milliseconds (what the database keeps);
a position is `(lon, lat)` in degrees, WGS 84; distances are metres.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from orders.catalogue.hours import OpeningHours
from orders.lifecycle import OrderStatus
from orders.payments.ledger import PaymentEvent

Position: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StoreDetails:
    """What a store is told to be. `time_zone` is an IANA name: `hours` are in it."""

    name: str
    address: str
    position: Position
    time_zone: str
    hours: OpeningHours
    delivery_radius_m: float
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """A shop that sells and hands over. A `paused` one takes no orders, whatever its hours."""

    id: str
    details: StoreDetails
    paused: bool = False

    @property
    def name(self) -> str:
        return self.details.name

    @property
    def position(self) -> Position:
        return self.details.position

    def is_open(self, at: datetime) -> bool:
        """Whether it takes orders at this moment."""
        return not self.paused and self.details.hours.is_open(at, self.details.time_zone)

    def opens_at(self, at: datetime) -> datetime | None:
        """When it next opens (`at` itself if it is open), None if its hours never come or it is paused."""
        return None if self.paused else self.details.hours.opens_at(at, self.details.time_zone)


@dataclass(frozen=True, slots=True)
class StoreNear:
    """A store as seen from a position. `in_range`: it delivers there."""

    store: Store
    distance_m: float

    @property
    def in_range(self) -> bool:
        return self.distance_m <= self.store.details.delivery_radius_m


@dataclass(frozen=True, slots=True)
class ProductDetails:
    """What is sold. `price` is the list price; `options` are texts that tell variants apart (size, colour)."""

    name: str
    description: str
    price: int
    currency: str
    options: tuple[str, ...] = ()
    barcode: str = ""
    on_sale: bool = True


@dataclass(frozen=True, slots=True)
class Product:
    """A thing on sale."""

    id: str
    details: ProductDetails

    @property
    def name(self) -> str:
        return self.details.name


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Stock of one product in one store: `on_hand` = `available` + `reserved`, always."""

    store_id: str
    product_id: str
    on_hand: int
    reserved: int
    available: int


@dataclass(frozen=True, slots=True)
class StockedProduct:
    """A product as one store has it."""

    product: Product
    level: StockLevel


@dataclass(frozen=True, slots=True)
class ProductImage:
    """A product's picture."""

    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class LineRequest:
    """What a buyer asks for. `card_id` is the card it was bought from, for its deal price and the credit."""

    product_id: str
    quantity: int
    card_id: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where the goods go."""

    name: str
    phone: str
    text: str
    position: Position


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an order, at the price it was bought for; `list_price` is what it costs without a deal."""

    product_id: str
    name: str
    quantity: int
    unit_price: int
    list_price: int
    card_id: str | None

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would be now: which store, what each thing costs, when it is at the door."""

    store_id: str
    store_name: str
    distance_m: float
    lines: tuple[Line, ...]
    subtotal: int
    delivery_fee: int
    total: int
    currency: str
    promised_from: datetime
    promised_to: datetime


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of status. `by` is the id of who did it, or "system"."""

    at: datetime
    by: str
    status: OrderStatus
    reason: str = ""


class Due(StrEnum):
    """What an order still owes after a change was committed. Done at once, or by the sweep if the process died."""

    STOCK = "stock"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Order:
    """An order, whole. `history` and `payments` only ever grow."""

    id: str
    number: str
    buyer_id: str
    idempotency_key: str
    fingerprint: str
    status: OrderStatus
    quote: Quote
    store_id: str
    show_id: str | None
    associate_id: str | None
    address: Address
    note: str
    placed_at: datetime
    expires_at: datetime
    history: tuple[HistoryEntry, ...]
    payments: tuple[PaymentEvent, ...] = ()
    due: tuple[Due, ...] = ()
    due_at: datetime | None = None

    @property
    def total(self) -> int:
        return self.quote.total

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.quote.lines

    @property
    def reason(self) -> str:
        """Why it came to its present status, "" if nobody said."""
        return self.history[-1].reason
