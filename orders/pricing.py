"""What an order costs: one function, integers only."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.model import Line
from orders.settings import OrdersSettings


@dataclass(frozen=True, slots=True)
class Price:
    """What a buyer pays, in minor units."""

    subtotal: int
    delivery_fee: int

    @property
    def total(self) -> int:
        return self.subtotal + self.delivery_fee


def price(lines: Sequence[Line], delivery_fee: int, settings: OrdersSettings) -> Price:
    """The lines at their unit prices, and bringing them, which is free from `settings.free_delivery_from`."""
    subtotal = sum(line.total for line in lines)
    return Price(subtotal, 0 if subtotal >= settings.free_delivery_from else delivery_fee)
