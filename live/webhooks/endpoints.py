"""Endpoints: made, changed, given new secrets, switched on and off; and their lists of messages."""

import base64
import dataclasses
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from live.webhooks.errors import EndpointUnknown, MessageUnknown, TooManyEndpoints
from live.webhooks.model import Endpoint, Kind, Message, Off, Secret, State
from live.webhooks.store import WebhookStore
from live.webhooks.targets import check_url

MOST: Final = 20
#: How long a replaced secret signs beside the new one.
OVERLAP: Final = timedelta(hours=24)
#: Messages of one "send all dead ones again".
AGAIN: Final = 500


class Endpoints:
    """The desk's side of webhooks."""

    def __init__(self, store: WebhookStore, clock: Callable[[], datetime], *, anywhere: bool) -> None:
        self._store = store
        self._clock = clock
        self._anywhere = anywhere

    async def all(self) -> list[Endpoint]:
        """Oldest first."""
        return await self._store.endpoints()

    async def one(self, endpoint_id: str) -> Endpoint:
        """Raises EndpointUnknown."""
        found = await self._store.endpoint(endpoint_id)
        if found is None:
            raise EndpointUnknown(f"No webhook {endpoint_id}.")
        return found

    async def add(self, url: str, note: str, kinds: Sequence[Kind]) -> Endpoint:
        """A new one, on. Raises InvalidEndpoint, TooManyEndpoints."""
        check_url(url, anywhere=self._anywhere)
        if len(await self.all()) >= MOST:
            raise TooManyEndpoints(f"At most {MOST} webhooks.")
        endpoint = Endpoint(
            f"whk_{secrets.token_hex(8)}", url, note, _listed(kinds), (Secret(_fresh()),), self._clock()
        )
        await self._store.put_endpoint(endpoint)
        return endpoint

    async def change(self, endpoint_id: str, url: str, note: str, kinds: Sequence[Kind], *, on: bool) -> Endpoint:
        """Replace what it is. Switched on, it is given time to get well. Raises EndpointUnknown, InvalidEndpoint."""
        before = await self.one(endpoint_id)
        check_url(url, anywhere=self._anywhere)
        off = None if on else (before.off or Off.BY_HAND)
        since = None if before.off is not None and on else before.failing_since
        after = dataclasses.replace(before, url=url, note=note, kinds=_listed(kinds), off=off, failing_since=since)
        await self._store.put_endpoint(after)
        if off is not None:
            await self._store.give_up(endpoint_id)
        return after

    async def remove(self, endpoint_id: str) -> None:
        """With its messages. Raises EndpointUnknown."""
        if not await self._store.delete_endpoint(endpoint_id):
            raise EndpointUnknown(f"No webhook {endpoint_id}.")

    async def new_secret(self, endpoint_id: str) -> Endpoint:
        """The old one signs beside it for a day. Raises EndpointUnknown."""
        before, now = await self.one(endpoint_id), self._clock()
        old = Secret(before.secrets[0].value, now + OVERLAP)
        after = dataclasses.replace(before, secrets=(Secret(_fresh()), old))
        await self._store.set_secrets(endpoint_id, after.secrets)
        return after

    async def messages(
        self, endpoint_id: str, state: State | None, before: datetime | None, limit: int
    ) -> list[Message]:
        """Newest first. Raises EndpointUnknown."""
        await self.one(endpoint_id)
        return await self._store.messages(endpoint_id, state, before, limit)

    async def send_again(self, endpoint_id: str, message_id: str) -> Message:
        """Whatever became of it. Raises EndpointUnknown, MessageUnknown."""
        endpoint, message = await self.one(endpoint_id), await self._store.message(message_id)
        if message is None or message.endpoint_id != endpoint.id or endpoint.off is not None:
            raise MessageUnknown("No such message, or its webhook is off.")
        await self._store.again(message.id, self._clock())
        return await self._store.message(message.id) or message

    async def send_dead_again(self, endpoint_id: str) -> int:
        """The newest dead ones; how many. Raises EndpointUnknown, MessageUnknown if it is off."""
        if (await self.one(endpoint_id)).off is not None:
            raise MessageUnknown("This webhook is off: switch it on first.")
        dead = await self._store.messages(endpoint_id, State.DEAD, None, AGAIN)
        for message in dead:
            await self._store.again(message.id, self._clock())
        return len(dead)


def _listed(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    return tuple(kind for kind in Kind if kind in kinds and kind is not Kind.TEST)


def _fresh() -> str:
    """32 random bytes: the specification asks for 24 to 64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
