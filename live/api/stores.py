"""Stores near a place, what they sell, and what of a show can be had."""

from datetime import UTC, datetime

from aiohttp import web
from pydantic import BaseModel

from live.api.shows import Near
from live.buying.supply_views import ShowAvailability, show_availability
from live.buying.views import StockedProductView, StoreView, store_view
from live.http.access import anyone
from live.http.route import Call, Nothing, RouteTable
from live.shows.products import product_view
from live.shows.views import ProductView
from orders.model import ProductImage

routes = RouteTable("stores")
#: Seconds that a browser may keep a picture.
PICTURE_KEPT = 3600
FOR_EVER = 31_536_000


class StoreList(BaseModel):
    """Stores, nearest first."""

    items: list[StoreView]


class Shelf(BaseModel):
    """What a store sells."""

    items: list[StockedProductView]


@routes.add("GET", "/api/stores", access=anyone(), query=Near, returns=StoreList, summary="Stores near me")
async def stores(call: Call[Nothing, Near]) -> StoreList:
    """Nearest first, open or not, in range or not."""
    found, now = await call.services.orders.catalogue.stores_near(call.query.position), datetime.now(UTC)
    return StoreList(items=[store_view(one.store, now, one.distance_m, in_range=one.in_range) for one in found])


@routes.add(
    "GET",
    "/api/stores/{store}/products",
    access=anyone(),
    returns=Shelf,
    summary="What a store sells",
    codes=("not_found",),
)
async def shelf(call: Call[Nothing, Nothing]) -> Shelf:
    """By name."""
    found = await call.services.orders.catalogue.store_products(call.path("store"))
    return Shelf(
        items=[
            StockedProductView(**product_view(one.product).model_dump(), available=one.level.available) for one in found
        ]
    )


class ProductPage(ProductView):
    """A product with all that there is to choose; the product itself is among its variants."""

    variants: list[ProductView]


@routes.add(
    "GET",
    "/api/products/{product}",
    access=anyone(),
    returns=ProductPage,
    summary="A product and its variants",
    codes=("not_found",),
)
async def product(call: Call[Nothing, Nothing]) -> ProductPage:
    """Variants that are on sale, by their options; none of a product that has none."""
    catalogue = call.services.orders.catalogue
    found = await catalogue.product(call.path("product"))
    group = found.details.group_id
    siblings = [] if group is None else (await catalogue.variants([group]))[group]
    variants = [product_view(one) for one in siblings if one.details.on_sale]
    return ProductPage(**product_view(found).model_dump(), variants=variants)


@routes.add(
    "GET", "/api/products/{product}/image", access=anyone(), summary="A product's picture", codes=("not_found",)
)
async def picture(call: Call[Nothing, Nothing]) -> web.Response:
    """The first one, whichever that is."""
    return _shown(await call.services.orders.catalogue.image(call.path("product")), PICTURE_KEPT)


@routes.add(
    "GET",
    "/api/products/{product}/pictures/{picture}",
    access=anyone(),
    summary="One of a product's pictures",
    codes=("not_found",),
)
async def one_picture(call: Call[Nothing, Nothing]) -> web.Response:
    """Its address is made of what is in it, so it may be kept for ever."""
    pictures = call.services.orders.catalogue.pictures
    return _shown(await pictures.image(call.path("product"), call.path("picture")), FOR_EVER, "immutable")


def _shown(image: ProductImage, seconds: int, *more: str) -> web.Response:
    # A picture may be an SVG: opened by itself it must not be a page of ours.
    headers = {
        "Cache-Control": ", ".join(("public", f"max-age={seconds}", *more)),
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=image.data, content_type=image.content_type, headers=headers)


@routes.add(
    "GET",
    "/api/shows/{show}/availability",
    access=anyone(),
    query=Near,
    returns=ShowAvailability,
    summary="What of a show can be had here",
    codes=("show_unknown",),
)
async def availability(call: Call[Nothing, Near]) -> ShowAvailability:
    """For each card, and each of its variants, the store that it would come from now."""
    show = await call.services.shows.show(call.path("show"))
    return await show_availability(call.services, show, call.query.position)
