"""The rows of price lists. Prices are minor units."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """What a price list says of a product, in minor units; None where it says nothing."""

    price: int | None = None
    member_price: int | None = None

    def over(self, other: "ListedPrice") -> "ListedPrice":
        """This list's word, the other's where it says nothing."""
        return ListedPrice(
            other.price if self.price is None else self.price,
            other.member_price if self.member_price is None else self.member_price,
        )


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A row of a price list. `store_id` None: in all stores, where it can only have a member price."""

    product_id: str
    store_id: str | None
    listed: ListedPrice
