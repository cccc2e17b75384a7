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

    async def prices(self, product_ids: Sequence[str]) -> dict[str, int]:
        """Prices in minor units of those of the products that exist."""
        products = await self._catalogue.products(product_ids)
        return {product_id: product.details.price for product_id, product in products.items()}


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
