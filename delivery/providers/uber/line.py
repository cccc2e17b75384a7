"""Calls of Uber's API: the token that they need, and what their answers mean before anybody reads the body.

A token lives for 30 days and a hundred may be made in an hour, so one is kept, and made anew when it ends or is
refused. Wrong credentials are tried once in a minute.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from delivery.errors import ProviderBusy, ProviderFault, Unreachable
from delivery.ports import Clock, Http, HttpRequest, HttpResponse
from delivery.providers.fields import Fields
from delivery.providers.uber.account import UberAccount
from delivery.providers.waiting import asked_to_wait

SCOPE: Final = "eats.deliveries"
MARGIN: Final = timedelta(minutes=5)
PAUSE: Final = timedelta(minutes=1)
TIMEOUT: Final = 15.0
MOST: Final = 4 << 20
_UNAUTHORISED: Final = 401
_NOT_LET_IN: Final = "unauthorized"
_REFUSALS: Final = frozenset({400, 402, 403, 404, 409, 422})
#: 503 that say no: there was an answer, and nothing was made.
_NO_COURIER: Final = frozenset({"couriers_busy", "robo_couriers_busy"})


@dataclass(frozen=True, slots=True)
class Answer:
    """`refused` is Uber's code when it said no, else ""."""

    body: Fields
    refused: str = ""

    @property
    def why(self) -> str:
        """In Uber's words, with the parameters that it names."""
        details = [part.text("param_details") or part.text("address") for part in self.body.each("metadata")]
        return " ".join([self.body.text("message"), *details]).strip()


class UberLine:
    """One account's calls. One token for all of them; those that find none wait for the same one."""

    def __init__(self, http: Http, account: UberAccount, clock: Clock) -> None:
        self._http = http
        self._account = account
        self._clock = clock
        self._token = ""
        self._ends_at: datetime | None = None
        self._not_before: datetime | None = None
        self._making = asyncio.Lock()

    async def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Raises Unreachable (also for a 5xx, which may have done it), ProviderBusy, ProviderFault.

        Credentials that Uber does not take are a refusal: nothing was done.
        """
        token = ""
        for _ in range(2):
            token = await self._valid_token(token)
            if not token:
                return Answer(Fields({}), _NOT_LET_IN)
            response = await self._http.send(self._request(method, path, body, token))
            if response.status != _UNAUTHORISED:
                return _read(method, response)
        return Answer(Fields.of(response.body) or Fields({}), _NOT_LET_IN)

    def _request(self, method: str, path: str, body: Mapping[str, object] | None, token: str) -> HttpRequest:
        url = f"{self._account.api_base}/v1/customers/{self._account.customer_id}{path}"
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if body is None:
            return HttpRequest(method, url, headers, timeout_s=TIMEOUT, most=MOST)
        headers["Content-Type"] = "application/json"
        return HttpRequest(method, url, headers, json.dumps(body).encode(), TIMEOUT, MOST)

    async def _valid_token(self, refused: str) -> str:
        """The kept token, unless it ends soon or is the one that was just refused; "" when there is none to have."""
        async with self._making:
            now = self._clock()
            if self._not_before is not None and now < self._not_before:
                return ""
            if self._ends_at is None or now >= self._ends_at or self._token == refused:
                await self._make_token()
            return self._token

    async def _make_token(self) -> None:
        account = self._account
        form = {
            "client_id": account.client_id,
            "client_secret": account.client_secret,
            "grant_type": "client_credentials",
            "scope": SCOPE,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        url = f"{account.login_base}/oauth/v2/token"
        try:
            response = await self._http.send(HttpRequest("POST", url, headers, urlencode(form).encode()))
        except Unreachable as error:  # the call itself was not sent yet
            raise Unreachable(str(error), maybe_done=False) from error
        if wait := asked_to_wait(response):
            raise ProviderBusy(wait)
        said = Fields.of(response.body)
        token = said.text("access_token") if said else ""
        if response.status >= 500:
            raise Unreachable(f"Uber's login answered {response.status}.", maybe_done=False)
        self._token = token
        lives = timedelta(seconds=(said.whole("expires_in") if said else None) or 0)
        self._ends_at = self._clock() + lives - MARGIN
        self._not_before = None if token else self._clock() + PAUSE


def _read(method: str, response: HttpResponse) -> Answer:
    said = Fields.of(response.body)
    status, code = response.status, said.text("code") if said else ""
    if said is not None and status in range(200, 300):
        return Answer(said)
    if said is not None and ((status in _REFUSALS and code) or code in _NO_COURIER):
        return Answer(said, code)
    if wait := asked_to_wait(response):
        raise ProviderBusy(wait)
    if method == "POST" and status not in _REFUSALS:
        # A time-out or a fault over there, or a page of something between us: the call may have been done.
        raise Unreachable(f"Uber answered {status} {code}.", maybe_done=True)
    raise ProviderFault(f"Uber answered {status} {code}.")
