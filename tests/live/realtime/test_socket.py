"""The socket as docs/protocol.md says it: hello, topics, resuming, limits, closing."""

import asyncio
import json
import socket as pysocket
import struct
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from live.realtime import connection, socket
from live.realtime.connection import Close
from tests.house import Caller, House, running
from tests.waiting import until


async def test_hello_then_snapshot_then_events(house: House) -> None:
    show = await house.show()
    viewer = await house.sign_in("guest")
    async with viewer.socket() as page:
        snapshot = await page.follow(f"show:{show.id}")
        assert snapshot["data"]["show"]["id"] == show.id
        assert snapshot["data"]["show"]["status"] == "live"
        assert snapshot["data"]["muted_until"] is None
        said = await page.say(type="chat", show=show.id, text="  hello there ")
        assert said["state"] == "shown"
        chat = await page.until(lambda frame: frame.get("kind") == "chat")
        assert chat["data"]["text"] == "hello there"
        assert chat["data"]["id"] == said["message_id"]
        events = [frame["seq"] for frame in page.seen if frame["type"] == "event"]
        assert events == list(range(snapshot["seq"] + 1, snapshot["seq"] + 1 + len(events)))


async def test_a_page_that_comes_back_gets_what_it_missed(house: House) -> None:
    show = await house.show()
    topic = f"show:{show.id}"
    member, other = await house.sign_in("member"), await house.sign_in("member2")
    async with member.socket() as page:
        last = (await page.follow(topic))["seq"]
        await page.say(type="chat", show=show.id, text="before")
        last = (await page.until(lambda frame: frame.get("kind") == "chat"))["seq"]
    async with other.socket() as page:
        for number in range(3):
            await page.say(type="chat", show=show.id, text=f"missed {number} {'abc'[number]}")
    async with member.socket() as page:
        answer = await page.follow(topic, after=last)
        assert answer["resumed"]
        texts = [(await page.event("chat"))["data"]["text"] for _ in range(3)]
        assert texts == [f"missed {number} {'abc'[number]}" for number in range(3)]
        events = [frame["seq"] for frame in page.seen if frame["type"] == "event"]
        assert events == list(range(last + 1, last + 1 + len(events)))


async def test_numbers_that_are_not_kept_get_a_snapshot(house: House) -> None:
    show = await house.show()
    viewer = await house.sign_in("guest")
    async with viewer.socket() as page:
        last = (await page.follow(f"show:{show.id}"))["seq"]
        for after in (0, last + 1000):
            snapshot = await page.follow(f"show:{show.id}", after=after)
            assert snapshot["type"] == "snapshot"
            assert snapshot["seq"] >= last
        for number in range(510):
            await house.services.topics.publish(f"show:{show.id}", "hearts", {"total": number, "delta": 1})
        assert (await page.follow(f"show:{show.id}", after=last))["type"] == "snapshot"


async def test_two_processes_are_one(house: House) -> None:
    show = await house.show()
    async with running(house.settings) as twin:
        here, there = await house.sign_in("member"), await twin.sign_in("member2")
        async with here.socket() as one, there.socket() as other:
            await one.follow(f"show:{show.id}")
            await other.follow(f"show:{show.id}")
            await one.say(type="chat", show=show.id, text="to everybody")
            assert (await other.event("chat"))["data"]["text"] == "to everybody"
            counted = await other.until(lambda frame: frame.get("kind") == "viewers" and frame["data"]["count"] == 2)
            assert counted["topic"] == f"show:{show.id}"
        shows = await house.nobody.ask("GET", "/api/shows")
        assert shows.body["live"][0]["id"] == show.id


async def test_viewers_leave_with_their_sockets(house: House) -> None:
    show = await house.show()
    watching, leaving = await house.guest(), await house.guest()
    async with watching.socket() as page:
        await page.follow(f"show:{show.id}")
        async with leaving.socket() as other:
            await other.follow(f"show:{show.id}")
            await page.until(lambda frame: frame.get("kind") == "viewers" and frame["data"]["count"] == 2)
        await page.until(lambda frame: frame.get("kind") == "viewers" and frame["data"]["count"] == 1)


