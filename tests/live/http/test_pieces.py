"""Limits, origins, keys and the description, each by itself."""

import asyncio
from ipaddress import ip_network

import pytest
from redis.asyncio import Redis

from live.http.limits import Limiter, RateLimited
from live.http.openapi import document
from live.http.origin import Frontier
from tests.live.http.conftest import table


async def test_limit_refills(redis: Redis) -> None:
    limiter = Limiter(redis)
    for left in (2, 1, 0):
        assert (await limiter.take("a", 3, 1)).remaining == left
    with pytest.raises(RateLimited):
        await limiter.take("a", 3, 1)
    assert (await limiter.take("b", 3, 1)).remaining == 2
    await asyncio.sleep(0.4)  # one of three in a second is free again after a third of it
    assert (await limiter.take("a", 3, 1)).remaining == 0


async def test_limit_holds_under_concurrency(redis: Redis) -> None:
    limiter = Limiter(redis)
    answers = await asyncio.gather(*(limiter.take("c", 10, 60) for _ in range(50)), return_exceptions=True)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 10
    assert all(isinstance(answer, RateLimited) for answer in answers if isinstance(answer, Exception))
    assert await redis.pttl("limit:c") > 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "10.1.1.1", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.7, 10.0.0.3", "198.51.100.7"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "not-an-address", "not-an-address"),
        (None, "1.2.3.4", "unknown"),
    ],
)
def test_address_behind_proxies(peer: str | None, forwarded: str, address: str) -> None:
    frontier = Frontier(trusted_proxies=[ip_network("10.0.0.0/8")])
    assert frontier.address(peer, {"X-Forwarded-For": forwarded}) == address


def test_public_url_is_ours() -> None:
    frontier = Frontier(public_url="https://live.example")
    assert frontier.ours("https://live.example", "internal:8080")
    assert frontier.ours("http://internal:8080", "internal:8080")
    assert not frontier.ours("https://live.example.evil", "internal:8080")
    assert not frontier.ours("file://internal:8080", "internal:8080")


def test_description_has_every_route() -> None:
    description = document(table, "1.2.3")
    assert description["openapi"] == "3.1.0"
    make = description["paths"]["/api/things"]["post"]
    assert make["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Thing"}
    assert make["security"] == [{"bearer": []}]
    assert "201" in make["responses"]
    find = description["paths"]["/api/things"]["get"]
    assert {parameter["name"] for parameter in find["parameters"]} == {"limit", "open"}
    assert "security" not in find
    pay = description["paths"]["/api/pay"]["post"]
    assert pay["parameters"][0]["name"] == "Idempotency-Key"
    assert description["paths"]["/api/raw/{thing}"]["put"]["parameters"][0]["name"] == "thing"
