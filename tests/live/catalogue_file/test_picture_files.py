"""Which files are pictures."""

import os
from pathlib import Path

import pytest

from live.catalogue_file.errors import PictureRefused
from live.catalogue_file.picture_files import MAX_BYTES, read_picture
from live.seed.goods import PRODUCTS
from live.seed.goods import picture as demo_picture
from tests.live.catalogue_file.conftest import picture

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_by_content_whatever_the_name(form: str, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(picture(form))
    found = read_picture(tmp_path, "a.bin")
    assert (found.content_type, found.data) == (f"image/{form.lower()}", picture(form))


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.key)
def test_drawings(product: object, tmp_path: Path) -> None:
    image = demo_picture(product)  # type: ignore[arg-type]
    for start in (b"", b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn -->'):
        (tmp_path / "a.svg").write_bytes(start + image.data)
        assert read_picture(tmp_path, "a.svg").content_type == "image/svg+xml"


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
        '<p xmlns="http://www.w3.org/1999/xhtml"/>',
        '<image href="https://example.com/a.png"/>',
        '<a href="#x"/>',
        "<style>@import url(https://example.com/a.css)</style>",
        '<animate attributeName="href"/>',
        '<use href="https://example.com/a.svg#b"/>',
        '<use xlink:href="data:image/svg+xml,x"/>',
        '<rect onload="alert(1)"/>',
        '<rect ONCLICK="alert(1)"/>',
        '<rect fill="url(https://example.com/a#b)"/>',
        "<rect style=\"fill:URL( '//example.com')\"/>",
        '<rect style="fill:u\\72l(//example.com)"/>',
        "<rect style=\"background:image-set('a.png' 1x)\"/>",
        "<?xml-stylesheet href='a.css'?>",
        "<![CDATA[x]]>",
        "<rect>",
    ],
)
def test_what_is_more_than_a_drawing(inside: str, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(f"{OPEN}{inside}</svg>", encoding="utf-8")
    with pytest.raises(PictureRefused):
        read_picture(tmp_path, "a.svg")
    (tmp_path / "a.svg").write_text(f'{OPEN}<rect fill="url(#a)"/><use xlink:href="#b"/></svg>', encoding="utf-8")
    read_picture(tmp_path, "a.svg")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        picture()[:-36],
        b"<html/>",
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + OPEN.encode() + b"</svg>",
        b'<?xml version="1.0" encoding="utf-7"?>' + OPEN.encode() + b"</svg>",
        f"{OPEN}</svg>".encode("utf-16"),
        b"<svg xmlns='http://www.w3.org/2000/svg'>\xff</svg>",
    ],
)
def test_what_is_none(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(PictureRefused):
        read_picture(tmp_path, "a.png")


def test_too_much_and_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture() + bytes(MAX_BYTES))
    with pytest.raises(PictureRefused, match="512 KiB"):
        read_picture(tmp_path, "a.png")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.png").symlink_to(tmp_path / "a.png")
    for name in ("../a.png", str(tmp_path / "a.png"), "link.png", "a\0b.png"):
        with pytest.raises(PictureRefused):
            read_picture(inner, name)
    os.truncate(tmp_path / "a.png", len(picture()))
    assert read_picture(tmp_path, "inner/../a.png").data == picture()
