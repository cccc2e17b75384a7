"""A brand's own system hears of an order: signed, again when it failed, dead in the end, sent again by hand."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from live.settings import Settings
from live.webhooks.endpoints import Endpoints
from live.webhooks.model import Kind, Message, Off, State
from live.webhooks.schedule import PAUSES
from live.webhooks.sender import PATIENCE, Sender
from live.webhooks.store import WebhookStore
from tests.house import HERE, Caller, House, fill, running

PAY = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}
ADDRESS = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}


@dataclass
class Receiver:
    """The brand's system: answers what it is told to, and keeps what came."""

    url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    came: asyncio.Queue[tuple[dict[str, str], str]] = field(default_factory=asyncio.Queue)

    async def take(self, request: web.Request) -> web.Response:
        self.came.put_nowait((dict(request.headers), await request.text()))
        return self.answers.pop(0) if self.answers else web.Response(status=204)

    async def next(self) -> tuple[dict[str, str], str]:
        async with asyncio.timeout(10):
            return await self.came.get()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    one, app = Receiver(), web.Application()
    app.router.add_post("/hook", one.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield one
    await runner.cleanup()


@pytest.fixture
async def open_house(house_settings: Settings) -> AsyncIterator[House]:
    """A server that may send to loopback."""
    async with running(house_settings.model_copy(update={"webhook_targets": "any"})) as opened:
        await fill(opened.services)
        yield opened


async def subscribe(admin: Caller, receiver: Receiver, *events: str) -> dict[str, Any]:
    answer = await admin.ask("POST", "/api/webhooks", json={"url": receiver.url, "events": list(events)})
    assert answer.status == 201, answer
    return dict(answer.body)


async def message(admin: Caller, webhook: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The newest message, once it fits."""
    async with asyncio.timeout(10):
        while True:
            found = (await admin.ask("GET", f"/api/webhooks/{webhook}/messages")).body["items"]
            if found and fits(found[0]):
                return dict(found[0])
            await asyncio.sleep(0.05)


async def test_an_order_is_told_and_signed(open_house: House, receiver: Receiver) -> None:
    admin, buyer = await open_house.sign_in("admin"), await open_house.sign_in("member")
    webhook = await subscribe(admin, receiver, "order.placed", "order.paid")
    lines = {"lines": [{"product_id": "prd_tea", "quantity": 2}], "address": ADDRESS}
    placed = await buyer.ask("POST", "/api/orders", json=lines, headers={"Idempotency-Key": "a"})
    headers, body = await receiver.next()
    Webhook(webhook["secret"]).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook["secret"]).verify(body.replace("prd_tea", "prd_cup"), headers)
    said = json.loads(body)
    assert said["type"] == "order.placed"
    assert said["data"]["order"]["id"] == placed.body["orders"][0]["id"]
    assert said["data"]["order"]["lines"][0]["quantity"] == 2
    assert not any(secret in body for secret in ("13800001234", "8 Test Road", "Mei"))
    paid = await buyer.ask(
        "POST", f"/api/orders/{said['data']['order']['id']}/pay", json=PAY, headers={"Idempotency-Key": "b"}
    )
    assert paid.status == 200, paid
    assert json.loads((await receiver.next())[1])["type"] == "order.paid"
    delivered = await message(admin, webhook["id"], lambda one: one["state"] == "delivered")
    assert [attempt["status"] for attempt in delivered["attempts"]] == [204]


async def test_a_new_secret_signs_beside_the_old_one(open_house: House, receiver: Receiver) -> None:
    admin = await open_house.sign_in("admin")
    webhook = await subscribe(admin, receiver)
    newer = await admin.ask("POST", f"/api/webhooks/{webhook['id']}/secret")
    assert newer.body["secret"] != webhook["secret"]
    assert (await admin.ask("POST", f"/api/webhooks/{webhook['id']}/test")).status == 201
    headers, body = await receiver.next()
    for secret in (newer.body["secret"], webhook["secret"]):
        assert Webhook(secret).verify(body, headers)["type"] == "webhook.test"
    assert (
        "secret" not in (await admin.ask("GET", "/api/webhooks")).body["items"][0]
        or not (await admin.ask("GET", "/api/webhooks")).body["items"][0]["secret"]
    )


async def test_gone_switches_off_and_by_hand_it_comes_again(open_house: House, receiver: Receiver) -> None:
    admin = await open_house.sign_in("admin")
    webhook = await subscribe(admin, receiver)
    receiver.answers.append(web.Response(status=410))
    await admin.ask("POST", f"/api/webhooks/{webhook['id']}/test")
    first, _ = await receiver.next()
    dead = await message(admin, webhook["id"], lambda one: one["state"] == "dead")
    assert (await admin.ask("GET", "/api/webhooks")).body["items"][0]["off"] == "gone"
    again = f"/api/webhooks/{webhook['id']}/messages/{dead['id']}/again"
    assert (await admin.ask("POST", again)).code == "webhook_message_unknown"
    on = {"url": receiver.url, "on": True}
    assert (await admin.ask("PUT", f"/api/webhooks/{webhook['id']}", json=on)).body["off"] is None
    assert (await admin.ask("POST", again)).status == 200
    second, _ = await receiver.next()
    assert second["webhook-id"] == first["webhook-id"]
    await message(admin, webhook["id"], lambda one: one["state"] == "delivered")
    assert (await admin.ask("POST", f"/api/webhooks/{webhook['id']}/again")).body == {"count": 0}


async def test_private_addresses_and_strangers_are_refused(house: House, receiver: Receiver) -> None:
    admin, operator = await house.sign_in("admin"), await house.sign_in("operator")
    for url in (receiver.url, "https://127.0.0.1/hook", "https://db/hook"):
        answer = await admin.ask("POST", "/api/webhooks", json={"url": url})
        assert (answer.status, answer.code) == (422, "invalid_webhook"), url
    assert (await operator.ask("GET", "/api/webhooks")).status == 403
    assert (await admin.ask("DELETE", "/api/webhooks/whk_none")).code == "webhook_unknown"


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Line:
    """A sender with a clock of its own, one endpoint, and no server around it."""

    store: WebhookStore
    sender: Sender
    clock: Clock
    endpoint: str

    async def state(self) -> Message:
        (found,) = await self.store.messages(self.endpoint, None, None, 2)
        return found

    async def until(self, fits: Callable[[Message], bool]) -> Message:
        async with asyncio.timeout(10):
            while not fits(found := await self.state()):  # noqa: ASYNC110 - it is in the database
                await asyncio.sleep(0.02)
        return found


@pytest.fixture
async def line(database: Any, receiver: Receiver) -> AsyncIterator[Line]:
    store, clock = WebhookStore(database), Clock()
    await store.ensure_indexes()
    endpoint = await Endpoints(store, clock, anywhere=True).add(receiver.url, "", [])
    one = Line(store, Sender(store, clock, anywhere=True), clock, endpoint.id)
    task = asyncio.create_task(one.sender.run())
    yield one
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_it_comes_again_at_growing_distances_and_then_lies_dead(line: Line, receiver: Receiver) -> None:
    receiver.answers += [web.Response(status=500) for _ in range(len(PAUSES) + 1)]
    assert await line.sender.queue(Kind.ORDER_PAID, "evt_1", line.clock.now, {}) == 1
    for tries in range(1, len(PAUSES) + 1):
        waiting = await line.until(lambda one, tries=tries: one.tries == tries)  # type: ignore[misc]
        assert waiting.due_at is not None
        assert waiting.due_at - line.clock.now >= PAUSES[tries - 1] * 0.9
        line.clock.now = waiting.due_at + timedelta(seconds=1)
    dead = await line.until(lambda one: one.state is State.DEAD)
    assert len(dead.attempts) == len(PAUSES) + 1
    assert receiver.came.qsize() == len(PAUSES) + 1


async def test_the_same_event_is_told_once(line: Line, receiver: Receiver) -> None:
    for _ in range(3):
        await line.sender.queue(Kind.ORDER_PAID, "evt_1", line.clock.now, {"a": 1})
    await line.until(lambda one: one.state is State.DELIVERED)
    assert receiver.came.qsize() == 1


async def test_a_killed_sender_loses_nothing(line: Line, receiver: Receiver) -> None:
    """A message that a process had claimed is due again when its lease is over."""
    await line.store.add(
        Message("m", line.endpoint, "evt_9", Kind.ORDER_PAID, "{}", line.clock.now, State.WAITING, (), line.clock.now)
    )
    seen = (await line.store.due(line.clock.now, 1)) or [await line.state()]
    await line.store.claim(seen[0], line.clock.now + timedelta(seconds=30))
    line.clock.now += timedelta(seconds=31)
    await line.until(lambda one: one.state is State.DELIVERED)
    headers, _ = await receiver.next()
    assert headers["webhook-id"] == "evt_9"


@pytest.mark.parametrize("answer", [302, 400, 503])
async def test_what_is_no_receipt(line: Line, receiver: Receiver, answer: int) -> None:
    receiver.answers.append(web.Response(status=answer, headers={"Location": receiver.url, "Retry-After": "3600"}))
    await line.sender.queue(Kind.ORDER_PAID, "evt_1", line.clock.now, {})
    waiting = await line.until(lambda one: one.tries == 1)
    assert waiting.attempts[0].status == answer
    assert waiting.due_at is not None
    assert waiting.due_at >= line.clock.now + timedelta(hours=1)
    assert receiver.came.qsize() == 1, "a redirect is not followed"


async def test_an_endpoint_that_fails_for_days_is_switched_off(line: Line, receiver: Receiver) -> None:
    receiver.answers += [web.Response(status=500), web.Response(status=500)]
    await line.sender.queue(Kind.ORDER_PAID, "evt_1", line.clock.now, {})
    await line.until(lambda one: one.tries == 1)
    line.clock.now += PATIENCE + timedelta(minutes=1)
    await line.until(lambda one: one.state is State.DEAD)
    endpoint = await line.store.endpoint(line.endpoint)
    assert endpoint is not None
    assert endpoint.off is Off.FAILING
