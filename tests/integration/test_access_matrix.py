"""Every route, socket message and topic, with every role and with nobody: who is not named is refused, who is, is not.

Then what roles cannot say: things that belong to one person or one store, tried by another one of the same role.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from live.http.access import Role
from live.http.route import Route
from live.realtime.dispatch import MESSAGES
from live.realtime.messages import KINDS
from live.realtime.topic_rules import TOPICS
from live.server import all_routes
from live.shows.model import Show
from orders.pricing.model import CouponKind
from orders.promotions.coupons.coupon import CouponDetails
from orders.promotions.flash.flash import FlashCard, FlashTerms
from tests.house import HERE, Answer, Caller, House

NOBODY: Final = "nobody"
CALLERS: Final = (NOBODY, *(role.value for role in Role))
REFUSALS: Final = {"token_missing", "token_invalid", "token_expired", "forbidden", "origin_refused"}
#: Stores exist, since staff may only name their own; nothing else does, so that nothing changes while we walk.
NAMES: Final = {"store": "sto_near", "product": "prd_tea"}
#: Signing out comes last: it ends the sessions that the walk goes with.
ROUTES: Final = sorted(all_routes(), key=lambda route: route.path == "/api/session/sign-out")


def filled(path: str, **names: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: {**NAMES, **names}.get(found[1], f"{found[1]}_none"), path)


async def call(caller: Caller, route: Route, path: str, body: Any = None) -> Answer:
    headers = {"Idempotency-Key": "matrix-key"} if route.key else {}
    more = {"data": b"x", "headers": {"Content-Type": "text/plain"}} if route.raw else {"headers": headers}
    if body is not None:
        more = {"json": body, "headers": headers}
    return await caller.ask(route.method, path, **more)


async def test_every_route_with_every_role(house: House) -> None:
    callers = {role: await house.sign_in(role) for role in CALLERS if role != NOBODY} | {NOBODY: house.nobody}
    wrong: list[str] = []
    for route in ROUTES:
        path = filled(route.path)
        for role, caller in callers.items():
            named = route.access.anonymous or role in route.access.roles
            answer = await call(caller, route, path)
            if (
                named
                and (answer.code in REFUSALS or answer.status >= 500)
                and answer.code
                not in {
                    "no_media_node",
                    "unavailable",
                }
            ):
                wrong.append(f"{role} may {route.method} {path}, but got {answer.status} {answer.code}")
            expected = (401, "token_missing") if role == NOBODY else (403, "forbidden")
            if not named and (answer.status, answer.code) != expected:
                wrong.append(f"{role} may not {route.method} {path}, but got {answer.status} {answer.code}")
    assert not wrong, "\n".join(wrong)


async def test_every_guarded_route_refuses_bad_tokens(house: House) -> None:
    member = await house.sign_in("member")
    head, body, _ = str(member.token).split(".")
    bad = [f"{head}.{body}.{'A' * 43}", f"{head}.{body}.", "x.y.z", "x"]
    for route in ROUTES:
        if route.access.anonymous:
            continue
        for token in bad:
            answer = await call(Caller(house, token), route, filled(route.path))
            assert (answer.status, answer.code) == (401, "token_invalid"), route.path


#: A message of each type that has all its members.
SAMPLES: Final[dict[str, dict[str, Any]]] = {
    "hello": {"token": "x"},
    "subscribe": {"topic": "me"},
    "unsubscribe": {"topic": "me"},
    "chat": {"show": "shw_none", "text": "hi"},
    "heart": {"show": "shw_none", "count": 1},
    "courier_position": {"position": HERE, "accuracy_m": 5, "at": "2026-11-22T04:00:00Z"},
}


async def test_every_message_with_every_role(house: House) -> None:
    assert set(MESSAGES) == set(KINDS) == set(SAMPLES)
    for role in CALLERS:
        caller = house.nobody if role == NOBODY else await house.sign_in(role)
        for name, rule in MESSAGES.items():
            async with caller.socket(hello=role != NOBODY) as page:
                members = {"token": caller.token} if name == "hello" and caller.token else SAMPLES[name]
                answer = await page.say(type=name, **members)
                named = rule.access.anonymous or role in rule.access.roles
                if not named:
                    assert answer["code"] == ("token_missing" if role == NOBODY else "forbidden"), (role, name)
                elif name != "hello" or caller.token:
                    assert answer.get("code") not in REFUSALS, (role, name, answer)


async def test_every_topic_with_every_role(house: House) -> None:
    show = await house.show()
    things = {"show:{show}": f"show:{show.id}", "store:{store}": "store:sto_near"}
    for rule in TOPICS:
        for role in Role:
            caller = await house.sign_in(role.value)
            async with caller.socket() as page:
                answer = await page.say(type="subscribe", topic=things.get(rule.name, rule.name))
                if role in rule.access.roles:
                    assert answer["type"] == "ok", (role, rule.name, answer)
                else:
                    assert answer["code"] == "forbidden", (role, rule.name, answer)


async def test_topics_of_others(house: House) -> None:
    other_store = await house.sign_in("staff2")
    async with other_store.socket() as page:
        assert (await page.say(type="subscribe", topic="store:sto_near"))["code"] == "forbidden"
        assert (await page.say(type="subscribe", topic="store:sto_far"))["type"] == "ok"
    show, banned, operator = await house.show(), await house.guest(), await house.sign_in("operator")
    async with banned.socket() as page:
        await page.follow(f"show:{show.id}")
        body = {"user_id": banned.id, "show_id": show.id, "kind": "ban", "reason": "test"}
        assert (await operator.ask("POST", "/api/console/sanctions", json=body)).status == 201
        await page.say(type="unsubscribe", topic=f"show:{show.id}")
        assert (await page.say(type="subscribe", topic=f"show:{show.id}"))["code"] == "banned"
        assert (await page.say(type="chat", show=show.id, text="hi"))["code"] == "banned"
    assert (await banned.ask("POST", f"/api/shows/{show.id}/view-token")).code == "banned"


@dataclass(frozen=True, slots=True)
class Own:
    """A route about somebody's own thing: whose it is, who else of the same role tries, and what they are told."""

    owner: str
    strangers: tuple[str, ...]
    body: Any = None
    told: frozenset[int] = frozenset({403, 404})
    absent: bool = False
    """There is none yet: not found for its owner too."""


