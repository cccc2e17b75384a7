"""What no page of ours would send: refused with a problem, and nothing more."""

import asyncio
import json
from urllib.parse import quote, urlsplit

import pytest

from live.api.media import OFFERS
from live.http.visible import checked_text
from live.realtime.connection import QUEUE
from live.realtime.topics import MOST_MISSED
from tests.house import HERE, Answer, House

#: Both have an offset that leads out of the calendar.
BEYOND = ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00")
UNSEEN = ("\u200b\u200b", "\x00", "a\x00b", "\u3164", "\u2800", "pay \u202e001")


async def raw(house: House, head: str, header: bytes) -> tuple[int, str]:
    """Send a header as bytes that no client library would; status and code."""
    parts = urlsplit(house.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"{head} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\nContent-Length: 0\r\n".encode())
    writer.write(header + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), str(json.loads(body).get("code"))


@pytest.mark.parametrize(
    ("head", "header", "wanted"),
    [
        ("GET /api/me", b"Authorization: Bearer \xff\xfe", (401, "token_invalid")),
        ("GET /api/shows", b"Authorization: Bearer \xff\xfe", (200, "None")),
        ("GET /metrics", b"X-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer \xff", (403, "forbidden")),
        ("POST /api/session/refresh", b"Cookie: nearlive_refresh=fam_\xff." + b"A" * 43, (401, "session_ended")),
        ("POST /whip/shw_1", b"Authorization: Bearer \xff", (503, "no_media_node")),
        (
            "GET /api/me",
            b"Accept-Language: \xff\r\nX-Request-Id: " + b"\xff" * 9,
            (401, "token_missing"),
        ),
    ],
)
async def test_headers_that_are_no_text(house: House, head: str, header: bytes, wanted: tuple[int, str]) -> None:
    assert await raw(house, head, header) == wanted


async def test_what_a_node_is_sent_is_ascii(house: House) -> None:
    """Otherwise the gateway could not send it; the node (nobody listens there) is then said to be away."""
    await house.services.redis.zadd("media:nodes", {"n1": 9e9})
    await house.services.redis.set("media:node:n1", json.dumps({"url": "http://127.0.0.1:9", "viewers": 0}))
    assert await raw(house, "POST /whip/shw_1", b"Authorization: Bearer \xff") == (503, "no_media_node")


@pytest.mark.parametrize("at", BEYOND)
async def test_times_that_utc_has_no_word_for(house: House, at: str) -> None:
    host, member, courier, operator = [
        await house.sign_in(login) for login in ("associate", "member", "courier", "operator")
    ]
    answers: list[Answer] = [
        await host.ask("POST", "/api/shows", json={"title": "Soon", "scheduled_at": at}),
        await courier.ask("POST", "/api/courier/position", json={"position": HERE, "accuracy_m": 5, "at": at}),
    ]
    before = f"?before={quote(at, safe='')}"
    answers.append(await host.ask("GET", f"/api/my/shows{before}"))
    answers.append(await member.ask("GET", f"/api/orders{before}"))
    answers += [await operator.ask("GET", f"/api/console/{what}{before}") for what in ("reports", "sanctions")]
    assert [(one.status, one.code) for one in answers] == [(422, "invalid_body")] * 2 + [(422, "invalid_query")] * 4


@pytest.mark.parametrize("text", UNSEEN)
async def test_text_that_cannot_be_seen(house: House, text: str) -> None:
    show, host, member = await house.show(), await house.sign_in("associate"), await house.sign_in("member")
    assert (await host.ask("POST", "/api/shows", json={"title": text})).code == "invalid_body"
    address = {"name": text, "phone": "13800001234", "text": "8 Test Road", "position": HERE}
    order = {"lines": [{"product_id": "prd_tea", "quantity": 1}], "address": address}
    refused = await member.ask("POST", "/api/orders", json=order, headers={"Idempotency-Key": "k"})
    assert (refused.code, refused.body["field"]) == ("invalid_body", "address.name")
    async with member.socket() as page:
        said = await page.say(type="chat", show=show.id, text=text)
        assert (said["code"], said["field"]) == ("invalid_body", "text")


@pytest.mark.parametrize("text", ["茶", "🍵", "👩‍👩‍👧", "!", "a\nb", "שלום", "5"])
def test_text_that_people_write(text: str) -> None:
    assert checked_text(text) == text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_figures_are_not_for_those_behind_a_proxy_on_this_machine(house: House, header: str) -> None:
    refused = await house.nobody.ask("GET", "/metrics", headers={header: "127.0.0.1"})
    assert (refused.status, refused.code) == (403, "forbidden")


@pytest.mark.parametrize("protocol", ["whip", "whep"])
async def test_one_ticket_makes_only_so_many_offers(house: House, protocol: str) -> None:
    async def offer(token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        return await house.nobody.ask("POST", f"/{protocol}/shw_1", data="v=0", headers=headers)

    answers = [await offer("one") for _ in range(OFFERS.count + 2)]
    assert {one.code for one in answers[: OFFERS.count]} == {"no_media_node"}
    assert answers[-1].code == "rate_limited"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert (await offer("another")).code == "no_media_node"


async def test_who_missed_much_gets_all_of_it(house: House) -> None:
    """More than the queue of a page that is slow; as much as is promised."""
    show = await house.show(live=False)
    topic, missed = f"show:{show.id}", MOST_MISSED - 10
    assert missed > QUEUE
    member = await house.sign_in("member")
    async with member.socket() as page:
        last = (await page.follow(topic))["seq"]
    for number in range(missed):
        await house.services.topics.publish(topic, "hearts", {"total": number, "delta": 1})
    async with member.socket() as page:
        assert (await page.follow(topic, after=last))["resumed"]
        told = [(await page.event("hearts"))["data"]["total"] for _ in range(missed)]
        assert told == list(range(missed))
