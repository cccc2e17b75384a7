"""The server as balancers, monitors, browsers and strangers see it."""

import json
from pathlib import Path
from typing import Any

import pytest

from live.api import pages
from live.server import all_routes
from tests.house import Answer, Caller, House


def is_problem(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]


async def test_health_readiness_and_metrics(house: House) -> None:
    assert (await house.nobody.ask("GET", "/healthz")).body == {"status": "ok"}
    ready = await house.nobody.ask("GET", "/readyz")
    is_problem(ready, 503, "unavailable")
    assert ready.body["missing"] == ["media"], "no media node runs in these tests"
    await house.services.redis.zadd("media:nodes", {"n1": 9e9})
    await house.services.redis.set("media:node:n1", json.dumps({"url": "http://127.0.0.1:9", "viewers": 0}))
    assert (await house.nobody.ask("GET", "/readyz")).status == 200
    metrics = await house.nobody.ask("GET", "/metrics")
    assert b'nearlive_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in metrics.body
    behind = await house.nobody.ask("GET", "/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    is_problem(behind, 403, "forbidden")


async def test_the_description_covers_every_route(house: House) -> None:
    described = (await house.nobody.ask("GET", "/openapi.json")).body
    assert described["openapi"].startswith("3.1")
    told = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert told == {(route.method, route.path) for route in all_routes()}
    names = set(described["components"]["schemas"])
    for found in json.dumps(described).split('"#/components/schemas/')[1:]:
        assert found.split('"')[0] in names
    operations = [op for methods in described["paths"].values() for op in methods.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pages as the build leaves them."""
    (tmp_path / "assets").mkdir()
    for name in set(pages.PAGES.values()):
        (tmp_path / f"{name}.html").write_text(f"<!doctype html><title>{name}</title>" + " " * 2000)
    (tmp_path / "assets" / "index-1a2b.js").write_text("export const a = 1;\n" * 200)
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(pages, "pages_dir", lambda: tmp_path)
    return tmp_path


async def test_pages_and_assets(house: House, built: Path) -> None:
    for path, name in pages.PAGES.items():
        page = await house.nobody.ask("GET", path.replace("{", "").replace("}", ""))
        assert page.status == 200
        assert f"<title>{name}</title>".encode() in page.body
        assert page.headers["Cache-Control"] == "no-cache"
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    fresh = await house.nobody.ask("GET", "/", headers={"If-None-Match": page.headers["ETag"]})
    assert fresh.status == 200, "another page has another tag"
    same = await house.nobody.ask("GET", "/courier", headers={"If-None-Match": page.headers["ETag"]})
    assert (same.status, same.body) == (304, None)
    asset = await house.nobody.ask("GET", "/assets/index-1a2b.js", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in asset.headers["Cache-Control"]
    assert asset.headers["Content-Encoding"] == "gzip"
    assert asset.body.startswith(b"export const a")
    plain = await house.nobody.ask("GET", "/assets/index-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    (built / "courier.html").write_text("<!doctype html>built again")
    assert b"built again" in (await house.nobody.ask("GET", "/courier")).body


@pytest.mark.parametrize("name", ["none.js", "..%2Fsecret.txt", "%2e%2e%2fsecret.txt", ".hidden", "a%00b", "x" * 300])
async def test_nothing_outside_of_the_assets(house: House, built: Path, name: str) -> None:
    answer = await house.nobody.ask("GET", f"/assets/{name}")
    assert answer.status == 404
    assert b"secret" not in json.dumps(answer.body).encode()


JSON = {"Content-Type": "application/json"}
BAD: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("POST", "/api/session/sign-in", {"data": b"{", "headers": JSON}, 400, "invalid_body"),
    ("POST", "/api/session/sign-in", {"json": {"login": 5, "password": "x"}}, 422, "invalid_body"),
    ("POST", "/api/session/sign-in", {"data": b"login=a"}, 415, "unsupported_media_type"),
    ("POST", "/api/session/sign-in", {"json": {"login": "a", "password": "b", "c": 1}}, 422, "invalid_body"),
    ("POST", "/api/orders", {"data": b"x" * 100_000, "headers": {"Idempotency-Key": "k"}}, 413, "too_large"),
    ("POST", "/api/orders", {"json": {}}, 422, "invalid_body"),
    ("GET", "/api/shows?lon=181", {}, 422, "invalid_query"),
    ("GET", "/api/shows?lon=nan", {}, 422, "invalid_query"),
    ("GET", "/api/shows/shw_none", {}, 404, "show_unknown"),
    ("GET", "/api/shows/%00", {}, 404, "show_unknown"),
    ("GET", "/api/orders/ord_none", {}, 404, "not_found"),
    ("GET", "/api/orders?before=yesterday", {}, 422, "invalid_query"),
    ("GET", "/api/products/prd_none/image", {}, 404, "not_found"),
    ("GET", "/api/nowhere", {}, 404, "not_found"),
    ("PUT", "/api/orders", {}, 405, "method_not_allowed"),
    ("POST", "/whip/shw_none", {"data": b"v=0"}, 503, "no_media_node"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "more", "status", "code"), BAD)
async def test_bad_input(house: House, method: str, path: str, more: dict[str, Any], status: int, code: str) -> None:
    member = await house.sign_in("member")
    is_problem(await member.ask(method, path, **more), status, code)


async def test_foreign_pages_and_old_tokens(house: House) -> None:
    member = await house.sign_in("member")
    evil = {"Origin": "https://evil.example"}
    for method, path in (("POST", "/api/session/refresh"), ("POST", "/api/orders"), ("PATCH", "/api/me")):
        is_problem(await member.ask(method, path, headers=evil), 403, "origin_refused")
    assert (await member.ask("GET", "/api/me", headers=evil)).status == 200
    family = house.services.accounts.authenticate(str(member.token)).family
    await house.services.accounts.sign_out(None, house.services.accounts.authenticate(str(member.token)))
    is_problem(await member.ask("GET", "/api/me"), 401, "token_invalid")
    assert family
    is_problem(await Caller(house, "x" * 5000).ask("GET", "/api/me"), 401, "token_invalid")


async def test_errors_of_one_disturb_nobody(house: House) -> None:
    """Bad requests and broken sockets; the server answers the next good one as before."""
    member = await house.sign_in("member")
    for number in range(60):
        await house.nobody.ask("POST", "/api/session/sign-in", data=bytes([number]) * number)
    for _ in range(20):
        async with house.nobody.socket(hello=False) as page:
            await page.raw.send_str("{" * 50)
            await page.close_code()
    assert (await member.ask("GET", "/api/me")).status == 200
    assert house.services.hub.size == 0
