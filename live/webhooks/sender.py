"""Sends messages until they get through or are dead. Several processes may send; each message is one's at a time."""

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
import structlog
from standardwebhooks import Webhook

from live.webhooks.errors import InvalidEndpoint
from live.webhooks.model import Attempt, Endpoint, Kind, Message, Off, State
from live.webhooks.schedule import next_try
from live.webhooks.store import WebhookStore
from live.webhooks.targets import NotPublic, check_url, connector

log = structlog.get_logger(__name__)

#: Seconds that a receiver has for its answer.
TIME_LIMIT: Final = 15.0
LEASE: Final = timedelta(seconds=30)
POLL: Final = 1.0
#: Seconds that the list of endpoints is known without asking the database again.
REMEMBERED: Final = 2.0
BATCH: Final = 64
#: Under way at once to one endpoint: a slow one holds up nobody else.
AT_ONCE: Final = 4
#: An endpoint that nothing has got through to for so long is switched off.
PATIENCE: Final = timedelta(days=5)
KEPT: Final = timedelta(days=30)
KEPT_ATTEMPTS: Final = 20
GONE: Final = 410


class Sender:
    """The background task of webhooks. `anywhere` lets it into private networks, over plain HTTP too."""

    def __init__(self, store: WebhookStore, clock: Callable[[], datetime], *, anywhere: bool) -> None:
        self._store = store
        self._clock = clock
        self._anywhere = anywhere
        self._woken = asyncio.Event()
        self._known: tuple[float, list[Endpoint]] = (-math.inf, [])

    async def wanted(self, kind: Kind) -> bool:
        """Whether any endpoint wants it."""
        return any(endpoint.wants(kind) for endpoint in await self._endpoints())

    async def _endpoints(self) -> list[Endpoint]:
        """As they were `REMEMBERED` seconds ago at most: every event asks."""
        if time.monotonic() - self._known[0] > REMEMBERED:
            self._known = (time.monotonic(), await self._store.endpoints())
        return self._known[1]

    async def queue(self, kind: Kind, event_id: str, at: datetime, data: Mapping[str, Any]) -> int:
        """A message to each endpoint that wants it; the same event again makes no second one. How many endpoints."""
        wanting = [endpoint for endpoint in await self._endpoints() if endpoint.wants(kind)]
        for endpoint in wanting:
            await self._queue(endpoint, kind, event_id, at, data)
        return len(wanting)

    async def test(self, endpoint: Endpoint, event_id: str) -> Message:
        """A message that says nothing, to this endpoint, on or off."""
        data = {"webhook_id": endpoint.id}
        return await self._queue(endpoint, Kind.TEST, event_id, self._clock(), data)

    async def _queue(
        self, endpoint: Endpoint, kind: Kind, event_id: str, at: datetime, data: Mapping[str, Any]
    ) -> Message:
        said = {"type": kind.value, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}
        body, now = json.dumps(said, ensure_ascii=False, separators=(",", ":")), self._clock()
        message_id = f"{event_id}:{endpoint.id}"
        message = Message(message_id, endpoint.id, event_id, kind, body, now, State.WAITING, (), now)
        if await self._store.add(message):
            self._woken.set()
        return message

    async def run(self) -> None:
        """Send for ever."""
        async with aiohttp.ClientSession(
            connector=connector(anywhere=self._anywhere),
            timeout=aiohttp.ClientTimeout(total=TIME_LIMIT),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "Nearlive-Webhooks/1"},
        ) as session:
            under_way: dict[asyncio.Task[None], str] = {}
            try:
                while True:
                    self._woken.clear()
                    await self._start(session, under_way)
                    await self._rest(under_way)
            finally:
                for task in under_way:
                    task.cancel()
                await asyncio.gather(*under_way, return_exceptions=True)

    async def _start(self, session: aiohttp.ClientSession, under_way: dict[asyncio.Task[None], str]) -> None:
        busy = Counter(under_way.values())
        for message in await self._store.due(self._clock(), BATCH):
            if busy[message.endpoint_id] < AT_ONCE and await self._store.claim(message, self._clock() + LEASE):
                busy[message.endpoint_id] += 1
                under_way[asyncio.create_task(self._send(session, message))] = message.endpoint_id

    async def _rest(self, under_way: dict[asyncio.Task[None], str]) -> None:
        """Until something ended, something new came, or it is time to look what is due."""
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait([woken, *under_way], timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
        for task in [task for task in under_way if task.done()]:
            del under_way[task]
            task.result()

    async def _send(self, session: aiohttp.ClientSession, message: Message) -> None:
        endpoint = await self._store.endpoint(message.endpoint_id)
        if endpoint is None or not endpoint.wants(message.kind):
            await self._store.give_up(message.endpoint_id)
            return
        attempt, headers = await self._attempt(session, endpoint, message)
        if attempt.status is not None and 200 <= attempt.status < 300:
            await self._store.tried(message.id, attempt, State.DELIVERED, None, KEPT_ATTEMPTS)
            if endpoint.failing_since is not None:
                await self._store.note_through(endpoint.id)
            return
        await self._failed(endpoint, message, attempt, headers)

    async def _attempt(
        self, session: aiohttp.ClientSession, endpoint: Endpoint, message: Message
    ) -> tuple[Attempt, Mapping[str, str]]:
        now, started = self._clock(), time.monotonic()
        status, error, headers = None, "", {}
        try:
            url = check_url(endpoint.url, anywhere=self._anywhere)
            sent = {"Content-Type": "application/json", **signed(endpoint, message, now)}
            async with session.post(url, data=message.body.encode(), headers=sent, allow_redirects=False) as response:
                status, headers = response.status, dict(response.headers)
        except (InvalidEndpoint, NotPublic):
            error = "not public"
        except aiohttp.ClientError as failure:
            error = "not public" if isinstance(failure.__cause__, NotPublic) else type(failure).__name__
        except (TimeoutError, OSError) as failure:
            error = type(failure).__name__
        except Exception as failure:
            error = type(failure).__name__
            log.exception("webhook could not be sent", endpoint=endpoint.id)
        return Attempt(now, status, error, round((time.monotonic() - started) * 1000)), headers

    async def _failed(self, endpoint: Endpoint, message: Message, attempt: Attempt, headers: Mapping[str, str]) -> None:
        since = endpoint.failing_since or attempt.at
        await self._store.note_failing(endpoint.id, since)
        hopeless = Off.GONE if attempt.status == GONE else Off.FAILING if attempt.at - since > PATIENCE else None
        if hopeless is not None:
            await self._switch_off(endpoint, hopeless)
        due = None if hopeless is not None else next_try(message.tries + 1, self._clock(), headers)
        await self._store.tried(message.id, attempt, State.DEAD if due is None else State.WAITING, due, KEPT_ATTEMPTS)

    async def _switch_off(self, endpoint: Endpoint, why: Off) -> None:
        if await self._store.switch_off(endpoint.id, why):
            dead = await self._store.give_up(endpoint.id)
            log.error("webhook switched off", endpoint=endpoint.id, why=why.value, dead=dead)

    async def sweep(self) -> None:
        """Forget what is old."""
        await self._store.forget(self._clock() - KEPT)


def signed(endpoint: Endpoint, message: Message, now: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks; one signature for each secret that is still good."""
    good = [secret.value for secret in endpoint.secrets if secret.until is None or secret.until > now]
    return {
        "webhook-id": message.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message.event_id, now, message.body) for secret in good),
    }
