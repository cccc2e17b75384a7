"""Promotions on the operator's desk: coupons and flash sales, with the names of what they are about."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from live.accounts.credentials import fold
from live.console.desk import names
from live.promotions.views import DeskCouponView, DeskFlashView, PlaceView, desk_coupon_view, desk_flash_view
from orders.model import Product
from orders.pricing.model import CouponScope
from orders.promotions.coupons.coupon import Coupon, CouponDetails
from orders.promotions.errors import InvalidCoupon
from orders.promotions.flash.flash import FlashSale

if TYPE_CHECKING:
    from live.services import Services

#: Places that one answer offers to bind a coupon to.
MOST_PLACES: Final = 30


async def coupon_views(services: "Services", coupons: Sequence[tuple[datetime | None, Coupon]]) -> list[DeskCouponView]:
    """These coupons, with when they were made."""
    found = [coupon for _, coupon in coupons]
    uses = await services.orders.promotions.coupons.uses(found)
    places: dict[CouponScope, dict[str, PlaceView]] = {}
    for scope in {one.details.scope for one in found}:
        bound = {id_ for one in found if one.details.scope is scope for id_ in one.details.bound_to}
        places[scope] = await _places_of(services, scope, bound)
    now = datetime.now(UTC)
    return [
        desk_coupon_view(coupon, now, uses[coupon.id], _bound(coupon, places[coupon.details.scope]), made)
        for made, coupon in coupons
    ]


def _bound(coupon: Coupon, places: dict[str, PlaceView]) -> list[PlaceView]:
    return [places.get(id_) or PlaceView(id=id_, name=None) for id_ in coupon.details.bound_to]


async def check_bound(services: "Services", details: CouponDetails) -> None:
    """That what a coupon is bound to exists. Raises InvalidCoupon."""
    known = await _places_of(services, details.scope, details.bound_to)
    unknown = next((id_ for id_ in details.bound_to if id_ not in known), None)
    if unknown is not None and details.scope is not CouponScope.EVERYTHING:
        raise InvalidCoupon(f"There is no {details.scope} {unknown}.", field="bound_to")


async def _places_of(services: "Services", scope: CouponScope, ids: Iterable[str]) -> dict[str, PlaceView]:
    """What these ids of a scope are, those that exist."""
    wanted = set(ids)
    catalogue = services.orders.catalogue
    if not wanted or scope is CouponScope.EVERYTHING:
        return {}
    if scope is CouponScope.STORE:
        stores = await catalogue.stores(wanted)
        return {id_: PlaceView(id=id_, name=one.details.name, note=one.details.address) for id_, one in stores.items()}
    if scope is CouponScope.SHOW:
        shows = await services.shows.of(wanted)
        return {id_: PlaceView(id=id_, name=one.title, note=one.associate_name) for id_, one in shows.items()}
    products = await catalogue.products(wanted)
    groups = await catalogue.variants(wanted - products.keys())
    return {id_: PlaceView(id=id_, name=one.details.name, note=_options(one)) for id_, one in products.items()} | {
        id_: PlaceView(id=id_, name=variants[0].details.name) for id_, variants in groups.items() if variants
    }


async def places(services: "Services", scope: CouponScope, text: str) -> list[PlaceView]:
    """What a coupon of this scope can be bound to, as far as its name, or what else tells it, has the text in it."""
    if scope is CouponScope.PRODUCT:
        return await _products(services, text)
    if scope is CouponScope.STORE:
        stores = await services.orders.catalogue.all_stores()
        every = [PlaceView(id=one.id, name=one.details.name, note=one.details.address) for one in stores]
    elif scope is CouponScope.SHOW:
        shows = sorted(await services.shows.unfinished(), key=lambda one: one.created_at, reverse=True)
        every = [PlaceView(id=one.id, name=one.title, note=f"{one.associate_name} · {one.store_name}") for one in shows]
    else:
        every = []
    wanted = fold(text)
    return [one for one in every if wanted in fold(f"{one.name} {one.note} {one.id}")][:MOST_PLACES]


async def _products(services: "Services", text: str) -> list[PlaceView]:
    """Products; those that are variants of one another once, as their group."""
    found, _ = await services.orders.catalogue.search(text, "", 2 * MOST_PLACES)
    offered: dict[str, PlaceView] = {}
    for product in found:
        group = product.details.group_id
        note = _options(product) if group is None else ""
        offered.setdefault(group or product.id, PlaceView(id=group or product.id, name=product.details.name, note=note))
    return list(offered.values())[:MOST_PLACES]


def _options(product: Product) -> str:
    return " · ".join(option.value for option in product.details.options)


async def flash_views(services: "Services", sales: Sequence[FlashSale]) -> list[DeskFlashView]:
    """These flash sales, in their order."""
    shows = await services.shows.of({sale.card.show_id for sale in sales})
    products = await services.orders.catalogue.products({sale.card.product_id for sale in sales})
    unpaid = await services.orders.promotions.flash.unpaid([sale.id for sale in sales])
    known = await names(services, {sale.history[-1].by for sale in sales})
    now = datetime.now(UTC)
    return [
        desk_flash_view(
            sale,
            now,
            shows.get(sale.card.show_id),
            products[sale.card.product_id].details.name if sale.card.product_id in products else None,
            unpaid.get(sale.id, 0),
            known,
        )
        for sale in sales
    ]
