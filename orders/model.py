"""The values of orders: frozen, typed, safe to hand to anybody.

Money is an integer in minor units of `currency`; times are aware UTC, whole milliseconds (what the database keeps);
a position is `(lon, lat)` in degrees, WGS 84; distances are metres.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from orders.aftersale.goods_return import Return
from orders.catalogue import sphere
from orders.catalogue.area import DeliveryArea
from orders.catalogue.hours import OpeningHours
from orders.catalogue.sphere import distance_m
from orders.credit.touch import TouchAction, TouchKind
from orders.lifecycle import OrderStatus
from orders.payments.ledger import PaymentEvent
from orders.picking.proposal import Proposal
from orders.sourcing.why import Why

Position: TypeAlias = sphere.Position

STANDARD_TAX = "standard"
"""The tax class of whatever names no other."""


@dataclass(frozen=True, slots=True)
class StoreDetails:
    """What a store is told to be. `time_zone` is an IANA name: `hours` are in it.

    It delivers inside `area`, or where there is none, up to `delivery_radius_m` away. `capacity` is how many orders it
    takes in a quarter of an hour, None: any number.
    """

    name: str
    address: str
    position: Position
    time_zone: str
    hours: OpeningHours
    delivery_radius_m: float
    phone: str = ""
    area: DeliveryArea | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """A shop that sells and hands over. A `paused` one takes no orders, whatever its hours, till `paused_until`.

    `revision`: how often its details were written.
    """

    id: str
    details: StoreDetails
    paused: bool = False
    paused_until: datetime | None = None
    revision: int = 0

    @property
    def name(self) -> str:
        return self.details.name

    @property
    def position(self) -> Position:
        return self.details.position

    def is_paused(self, at: datetime) -> bool:
        """Whether the pause switch holds at this moment. A pause with an end is over by itself."""
        return self.paused and (self.paused_until is None or at < self.paused_until)

    def is_open(self, at: datetime) -> bool:
        """Whether it takes orders at this moment."""
        return not self.is_paused(at) and self.details.hours.is_open(at, self.details.time_zone)

    def opens_at(self, at: datetime) -> datetime | None:
        """When it next opens (`at` itself if it is open), None if its hours never come or nobody knows."""
        if self.is_paused(at):
            if self.paused_until is None:
                return None
            at = self.paused_until
        return self.details.hours.opens_at(at, self.details.time_zone)

    def delivers_to(self, place: Position) -> bool:
        """Whether its delivery area, or its radius, reaches this place."""
        if self.details.area is not None:
            return self.details.area.contains(place)
        return distance_m(self.position, place) <= self.details.delivery_radius_m


@dataclass(frozen=True, slots=True)
class StoreNear:
    """A store as seen from a position. `in_range`: it delivers there."""

    store: Store
    distance_m: float
    in_range: bool

    @classmethod
    def seen_from(cls, place: Position, store: Store) -> "StoreNear":
        """The store as somebody there sees it."""
        return cls(store, distance_m(place, store.position), store.delivers_to(place))


@dataclass(frozen=True, slots=True)
class Option:
    """What tells a variant from its siblings: `name` what of ("colour"), `value` which ("red")."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ProductDetails:
    """What is sold. `price` is the base price, tax class a name that the tax settings know.

    Products of one `group_id` are variants of one another and are told apart by their `options`, which have the same
    names in the same order in the whole group. `barcode` is a GTIN or empty.
    """

    name: str
    description: str
    price: int
    currency: str
    options: tuple[Option, ...] = ()
    barcode: str = ""
    on_sale: bool = True
    group_id: str | None = None
    tax_class: str = STANDARD_TAX


@dataclass(frozen=True, slots=True)
class Picture:
    """One of a product's pictures, without its bytes. `id` is a hash of them: the same id is the same picture."""

    id: str
    content_type: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A thing on sale. `pictures` in the order to show them, the first is its face.

    `revision`: how often it was written, its pictures and its rows of price lists too.
    """

    id: str
    details: ProductDetails
    pictures: tuple[Picture, ...] = ()
    revision: int = 0

    @property
    def name(self) -> str:
        return self.details.name


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Stock of one product in one store: of `on_hand` pieces open orders hold `reserved`, and `safety` are kept from
    buyers, who can have `available`: what is left, never below zero."""

    store_id: str
    product_id: str
    on_hand: int
    reserved: int
    available: int
    safety: int = 0


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
class Door:
    """What the buyer wants done at the door: put the goods down there (`leave`), and a word for who brings them."""

    leave: bool = False
    note: str = ""


class AdjustmentKind(StrEnum):
    """Why a price is what it is, in the order in which the rules are applied."""

    BASE = "base"
    STORE_PRICE = "store_price"
    MEMBER_PRICE = "member_price"
    SHOW_DEAL = "show_deal"
    FLASH_PRICE = "flash_price"
    FLASH_MISSED = "flash_missed"
    """Amount 0: the flash sale has too few pieces left for this line, for all or for this buyer."""
    COUPON = "coupon"
    DELIVERY = "delivery"
    """What bringing costs, or the base of it, where the rows after it say what comes to it."""
    DELIVERY_DISTANCE = "delivery_distance"
    DELIVERY_HOUR = "delivery_hour"
    DELIVERY_DEMAND = "delivery_demand"
    FREE_DELIVERY = "free_delivery"
    TAX = "tax"
    """Tax that comes on top; tax that prices include is in no row."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One row of the explanation of a price: `amount` minor units more, or less if negative.

    `ref` is the id of what gives it (store, show, flash sale, coupon, tax class), `line` the product of the line that
    it is about, None if it is about the whole order. Of delivery `ref` says more: metres, hours, orders a courier.
    """

    kind: AdjustmentKind
    amount: int
    ref: str = ""
    line: str | None = None


