"""Pictures that other houses name: only small ones of public places are kept, drawn anew."""

import io
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from delivery.errors import ProviderBusy, Unreachable
from delivery.ports import HttpRequest
from live.fleet.outgoing import Outgoing
from live.fleet.proof_pictures import LARGEST, ProofPictures
from live.webhooks.targets import connector


def signature(kind: str = "PNG") -> bytes:
    """Ink on nothing."""
    image = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 40, 40))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


ANSWERS = {
    "/ok": (200, "image/png", signature()),
    "/webp": (200, "image/webp", signature("WEBP")),
    "/gif": (200, "image/gif", signature("GIF")),
    "/svg": (200, "image/svg+xml", b"<svg/>"),
    "/page": (200, "text/html", signature()),
    "/half": (200, "image/png", signature()[:200]),
    "/large": (200, "image/png", b"\x89PNG" + bytes(LARGEST)),
    "/gone": (410, "text/plain", b""),
    "/later": (404, "text/plain", b""),
    "/broken": (500, "text/plain", b""),
    "/busy": (429, "text/plain", b""),
}
MOVED = {"/moved": "/ok", "/round": "/round", "/out": "ftp://example.com/ok", "/nowhere": ""}


@pytest.fixture
async def house() -> AsyncIterator[TestServer]:
    async def answer(request: web.Request) -> web.Response:
        if request.path in MOVED:
            return web.Response(status=302, headers={"Location": MOVED[request.path]})
        status, kind, body = ANSWERS[request.path]
        return web.Response(status=status, content_type=kind, body=body)

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    server = TestServer(app)
    async with server:
        yield server


async def test_only_pictures_are_kept(house: TestServer) -> None:
    async with Outgoing.open() as http:
        pictures = ProofPictures(http, anywhere=True)
        for path in ("/ok", "/webp", "/moved"):
            jpeg = await pictures.fetch(str(house.make_url(path)))
            assert jpeg is not None
            with Image.open(io.BytesIO(jpeg)) as image:
                assert (image.format, image.size) == ("JPEG", (400, 200))
                assert image.getpixel((390, 190)) == (255, 255, 255), "what is transparent is paper"
                assert image.getpixel((10, 10)) == (0, 0, 0)
        for path in ("/gif", "/svg", "/page", "/half", "/large", "/gone", "/round", "/out", "/nowhere"):
            assert await pictures.fetch(str(house.make_url(path))) is None, path
        for path in ("/later", "/broken"):
            with pytest.raises(Unreachable):
                await pictures.fetch(str(house.make_url(path)))
        with pytest.raises(ProviderBusy):
            await pictures.fetch(str(house.make_url("/busy")))


async def test_nothing_private_is_looked_at(house: TestServer) -> None:
    async with Outgoing.open(connector(anywhere=False)) as http:
        pictures = ProofPictures(http, anywhere=False)
        for url in (
            str(house.make_url("/ok")),
            "https://127.0.0.1/ok",
            "https://[::1]/ok",
            "https://169.254.169.254/latest/meta-data",
            "https://user:secret@example.com/ok.png",
            "https://localhost/ok",
            "file:///etc/passwd",
            "not a url",
        ):
            assert await pictures.fetch(url) is None, url
        # A name that leads there gets no further than its address allows.
        with pytest.raises(Unreachable):
            await http.send(HttpRequest("GET", str(house.make_url("/ok"))))
