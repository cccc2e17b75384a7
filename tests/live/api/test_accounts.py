"""Sign-in over HTTP."""

import asyncio

import pytest

from live.http.access import Role
from moderation.model import Action
from tests.live.api.conftest import PASSWORD, Front

MEI = {"login": "mei", "password": PASSWORD, "name": "Mei"}


async def test_a_guest_becomes_a_member_and_signs_out(front: Front) -> None:
    guest = await front.ask("POST", "/api/session/guest", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert guest.status == 200
    assert guest.body["expires_in"] == 600
    assert guest.body["user"]["role"] == "guest"
    assert guest.body["user"]["name"].startswith("Guest ")
    assert guest.headers["Cache-Control"] == "no-store"
    cookie = guest.cookie["nearlive_refresh"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["max-age"]) == (
        "/api/session",
        True,
        "Strict",
        "",
        "2592000",
    )
    member = await front.ask("POST", "/api/session/sign-up", json=MEI, cookie=guest.refresh)
    assert member.status == 201
    assert member.body["user"] == {
        "id": guest.body["user"]["id"],
        "name": "Mei",
        "role": "member",
        "store_id": None,
        "store_name": None,
        "membership": None,
        "login": "mei",
    }
    again = await front.ask("POST", "/api/session/refresh", cookie=member.refresh)
    assert again.status == 200
    assert again.refresh != member.refresh
    assert (await front.ask("GET", "/api/me", again.token)).body == member.body["user"]
    assert (await front.ask("GET", "/api/me", guest.token)).body["code"] == "token_invalid"

    out = await front.ask("POST", "/api/session/sign-out", cookie=again.refresh)
    assert (out.status, out.refresh, out.cookie["nearlive_refresh"]["max-age"]) == (204, "", "0")
    refused = await front.ask("GET", "/api/me", again.token)
    assert (refused.status, refused.body["code"]) == (401, "token_invalid")
    ended = await front.ask("POST", "/api/session/refresh", cookie=again.refresh)
    assert (ended.status, ended.body["code"]) == (401, "session_ended")
    assert "Set-Cookie" not in ended.headers, "it could take away a newer cookie"
    assert (await front.ask("POST", "/api/session/sign-out")).status == 204


async def test_sign_in_and_what_is_refused(front: Front) -> None:
    assert (await front.ask("POST", "/api/session/sign-up", json=MEI)).status == 201
    assert (await front.ask("POST", "/api/session/sign-up", json=MEI)).body["code"] == "login_taken"
    signed = await front.ask("POST", "/api/session/sign-in", json={"login": "MEI", "password": PASSWORD})
    assert signed.status == 200
    for body, status, code, field in (
        ({"login": "mei", "password": "wrong guess"}, 401, "wrong_password", None),
        ({"login": "nobody", "password": PASSWORD}, 401, "wrong_password", None),
        ({"login": "mei"}, 422, "invalid_body", "password"),
        ({"login": "mei", "password": PASSWORD, "role": "admin"}, 422, "invalid_body", "role"),
        ({"login": "mei", "password": "x" * 513}, 422, "invalid_body", "password"),
    ):
        refused = await front.ask("POST", "/api/session/sign-in", json=body)
        assert (refused.status, refused.body["code"], refused.body.get("field")) == (status, code, field)
        assert "Set-Cookie" not in refused.headers
        assert PASSWORD not in str(refused.body)
    for change, field in (
        ({"login": "a b"}, "login"),
        ({"name": "a\u202eb"}, "name"),
        ({"password": "mei"}, "password"),
    ):
        refused = await front.ask("POST", "/api/session/sign-up", json={**MEI, "login": "lin", **change})
        assert (refused.status, refused.body["code"], refused.body["field"]) == (422, "invalid_body", field)


async def test_what_only_our_own_pages_may_send(front: Front) -> None:
    guest = await front.ask("POST", "/api/session/guest")
    foreign = {"Origin": "https://evil.example"}
    refused = await front.ask("POST", "/api/session/refresh", cookie=guest.refresh, headers=foreign)
    assert (refused.status, refused.body["code"]) == (403, "origin_refused")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = await front.ask("POST", "/api/session/sign-in", data="login=mei", headers=form)
    assert (refused.status, refused.body["code"]) == (415, "unsupported_media_type")
    assert (await front.ask("POST", "/api/session/refresh", cookie=guest.refresh)).status == 200


async def test_two_tabs_refresh_at_once(front: Front) -> None:
    guest = await front.ask("POST", "/api/session/guest")
    tabs = await asyncio.gather(*(front.ask("POST", "/api/session/refresh", cookie=guest.refresh) for _ in range(4)))
    assert {tab.status for tab in tabs} == {200}
    assert len({tab.refresh for tab in tabs}) == 1
    assert {(await front.ask("GET", "/api/me", tab.token)).status for tab in tabs} == {200}


async def test_a_name_is_held_to_the_word_rules(front: Front) -> None:
    await front.services.moderation.rules.add("*scam*", Action.BLOCK, "fraud", "usr_op")
    refused = await front.ask("POST", "/api/session/sign-up", json={**MEI, "name": "Best Sc4mmer"})
    assert (refused.status, refused.body["field"]) == (422, "name")
    member = await front.ask("POST", "/api/session/sign-up", json=MEI)
    refused = await front.ask("PATCH", "/api/me", member.token, json={"name": "s c a m"})
    assert (refused.status, refused.body["field"]) == (422, "name")
    renamed = await front.ask("PATCH", "/api/me", member.token, json={"name": " 小美 "})
    assert (renamed.status, renamed.body["name"]) == (200, "小美")
    fresh = await front.ask("POST", "/api/session/refresh", cookie=member.refresh)
    assert front.services.accounts.authenticate(fresh.token).name == "小美"


async def test_an_invitation_from_a_link(front: Front) -> None:
    store = await front.store()
    staff = await front.token("lin", Role.STAFF, store)
    made = await front.ask("POST", "/api/invites", staff, json={"role": "associate"})
    assert made.status == 201
    assert made.body["url"].startswith("http://127.0.0.1:")
    assert made.body["url"].endswith(f"/join/{made.body['token']}")
    path = f"/api/session/invite/{made.body['token']}"
    offer = await front.ask("GET", path)
    assert offer.body == {"role": "associate", "store_name": "Lane Bakery", "expires_at": made.body["expires_at"]}
    assert (await front.ask("POST", path, json={**MEI, "login": "LIN"})).body["code"] == "login_taken"
    joined = await front.ask("POST", path, json=MEI)
    assert joined.status == 201
    assert (joined.body["user"]["role"], joined.body["user"]["store_name"]) == ("associate", "Lane Bakery")
    for method, body in (("GET", None), ("POST", {**MEI, "login": "other"})):
        used = await front.ask(method, path, json=body)
        assert (used.status, used.body["code"]) == (410, "invite_used")
    assert (await front.ask("GET", "/api/session/invite/nothing")).body["code"] == "invite_unknown"


@pytest.mark.parametrize(
    ("role", "body", "status", "code"),
    [
        (Role.STAFF, {"role": "staff", "store_id": "sto_other"}, 404, "store_unknown"),
        (Role.ADMIN, {"role": "staff"}, 422, "invalid_body"),
        (Role.ADMIN, {"role": "admin", "store_id": "sto_1"}, 422, "invalid_body"),
        (Role.ASSOCIATE, {"role": "staff"}, 403, "forbidden"),
        (Role.MEMBER, {"role": "staff"}, 403, "forbidden"),
    ],
)
async def test_invitations_that_may_not_be_made(
    front: Front, role: Role, body: dict[str, str], status: int, code: str
) -> None:
    refused = await front.ask("POST", "/api/invites", await front.token("lin", role, "sto_1"), json=body)
    assert (refused.status, refused.body["code"]) == (status, code)


async def test_staff_invites_for_its_own_store_only(front: Front) -> None:
    own, other = await front.store(), await front.store("Other")
    staff = await front.token("lin", Role.STAFF, own)
    refused = await front.ask("POST", "/api/invites", staff, json={"role": "courier", "store_id": other})
    assert (refused.status, refused.body["code"]) == (403, "invite_forbidden")