HOST, STAFF, BUYER = ("associate", ("associate2",)), ("staff", ("staff2",)), ("member", ("member2", "guest"))
COURIER = ("courier", ("courier2",))
ADDRESS: Final = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}
PAY: Final = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}
SEND: Final = {"to_store": "sto_far", "lines": [{"product_id": "prd_cup", "quantity": 2}]}
RECEIVE: Final = {"lines": [{"product_id": "prd_cup", "received": 2}]}
RETURN: Final = {"lines": [{"product_id": "prd_tea", "quantity": 1}], "reason": "too small"}
CASES: Final[dict[tuple[str, str], Own]] = {
    ("POST", "/api/invites"): Own(*STAFF, {"role": "associate", "store_id": "sto_near"}),
    ("PATCH", "/api/shows/{show}"): Own(*HOST, {"title": "Another title"}),
    ("DELETE", "/api/shows/{show}"): Own(*HOST),
    ("PUT", "/api/shows/{show}/cover"): Own(*HOST, told=frozenset({403, 404, 415})),
    ("POST", "/api/shows/{show}/live"): Own(*HOST),
    ("POST", "/api/shows/{show}/pause"): Own(*HOST),
    ("POST", "/api/shows/{show}/end"): Own(*HOST),
    ("PUT", "/api/shows/{show}/cards"): Own(*HOST, {"cards": []}),
    ("PATCH", "/api/shows/{show}/cards/{card}"): Own(*HOST, {"sold_out": True}),
    ("POST", "/api/shows/{show}/cards/{card}/pin"): Own(*HOST),
    ("DELETE", "/api/shows/{show}/cards/{card}/pin"): Own(*HOST),
    ("POST", "/api/shows/{show}/cards/{card}/flash"): Own(*HOST, {"price": 100, "total": 5, "duration_s": 60}),
    ("GET", "/api/shows/{show}/flash"): Own(*HOST),
    ("DELETE", "/api/shows/{show}/flash/{flash}"): Own(*HOST),
    ("GET", "/api/shows/{show}/coupons"): Own(*HOST),
    ("POST", "/api/shows/{show}/links"): Own(*HOST, {"name": "Ms Li"}),
    ("GET", "/api/shows/{show}/links"): Own(*HOST),
    ("DELETE", "/api/shows/{show}/links/{link}"): Own(*HOST),
    ("PUT", "/api/shows/{show}/coupon"): Own(*HOST, {"coupon_id": "{coupon}"}),
    ("DELETE", "/api/shows/{show}/coupon/{coupon}"): Own(*HOST),
    ("DELETE", "/api/shows/{show}/chat/{message}"): Own(*HOST, {"reason": "test"}),
    ("POST", "/api/shows/{show}/publish-token"): Own(*HOST),
    ("POST", "/api/orders/{order}/pay"): Own(*BUYER, PAY),
    ("POST", "/api/orders/{order}/payment/refresh"): Own(*BUYER),
    ("POST", "/api/orders/{order}/payment/confirm"): Own(*BUYER, {"approve": True}),
    ("POST", "/api/orders/{order}/cancel"): Own("member", ("member2", "guest", "staff", "courier"), {"reason": "no"}),
    ("GET", "/api/orders/{order}"): Own("member", ("member2", "guest", "staff2", "courier")),
    ("GET", "/api/orders/{order}/tracking"): Own("member", ("member2", "guest", "staff2", "courier")),
    ("PUT", "/api/orders/{order}/leave-at-door"): Own(*BUYER, {"leave": False}),
    ("GET", "/api/orders/{order}/messages"): Own("member", ("member2", "guest", "staff", "courier")),
    ("POST", "/api/orders/{order}/messages"): Own("member", ("member2", "guest", "courier"), {"text": "hello"}),
    ("POST", "/api/orders/{order}/rating"): Own("member", ("member2", "guest", "courier"), {"stars": 1}),
    ("GET", "/api/courier/jobs/{job}/messages"): Own(*COURIER),
    ("POST", "/api/courier/jobs/{job}/messages"): Own(*COURIER, {"quick": "on_my_way"}),
    ("GET", "/api/stores/{store}/orders"): Own(*STAFF),
    ("POST", "/api/orders/{order}/accept"): Own(*STAFF),
    ("POST", "/api/orders/{order}/pick"): Own(*STAFF),
    ("POST", "/api/orders/{order}/ready"): Own(*STAFF),
    ("POST", "/api/orders/{order}/reject"): Own(*STAFF, {"reason": "none left"}),
    ("POST", "/api/orders/{order}/hand-over"): Own(*STAFF, {"code": "0000"}),
    ("POST", "/api/orders/{order}/short"): Own(*STAFF, {"lines": [{"product_id": "prd_tea", "missing": 1}]}),
    ("DELETE", "/api/orders/{order}/proposal"): Own(*STAFF),
    ("POST", "/api/orders/{order}/returns/{return}"): Own(*STAFF, {"action": "approve"}),
    ("POST", "/api/orders/{order}/proposal"): Own(*BUYER, {"proposal_id": "prp_none", "accept": True}),
    ("POST", "/api/orders/{order}/returns"): Own(*BUYER, RETURN),
    ("PATCH", "/api/stores/{store}"): Own(*STAFF, {"paused": False}),
    ("PATCH", "/api/stores/{store}/products/{product}/stock"): Own(*STAFF, {"on_hand": 60, "reason": "counted"}),
    ("GET", "/api/stores/{store}/stock"): Own(*STAFF),
    ("GET", "/api/stores/{store}/stock/{product}/movements"): Own(*STAFF),
    ("POST", "/api/stores/{store}/stock/{product}/count"): Own(*STAFF, {"on_hand": 60}),
    ("POST", "/api/stores/{store}/stock/{product}/adjust"): Own(*STAFF, {"change": 1, "reason": "found"}),
    ("PUT", "/api/stores/{store}/stock/{product}/safety"): Own(*STAFF, {"safety": 1}),
    ("GET", "/api/stores/{store}/transfers"): Own(*STAFF),
    ("POST", "/api/stores/{store}/transfers"): Own(*STAFF, SEND),
    ("GET", "/api/transfers/{transfer}"): Own("staff2", ("associate",)),
    ("POST", "/api/transfers/{transfer}/receive"): Own("staff2", ("staff",), RECEIVE),
    ("POST", "/api/transfers/{transfer}/cancel"): Own(*STAFF, {"text": "wrong store"}),
    # An offer that is not theirs is gone for them; to decline it changes nothing and is no error.
    ("POST", "/api/courier/jobs/{job}/accept"): Own(*COURIER, told=frozenset({409})),
    ("POST", "/api/courier/jobs/{job}/decline"): Own(*COURIER, told=frozenset({200})),
    ("POST", "/api/courier/jobs/{job}/arrive"): Own(*COURIER),
    ("POST", "/api/courier/jobs/{job}/deliver"): Own(*COURIER, {"pin": "0000"}),
    ("POST", "/api/courier/jobs/{job}/problem"): Own(*COURIER, {"kind": "other", "text": "a flat tyre"}),
    ("POST", "/api/courier/jobs/{job}/returned"): Own(*COURIER),
    ("POST", "/api/courier/shifts/{shift}/answer"): Own(*COURIER, {"coming": False}),
    ("PUT", "/api/courier/jobs/{job}/photo"): Own(*COURIER, told=frozenset({404, 415})),
    ("GET", "/api/orders/{order}/photo"): Own("member", ("member2", "guest", "staff2", "courier"), absent=True),
}
#: Lists that by their nature show only what is the caller's.
OWN_LISTS: Final = {("GET", "/api/orders"), ("GET", "/api/my/statement")}


