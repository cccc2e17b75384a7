"""One signed-in person's way to the server: requests that survive its absence, and an ear on its socket."""

import asyncio
import json
import random
from dataclasses import dataclass
from typing import Any

import aiohttp

from live.simulate.saying import Contact

Answer = dict[str, Any]

LONGEST_WAIT = 15.0
AWAY = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A login and its password."""

    login: str
    password: str


class Refused(Exception):
    """The server said no: `code` is the problem's, `status` the HTTP status (0: we would not even ask)."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


class Client:
    """Calls the API as one person. Signs in when needed, waits when asked to, tries again while the server is away."""

    def __init__(self, http: aiohttp.ClientSession, url: str, sign_in: SignIn, contact: Contact | None = None) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._sign_in = sign_in
        self._contact = contact or Contact()
        self._token = ""
        self._turn = asyncio.Lock()
        self.me: Answer = {}

    @property
    def name(self) -> str:
        """As the server knows the person."""
        return str(self.me.get("name") or self._sign_in.login)

    async def enter(self) -> None:
        """Sign in. Raises Refused when the password is wrong."""
        answer = await self._persist("POST", "/api/session/sign-in", vars_of(self._sign_in), signed=False)
        self._token, self.me = str(answer["access_token"]), answer["user"]

    async def call(self, method: str, path: str, body: Answer | None = None) -> Answer:
        """The answer's JSON ({} of an empty one). Raises Refused for what trying again would not mend."""
        for _ in range(2):
            token = self._token
            try:
                return await self._persist(method, path, body)
            except Refused as refusal:
                if refusal.status != 401:
                    raise
            async with self._turn:
                if self._token == token:  # nobody else of this person's tasks has renewed it meanwhile
                    await self.enter()
        return await self._persist(method, path, body)

    async def listen(self, topic: str, heard: asyncio.Event) -> None:
        """Set `heard` whenever something happens on the topic, for ever. After a break it is set as well."""
        wait = 1.0
        while True:
            try:
                async with self._http.ws_connect(f"{self._url}/api/socket", heartbeat=20) as socket:
                    await socket.send_json({"type": "hello", "token": self._token})
                    await socket.send_json({"type": "subscribe", "topic": topic})
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.TEXT and json.loads(message.data).get("type") != "ok":
                            wait = 1.0
                            heard.set()
                    if socket.close_code == 4401:
                        await self.enter()
            except (aiohttp.ClientError, TimeoutError, Refused):
                pass  # the polling goes on meanwhile, and says so when the server is away
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects
            wait = min(LONGEST_WAIT, wait * 2)

    async def _persist(self, method: str, path: str, body: Answer | None, *, signed: bool = True) -> Answer:
        wait = 1.0
        while True:
            try:
                answer = await self._once(method, path, body, signed=signed)
            except aiohttp.ClientConnectorCertificateError:
                raise Refused(0, "certificate", "nobody has signed this certificate; --insecure accepts it") from None
            except AWAY as error:
                self._contact.lost(error)
                pause = wait
            except _Later as later:
                pause = later.seconds or wait
            else:
                self._contact.found()
                return answer
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - spreads retries
            wait = min(LONGEST_WAIT, wait * 2)

    async def _once(self, method: str, path: str, body: Answer | None, *, signed: bool) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}"} if signed else {}
        timeout = aiohttp.ClientTimeout(total=15)
        async with self._http.request(
            method, self._url + path, json=body, headers=headers, timeout=timeout
        ) as response:
            answer = await response.json(content_type=None) if "json" in response.content_type else {}
            if response.status == 429 or response.status >= 500:
                code = str(answer.get("code", ""))
                if code == "code_locked":
                    raise Refused(response.status, code, str(answer.get("detail", "")))
                raise _Later(float(response.headers.get("Retry-After", 0)))
            if response.status >= 400:
                raise Refused(response.status, str(answer.get("code", "")), str(answer.get("detail", "")))
            return dict(answer)


class _Later(Exception):
    """The server asks for patience."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


def vars_of(sign_in: SignIn) -> Answer:
    """As the sign-in request wants it."""
    return {"login": sign_in.login, "password": sign_in.password}
