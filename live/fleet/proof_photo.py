"""A picture becomes one JPEG of moderate size without metadata (photos carry where they were taken)."""

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
#: What couriers of ours take, and what other houses show beside that: signatures are drawings.
PHOTOS: Final = ("JPEG",)
PICTURES: Final = ("JPEG", "PNG", "WEBP")


class NoPicture(Exception):
    """It is none that may be kept; the text says why, to a person."""


def proof_jpeg(upload: bytes) -> bytes:
    """A courier's photo: upright, at most `LONGEST` long. Raises Problem `bad_image`."""
    try:
        return redrawn(upload, PHOTOS)
    except NoPicture as error:
        raise Problem(422, "bad_image", str(error)) from None


def redrawn(data: bytes, formats: tuple[str, ...]) -> bytes:
    """Any of these formats as an upright JPEG, at most `LONGEST` long, on white. Raises NoPicture."""
    try:
        with Image.open(io.BytesIO(data), formats=formats) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NoPicture("The picture has too many pixels; 40 million is the limit.")
            fitted = _opaque(ImageOps.exif_transpose(image))
            fitted.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise NoPicture(f"This is not a whole {' or '.join(formats)} picture.") from None
    out = io.BytesIO()
    fitted.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    drawn = image.convert("RGBA")
    paper = Image.new("RGB", drawn.size, (255, 255, 255))
    paper.paste(drawn, mask=drawn.getchannel("A"))
    return paper
