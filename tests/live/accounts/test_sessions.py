"""Refresh families: one good token, races forgiven, thieves thrown out."""

import asyncio
import base64
import uuid
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from redis.asyncio import Redis

from live.accounts.accounts import Accounts
from live.accounts.errors import SessionEnded, TokenRevoked
from live.accounts.model import AccountSettings
from live.accounts.revocations import LocalRevocations, RedisRevocations
from live.accounts.sessions import STEPS_KEPT, Sessions
from live.accounts.store import MongoFamilies
from live.keys import KeyRing
from tests.live.accounts.conftest import KEYS, Open, Time


async def test_each_use_rotates_and_gives_a_good_access_token(accounts: Accounts, time: Time) -> None:
    signed = await accounts.guest("1.2.3.4")
    seen = {signed.refresh_token}
    for _ in range(12):
        time.passes(minutes=9)
        signed = await accounts.refresh(signed.refresh_token)
        assert signed.refresh_token not in seen
        seen.add(signed.refresh_token)
        assert accounts.authenticate(signed.access_token).user_id == signed.user.id


async def test_only_digests_are_kept(accounts: Accounts, database: AsyncIOMotorDatabase[Any], time: Time) -> None:
    first = await accounts.guest("1.2.3.4")
    time.passes(minutes=1)
    second = await accounts.refresh(first.refresh_token)
    kept = str(await database["sessions"].find_one({"_id": first.family}))
    for signed in (first, second):
        secret = signed.refresh_token.partition(".")[2]
        assert secret not in kept
        assert repr(base64.urlsafe_b64decode(secret + "=")) not in kept


async def test_an_old_token_ends_the_family_and_its_access_tokens(accounts: Accounts, time: Time) -> None:
    first = await accounts.guest("1.2.3.4")
    second = await accounts.refresh(first.refresh_token)
    time.passes(seconds=11)
    with pytest.raises(SessionEnded):
        await accounts.refresh(first.refresh_token)
    with pytest.raises(SessionEnded):
        await accounts.refresh(second.refresh_token)
    for signed in (first, second):
        with pytest.raises(TokenRevoked):
            accounts.authenticate(signed.access_token)
    other = await accounts.guest("1.2.3.4")
    assert accounts.authenticate(other.access_token)


async def test_tabs_that_race_get_the_same_session(opened: Open) -> None:
    processes = [opened(), opened()]
    first = await processes[0].guest("1.2.3.4")
    answers = await asyncio.gather(*(processes[n % 2].refresh(first.refresh_token) for n in range(8)))
    assert len({answer.refresh_token for answer in answers}) == 1
    following = await processes[1].refresh(answers[0].refresh_token)
    assert following.refresh_token != answers[0].refresh_token


async def test_a_lost_answer_can_be_asked_for_again(accounts: Accounts, time: Time) -> None:
    first = await accounts.guest("1.2.3.4")
    lost = await accounts.refresh(first.refresh_token)
    time.passes(seconds=10)
    again = await accounts.refresh(first.refresh_token)
    assert again.refresh_token == lost.refresh_token
    time.passes(minutes=10)
    assert await accounts.refresh(again.refresh_token)


async def test_a_late_tab_walks_over_several_rotations_and_a_new_server_key(opened: Open) -> None:
    before = opened(keys=KeyRing(current="old", keys={"old": "o" * 32}))
    after = opened()
    first = await before.guest("1.2.3.4")
    second = await before.refresh(first.refresh_token)
    third = await after.refresh(second.refresh_token)
    fourth = await after.refresh(third.refresh_token)
    assert (await after.refresh(first.refresh_token)).refresh_token == fourth.refresh_token
    assert (await after.refresh(second.refresh_token)).refresh_token == fourth.refresh_token


async def test_sign_out_ends_everything_at_once_even_during_a_refresh(accounts: Accounts) -> None:
    first = await accounts.guest("1.2.3.4")
    results = await asyncio.gather(
        accounts.refresh(first.refresh_token), accounts.sign_out(first.refresh_token), return_exceptions=True
    )
    token = first.refresh_token if isinstance(results[0], BaseException) else results[0].refresh_token
    with pytest.raises(SessionEnded):
        await accounts.refresh(token)
    with pytest.raises(TokenRevoked):
        accounts.authenticate(first.access_token)
    await accounts.sign_out(first.refresh_token)
    await accounts.sign_out("nonsense")


async def test_thirty_days_without_use_end_it(accounts: Accounts, time: Time) -> None:
    used, unused = await accounts.guest("1.2.3.4"), await accounts.guest("1.2.3.4")
    time.passes(days=29)
    used = await accounts.refresh(used.refresh_token)
    time.passes(days=2)
    assert await accounts.refresh(used.refresh_token)
    with pytest.raises(SessionEnded):
        await accounts.refresh(unused.refresh_token)


