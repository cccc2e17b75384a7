"""Pictures beside a catalogue file. Taken as they are, once they are known to be pictures and nothing else."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from live.catalogue_file.errors import PictureRefused
from orders.model import ProductImage

MAX_BYTES: Final = 512 * 1024
#: A picture of more pixels than this is refused before it is decoded.
MAX_PIXELS: Final = 40_000_000
SUFFIXES: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/svg+xml": ".svg"}

_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREFS: Final = frozenset({"href", "{http://www.w3.org/1999/xlink}href"})
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_DECLARATION: Final = re.compile(r"\s*<\?xml\s[^>?]*\?>")
_OTHER_ENCODING: Final = re.compile(r"encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
_CALL: Final = re.compile(r"([\w-]+)\s*\(\s*[\"']?(.?)")
#: Drawing only: nothing that runs, moves, embeds or loads.
_ELEMENTS: Final = (
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan title desc "
    "linearGradient radialGradient stop pattern clipPath mask marker"
)
_FUNCTIONS: Final = "rgb rgba hsl hsla matrix translate scale rotate skewX skewY"
_DRAWING: Final = frozenset(_ELEMENTS.split())
_CALLS: Final = frozenset(_FUNCTIONS.split())


def read_picture(folder: Path, name: str) -> ProductImage:
    """The picture `name` of a file in `folder`. Raises PictureRefused."""
    try:
        path = (folder / name).resolve()
        if Path(name).is_absolute() or not path.is_relative_to(folder.resolve()):
            raise PictureRefused("must be a path in the folder of the file")
        with path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # the latter for a name that none can have
        raise PictureRefused(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > MAX_BYTES:
        raise PictureRefused(f"more than {MAX_BYTES // 1024} KiB")
    return ProductImage(_content_type(data), data)


def _content_type(data: bytes) -> str:
    """By what is in it, whatever its name."""
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        _check_drawing(data)
        return "image/svg+xml"
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PictureRefused(f"more than {MAX_PIXELS // 1_000_000} million pixels")
            image.load()
            # A phone's JPEG may hold a second picture, and is then called MPO.
            return "image/jpeg" if image.format == "MPO" else f"image/{str(image.format).lower()}"
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise PictureRefused("not a whole JPEG, PNG, WebP or SVG picture") from None


def _check_drawing(data: bytes) -> None:
    """Raises PictureRefused unless an SVG is a drawing and nothing else."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PictureRefused("an SVG must be in UTF-8") from None
    declaration = _DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    if declaration and _OTHER_ENCODING.search(declaration[0]):
        raise PictureRefused("an SVG must be in UTF-8")
    # With neither document types nor instructions there are no entities to blow up and no style sheets to load.
    if "<?" in body or re.search(r"<!(?!--)", body):
        raise PictureRefused("an SVG must have no document type, instructions or CDATA; save it as plain SVG")
    try:
        root = ET.fromstring(body)  # noqa: S314 - no document type, so no entities
    except ET.ParseError as error:
        raise PictureRefused(f"not a whole SVG: {error}") from None
    if root.tag != f"{_SVG}svg":
        raise PictureRefused("not a JPEG, PNG, WebP or SVG picture")
    for element in root.iter():
        _check_element(element)


def _check_element(element: ET.Element) -> None:
    name = element.tag.removeprefix(_SVG)
    if not element.tag.startswith(_SVG) or name not in _DRAWING:
        raise PictureRefused(f"an SVG must be a plain drawing, without <{name.rpartition('}')[2]}>")
    for attribute, value in element.attrib.items():
        if attribute in _HREFS:
            harmless = value.startswith("#")
        else:
            known = not attribute.startswith("{") or attribute.startswith(_XML)
            harmless = known and not attribute.lower().startswith("on") and _loads_nothing(value)
        if not harmless:
            raise PictureRefused(f"an SVG must be a plain drawing, without this {attribute.rpartition('}')[2]!r}")


def _loads_nothing(value: str) -> bool:
    if "\\" in value:
        return False
    return all(first == "#" if call.lower() == "url" else call in _CALLS for call, first in _CALL.findall(value))