@dataclass(frozen=True, slots=True)
class FeePart:
    """A part of what bringing costs. `waived`: nothing of it is paid where delivery is free."""

    kind: AdjustmentKind
    amount: int
    ref: str = ""
    waived: bool = True


@dataclass(frozen=True, slots=True)
class CouponUse:
    """A coupon that takes `amount` off an order."""

    coupon_id: str
    title: str
    amount: int


class CouponRefusal(StrEnum):
    """Why a coupon is not taken."""

    UNKNOWN = "unknown"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    USED = "used"
    BUDGET_GONE = "budget_gone"
    NOT_FOR_THIS = "not_for_this"
    BELOW_MINIMUM = "below_minimum"
    CONFLICT = "conflict"
    NO_EFFECT = "no_effect"


@dataclass(frozen=True, slots=True)
class RefusedCoupon:
    """A coupon that takes nothing off. `missing` is what its lines lack to its minimum, in minor units."""

    coupon_id: str
    reason: CouponRefusal
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an order, at the price it was bought for; `list_price` is what it costs without a deal.

    `discount` is its share of the coupons, `tax` the tax in what is paid for it, on top of the price if `tax_added`.
    The `adjustments` sum up to `paid`.
    """

    product_id: str
    name: str
    quantity: int
    unit_price: int
    list_price: int
    card_id: str | None
    options: tuple[Option, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    discount: int = 0
    tax: int = 0
    tax_added: bool = False

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price

    @property
    def paid(self) -> int:
        """What the buyer pays for the line, after its share of the coupons, tax included."""
        return self.total - self.discount + (self.tax if self.tax_added else 0)

    @property
    def flash_id(self) -> str | None:
        """The flash sale whose price this is."""
        rows = (row.ref for row in self.adjustments if row.kind is AdjustmentKind.FLASH_PRICE)
        return next(rows, None)


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would be now: which store, what each thing costs, when it is at the door.

    `subtotal` is the goods at their unit prices, `discount` what coupons take off them, `delivery_fee` what the buyer
    pays for bringing, `tax` all of the tax: inside of these if `tax_included`, else on top. The `adjustments` of the
    lines and of the order sum up to `total`. `refused` are coupons that the buyer has and that are not taken, for a
    quote whose coupons were chosen for the buyer. `why` this store: None in orders from before that was kept.
    `provider` is who is to bring it by what delivery promised; empty: whoever delivery asks first. `bringing_cost` is
    what that was thought to take of us, which is no concern of the buyer's.
    """

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
    discount: int = 0
    tax: int = 0
    tax_included: bool = True
    coupons: tuple[CouponUse, ...] = ()
    refused: tuple[RefusedCoupon, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    valid_until: datetime | None = None
    why: Why | None = None
    provider: str = ""
    bringing_cost: int | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of status. `by` is the id of who did it, or "system"."""

    at: datetime
    by: str
    status: OrderStatus
    reason: str = ""


class Lateness(StrEnum):
    """What was not done in time."""

    ACCEPT = "accept"
    PICK = "pick"
    READY = "ready"
    COLLECT = "collect"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Flag:
    """An order was found late at this moment."""

    kind: Lateness
    at: datetime


class Due(StrEnum):
    """What an order still owes after a change was committed. Done at once, or by the sweep if the process died."""

    STOCK = "stock"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose sale it is, and by which meeting of `at`."""

    associate_id: str
    show_id: str | None
    card_id: str | None
    touch: TouchKind
    action: TouchAction
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """An order, whole. `history`, `payments`, `proposals`, `returns` and `flags` only ever grow.

    `fee` is what a buyer owes for a cancellation, or for goods that came back (minor units), `check_at` when the sweep
    looks at it again, and `amended` counts the changes of proposals and returns: nothing is settled by who has not
    seen the last of them. `restocked`: whether goods that came back are on sale again (None: nobody has decided).
    """

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
    proposals: tuple[Proposal, ...] = ()
    returns: tuple[Return, ...] = ()
    flags: tuple[Flag, ...] = ()
    check_at: datetime | None = None
    fee: int = 0
    amended: int = 0
    credit: Credit | None = None
    group_id: str | None = None
    door: Door = Door()
    restocked: bool | None = None

    @property
    def total(self) -> int:
        return self.quote.total

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.quote.lines

    @property
    def was_paid(self) -> bool:
        """Its store has come to see it."""
        return any(entry.status is OrderStatus.PAID for entry in self.history)

    @property
    def reason(self) -> str:
        """Why it came to its present status, "" if nobody said."""
        return self.history[-1].reason
