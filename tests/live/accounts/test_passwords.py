"""Password hashing."""

import asyncio
import time

import pytest

from live.accounts.errors import PasswordsBusy
from live.accounts.passwords import Passwords, PasswordSettings

CHEAP = PasswordSettings(memory_kib=64, passes=1)


async def test_right_wrong_and_nobody() -> None:
    passwords = Passwords(CHEAP)
    stored = await passwords.hash("long enough")
    assert stored.startswith("$argon2id$")
    assert (await passwords.verify(stored, "long enough")).right
    assert not (await passwords.verify(stored, "long enougH")).right
    assert not (await passwords.verify(None, "nobody has this password")).right
    assert not (await passwords.verify("not a hash", "x")).right


async def test_a_hash_of_another_cost_is_made_anew() -> None:
    old = await Passwords(CHEAP).hash("long enough")
    passwords = Passwords(PasswordSettings(memory_kib=128, passes=1))
    verified = await passwords.verify(old, "long enough")
    assert verified.rehashed is not None
    assert "m=128" in verified.rehashed
    assert (await passwords.verify(verified.rehashed, "long enough")).rehashed is None
    assert (await passwords.verify(old, "wrong")).rehashed is None


async def test_more_than_may_wait_are_refused_and_the_loop_goes_on() -> None:
    passwords = Passwords(PasswordSettings(memory_kib=4096, passes=2, at_once=1, waiting=3))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    results = await asyncio.gather(*(passwords.hash("long enough") for _ in range(10)), return_exceptions=True)
    ticking.cancel()
    assert [isinstance(result, PasswordsBusy) for result in results] == [False] * 4 + [True] * 6
    assert ticks > 10
    assert (await passwords.hash("again")).startswith("$argon2id$")


async def test_an_unknown_login_costs_what_a_known_one_costs() -> None:
    passwords = Passwords(PasswordSettings(memory_kib=8192, passes=2))
    stored = await passwords.hash("long enough")

    async def cost(of: str | None) -> float:
        started = time.process_time()  # of all threads: other processes do not count
        await passwords.verify(of, "wrong password")
        return time.process_time() - started

    costs = [(await cost(stored), await cost(None)) for _ in range(12)]  # by turns: other work hits both alike
    known, unknown = (min(column) for column in zip(*costs, strict=True))
    assert unknown == pytest.approx(known, rel=0.8)
