"""What a buyer wants, checked and priced."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.catalogue.catalogue import Catalogue
from orders.catalogue.sphere import on_globe
from orders.errors import EmptyOrder, InvalidOrder, QuantityLimit, UnknownProduct
from orders.model import Line, LineRequest, Position, Product
from orders.ports import Deals
from orders.settings import OrdersSettings


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """Lines at the price of this moment, one a product."""

    lines: tuple[Line, ...]

    @property
    def product_ids(self) -> list[str]:
        return [line.product_id for line in self.lines]


class Baskets:
    """Prices baskets: list price, or the deal of the show the line was bought from."""

    def __init__(self, catalogue: Catalogue, deals: Deals, settings: OrdersSettings) -> None:
        self._catalogue = catalogue
        self._deals = deals
        self._settings = settings

    async def price(self, lines: Sequence[LineRequest], position: Position, show_id: str | None) -> PricedBasket:
        """Raises InvalidOrder, EmptyOrder, QuantityLimit, UnknownProduct."""
        self._check(lines, position)
        products = await self._catalogue.products(line.product_id for line in lines)
        priced = []
        for index, line in enumerate(lines):
            product = products.get(line.product_id)
            if product is None or not product.details.on_sale:
                raise UnknownProduct("This product is not sold.", field=f"lines.{index}.product_id")
            priced.append(await self._line(line, product, show_id))
        return PricedBasket(tuple(priced))

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

    async def _line(self, line: LineRequest, product: Product, show_id: str | None) -> Line:
        deal = None
        if show_id is not None and line.card_id is not None:
            deal = await self._deals.price(show_id, line.card_id, product.id)
        listed = product.details.price
        unit = listed if deal is None else min(deal, listed)
        return Line(product.id, product.name, line.quantity, unit, listed, line.card_id)