async def test_hearts_are_merged(house: House) -> None:
    show = await house.show()
    viewer = await house.sign_in("guest")
    async with viewer.socket() as page:
        refused = await page.say(type="heart", show=show.id, count=3)
        assert refused["code"] == "not_subscribed"
        await page.follow(f"show:{show.id}")
        for _ in range(4):
            assert (await page.say(type="heart", show=show.id, count=5))["type"] == "ok"
        total = 0
        while total < 20:
            event = await page.event("hearts")
            total = event["data"]["total"]
        assert total == 20


async def test_everybody_has_an_own_me(house: House) -> None:
    one, other = await house.sign_in("member"), await house.sign_in("member2")
    async with one.socket() as mine, other.socket() as theirs:
        await mine.follow("me")
        await theirs.follow("me")
        await house.services.topics.publish(f"me:{one.id}", "warning", {"show_id": "s", "text": "for one", "at": "x"})
        await house.services.topics.publish(
            f"me:{other.id}", "warning", {"show_id": "s", "text": "for other", "at": "x"}
        )
        assert (await mine.event("warning"))["data"]["text"] == "for one"
        got = await theirs.event("warning")
        assert (got["data"]["text"], got["topic"]) == ("for other", "me")
        assert (await mine.say(type="subscribe", topic=f"me:{other.id}"))["code"] == "not_found"


async def test_unsubscribed_topics_are_silent(house: House) -> None:
    show = await house.show()
    member = await house.sign_in("member")
    async with member.socket() as page:
        await page.follow(f"show:{show.id}")
        await page.say(type="unsubscribe", topic=f"show:{show.id}")
        page.seen.clear()
        await house.services.topics.publish(f"show:{show.id}", "hearts", {"total": 1, "delta": 1})
        await page.follow("me")
        assert not [frame for frame in page.seen if frame["type"] == "event" and frame["topic"] != "me"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", Close.BAD_MESSAGE),
        ("[1]", Close.BAD_MESSAGE),
        ('{"type": "dance"}', Close.BAD_MESSAGE),
        ('{"type": 5}', Close.BAD_MESSAGE),
        ('{"type": "hello", "token": "forged"}', Close.TOKEN_ENDED),
    ],
)
async def test_bad_talk_ends_the_socket(house: House, text: str, code: int) -> None:
    async with house.nobody.socket(hello=False) as page:
        await page.raw.send_str(text)
        assert await page.close_code() == code


async def test_binary_and_long_frames_end_the_socket(house: House) -> None:
    async with house.nobody.socket(hello=False) as page:
        await page.raw.send_bytes(b"\x00")
        assert await page.close_code() == Close.BAD_MESSAGE
    async with house.nobody.socket(hello=False) as page:
        await page.raw.send_str(" " * 9000)
        assert await page.close_code() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"type": "subscribe"}, "topic"),
        ({"type": "subscribe", "topic": "me", "after": -1}, "after"),
        ({"type": "subscribe", "topic": "me", "after": "5"}, "after"),
        ({"type": "chat", "show": "s", "text": "   "}, "text"),
        ({"type": "chat", "show": "s", "text": "x" * 301}, "text"),
        ({"type": "heart", "show": "s", "count": 21}, "count"),
        ({"type": "heart", "show": "s", "count": 1, "more": 1}, "more"),
    ],
)
async def test_members_that_do_not_fit_are_named(house: House, message: dict[str, Any], field: str) -> None:
    member = await house.sign_in("member")
    async with member.socket() as page:
        answer = await page.say(**message)
        assert (answer["type"], answer["code"], answer["field"]) == ("problem", "invalid_body", field)


async def test_nothing_before_hello(house: House) -> None:
    async with house.nobody.socket(hello=False) as page:
        assert (await page.say(type="subscribe", topic="me"))["code"] == "token_missing"


