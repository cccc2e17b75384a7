"""What admins do with stores, products, prices and pictures; and what is under a barcode."""

import asyncio
from typing import Any, Final

from live.catalogue_file.differences import amount, differences, repriced
from live.catalogue_file.entries import (
    AltText,
    Arrangement,
    CatalogueTerms,
    Prices,
    ProductEntries,
    ProductFile,
    Search,
    StoreEntries,
    StoreEntry,
    TaxClass,
    product_entry,
    product_file,
    store_entry,
)
from live.catalogue_file.errors import PictureRefused
from live.catalogue_file.rows import CURRENCY, ProductRow
from live.catalogue_file.store_row import StoreRow
from live.catalogue_file.uploads import MAX_UPLOAD, picture_of
from live.http.access import Access, Role, only
from live.http.parsing import bounded
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, RouteTable
from live.shows.products import product_view
from live.shows.views import ProductView
from orders.catalogue.price_list import ListedPrice
from orders.errors import InvalidProduct, InvalidStore
from orders.pricing.model import DELIVERY_TAX

routes = RouteTable("catalogue")
ADMIN: Final[Access] = only(Role.ADMIN)
SCANNERS: Final[Access] = only(Role.ASSOCIATE, Role.STAFF, Role.OPERATOR, Role.ADMIN)


@routes.add(
    "GET", "/api/catalogue/stores", access=ADMIN, returns=StoreEntries, summary="All stores, as files have them"
)
async def stores(call: Call[Nothing, Nothing]) -> StoreEntries:
    """With what they are now."""
    found = await call.services.orders.catalogue.all_stores()
    return StoreEntries(items=[await store_entry(call.services.orders, store) for store in found])


@routes.add(
    "PUT",
    "/api/catalogue/stores/{store}",
    access=ADMIN,
    body=StoreRow,
    returns=StoreEntry,
    conditional=True,
    summary="Write what a store is, new or not",
    codes=("invalid_store", "changed_since", "key_taken", "invalid_header"),
)
async def put_store(call: Call[StoreRow, Nothing]) -> StoreEntry:
    """As a row of a file; its id is `sto_` and the key."""
    row, store_id = call.body, call.path("store")
    if row.id != store_id:
        raise InvalidStore(f"The id of {row.key} is {row.id}.", field="key")
    _check(row)
    catalogue, details = call.services.orders.catalogue, row.details()
    before = (await catalogue.stores([store_id])).get(store_id)
    store = await catalogue.add_store(details, store_id, call.seen)
    await call.services.supply.store_changed(store.id)
    if before is None:
        await _log(call, "catalogue.add_store", store_id)
    else:
        await _log(call, "catalogue.store", store_id, changed=differences(before.details, details))
    return await store_entry(call.services.orders, store)


@routes.add(
    "GET",
    "/api/catalogue/terms",
    access=ADMIN,
    returns=CatalogueTerms,
    summary="What products can be: currency and tax classes",
)
async def terms(call: Call[Nothing, Nothing]) -> CatalogueTerms:
    """As the server's settings have them; that of bringing is no product's."""
    settings = call.services.settings
    classes = [TaxClass(name=name, rate=rate) for name, rate in settings.tax_rates.items() if name != DELIVERY_TAX]
    return CatalogueTerms(currency=CURRENCY, prices_include_tax=settings.prices_include_tax, tax_classes=classes)


@routes.add(
    "GET",
    "/api/catalogue/products",
    access=ADMIN,
    query=Search,
    returns=ProductEntries,
    summary="Find products",
)
async def products(call: Call[Nothing, Search]) -> ProductEntries:
    """By part of the name, the id, the barcode or an option."""
    query = call.query
    found, more = await call.services.orders.catalogue.search(query.q, query.after, query.limit)
    return ProductEntries(items=[product_entry(one) for one in found], next=more)


@routes.add(
    "GET",
    "/api/catalogue/products/{product}",
    access=ADMIN,
    returns=ProductFile,
    summary="A product with prices, pictures and variants",
    codes=("not_found",),
)
async def product(call: Call[Nothing, Nothing]) -> ProductFile:
    """All that is kept of it but stock."""
    return await product_file(call.services.orders, await call.services.orders.catalogue.product(call.path("product")))


@routes.add(
    "PUT",
    "/api/catalogue/products/{product}",
    access=ADMIN,
    body=ProductRow,
    returns=ProductFile,
    conditional=True,
    summary="Write what a product is, new or not",
    codes=("invalid_product", "changed_since", "key_taken", "invalid_header"),
)
async def put_product(call: Call[ProductRow, Nothing]) -> ProductFile:
    """As a row of a file, without pictures; its id is `prd_` and the key."""
    row, product_id = call.body, call.path("product")
    if row.id != product_id:
        raise InvalidProduct(f"The id of {row.key} is {row.id}.", field="key")
    if row.wanted_pictures is not None:
        raise InvalidProduct("Pictures have routes of their own.", field="pictures")
    catalogue, details = call.services.orders.catalogue, row.details()
    before = (await catalogue.products([product_id])).get(product_id)
    written = await catalogue.add_product(details, product_id, call.seen)
    if before is None:
        await _log(call, "catalogue.add_product", product_id, price=amount(details.price))
    else:
        was, now = amount(before.details.price), amount(details.price)
        price = {} if was == now else {"price": f"{was} → {now}"}
        await _log(call, "catalogue.product", product_id, changed=differences(before.details, details), **price)
    return await product_file(call.services.orders, written)


