"""The catalogue as cards see it."""

from collections.abc import Sequence

from live.shows.views import OptionView, PictureView, ProductView
from orders.catalogue.catalogue import Catalogue
from orders.model import Product


class CardProducts:
    """The ports `Products` of views and `Prices` of cards."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def views(self, product_ids: Sequence[str]) -> dict[str, ProductView]:
        """Those of the products that exist."""
        products = await self._catalogue.products(product_ids)
        return {product_id: product_view(product) for product_id, product in products.items()}

    async def variants(self, group_ids: Sequence[str]) -> dict[str, list[ProductView]]:
        """The products on sale of each group, in the order of their options."""
        groups = await self._catalogue.variants(group_ids)
        return {id_: [product_view(one) for one in found if one.details.on_sale] for id_, found in groups.items()}

    async def prices(self, product_ids: Sequence[str]) -> dict[str, int]:
        """Prices in minor units of those of the products that exist."""
        products = await self._catalogue.products(product_ids)
        return {product_id: product.details.price for product_id, product in products.items()}

    async def sibling_prices(self, product_id: str, other_id: str) -> tuple[int, int] | None:
        """The prices of both, if they are variants of one another."""
        found = await self._catalogue.products([product_id, other_id])
        if len(found) < 2:
            return None
        one, other = found[product_id].details, found[other_id].details
        related = one.group_id is not None and one.group_id == other.group_id
        return (one.price, other.price) if related else None


def product_view(product: Product) -> ProductView:
    """A product for pages."""
    details = product.details
    pictures = [
        PictureView(url=f"/api/products/{product.id}/pictures/{one.id}", alt=one.alt) for one in product.pictures
    ]
    return ProductView(
        id=product.id,
        name=details.name,
        description=details.description,
        image_url=pictures[0].url if pictures else f"/api/products/{product.id}/image",
        price=details.price,
        currency=details.currency,
        options=[OptionView(name=one.name, value=one.value) for one in details.options],
        group_id=details.group_id,
        pictures=pictures,
    )
