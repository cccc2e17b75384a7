"""The rows of a catalogue file. Ids in the database derive from keys: a file may be imported again and again."""

import re
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from orders.catalogue.barcode import gtin14
from orders.catalogue.hours import DAY, Interval, OpeningHours, interval
from orders.catalogue.rules import MAX_OPTIONS, MAX_PRICE, MAX_RADIUS_M, TAX_CLASS
from orders.model import STANDARD_TAX, Option, Product, ProductDetails, Store, StoreDetails
from orders.settings import OrdersSettings
from orders.stock.stock import MAX_ON_HAND

STORE_PREFIX: Final = "sto_"
PRODUCT_PREFIX: Final = "prd_"
GROUP_PREFIX: Final = "grp_"
CURRENCY: Final = OrdersSettings().currency
_INTERVAL: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)", re.ASCII)


def _visible(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not an IANA time zone such as Asia/Shanghai") from None
    return name


def _span(text: str) -> str:
    if not _INTERVAL.fullmatch(text):
        raise ValueError("not an interval such as 09:00-21:00 (24:00 ends the day)")
    return text


def _gtin(code: str) -> str:
    if code and gtin14(code) is None:
        raise ValueError("not a GTIN: 8, 12, 13 or 14 figures, the last one a check digit")
    return code


def _sold_here(currency: str) -> str:
    if currency != CURRENCY:
        raise ValueError(f"this server sells in {CURRENCY} only")
    return currency


Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Name = Annotated[str, Field(max_length=200), AfterValidator(_visible)]
Spans = Annotated[tuple[Annotated[str, AfterValidator(_span)], ...], Field(strict=False, max_length=10)]
TaxClass = Annotated[str, Field(pattern=TAX_CLASS)]
OptionText = Annotated[str, Field(max_length=80), AfterValidator(_visible)]


class _Row(BaseModel):
    """Nothing is converted, nothing unknown is let by."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Place(_Row):
    """Degrees, WGS 84."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Week(_Row):
    """Opening intervals of each weekday, in the store's time zone. A day that is not there is closed."""

    monday: Spans = ()
    tuesday: Spans = ()
    wednesday: Spans = ()
    thursday: Spans = ()
    friday: Spans = ()
    saturday: Spans = ()
    sunday: Spans = ()

    def hours(self) -> OpeningHours:
        """As orders keep them."""
        days: list[Spans] = [getattr(self, day) for day in type(self).model_fields]
        return OpeningHours(tuple(tuple(map(interval, day)) for day in days))

    @classmethod
    def of(cls, hours: OpeningHours) -> Self:
        """Back again; the same for the same hours."""
        days = (tuple(map(_text, day)) for day in hours.days)
        return cls(**dict(zip(cls.model_fields, days, strict=True)))


def _text(span: Interval) -> str:
    """09:00-21:00. All after midnight is written as an hour of the next day."""
    closes = span.closes if span.closes <= DAY else span.closes - DAY
    return f"{span.opens // 60:02d}:{span.opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"


class StoreRow(_Row):
    """A store. `delivery_radius_m` in metres."""

    key: Key
    name: Name
    address: str = Field(max_length=500)
    position: Place
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    hours: Week
    delivery_radius_m: float = Field(gt=0, le=MAX_RADIUS_M)
    phone: str = Field(default="", max_length=40)

    @property
    def id(self) -> str:
        return STORE_PREFIX + self.key

    def details(self) -> StoreDetails:
        """As the catalogue keeps it."""
        return StoreDetails(
            name=self.name,
            address=self.address,
            position=(self.position.lon, self.position.lat),
            time_zone=self.time_zone,
            hours=self.hours.hours(),
            delivery_radius_m=self.delivery_radius_m,
            phone=self.phone,
        )

    @classmethod
    def of(cls, store: Store) -> Self:
        """Raises pydantic's ValidationError if the server holds what no file may."""
        of = store.details
        return cls(
            key=store.id.removeprefix(STORE_PREFIX),
            name=of.name,
            address=of.address,
            position=Place(lon=of.position[0], lat=of.position[1]),
            time_zone=of.time_zone,
            hours=Week.of(of.hours),
            delivery_radius_m=of.delivery_radius_m,
            phone=of.phone,
        )


class OptionRow(_Row):
    """What tells a variant from its siblings: colour, red."""

    name: OptionText
    value: OptionText


class ProductRow(_Row):
    """A product. `price` in minor units; `image` is a path relative to the file, None: leave the picture as it is."""

    key: Key
    name: Name
    description: str = Field(default="", max_length=5000)
    price: int = Field(gt=0, le=MAX_PRICE)
    currency: Annotated[str, AfterValidator(_sold_here)] = CURRENCY
    group: Key | None = None
    options: Annotated[tuple[OptionRow, ...], Field(strict=False, max_length=MAX_OPTIONS)] = ()
    barcode: Annotated[str, AfterValidator(_gtin)] = ""
    tax_class: TaxClass = STANDARD_TAX
    on_sale: bool = True
    image: str | None = Field(default=None, min_length=1, max_length=500)

    @property
    def id(self) -> str:
        return PRODUCT_PREFIX + self.key

    def details(self) -> ProductDetails:
        """As the catalogue keeps it."""
        return ProductDetails(
            name=self.name,
            description=self.description,
            price=self.price,
            currency=self.currency,
            options=tuple(Option(one.name, one.value) for one in self.options),
            barcode=self.barcode,
            on_sale=self.on_sale,
            group_id=None if self.group is None else GROUP_PREFIX + self.group,
            tax_class=self.tax_class,
        )

    @classmethod
    def of(cls, product: Product, image: str | None) -> Self:
        """Raises pydantic's ValidationError if the server holds what no file may."""
        of = product.details
        return cls(
            key=product.id.removeprefix(PRODUCT_PREFIX),
            name=of.name,
            description=of.description,
            price=of.price,
            currency=of.currency,
            group=None if of.group_id is None else of.group_id.removeprefix(GROUP_PREFIX),
            options=tuple(OptionRow(name=one.name, value=one.value) for one in of.options),
            barcode=of.barcode,
            tax_class=of.tax_class,
            on_sale=of.on_sale,
            image=image,
        )


class StockRow(_Row):
    """What was counted: pieces of a product in a store, those that open orders hold among them."""

    store: Key
    product: Key
    on_hand: int = Field(ge=0, le=MAX_ON_HAND)

    @property
    def ids(self) -> tuple[str, str]:
        return STORE_PREFIX + self.store, PRODUCT_PREFIX + self.product
