"""What a buyer wants, checked, with everything that its price depends on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from orders.catalogue.catalogue import Catalogue
from orders.catalogue.price_list import ListedPrice
from orders.catalogue.prices import PriceLists
from orders.catalogue.sphere import on_globe
from orders.errors import EmptyOrder, InvalidOrder, QuantityLimit, UnknownProduct
from orders.model import AdjustmentKind, CouponRefusal, LineRequest, Position, Product, Quote
from orders.ports import Clock, Deals, DeliveryTerms, Memberships
from orders.pricing.best import best_price
from orders.pricing.model import CouponTerms, Item, Offer, Price, PriceRules, PricingInput
from orders.pricing.pricing import price
from orders.promotions.errors import CouponRefused
from orders.promotions.flash.sales import Allowance
from orders.promotions.promotions import Promotions
from orders.settings import OrdersSettings

MOST_TRIED = 50
"""Coupons of a wallet that are tried for the best."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What is wanted, with everything that its price depends on but the store.

    `coupons` are those asked for; or with `choose`, those of the wallet, of which the best are taken.
    """

    items: tuple[Item, ...]
    rules: PriceRules
    buyer_id: str
    show_id: str | None = None
    coupons: tuple[CouponTerms, ...] = ()
    choose: bool = False

    @property
    def lines(self) -> tuple[Item, ...]:
        return self.items

    @property
    def product_ids(self) -> list[str]:
        return [item.product_id for item in self.items]

    def part(self, quantities: Mapping[str, int], used: Sequence[str] = ()) -> "Basket":
        """So much of it by product, with the best of the coupons that no other part `used`: see `check_used`."""
        items = [
            replace(one, quantity=quantities[one.product_id]) for one in self.items if one.product_id in quantities
        ]
        left = tuple(one for one in self.coupons if one.id not in used)
        return replace(self, items=tuple(items), coupons=left, choose=True)

    def check_used(self, parts: Sequence[Quote]) -> None:
        """Raises CouponRefused for a coupon that was asked for and that none of its parts uses."""
        used = {use.coupon_id for part in parts for use in part.coupons}
        why = {one.coupon_id: one for part in parts for one in part.refused if one.coupon_id not in used}
        if why and not self.choose:
            refused = next(iter(why.values()))
            raise CouponRefused(refused.coupon_id, refused.reason, refused.missing)

    def at(self, store_id: str, terms: DeliveryTerms, listed: Mapping[str, ListedPrice], member: str | None) -> Price:
        """What it costs from this store with its price list (by product), for a member of this level. Pure."""
        items = tuple(_listed(item, listed.get(item.product_id, ListedPrice()), member) for item in self.items)
        given = PricingInput(
            items,
            terms.fee,
            self.rules,
            store_id,
            self.show_id,
            fee_parts=terms.parts,
            free_from=terms.free_from,
        )
        return best_price(given, self.coupons) if self.choose else price(replace(given, coupons=self.coupons))


class Baskets:
    """Gathers what prices depend on."""

    def __init__(
        self,
        catalogue: Catalogue,
        prices: PriceLists,
        deals: Deals,
        promotions: Promotions,
        memberships: Memberships | None,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._catalogue = catalogue
        self._prices = prices
        self._deals = deals
        self._promotions = promotions
        self._memberships = memberships
        self._clock = clock
        self._settings = settings
        self._rules = PriceRules(settings.free_delivery_from, settings.prices_include_tax, settings.tax_rates)

    async def gather(
        self,
        lines: Sequence[LineRequest],
        position: Position,
        show_id: str | None,
        buyer_id: str = "",
        coupons: Sequence[str] | None = (),
    ) -> Basket:
        """`coupons` are ids from the buyer's wallet; None: the best of it.

        Raises InvalidOrder, EmptyOrder, QuantityLimit, UnknownProduct, CouponRefused.
        """
        products = await self.products(lines, position)
        now = self._clock()
        items = [await self._item(line, products[line.product_id], show_id) for line in lines]
        items = await self._flash(items, show_id, buyer_id, now)
        terms = await self._wallet(buyer_id, coupons, now)
        return Basket(tuple(items), self._rules, buyer_id, show_id, terms, choose=coupons is None)

    async def products(self, lines: Sequence[LineRequest], position: Position) -> Mapping[str, Product]:
        """What the lines are of. Raises InvalidOrder, EmptyOrder, QuantityLimit, UnknownProduct."""
        self._check(lines, position)
        products = await self._catalogue.products(line.product_id for line in lines)
        for index, line in enumerate(lines):
            product = products.get(line.product_id)
            if product is None or not product.details.on_sale:
                raise UnknownProduct("This product is not sold.", field=f"lines.{index}.product_id")
        return products

    async def price(self, basket: Basket, store_id: str, terms: DeliveryTerms) -> Price:
        """What the basket costs from this store, brought on these terms.

        Raises CouponRefused for a coupon that was asked for and takes nothing off here.
        """
        listed = await self._prices.of([store_id], basket.product_ids)
        member = None
        if self._memberships is not None and any(one.member_price is not None for one in listed.values()):
            member = await self._memberships.level(basket.buyer_id)
        by_product = {product: one for (_, product), one in listed.items()}
        found = basket.at(store_id, terms, by_product, member)
        if found.refused and not basket.choose:
            refused = found.refused[0]
            raise CouponRefused(refused.coupon_id, refused.reason, refused.missing)
        return found

    def _check(self, lines: Sequence[LineRequest], position: Position) -> None:
        if not on_globe(position):
            raise InvalidOrder("No such place on Earth.", field="address.position")
        if not lines:
            raise EmptyOrder("An order needs a line.", field="lines")
        if len(lines) > self._settings.max_lines:
            raise QuantityLimit(f"At most {self._settings.max_lines} lines.", field="lines")
        if len({line.product_id for line in lines}) < len(lines):
            raise InvalidOrder("A product is on two lines.", field="lines")
        for index, line in enumerate(lines):
            if not 1 <= line.quantity <= self._settings.max_quantity:
                limit = f"1 to {self._settings.max_quantity} pieces of a product."
                raise QuantityLimit(limit, field=f"lines.{index}.quantity")

    async def _item(self, line: LineRequest, product: Product, show_id: str | None) -> Item:
        details, offers = product.details, []
        if show_id is not None and line.card_id is not None:
            deal = await self._deals.price(show_id, line.card_id, product.id)
            if deal is not None:
                offers.append(Offer(AdjustmentKind.SHOW_DEAL, deal, show_id))
        return Item(
            product.id,
            product.name,
            line.quantity,
            details.price,
            offers=tuple(offers),
            tax_class=details.tax_class,
            options=details.options,
            group_id=details.group_id,
            card_id=line.card_id,
        )

    async def _flash(self, items: list[Item], show_id: str | None, buyer_id: str, at: datetime) -> list[Item]:
        cards = sorted({item.card_id for item in items if item.card_id is not None})
        if show_id is None or not cards:
            return items
        found = await self._promotions.flash.allowances(show_id, cards, buyer_id, at)
        by_card = {one.sale.card.card_id: one for one in found}
        taken: defaultdict[str, int] = defaultdict(int)
        return [_with_flash(item, by_card.get(item.card_id or ""), taken) for item in items]

    async def _wallet(self, buyer_id: str, coupons: Sequence[str] | None, at: datetime) -> tuple[CouponTerms, ...]:
        if coupons is None:
            held = await self._promotions.coupons.held(buyer_id)
            return tuple(one.coupon.terms() for one in held if one.refusal(at) is None)[:MOST_TRIED]
        if not coupons:
            return ()
        by_id = {one.coupon.id: one for one in await self._promotions.coupons.held(buyer_id, coupons)}
        for coupon_id in coupons:
            refusal = by_id[coupon_id].refusal(at) if coupon_id in by_id else CouponRefusal.UNKNOWN
            if refusal is not None:
                raise CouponRefused(coupon_id, refusal)
        return tuple(by_id[coupon_id].coupon.terms() for coupon_id in dict.fromkeys(coupons))


def _with_flash(item: Item, allowance: Allowance | None, taken: defaultdict[str, int]) -> Item:
    """The line at the flash price, if all its pieces can have it; `taken` counts what earlier lines took of a sale."""
    if allowance is None or not allowance.sale.card.shows(item.product_id, item.group_id):
        return item
    sale = allowance.sale
    if taken[sale.id] + item.quantity > allowance.left:
        return replace(item, missed=sale.id)
    taken[sale.id] += item.quantity
    offer = Offer(AdjustmentKind.FLASH_PRICE, sale.price_of(item.product_id, item.base), sale.id)
    return replace(item, offers=(*item.offers, offer))


def _listed(item: Item, listed: ListedPrice, member: str | None) -> Item:
    offers = item.offers
    if member is not None and listed.member_price is not None:
        offers = (Offer(AdjustmentKind.MEMBER_PRICE, listed.member_price, member), *offers)
    return replace(item, store_price=listed.price, offers=offers)