def owned() -> Iterator[Route]:
    for route in ROUTES:
        if "own" in route.access.note:
            yield route


def test_every_own_thing_has_a_case() -> None:
    assert {(route.method, route.path) for route in owned()} - OWN_LISTS == set(CASES)


async def things(house: House) -> dict[str, str]:
    """A show on air with a chat message, a paid order at sto_near, and its job accepted by `courier`."""
    show = await house.show()
    buyer = await house.sign_in("member")
    said = await house.services.chat.say(await principal(house, buyer), show.id, "hello")
    lines = {"lines": [{"product_id": "prd_tea", "quantity": 1}], "address": ADDRESS, "show_id": show.id}
    placed = await buyer.ask("POST", "/api/orders", json=lines, headers={"Idempotency-Key": "one"})
    assert placed.status == 201, placed
    order = placed.body["orders"][0]["id"]
    paid = await buyer.ask("POST", f"/api/orders/{order}/pay", json=PAY, headers={"Idempotency-Key": "two"})
    assert paid.status == 200, paid
    courier, staff = await house.sign_in("courier"), await house.sign_in("staff")
    job = await job_of(house, courier, order)
    sent = await staff.ask("POST", "/api/stores/sto_near/transfers", json=SEND, headers={"Idempotency-Key": "three"})
    assert sent.status == 201, sent
    now = datetime.now(UTC)
    shift = await house.services.delivery.shifts.plan(courier.id, now, now + timedelta(hours=4), "usr_desk")
    return {
        "shift": shift.id,
        "show": show.id,
        "card": show.cards[0].id,
        "message": said.message_id,
        "order": order,
        "job": job,
        "transfer": sent.body["id"],
    }


