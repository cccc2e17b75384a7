"""What the store reports as missing, checked and priced."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.catalogue.catalogue import Catalogue
from orders.catalogue.prices import PriceLists
from orders.errors import InvalidProposal
from orders.model import Line, Order, Product
from orders.picking.bag import Pieces, bag, present, share
from orders.picking.proposal import Replacement, Shortage
from orders.settings import OrdersSettings


@dataclass(frozen=True, slots=True)
class Missing:
    """So many pieces of a line are not there; `instead` is what would be sent for them."""

    product_id: str
    pieces: int
    instead: Pieces | None = None


class Shortfalls:
    """Turns what is missing into what it means for the buyer's bill."""

    def __init__(self, catalogue: Catalogue, prices: PriceLists, settings: OrdersSettings) -> None:
        self._catalogue = catalogue
        self._prices = prices
        self._settings = settings

    async def of(self, order: Order, missing: Sequence[Missing]) -> tuple[Shortage, ...]:
        """Raises InvalidProposal."""
        if not missing:
            raise InvalidProposal("Nothing is missing.", field="lines")
        _check_replacements(order, missing)
        lines = {line.product_id: line for line in order.lines}
        shortages = tuple([await self._shortage(order, lines, index, one) for index, one in enumerate(missing)])
        left = sum(line.quantity for line in bag(order)) - sum(one.pieces for one in missing)
        if left == 0 and not any(shortage.replacement for shortage in shortages):
            raise InvalidProposal("Nothing would be left: reject the order.", field="lines")
        return shortages

    async def _shortage(self, order: Order, lines: dict[str, Line], index: int, one: Missing) -> Shortage:
        line = lines.get(one.product_id)
        if line is None:
            raise InvalidProposal("The order has no such line.", field=f"lines.{index}.product_id")
        there = present(order, line)
        if not 1 <= one.pieces <= there:
            raise InvalidProposal(f"1 to {there} pieces can be missing.", field=f"lines.{index}.missing")
        value = share(line.paid, line.quantity, there) - share(line.paid, line.quantity, there - one.pieces)
        replacement = None
        if one.instead is not None:
            replacement = await self._replacement(order, one.instead, value, f"lines.{index}.replacement")
        return Shortage(line.product_id, line.name, one.pieces, there, value, replacement)

    async def _replacement(self, order: Order, instead: Pieces, value: int, field: str) -> Replacement:
        product = (await self._catalogue.products([instead.product_id])).get(instead.product_id)
        if product is None or not product.details.on_sale:
            raise InvalidProposal("This product is not sold.", field=f"{field}.product_id")
        if not 1 <= instead.quantity <= self._settings.max_quantity:
            limit = f"1 to {self._settings.max_quantity} pieces."
            raise InvalidProposal(limit, field=f"{field}.quantity")
        price = await self._price(order.store_id, product)
        charge = min(price * instead.quantity, value)
        return Replacement(product.id, product.name, instead.quantity, price, charge)

    async def _price(self, store_id: str, product: Product) -> int:
        listed = (await self._prices.of([store_id], [product.id]))[store_id, product.id]
        return product.details.price if listed.price is None else listed.price


def _check_replacements(order: Order, missing: Sequence[Missing]) -> None:
    """A stock record keeps one hold an order: what the order has already cannot replace anything in it."""
    if len({one.product_id for one in missing}) < len(missing):
        raise InvalidProposal("A line is named twice.", field="lines")
    offered = [one.instead.product_id for one in missing if one.instead is not None]
    taken = {*(line.product_id for line in order.lines), *(line.product_id for line in bag(order))}
    if len(set(offered)) < len(offered) or taken & set(offered):
        raise InvalidProposal("What the order has already cannot replace anything in it.", field="lines")
