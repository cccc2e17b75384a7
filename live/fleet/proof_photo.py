"""A courier's picture becomes one JPEG of moderate size without metadata (photos carry where they were taken)."""

import io
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from live.http.problem import Problem

#: Bytes; the page sends less.
MAX_UPLOAD: Final = 2 * 1024 * 1024
#: A picture of more pixels than this is refused before it is decoded.
MAX_PIXELS: Final = 40_000_000
#: Neither side is longer, pixels.
LONGEST: Final = 1600


def proof_jpeg(upload: bytes) -> bytes:
    """Upright, at most `LONGEST` long. Raises Problem `bad_image`."""
    try:
        with Image.open(io.BytesIO(upload), formats=("JPEG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Problem(422, "bad_image", "The picture has too many pixels; 40 million is the limit.")
            fitted = ImageOps.exif_transpose(image).convert("RGB")
            fitted.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise Problem(422, "bad_image", "This is not a whole JPEG picture.") from None
    out = io.BytesIO()
    fitted.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()