@pytest.mark.parametrize(
    "token", ["", ".", "fam_1", "fam_1.short", "fam_0000000000000000." + "A" * 43, "é.é", "a" * 9999]
)
async def test_what_is_no_token(accounts: Accounts, token: str) -> None:
    with pytest.raises(SessionEnded):
        await accounts.refresh(token)


async def test_a_restart_still_refuses_what_ended_before(opened: Open, time: Time) -> None:
    before = opened()
    signed = await before.guest("1.2.3.4")
    await before.sign_out(signed.refresh_token)
    time.passes(minutes=5)
    after = opened()
    await after.ensure_indexes()
    with pytest.raises(TokenRevoked):
        after.authenticate(signed.access_token)


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the condition belongs to another task that has no event for it
            await asyncio.sleep(0.01)


async def test_every_process_hears_of_an_ended_session(redis: Redis, redis_url: str, time: Time) -> None:
    running, heard = RedisRevocations(redis, time), list[str]()
    running.heard = heard.append
    listening = asyncio.create_task(running.run())
    await asyncio.wait_for(running.ready.wait(), 5)
    other = RedisRevocations(redis, time)
    await other.revoke("fam_1", time.now.replace(hour=10))
    assert other.revoked("fam_1")
    await until(lambda: running.revoked("fam_1"))
    assert not running.revoked("fam_2")
    assert heard == ["fam_1"]

    late = RedisRevocations(redis, time)
    await late.load()
    assert late.revoked("fam_1")

    await redis.client_kill_filter(_type="pubsub", skipme=True)
    await other.revoke("fam_2", time.now.replace(hour=10))
    await until(lambda: running.revoked("fam_2"))
    listening.cancel()

    time.passes(hours=2)
    await other.revoke("fam_3", time.now.replace(hour=12))
    assert await redis.zcard("revoked") == 1


async def test_revocations_are_forgotten_after_their_time(time: Time) -> None:
    revocations = LocalRevocations(time)
    for n in range(1000):
        await revocations.revoke(f"fam_{n}", time.now.replace(minute=10))
    time.passes(minutes=11)
    for n in range(1000, 1100):
        await revocations.revoke(f"fam_{n}", time.now.replace(minute=30))
    assert not revocations.revoked("fam_0")
    assert revocations.revoked("fam_1099")


class FamilyMachine(RuleBasedStateMachine):
    """Tokens used in any order at any time: the model says which must work."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    store: ClassVar[MongoFamilies]

    @initialize()
    def sign_in(self) -> None:
        self.time = Time()
        self.revocations = LocalRevocations(self.time)
        self.sessions = Sessions(self.store, KEYS, self.revocations, AccountSettings(), self.time)
        self.family, token = self.loop.run_until_complete(self.sessions.start("usr_1"))
        self.tokens = [token]
        self.replaced_at: list[float] = []
        self.clock = 0.0
        self.alive = True

    @rule(tenths=st.integers(5, 80))
    def wait(self, tenths: int) -> None:
        self.clock += tenths
        self.time.passes(milliseconds=tenths * 100)

    @precondition(lambda self: self.alive)
    @rule(back=st.integers(0, 9))
    def use(self, back: int) -> None:
        index = max(0, len(self.tokens) - 1 - back)
        latest = index == len(self.tokens) - 1
        kept = len(self.tokens) - 1 - index <= STEPS_KEPT
        works = latest or (kept and self.clock - self.replaced_at[index] <= 100)
        try:
            _, token = self.loop.run_until_complete(self.sessions.refresh(self.tokens[index]))
        except SessionEnded:
            assert not works
            self.alive = False
            return
        assert works
        if latest:
            assert token not in self.tokens
            self.tokens.append(token)
            self.replaced_at.append(self.clock)
        else:
            assert token == self.tokens[-1]

    @precondition(lambda self: not self.alive)
    @rule(which=st.integers(0, 50))
    def use_after_the_end(self, which: int) -> None:
        with pytest.raises(SessionEnded):
            self.loop.run_until_complete(self.sessions.refresh(self.tokens[which % len(self.tokens)]))

    @invariant()
    def access_follows(self) -> None:
        if hasattr(self, "alive"):
            assert self.revocations.revoked(self.family.id) is not self.alive


def test_tokens_in_any_order_at_any_time(mongo_uri: str) -> None:
    loop = asyncio.new_event_loop()
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(mongo_uri, tz_aware=True, io_loop=loop)
    name = f"test_{uuid.uuid4().hex}"
    FamilyMachine.loop, FamilyMachine.store = loop, MongoFamilies(client[name])
    try:
        run_state_machine_as_test(
            FamilyMachine,
            settings=settings(
                max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    finally:
        loop.run_until_complete(client.drop_database(name))
        client.close()
        loop.close()
