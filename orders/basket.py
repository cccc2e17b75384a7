"""What a buyer wants, checked and priced."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.catalogue.catalogue import Catalogue
from orders.catalogue.sphere import on_globe
from orders.errors import EmptyOrder, InvalidOrder, QuantityLimit, UnknownProduct
from orders.model import AdjustmentKind, LineRequest, Position, Product
from orders.ports import Deals
from orders.pricing.model import Item, Offer, Price, PriceRules, PricingInput
from orders.pricing.pricing import price
from orders.settings import OrdersSettings


@dataclass(frozen=True, slots=True)
class Basket:
    """What is wanted, with everything that its price depends on but the store."""

    items: tuple[Item, ...]
    rules: PriceRules
    show_id: str | None = None

    @property
    def lines(self) -> tuple[Item, ...]:
        return self.items

    @property
    def product_ids(self) -> list[str]:
        return [item.product_id for item in self.items]

    def at(self, store_id: str, delivery_fee: int) -> Price:
        """What it costs from this store, with this fee before anything makes it cheaper. Pure."""
        return price(PricingInput(self.items, delivery_fee, self.rules, store_id, self.show_id))


class Baskets:
    """Gathers what prices depend on."""

    def __init__(self, catalogue: Catalogue, deals: Deals, settings: OrdersSettings) -> None:
        self._catalogue = catalogue
        self._deals = deals
        self._settings = settings
        self._rules = PriceRules(settings.free_delivery_from, settings.prices_include_tax, settings.tax_rates)

    async def gather(self, lines: Sequence[LineRequest], position: Position, show_id: str | None) -> Basket:
        """Raises InvalidOrder, EmptyOrder, QuantityLimit, UnknownProduct."""
        self._check(lines, position)
        products = await self._catalogue.products(line.product_id for line in lines)
        items = []
        for index, line in enumerate(lines):
            product = products.get(line.product_id)
            if product is None or not product.details.on_sale:
                raise UnknownProduct("This product is not sold.", field=f"lines.{index}.product_id")
            items.append(await self._item(line, product, show_id))
        return Basket(tuple(items), self._rules, show_id)

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