@routes.add(
    "PUT",
    "/api/catalogue/products/{product}/prices",
    access=ADMIN,
    body=Prices,
    returns=ProductFile,
    conditional=True,
    summary="Write what price lists say of a product",
    codes=("not_found", "invalid_product", "changed_since", "invalid_header"),
)
async def put_prices(call: Call[Prices, Nothing]) -> ProductFile:
    """Rows that are not sent are taken out."""
    orders = call.services.orders
    found = await orders.catalogue.product(call.path("product"))
    wanted = {one.store_id: ListedPrice(one.price, one.member_price) for one in call.body.items}
    known = await orders.catalogue.stores([store for store in wanted if store is not None])
    unknown = next((store for store in wanted if store is not None and store not in known), None)
    if unknown is not None:
        raise InvalidProduct(f"No store {unknown}.", field="items")
    before = {row.store_id: row.listed for row in await orders.prices.rows([found.id])}
    await orders.prices.replace(found.id, wanted, call.seen)
    await _log(call, "catalogue.prices", found.id, changed=repriced(before, wanted))
    return await product_file(call.services.orders, await orders.catalogue.product(found.id))


@routes.add(
    "POST",
    "/api/catalogue/products/{product}/pictures",
    access=ADMIN,
    query=AltText,
    returns=ProductFile,
    status=201,
    raw=True,
    max_body=MAX_UPLOAD,
    limit=Limit(60, 60),  # each is decoded: the dearest thing that a request can ask for
    summary="Add a picture",
    codes=("not_found", "bad_image", "invalid_product"),
)
async def add_picture(call: Call[Nothing, AltText]) -> ProductFile:
    """JPEG, PNG or WebP, put last; kept upright, at most 1600 pixels long, without metadata."""
    if call.request.content_type not in ("image/jpeg", "image/png", "image/webp"):
        raise Problem(415, "unsupported_media_type", "Send image/jpeg, image/png or image/webp.")
    catalogue = call.services.orders.catalogue
    await catalogue.product(call.path("product"))
    upload = await bounded(call.request, MAX_UPLOAD)
    try:
        image = await asyncio.to_thread(picture_of, upload)
    except PictureRefused as refused:
        raise Problem(422, "bad_image", f"{str(refused).capitalize()}.") from None
    changed = await catalogue.pictures.add(call.path("product"), image, call.query.alt)
    await _log(call, "catalogue.pictures", changed.id, pictures=len(changed.pictures))
    return await product_file(call.services.orders, changed)


@routes.add(
    "PUT",
    "/api/catalogue/products/{product}/pictures",
    access=ADMIN,
    body=Arrangement,
    returns=ProductFile,
    conditional=True,
    summary="Order pictures, write their texts, remove some",
    codes=("not_found", "invalid_product", "changed_since", "invalid_header"),
)
async def arrange_pictures(call: Call[Arrangement, Nothing]) -> ProductFile:
    """Those that are not sent are removed."""
    wanted = [(one.id, one.alt) for one in call.body.items]
    arranged = await call.services.orders.catalogue.pictures.arrange(call.path("product"), wanted, call.seen)
    await _log(call, "catalogue.pictures", arranged.id, pictures=len(arranged.pictures))
    return await product_file(call.services.orders, arranged)


@routes.add(
    "DELETE",
    "/api/catalogue/products/{product}/pictures/{picture}",
    access=ADMIN,
    returns=ProductFile,
    summary="Remove a picture",
    codes=("not_found",),
)
async def remove_picture(call: Call[Nothing, Nothing]) -> ProductFile:
    """Nothing happens if it is gone already."""
    pictures = call.services.orders.catalogue.pictures
    changed = await pictures.remove(call.path("product"), call.path("picture"))
    await _log(call, "catalogue.pictures", changed.id, pictures=len(changed.pictures))
    return await product_file(call.services.orders, changed)


@routes.add(
    "GET",
    "/api/catalogue/barcodes/{code}",
    access=SCANNERS,
    returns=ProductView,
    summary="What is under a barcode",
    codes=("not_found", "invalid_product"),
)
async def barcode(call: Call[Nothing, Nothing]) -> ProductView:
    """A GTIN in any of its lengths; `invalid_product` when the check digit is wrong: scan again."""
    return product_view(await call.services.orders.catalogue.by_barcode(call.path("code")))


def _check(row: StoreRow) -> None:
    wrong = row.fault()
    if wrong is not None:
        column, _, reason = wrong
        raise InvalidStore(f"{reason[0].upper()}{reason[1:]}.", field=column)


async def _log(call: Call[Any, Any], action: str, subject: str, **detail: str | int) -> None:
    await call.services.moderation.audit.append(call.me.user_id, action, subject, "", detail)
