"""What somebody uploads becomes a picture of moderate size without metadata (photos carry where they were taken)."""

import io
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from live.catalogue_file.errors import PictureRefused
from live.catalogue_file.picture_files import MAX_PIXELS
from orders.model import ProductImage

MAX_UPLOAD: Final = 10 * 1024 * 1024
#: Neither side is longer, pixels.
LONGEST: Final = 1600


def picture_of(upload: bytes) -> ProductImage:
    """Upright and not too large: a JPEG, or a WebP where it can be seen through. Raises PictureRefused."""
    try:
        with Image.open(io.BytesIO(upload), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PictureRefused(f"more than {MAX_PIXELS // 1_000_000} million pixels")
            upright = ImageOps.exif_transpose(image)
            clear = upright.has_transparency_data
            fitted = upright.convert("RGBA" if clear else "RGB")
            fitted.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise PictureRefused("not a whole JPEG, PNG or WebP picture") from None
    out = io.BytesIO()
    if clear:
        fitted.save(out, "WEBP", quality=86)
        return ProductImage("image/webp", out.getvalue())
    fitted.save(out, "JPEG", quality=86, optimize=True)
    return ProductImage("image/jpeg", out.getvalue())