async def principal(house: House, caller: Caller) -> Any:
    return house.services.accounts.authenticate(str(caller.token))


async def job_of(house: House, courier: Caller, order: str) -> str:
    """Wait for the offer, and take it."""
    async with courier.socket() as page:
        await page.follow("me")
        assert (
            await courier.ask("POST", "/api/courier/online", json={"position": HERE, "consent": True})
        ).status == 200
        offered = await page.until(
            lambda frame: frame.get("kind") == "courier" and frame["data"]["state"]["offer"] is not None
        )
        job = str(offered["data"]["state"]["offer"]["job_id"])
    assert (await courier.ask("POST", f"/api/courier/jobs/{job}/accept")).status == 200
    return job


async def offers_of(house: House, show: Show) -> dict[str, str]:
    """A flash sale on the show's second card, and a coupon."""
    promotions, at, card = house.services.orders.promotions, datetime.now(UTC), show.cards[1]
    terms = FlashTerms(100, 5, 1, at, at + timedelta(minutes=1))
    sale = await promotions.flash.open(FlashCard(show.id, card.id, card.product_id, 5000), terms, show.associate_id)
    details = CouponDetails("5 off", CouponKind.AMOUNT, 500, at, at + timedelta(days=1))
    return {"flash": sale.id, "coupon": (await promotions.coupons.define(details, "usr_admin")).id}


async def test_things_of_others(house: House) -> None:
    names = await things(house)
    await (await house.sign_in("courier2")).ask("GET", "/api/courier")
    wrong: list[str] = []
    for route in owned():
        own = CASES.get((route.method, route.path))
        if own is None:
            continue
        for stranger in own.strangers:
            answer = await call(await house.sign_in(stranger), route, filled(route.path, **names), own.body)
            if answer.status not in own.told:
                wrong.append(f"{stranger} could {route.method} {route.path}: {answer.status} {answer.code}")
    assert not wrong, "\n".join(wrong)
    order = await (await house.sign_in("member")).ask("GET", f"/api/orders/{names['order']}")
    assert order.body["status"] == "paid"
    state = await (await house.sign_in("courier")).ask("GET", "/api/courier")
    assert [job["id"] for job in state.body["jobs"]] == [names["job"]]
    for route in owned():
        own = CASES.get((route.method, route.path))
        if own is None or own.owner == "associate":
            continue
        answer = await call(await house.sign_in(own.owner), route, filled(route.path, **names), own.body)
        missing = own.absent and answer.status == 404
        if answer.status in {401, 403, 404} and answer.code != "wrong_status" and not missing:
            wrong.append(f"{own.owner} could not {route.method} {route.path}: {answer.status} {answer.code}")
    assert not wrong, "\n".join(wrong)


async def test_hosts_may_with_their_own_shows(house: House) -> None:
    host, viewer = await house.sign_in("associate"), await house.sign_in("member")
    for route in owned():
        own = CASES.get((route.method, route.path))
        if own is None or own.owner != "associate":
            continue
        show = await house.show()
        said = await house.services.chat.say(await principal(house, viewer), show.id, f"hello {show.id}")
        offers = await offers_of(house, show)
        names = {"show": show.id, "card": show.cards[0].id, "message": said.message_id, **offers}
        body = {"coupon_id": offers["coupon"]} if own.body == {"coupon_id": "{coupon}"} else own.body
        answer = await call(host, route, filled(route.path, **names), body)
        assert answer.status not in {401, 403, 404}, (route.path, answer)
