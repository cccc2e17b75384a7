"""The catalogue as cards see it."""

from collections.abc import Sequence

from live.shows.views import ProductView
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

    async def prices(self, product_ids: Sequence[str]) -> dict[str, int]:
        """Prices in minor units of those of the products that exist."""
        products = await self._catalogue.products(product_ids)
        return {product_id: product.details.price for product_id, product in products.items()}


def product_view(product: Product) -> ProductView:
    """A product for pages."""
    details = product.details
    return ProductView(
        id=product.id,
        name=details.name,
        description=details.description,
        image_url=f"/api/products/{product.id}/image",
        price=details.price,
        currency=details.currency,
        options=list(details.options),
    )
