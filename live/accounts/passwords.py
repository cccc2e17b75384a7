"""Password hashing (argon2id, RFC 9106), off the event loop and a few at a time: each takes 19 MiB and some 30 ms."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from live.accounts.errors import PasswordsBusy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PasswordSettings:
    """Cost (OWASP's second choice for argon2id) and how much of it at a time; `waiting` more may queue."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1
    at_once: int = 2
    waiting: int = 200


@dataclass(frozen=True, slots=True)
class Verified:
    """`rehashed` is the hash to keep from now on when the cost was changed since, else None."""

    right: bool
    rehashed: str | None = None


class Passwords:
    """Hashes and verifies. A missing user costs as much as a wrong password."""

    def __init__(self, settings: PasswordSettings) -> None:
        self._hasher = PasswordHasher(settings.passes, settings.memory_kib, settings.lanes)
        self._decoy = self._hasher.hash("nobody has this password")
        self._turn = asyncio.Semaphore(settings.at_once)
        self._most = settings.at_once + settings.waiting
        self._asked = 0

    async def hash(self, password: str) -> str:
        """The encoded hash, parameters and salt included. Raises PasswordsBusy."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, stored: str | None, password: str) -> Verified:
        """Whether it is the password; `stored` None is never right, in the same time. Raises PasswordsBusy."""
        return await self._run(lambda: self._verify(stored, password))

    def _verify(self, stored: str | None, password: str) -> Verified:
        try:
            self._hasher.verify(stored or self._decoy, password)
        except (VerificationError, InvalidHashError):
            return Verified(right=False)
        if stored is None:
            return Verified(right=False)
        old = self._hasher.check_needs_rehash(stored)
        return Verified(right=True, rehashed=self._hasher.hash(password) if old else None)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._asked >= self._most:
            raise PasswordsBusy("Too many sign-ins at once; try again in a moment.")
        self._asked += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._asked -= 1
