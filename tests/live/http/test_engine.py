"""Every request is parsed, allowed and answered as docs/protocol.md says; every refusal is a problem."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from live.http.metrics import Metrics
from tests.live.http.conftest import Ask

JSON = {"Content-Type": "application/json"}


def is_problem(answer: tuple[int, Any, Any], status: int, code: str, field: str | None = None) -> None:
    got, body, headers = answer
    assert (got, body["code"], body.get("field")) == (status, code, field)
    assert headers["Content-Type"].startswith("application/problem+json")
    assert body["status"] == status
    assert body["request_id"] == headers["X-Request-Id"]
    assert {"type", "title"} <= body.keys()


async def test_good_request(ask: Ask) -> None:
    body = {"name": "tea", "at": "2026-11-22T17:30:00+08:00", "points": [{"lon": 121.4}]}
    status, answer, headers = await ask("POST", "/api/things", "member", json=body)
    assert status == 201
    assert answer == {"name": "tea", "count": 1, "at": "2026-11-22T17:30:00+08:00", "points": [{"lon": 121.4}]}
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["RateLimit"].startswith('"default";r=')


async def test_who_may(ask: Ask) -> None:
    body = {"name": "tea"}
    missing = await ask("POST", "/api/things", json=body)
    is_problem(missing, 401, "token_missing")
    assert missing[2]["WWW-Authenticate"].startswith("Bearer")
    is_problem(await ask("POST", "/api/things", "guest", json=body), 403, "forbidden")
    is_problem(await ask("POST", "/api/things", "old", json=body), 401, "token_expired")
    is_problem(await ask("POST", "/api/things", "forged", json=body), 401, "token_invalid")
    is_problem(await ask("GET", "/api/me"), 401, "token_missing")
    assert (await ask("GET", "/api/me", "courier"))[1]["name"] == "courier"
    # Where nobody needs a token, one that has ended does no harm.
    assert (await ask("GET", "/api/things", "old"))[0] == 200


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, None),
        (b"\xff\xfe", 400, None),
        (b'{"name": NaN}', 400, None),
        (b'{"name": "\\ud800"}', 400, None),
        (b"[" * 5000, 400, None),
        (b"[]", 422, None),
        (b"null", 422, None),
        (b"", 422, "name"),
        (b"{}", 422, "name"),
        (b'{"name": 5}', 422, "name"),
        (b'{"name": "tea", "count": "5"}', 422, "count"),
        (b'{"name": "tea", "extra": 1}', 422, "extra"),
        (b'{"name": "tea", "at": "2026-11-22T17:30:00"}', 422, "at"),
        (b'{"name": "tea", "points": [{"lon": 1}, {"lon": 181}]}', 422, "points.1.lon"),
        (b'{"name": "tea", "points": [{"lon": 1, "lat": 1}]}', 422, "points.0.lat"),
        (b'{"name": "tea", "points": [{"lon": 1e999}]}', 422, "points.0.lon"),
    ],
)
async def test_bad_bodies(ask: Ask, body: bytes, status: int, field: str | None) -> None:
    answer = await ask("POST", "/api/things", "member", data=body, headers=JSON)
    if field == "points.0.lon" and answer[0] == 400:
        field, status = None, 400  # a number too large for a double may also be called no JSON
    is_problem(answer, status, "invalid_body", field)


async def test_body_of_another_type(ask: Ask) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"):
        answer = await ask("POST", "/api/things", "member", data=b'{"name": "tea"}', headers={"Content-Type": kind})
        is_problem(answer, 415, "unsupported_media_type", "Content-Type")


async def test_long_bodies(ask: Ask, client: TestClient[Any, Any]) -> None:
    is_problem(await ask("POST", "/api/things", "member", data=b" " * 70_000, headers=JSON), 413, "too_large")

    async def endless() -> Any:
        while True:
            yield b" " * 8192
            await asyncio.sleep(0)

    is_problem(await ask("POST", "/api/things", "member", data=endless(), headers=JSON), 413, "too_large")
    is_problem(await ask("PUT", "/api/raw/a", data=b" " * 2000), 413, "too_large")
    assert (await ask("PUT", "/api/raw/a", data=b" " * 900))[1] == "a 900"


async def test_body_where_none_belongs(ask: Ask) -> None:
    assert (await ask("POST", "/api/empty"))[0] == 204
    assert (await ask("POST", "/api/empty", json={}))[0] == 204
    is_problem(await ask("POST", "/api/empty", json={"a": 1}), 422, "invalid_body", "a")


async def test_query(ask: Ask) -> None:
    assert (await ask("GET", "/api/things?limit=7&open=true&v=3"))[1] == {"limit": 7, "open": True}
    is_problem(await ask("GET", "/api/things?limit=0"), 422, "invalid_query", "limit")
    is_problem(await ask("GET", "/api/things?limit=many"), 422, "invalid_query", "limit")


async def test_addresses_that_are_not_there(ask: Ask) -> None:
    is_problem(await ask("GET", "/api/nowhere"), 404, "not_found")
    refused = await ask("DELETE", "/api/things")
    is_problem(refused, 405, "method_not_allowed")
    assert "POST" in refused[2]["Allow"]
    assert (await ask("HEAD", "/api/things"))[0] == 200


@pytest.mark.parametrize("path", ["/api/broken", "/api/wrong"])
async def test_unforeseen_errors_say_nothing(ask: Ask, path: str) -> None:
    answer = await ask("GET", path, headers={"X-Request-Id": "trace-12345678"})
    is_problem(answer, 500, "internal")
    assert answer[1]["request_id"] == "trace-12345678"
    assert "secret" not in str(answer)


async def test_request_ids_are_ours_when_strange(ask: Ask) -> None:
    for strange in ("short", "x" * 65, "with space and more"):
        headers = (await ask("GET", "/api/things", headers={"X-Request-Id": strange}))[2]
        assert headers["X-Request-Id"] != strange


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 204),
        ({"Origin": "SELF"}, 204),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "SELF.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
    ],
)
async def test_origins(ask: Ask, client: TestClient[Any, Any], headers: dict[str, str], status: int) -> None:
    ours = f"http://{client.host}:{client.port}"
    sent = {name: value.replace("SELF", ours) for name, value in headers.items()}
    answer = await ask("POST", "/api/empty", headers=sent)
    assert answer[0] == status
    if status == 403:
        is_problem(answer, 403, "origin_refused", "Origin")


async def test_players_of_other_origins_may_offer(ask: Ask) -> None:
    assert (await ask("POST", "/whip/shw_1", headers={"Origin": "https://player.example"}))[0] == 200


async def test_idempotency_key(ask: Ask) -> None:
    is_problem(await ask("POST", "/api/pay"), 400, "idempotency_key_missing", "Idempotency-Key")
    for bad in ("", "a b", "x" * 256, "键"):
        answer = await ask("POST", "/api/pay", headers={"Idempotency-Key": bad})
        is_problem(answer, 400, "idempotency_key_invalid", "Idempotency-Key")
    assert (await ask("POST", "/api/pay", headers={"Idempotency-Key": '"8e03"'}))[1]["name"] == "8e03"
    assert (await ask("POST", "/api/pay", headers={"Idempotency-Key": "8e03"}))[1]["name"] == "8e03"


async def test_limits(ask: Ask) -> None:
    for left in (1, 0):
        status, _, headers = await ask("GET", "/api/rare", "guest")
        assert status == 200
        assert headers["RateLimit"].startswith(f'"default";r={left};')
    refused = await ask("GET", "/api/rare", "guest")
    is_problem(refused, 429, "rate_limited")
    assert 1 <= int(refused[2]["Retry-After"]) <= 30
    assert (await ask("GET", "/api/rare", "member"))[0] == 200
    assert (await ask("GET", "/api/rare"))[0] == 200


async def test_long_answers_are_compressed(client: TestClient[Any, Any]) -> None:
    async with client.get("/api/long", headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert len((await response.json())["name"]) == 5000
    async with client.get("/api/things", headers={"Accept-Encoding": "gzip"}) as response:
        assert "Content-Encoding" not in response.headers


async def test_metrics_name_templates(ask: Ask, metrics: Metrics) -> None:
    await ask("PUT", "/api/raw/private-name", data=b"x")
    await ask("GET", "/api/nowhere/private-name")
    value = metrics.registry.get_sample_value
    labels = {"method": "PUT", "route": "/api/raw/{thing}", "status": "200"}
    assert value("nearlive_http_requests_total", labels) == 1
    assert value("nearlive_http_requests_total", {"method": "GET", "route": "unknown", "status": "404"}) == 1
    assert value("nearlive_http_in_flight") == 0
