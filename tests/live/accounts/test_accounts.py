"""People: guests, members, invitations, limits."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from live.accounts.accounts import Accounts, Credentials
from live.accounts.errors import (
    InvalidField,
    InviteExpired,
    InviteForbidden,
    InviteUnknown,
    InviteUsed,
    LoginTaken,
    SessionEnded,
    SessionReplaced,
    TokenRevoked,
    UserUnknown,
    WrongPassword,
)
from live.accounts.model import AccountSettings, Limit
from live.accounts.passwords import PasswordSettings
from live.db import Transactions
from live.http.access import Principal, Role
from live.http.limits import RateLimited
from tests.live.accounts.conftest import Open, Time

HERE = "1.2.3.4"
ADMIN = Principal("usr_admin", Role.ADMIN, "Admin", None, "fam_0")


async def test_a_member_signs_up_and_in(accounts: Accounts, mei: Credentials) -> None:
    up = await accounts.sign_up(mei, HERE)
    assert (up.user.role, up.user.login, up.user.id[:4]) == (Role.MEMBER, "mei", "usr_")
    assert up.access_expires_in == 600
    back = await accounts.sign_in(" ＭＥＩ ", mei.password, HERE)
    assert back.user.id == up.user.id
    assert back.family != up.family
    principal = accounts.authenticate(back.access_token)
    assert principal == Principal(up.user.id, Role.MEMBER, "Mei", None, back.family)
    for login, password in (("mei", "long enougH"), ("nobody", mei.password), ("", ""), ("x" * 5000, "y" * 5000)):
        with pytest.raises(WrongPassword):
            await accounts.sign_in(login, password, HERE)
    assert "argon2" not in repr(up)
    assert mei.password not in repr(mei)


async def test_a_login_is_given_once(accounts: Accounts, mei: Credentials) -> None:
    results = await asyncio.gather(
        *(accounts.sign_up(replace(mei, login=login), HERE) for login in ("mei", "MEI", "Mei", "ｍｅｉ")),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["LoginTaken"] * 3 + ["SignedIn"]


async def test_a_guest_who_signs_up_stays_the_same_person(accounts: Accounts, mei: Credentials) -> None:
    guest = await accounts.guest(HERE, "en")
    assert guest.user.id.startswith("gst_")
    assert guest.user.name.startswith("Guest ")
    assert accounts.authenticate(guest.access_token).role is Role.GUEST
    member = await accounts.sign_up(mei, HERE, guest.refresh_token)
    assert (member.user.id, member.user.role, member.user.name) == (guest.user.id, Role.MEMBER, "Mei")
    assert await accounts.user(guest.user.id) == member.user
    with pytest.raises(TokenRevoked):
        accounts.authenticate(guest.access_token)
    with pytest.raises(SessionReplaced):
        await accounts.refresh(guest.refresh_token)
    assert (await accounts.sign_in("mei", mei.password, HERE)).user.id == guest.user.id
    for n, spent in enumerate((guest.refresh_token, member.refresh_token)):
        other = await accounts.sign_up(replace(mei, login=f"lin{n}"), HERE, spent)
        assert other.user.id != guest.user.id, "a member is not turned into another one"


async def test_a_refused_sign_up_leaves_the_guest_a_guest(accounts: Accounts, mei: Credentials) -> None:
    await accounts.sign_up(mei, HERE)
    guest = await accounts.guest(HERE)
    with pytest.raises(LoginTaken):
        await accounts.sign_up(mei, HERE, guest.refresh_token)
    with pytest.raises(InvalidField):
        await accounts.sign_up(replace(mei, password="short"), HERE, guest.refresh_token)
    assert (await accounts.refresh(guest.refresh_token)).user.role is Role.GUEST


async def test_a_change_of_cost_rehashes_at_sign_in(
    opened: Open, database: AsyncIOMotorDatabase[Any], mei: Credentials
) -> None:
    await opened().sign_up(mei, HERE)
    dearer = opened(passwords=PasswordSettings(memory_kib=128, passes=1))
    await dearer.sign_in("mei", mei.password, HERE)
    document = await database["users"].find_one({"login_key": "mei"})
    assert document is not None
    assert "m=128" in document["password"]
    await opened().sign_in("mei", mei.password, HERE)


async def test_a_new_session_takes_the_place_of_the_browsers_old_one(
    accounts: Accounts, mei: Credentials, time: Time
) -> None:
    guest = await accounts.guest(HERE)
    await accounts.sign_up(mei, HERE)
    with pytest.raises(WrongPassword):
        await accounts.sign_in("mei", "wrong guess", HERE, guest.refresh_token)
    assert accounts.authenticate(guest.access_token)
    signed = await accounts.sign_in("mei", mei.password, HERE, guest.refresh_token)
    with pytest.raises(TokenRevoked):
        accounts.authenticate(guest.access_token)
    with pytest.raises(SessionReplaced):
        await accounts.refresh(guest.refresh_token)
    time.passes(seconds=11)
    with pytest.raises(SessionEnded):
        await accounts.refresh(guest.refresh_token)
    assert accounts.authenticate(signed.access_token)
    assert accounts.token_ends(signed.access_token) > signed.user.created_at


async def test_guessing_is_limited_by_login_and_by_address(opened: Open, mei: Credentials) -> None:
    settings = AccountSettings(sign_in_login=Limit(3, 300), sign_in_address=Limit(6, 300))
    accounts = opened(settings=settings)
    await accounts.sign_up(mei, HERE)
    for address in ("a", "b", "c"):
        with pytest.raises(WrongPassword):
            await accounts.sign_in("Mei", "wrong guess", address)
    with pytest.raises(RateLimited):
        await accounts.sign_in("mei", mei.password, "d")
    for n in range(6):
        with pytest.raises(WrongPassword):
            await accounts.sign_in(f"user{n}", "wrong guess", "e")
    with pytest.raises(RateLimited):
        await accounts.sign_in("user7", "wrong guess", "e")


async def test_a_new_name_is_in_the_next_access_token(accounts: Accounts, mei: Credentials) -> None:
    signed = await accounts.sign_up(mei, HERE)
    assert (await accounts.rename(signed.user.id, " 小 美 ")).name == "小 美"
    again = await accounts.refresh(signed.refresh_token)
    assert accounts.authenticate(again.access_token).name == "小 美"
    with pytest.raises(UserUnknown):
        await accounts.rename("usr_0", "x")
    assert set(await accounts.users([signed.user.id, "usr_0"])) == {signed.user.id}
    assert await accounts.users([]) == {}


async def test_an_invitation_is_good_once(accounts: Accounts, mei: Credentials) -> None:
    made = await accounts.invite(ADMIN, Role.ASSOCIATE, "sto_1")
    assert await accounts.invitation(made.token) == made.invite
    results = await asyncio.gather(
        *(accounts.redeem(made.token, replace(mei, login=f"mei{n}"), HERE) for n in range(6)), return_exceptions=True
    )
    good = [result for result in results if not isinstance(result, BaseException)]
    assert len(good) == 1
    assert all(isinstance(result, InviteUsed) for result in results if result not in good)
    assert (good[0].user.role, good[0].user.store_id) == (Role.ASSOCIATE, "sto_1")
    assert sum([(await accounts.by_login(f"mei{n}")) is not None for n in range(6)]) == 1
    with pytest.raises(InviteUsed):
        await accounts.invitation(made.token)


async def test_a_failed_sign_up_does_not_burn_it(accounts: Accounts, mei: Credentials) -> None:
    await accounts.sign_up(mei, HERE)
    made = await accounts.invite(ADMIN, Role.COURIER, "sto_1")
    with pytest.raises(LoginTaken):
        await accounts.redeem(made.token, mei, HERE)
    with pytest.raises(InvalidField):
        await accounts.redeem(made.token, replace(mei, login="lin", password="short"), HERE)
    signed = await accounts.redeem(made.token, replace(mei, login="lin"), HERE)
    assert (signed.user.role, signed.user.store_id) == (Role.COURIER, None)


class DyingTransactions:
    """The process dies before each commit."""

    def __init__(self, database: AsyncIOMotorDatabase[Any]) -> None:
        self._transactions = Transactions(database.client)

    async def run(self, body: Callable[[object], Awaitable[Any]]) -> Any:
        async def and_die(session: object) -> None:
            await body(session)
            raise ConnectionResetError

        return await self._transactions.run(and_die)


async def test_a_process_that_dies_leaves_neither_a_person_nor_a_spent_invitation(
    opened: Open, database: AsyncIOMotorDatabase[Any], mei: Credentials
) -> None:
    accounts, dying = opened(), opened(transactions=DyingTransactions(database))
    made = await accounts.invite(ADMIN, Role.STAFF, "sto_1")
    with pytest.raises(ConnectionResetError):
        await dying.redeem(made.token, mei, HERE)
    assert await accounts.by_login("mei") is None
    assert (await accounts.redeem(made.token, mei, HERE)).user.role is Role.STAFF


async def test_invitations_that_are_too_old_or_none(accounts: Accounts, mei: Credentials, time: Time) -> None:
    made = await accounts.invite(ADMIN, Role.STAFF, "sto_1")
    time.passes(hours=72)
    with pytest.raises(InviteExpired):
        await accounts.redeem(made.token, mei, HERE)
    with pytest.raises(InviteUnknown):
        await accounts.invitation("nothing")
    assert await accounts.by_login("mei") is None


@pytest.mark.parametrize(
    ("by", "store", "invited", "to", "refusal"),
    [
        (Role.STAFF, "sto_1", Role.ASSOCIATE, "sto_1", None),
        (Role.STAFF, "sto_1", Role.ASSOCIATE, "sto_2", InviteForbidden),
        (Role.STAFF, "sto_1", Role.COURIER, None, InviteForbidden),
        (Role.STAFF, "sto_1", Role.STAFF, "sto_1", None),
        (Role.OPERATOR, None, Role.STAFF, "sto_2", None),
        (Role.ADMIN, None, Role.COURIER, None, None),
        (Role.ADMIN, None, Role.STAFF, None, InvalidField),
        (Role.ADMIN, None, Role.ADMIN, "sto_1", InvalidField),
        (Role.ADMIN, None, Role.OPERATOR, "sto_1", InvalidField),
        (Role.ASSOCIATE, "sto_1", Role.ASSOCIATE, "sto_1", InviteForbidden),
        (Role.MEMBER, None, Role.COURIER, "sto_1", InviteForbidden),
    ],
)
async def test_who_may_invite_whom(
    accounts: Accounts, by: Role, store: str | None, invited: Role, to: str | None, refusal: type[Exception] | None
) -> None:
    caller = Principal("usr_1", by, "Someone", store, "fam_0")
    if refusal is None:
        assert (await accounts.invite(caller, invited, to)).invite.role is invited
    else:
        with pytest.raises(refusal):
            await accounts.invite(caller, invited, to)


async def test_the_sweep_takes_what_is_past_its_time(
    accounts: Accounts, database: AsyncIOMotorDatabase[Any], mei: Credentials, time: Time
) -> None:
    await accounts.guest(HERE)
    await accounts.sign_up(mei, HERE)
    await accounts.invite(ADMIN, Role.COURIER, None)
    time.passes(days=20)
    kept = await accounts.guest(HERE)
    time.passes(days=18)
    assert await accounts.sweep() == 2
    assert [user["_id"] async for user in database["users"].find({"role": "guest"})] == [kept.user.id]
    assert await accounts.by_login("mei") is not None
    assert await database["invites"].find_one({}) is None
    assert await accounts.sweep() == 0


async def test_a_person_of_any_role_can_be_made(accounts: Accounts, mei: Credentials) -> None:
    user = await accounts.create(mei, Role.OPERATOR)
    assert (await accounts.sign_in("mei", mei.password, HERE)).user == user
    with pytest.raises(LoginTaken):
        await accounts.create(mei, Role.OPERATOR)
