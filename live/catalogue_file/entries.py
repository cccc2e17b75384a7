"""Stores and products as admins see them: the row of a file, and what is not in it."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from live.catalogue_file.rows import ProductRow
from live.catalogue_file.store_row import StoreRow
from live.shows.products import product_view
from orders.catalogue.pictures import MAX_ALT, MAX_PICTURES
from orders.catalogue.rules import MAX_PRICE
from orders.model import Product, Store
from orders.service import Orders

Price = Annotated[int, Field(ge=1, le=MAX_PRICE)]


class Body(BaseModel):
    """Unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class StoreEntry(BaseModel):
    """A store as its row in a file says, and how it is now.

    `taken` of its capacity are the orders of this quarter of an hour; `revision` is what `If-Match` asks for.
    """

    id: str
    revision: int
    row: StoreRow
    open: bool
    opens_at: datetime | None
    paused: bool
    paused_until: datetime | None
    taken: int


class StoreEntries(BaseModel):
    """All stores, by id."""

    items: list[StoreEntry]


class PictureEntry(BaseModel):
    """One of a product's pictures."""

    id: str
    url: str
    alt: str


class ListedView(Body):
    """A row of a price list, minor units; `store_id` null: members' price in all stores."""

    store_id: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    price: Price | None = None
    member_price: Price | None = None


class ProductEntry(BaseModel):
    """A product as its row in a file says, with its pictures; `revision` is what `If-Match` asks for."""

    id: str
    revision: int
    row: ProductRow
    image_url: str | None
    pictures: list[PictureEntry]


class ProductFile(ProductEntry):
    """The same with its prices and the other products of its group."""

    prices: list[ListedView]
    variants: list[ProductEntry]


class ProductEntries(BaseModel):
    """Some products by name; `next` is what to send as `after` for more."""

    items: list[ProductEntry]
    next: str | None


class TaxClass(BaseModel):
    """A name that products are taxed by; `rate` in basis points."""

    name: str
    rate: int


class CatalogueTerms(BaseModel):
    """What a product can be: its currency, its tax, whether prices have that inside."""

    currency: str
    prices_include_tax: bool
    tax_classes: list[TaxClass]


class Search(BaseModel):
    """What to look for, and after which."""

    q: Annotated[str, Field(max_length=100)] = ""
    after: Annotated[str, Field(max_length=4000)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class Prices(Body):
    """All that price lists say of a product."""

    items: Annotated[list[ListedView], Field(max_length=2000)]


class AltText(BaseModel):
    """What somebody who cannot see the picture is told."""

    alt: Annotated[str, Field(max_length=MAX_ALT)] = ""


class PictureWish(Body):
    """A picture that stays, with its text."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    alt: Annotated[str, Field(max_length=MAX_ALT)] = ""


class Arrangement(Body):
    """The pictures that stay, in their order."""

    items: Annotated[list[PictureWish], Field(max_length=MAX_PICTURES)]


async def store_entry(orders: Orders, store: Store) -> StoreEntry:
    """A store at this moment."""
    at = datetime.now(UTC)
    paused = store.is_paused(at)
    return StoreEntry(
        id=store.id,
        revision=store.revision,
        row=StoreRow.of(store),
        open=store.is_open(at),
        opens_at=store.opens_at(at),
        paused=paused,
        paused_until=store.paused_until if paused else None,
        taken=await orders.capacity.taken(store, at),
    )


def product_entry(product: Product) -> ProductEntry:
    """A product for admins."""
    view = product_view(product)
    pictures = [
        PictureEntry(id=one.id, url=shown.url, alt=one.alt)
        for one, shown in zip(product.pictures, view.pictures, strict=True)
    ]
    return ProductEntry(
        id=product.id,
        revision=product.revision,
        row=ProductRow.of(product, None),
        image_url=view.image_url if pictures else None,
        pictures=pictures,
    )


async def product_file(orders: Orders, product: Product) -> ProductFile:
    """All that is kept of a product but stock."""
    group = product.details.group_id
    siblings = [] if group is None else (await orders.catalogue.variants([group]))[group]
    return ProductFile(
        **product_entry(product).model_dump(),
        prices=[
            ListedView(store_id=row.store_id, price=row.listed.price, member_price=row.listed.member_price)
            for row in await orders.prices.rows([product.id])
        ],
        variants=[product_entry(one) for one in siblings if one.id != product.id],
    )
