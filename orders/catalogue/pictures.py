"""The pictures of a product, in the order to show them."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from orders.catalogue.revision import overtaken
from orders.catalogue.store import CatalogueRecords
from orders.errors import InvalidProduct, ProductNotFound
from orders.model import Picture, Product, ProductImage

MAX_PICTURES: Final = 9
MAX_ALT: Final = 300
_TRIES: Final = 5

Edit: TypeAlias = Callable[[tuple[Picture, ...]], tuple[Picture, ...]]


def picture_id(data: bytes) -> str:
    """A hash of what is in it, so the address of a picture never shows another one. 32 hexadecimal figures."""
    return hashlib.sha256(data).hexdigest()[:32]


class Pictures:
    """Adds, arranges and removes them. Each change of the list happens only to the list that was read."""

    def __init__(self, records: CatalogueRecords) -> None:
        self._records = records

    async def add(self, product_id: str, image: ProductImage, alt: str = "") -> Product:
        """Put it last; one that the product has already gets the new text and keeps its place.

        Raises ProductNotFound, InvalidProduct.
        """
        picture = Picture(picture_id(image.data), image.content_type, _checked(alt))
        await self._records.put_picture(product_id, picture.id, image)

        def edit(pictures: tuple[Picture, ...]) -> tuple[Picture, ...]:
            if any(one.id == picture.id for one in pictures):
                return tuple(picture if one.id == picture.id else one for one in pictures)
            return (*pictures, picture)

        return await self._edit(product_id, edit)

    async def set(self, product_id: str, images: Sequence[tuple[ProductImage, str]]) -> Product:
        """Have these, each with its text, and no others. Raises ProductNotFound, InvalidProduct."""
        pictures = {
            picture_id(image.data): Picture(picture_id(image.data), image.content_type, _checked(alt))
            for image, alt in images
        }
        for image, _ in images:
            await self._records.put_picture(product_id, picture_id(image.data), image)
        return await self._edit(product_id, lambda _: tuple(pictures.values()))

    async def arrange(self, product_id: str, wanted: Sequence[tuple[str, str]], known: int | None = None) -> Product:
        """Have exactly these ids, in this order and with these texts; those that are not named are removed.

        Raises ProductNotFound, InvalidProduct; ChangedSince unless the product is as `known` (revision.py).
        """
        texts = {one: _checked(alt) for one, alt in wanted}
        if len(texts) < len(wanted):
            raise InvalidProduct("A picture is there twice.", field="items")

        def edit(pictures: tuple[Picture, ...]) -> tuple[Picture, ...]:
            known = {one.id: one for one in pictures}
            if not texts.keys() <= known.keys():
                raise InvalidProduct("The product has no such picture.", field="items")
            return tuple(Picture(one, known[one].content_type, alt) for one, alt in texts.items())

        return await self._edit(product_id, edit, known)

    async def remove(self, product_id: str, removed: str) -> Product:
        """Nothing happens if it is gone already. Raises ProductNotFound."""
        return await self._edit(product_id, lambda pictures: tuple(one for one in pictures if one.id != removed))

    async def image(self, product_id: str, wanted: str) -> ProductImage:
        """Its bytes. Raises ProductNotFound."""
        image = await self._records.picture(product_id, wanted)
        if image is None:
            raise ProductNotFound(f"No such picture of {product_id}.")
        return image

    async def face(self, product: Product) -> ProductImage | None:
        """Its first picture, None if it has none."""
        return await self._records.picture(product.id, product.pictures[0].id if product.pictures else None)

    async def _edit(self, product_id: str, edit: Edit, known: int | None = None) -> Product:
        for _ in range(_TRIES):
            found = await self._records.product_revision(product_id)
            if found is None:
                raise ProductNotFound(f"No product {product_id}.")
            product, revision = found
            if known is not None and product.revision != known:
                raise overtaken(product_id, known)
            pictures = edit(product.pictures)
            if len(pictures) > MAX_PICTURES:
                raise InvalidProduct(f"A product has at most {MAX_PICTURES} pictures.", field="pictures")
            if await self._records.put_pictures(product_id, revision, pictures):
                gone = {one.id for one in product.pictures} - {one.id for one in pictures}
                await self._records.delete_pictures(product_id, gone)
                return Product(product_id, product.details, pictures, product.revision + 1)
        raise InvalidProduct("The pictures are being changed from another place; try again.", field="pictures")


def _checked(alt: str) -> str:
    if len(alt) > MAX_ALT:
        raise InvalidProduct(f"A picture's text has at most {MAX_ALT} characters.", field="alt")
    return alt.strip()
