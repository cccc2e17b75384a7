"""What a key keeps, for whom and how long; with the draft of the IETF and Stripe's rules in hand."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from redis.asyncio import Redis

from live.http import idempotency
from live.http.idempotency import KEPT, REPLAYED, RUNNING, Claim, Replays
from live.http.problem import Problem
from tests.live.http.conftest import KEYS, WORK, Work

Client = TestClient[Any, Any]


@pytest.fixture
def work(client: Client) -> Work:
    assert client.app is not None
    todo: Work = client.app[WORK]
    return todo


async def send(
    client: Client, key: str = "k1", name: str = "tea", who: str = "member", path: str = "/api/work"
) -> tuple[int, Any, Any]:
    headers = {"Authorization": f"Bearer {who}", "Idempotency-Key": key}
    async with client.post(path, json={"name": name}, headers=headers) as answer:
        body = await answer.json()
        return answer.status, body.get("name", body), answer.headers


async def test_the_same_again_gets_status_and_body_again(client: Client, work: Work) -> None:
    first, again = await send(client), await send(client)
    assert first[:2] == again[:2] == (201, "tea 1")
    assert (REPLAYED in first[2], again[2][REPLAYED]) == (False, "true")
    assert again[2]["Content-Type"] == first[2]["Content-Type"]
    assert work.done == 1
    assert (await send(client, "k2"))[1] == "tea 2"


async def test_another_caller_has_other_keys(client: Client) -> None:
    assert (await send(client))[1] == "tea 1"
    assert (await send(client, who="guest"))[1] == "tea 2"


async def test_another_payload_or_place_is_a_mistake(client: Client, work: Work) -> None:
    await send(client)
    for changed in ({"name": "cup"}, {"path": "/api/work?more=1"}):
        status, problem, _ = await send(client, **changed)
        assert (status, problem["code"]) == (422, "idempotency_mismatch")
    assert work.done == 1


async def test_while_the_first_runs_the_second_is_told_to_wait(client: Client, work: Work, redis: Redis) -> None:
    work.gate.clear()
    first = asyncio.create_task(send(client))
    async with asyncio.timeout(5):
        while not await redis.keys("idempotency:*"):  # noqa: ASYNC110 - the server is to get there
            await asyncio.sleep(0.01)
    status, problem, headers = await send(client)
    assert (status, problem["code"], headers["Retry-After"]) == (409, "idempotency_running", "1")
    work.gate.set()
    assert (await first)[0] == 201
    assert (await send(client))[1] == "tea 1"


@pytest.mark.parametrize(
    ("error", "status"),
    [(ZeroDivisionError("secret"), 500), (Problem(402, "card_declined"), 402), (Problem(409, "sold_out"), 409)],
)
async def test_a_refusal_and_a_failure_of_ours_are_kept(
    client: Client, work: Work, error: Exception, status: int
) -> None:
    work.fails = error
    first = await send(client)
    work.fails = None
    again = await send(client)
    assert first[0] == again[0] == status
    assert first[1] == again[1]
    assert "secret" not in str(again[1])
    assert work.done == 1


@pytest.mark.parametrize(
    "error",
    [
        Problem(503, "unavailable"),
        Problem(422, "unknown_product"),
        Problem(404, "not_found"),
        Problem(429, "rate_limited"),
        Problem(409, "payment_in_progress"),
    ],
)
async def test_what_did_nothing_leaves_the_key_free(client: Client, work: Work, error: Problem) -> None:
    work.fails = error
    assert (await send(client))[0] == error.status
    work.fails = None
    assert (await send(client))[:2] == (201, "tea 2")


async def test_nothing_is_kept_of_what_does_not_fit(client: Client, work: Work, redis: Redis) -> None:
    headers = {"Authorization": "Bearer member", "Idempotency-Key": "k1"}
    async with client.post("/api/work", json={"nome": 1}, headers=headers) as answer:
        assert answer.status == 422
    assert work.done == 0
    assert await redis.keys("idempotency:*") == []
    assert (await send(client))[0] == 201


async def test_a_day_and_no_payload(client: Client, redis: Redis) -> None:
    assert (await send(client, "my-own-key", name="42424242"))[0] == 201
    (name,) = await redis.keys("idempotency:*")
    assert KEPT - 60 < await redis.ttl(name) <= KEPT
    assert b"my-own-key" not in name


async def test_a_dead_process_holds_a_key_for_a_moment_and_cannot_answer_later(redis: Redis) -> None:
    replays = Replays(redis, KEYS)
    dead = await replays.claim("usr_1", "k", b"payload")
    (name,) = await redis.keys("idempotency:*")
    assert 0 < await redis.ttl(name) <= RUNNING
    with pytest.raises(Problem) as running:
        await replays.claim("usr_1", "k", b"payload")
    assert running.value.code == "idempotency_running"
    await redis.delete(name)  # its time is over
    fresh = await replays.claim("usr_1", "k", b"payload")
    assert isinstance(dead, Claim)
    assert fresh != dead
    await replays.end(dead, None)
    assert await redis.exists(name) == 1, "the late one must not set the key of the other free"


async def test_a_long_request_keeps_its_key(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "RUNNING", 1)
    monkeypatch.setattr(idempotency, "ALIVE", 0.2)
    replays = Replays(redis, KEYS)
    claim = await replays.claim("usr_1", "k", b"payload")
    assert isinstance(claim, Claim)
    deadline = asyncio.get_running_loop().time() + 1.6
    while asyncio.get_running_loop().time() < deadline:
        assert await redis.exists(claim.name) == 1
        await asyncio.sleep(0.1)
    await replays.end(claim, None)
    assert await redis.exists(claim.name) == 0
