"""The rows of products, prices and stock. Ids derive from keys: a file may be imported again and again."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field

from live.catalogue_file.faults import fault
from live.catalogue_file.fields import Key, Name, Row, Word
from live.catalogue_file.store_row import STORE_PREFIX
from orders.catalogue.barcode import gtin14
from orders.catalogue.pictures import MAX_ALT, MAX_PICTURES
from orders.catalogue.price_list import ListedPrice, PriceRow
from orders.catalogue.rules import MAX_OPTIONS, MAX_PRICE, TAX_CLASS
from orders.model import STANDARD_TAX, Option, Product, ProductDetails
from orders.settings import OrdersSettings
from orders.stock.stock import MAX_ON_HAND

PRODUCT_PREFIX: Final = "prd_"
GROUP_PREFIX: Final = "grp_"
CURRENCY: Final = OrdersSettings().currency


def _gtin(code: str) -> str:
    if code and gtin14(code) is None:
        raise fault("bad_barcode", "not a GTIN: 8, 12, 13 or 14 figures, the last one a check digit")
    return code


def _sold_here(currency: str) -> str:
    if currency != CURRENCY:
        raise fault("bad_currency", f"this server sells in {CURRENCY} only")
    return currency


class OptionRow(Row):
    """What tells a variant from its siblings: colour, red."""

    name: Word
    value: Word


def _names_once(options: tuple[OptionRow, ...]) -> tuple[OptionRow, ...]:
    if len({one.name.strip().casefold() for one in options}) < len(options):
        raise fault("bad_options", "an option is there twice")
    return options


class PictureRow(Row):
    """A picture: a path relative to the file, and what a person who cannot see it is told."""

    file: str = Field(min_length=1, max_length=500)
    alt: str = Field(default="", max_length=MAX_ALT)


class ProductRow(Row):
    """A product. `price` in minor units. `image` is short for one of `pictures`; neither: leave them as they are."""

    key: Key
    name: Name
    description: str = Field(default="", max_length=5000)
    price: int = Field(gt=0, le=MAX_PRICE)
    currency: Annotated[str, AfterValidator(_sold_here)] = CURRENCY
    group: Key | None = None
    options: Annotated[
        tuple[OptionRow, ...], Field(strict=False, max_length=MAX_OPTIONS), AfterValidator(_names_once)
    ] = ()
    barcode: Annotated[str, AfterValidator(_gtin)] = ""
    tax_class: Annotated[str, Field(pattern=TAX_CLASS)] = STANDARD_TAX
    on_sale: bool = True
    image: str | None = Field(default=None, min_length=1, max_length=500)
    pictures: Annotated[tuple[PictureRow, ...], Field(strict=False, max_length=MAX_PICTURES)] | None = None

    @property
    def id(self) -> str:
        return PRODUCT_PREFIX + self.key

    @property
    def wanted_pictures(self) -> tuple[PictureRow, ...] | None:
        """The pictures it is to have, None: those it has."""
        return self.pictures if self.image is None else (PictureRow(file=self.image),)

    def fault(self) -> tuple[str, str, str] | None:
        """See Row."""
        if self.image is not None and self.pictures is not None:
            return "image", "bad_picture", "either image or pictures"
        return None

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
    def of(cls, product: Product, pictures: tuple[PictureRow, ...] | None) -> Self:
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
            pictures=pictures,
        )


class ListRow(Row):
    """A row of a price list, minor units. Without `store`: members' price in all stores. Without prices: taken out."""

    product: Key
    store: Key | None = None
    price: int | None = Field(default=None, gt=0, le=MAX_PRICE)
    member_price: int | None = Field(default=None, gt=0, le=MAX_PRICE)

    @property
    def store_id(self) -> str | None:
        return None if self.store is None else STORE_PREFIX + self.store

    @property
    def product_id(self) -> str:
        return PRODUCT_PREFIX + self.product

    def fault(self) -> tuple[str, str, str] | None:
        """See Row."""
        if self.store is None and self.price is not None:
            return "price", "bad_value", "the price in all stores is the product's own"
        return None

    def row(self) -> PriceRow:
        """As price lists keep it."""
        return PriceRow(self.product_id, self.store_id, ListedPrice(self.price, self.member_price))

    @classmethod
    def of(cls, row: PriceRow) -> Self:
        """Back again."""
        store = None if row.store_id is None else row.store_id.removeprefix(STORE_PREFIX)
        product = row.product_id.removeprefix(PRODUCT_PREFIX)
        return cls(product=product, store=store, price=row.listed.price, member_price=row.listed.member_price)


class StockRow(Row):
    """What was counted: pieces of a product in a store, those that open orders hold among them.

    `safety` pieces are kept from buyers; None: as many as now.
    """

    store: Key
    product: Key
    on_hand: int = Field(ge=0, le=MAX_ON_HAND)
    safety: int | None = Field(default=None, ge=0, le=MAX_ON_HAND)

    @property
    def ids(self) -> tuple[str, str]:
        return STORE_PREFIX + self.store, PRODUCT_PREFIX + self.product