async def test_silence_and_ended_tokens_close(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "HELLO_WITHIN", 0.2)
    async with house.nobody.socket(hello=False) as page:
        assert await page.close_code() == Close.NO_HELLO
    member = await house.sign_in("member")
    async with member.socket() as page:
        (mine,) = house.services.hub._connections
        assert mine.principal is not None
        mine.sign_in(mine.principal, datetime(2000, 1, 1, tzinfo=UTC))
        assert await page.close_code() == Close.TOKEN_ENDED


async def test_a_fresh_hello_keeps_the_socket_and_another_person_does_not(house: House) -> None:
    member, other = await house.sign_in("member"), await house.sign_in("member2")
    async with member.socket() as page:
        assert (await page.say(type="hello", token=member.token))["user"]["id"] == member.id
        await page.raw.send_json({"type": "hello", "token": other.token})
        assert await page.close_code() == Close.FORBIDDEN


async def test_too_many_messages_close(house: House) -> None:
    member = await house.sign_in("member")
    async with member.socket() as page:
        for _ in range(200):
            await page.raw.send_json({"type": "unsubscribe", "topic": "me"})
        assert await page.close_code() == Close.TOO_MANY


async def test_foreign_origins_are_refused(house: House) -> None:
    for origin in ("https://evil.example", "null"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with house.nobody.socket(hello=False, origin=origin):
                pass
        assert refused.value.status == 403
    async with house.nobody.socket(hello=False, origin=house.url) as page:
        assert not page.raw.closed


async def test_plain_requests_are_told_to_upgrade(house: House) -> None:
    answer = await house.nobody.ask("GET", "/api/socket")
    assert (answer.status, answer.code) == (426, "upgrade_required")


async def test_a_page_that_does_not_read_is_closed_and_holds_up_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_LAST_WORDS", 0.3)
    show = await house.show()
    topic = f"show:{show.id}"
    fast = await house.sign_in("member2")
    slow = await _deaf(house, await house.sign_in("member"), topic)
    async with fast.socket() as page:
        await page.follow(topic)
        padding, number = "x" * 100_000, 0
        while house.services.hub.size > 1:
            number += 1
            await house.services.topics.publish(topic, "hearts", {"total": number, "delta": 1, "pad": padding})
            assert (await page.event("hearts"))["data"]["total"] == number
            assert number < 3000, "the slow page was never closed"
    slow.close()
    registry = house.services.metrics.registry
    assert registry.get_sample_value("nearlive_socket_closes_total", {"code": str(int(Close.TOO_SLOW))}) == 1


async def _deaf(house: House, caller: Caller, topic: str) -> pysocket.socket:
    """A page that follows a topic and never reads: a plain connection with a small buffer."""
    host, port = house.url.removeprefix("http://").split(":")
    plain = pysocket.socket()
    plain.setsockopt(pysocket.SOL_SOCKET, pysocket.SO_RCVBUF, 4096)
    plain.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(plain, (host, int(port)))
    lines: tuple[str, ...] = (
        "GET /api/socket HTTP/1.1",
        f"Host: {host}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
    )
    lines += ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "")
    await loop.sock_sendall(plain, "\r\n".join(lines).encode())
    for message in ({"type": "hello", "token": caller.token}, {"type": "subscribe", "topic": topic}):
        body = json.dumps(message).encode()
        # A masked text frame (RFC 6455 section 5.2); the mask is zero, so the body stays as it is.
        await loop.sock_sendall(plain, b"\x81" + struct.pack("!BH", 0x80 | 126, len(body)) + bytes(4) + body)
    followers = house.services.hub._followers
    await until(lambda: topic in followers)
    return plain


async def test_a_restart_is_said(house: House) -> None:
    member = await house.sign_in("member")
    async with member.socket() as page:
        house.services.hub.close()
        assert await page.close_code() == Close.RESTART
