"""Covers: whatever a phone uploads becomes one small JPEG without metadata (photos carry where they were taken)."""

import asyncio
import io

from PIL import Image, ImageOps, UnidentifiedImageError

from live.shows.errors import BadImage, NoPicture
from live.shows.model import Show
from live.shows.shows import ShowService
from live.shows.store import ShowStore

#: Width and height that a cover is cut to (3:4), in pixels.
SIZE = (720, 960)
#: A picture of more pixels than this is refused before it is decoded.
MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


class CoverService:
    """Covers of shows."""

    def __init__(self, store: ShowStore, shows: ShowService) -> None:
        self._store = store
        self._shows = shows

    async def save(self, show_id: str, by: str, upload: bytes) -> Show:
        """Take an upload as the cover. Raises BadImage."""
        await self._shows.own(show_id, by)
        jpeg = await asyncio.to_thread(cover_jpeg, upload)
        await self._store.save_cover(show_id, jpeg)
        return await self._shows.cover_saved(show_id)

    async def jpeg(self, show_id: str) -> bytes:
        """The cover. Raises NoPicture."""
        jpeg = await self._store.cover(show_id)
        if jpeg is None:
            raise NoPicture("This show has no cover.")
        return jpeg


def cover_jpeg(upload: bytes) -> bytes:
    """Decode, turn upright, cut to `SIZE` and encode as JPEG. Raises BadImage on what is no picture."""
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadImage("The picture has too many pixels; 40 million is the limit.")
            upright = ImageOps.exif_transpose(image).convert("RGB")
            fitted = ImageOps.fit(upright, SIZE, Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise BadImage("This is not a JPEG, PNG or WebP picture.") from error
    out = io.BytesIO()
    fitted.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()
