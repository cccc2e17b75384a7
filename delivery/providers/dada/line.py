"""Calls of Dada's API: the envelope, its signature, and what the return codes mean."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from delivery.errors import ProviderBusy, ProviderFault, Unreachable
from delivery.ports import Clock, Http, HttpRequest, HttpResponse
from delivery.providers.dada.account import DadaAccount
from delivery.providers.dada.codes import OK, UNSURE
from delivery.providers.dada.signing import request_signature
from delivery.providers.fields import Fields
from delivery.providers.waiting import asked_to_wait

TIMEOUT: Final = 15.0
MOST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` 0 is success; else `why` is Dada's word for it."""

    code: int
    why: str
    result: Fields


class DadaLine:
    """One merchant's calls."""

    def __init__(self, http: Http, account: DadaAccount, clock: Clock) -> None:
        self._http = http
        self._account = account
        self._clock = clock

    async def call(self, path: str, body: Mapping[str, object]) -> Answer:
        """Raises Unreachable (also when Dada does not know what became of it), ProviderBusy, ProviderFault."""
        url = f"{self._account.base}{path}"
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        request = HttpRequest("POST", url, headers, json.dumps(self._envelope(body)).encode(), TIMEOUT, MOST)
        return _read(await self._http.send(request))

    def _envelope(self, body: Mapping[str, object]) -> dict[str, str]:
        parameters = {
            "app_key": self._account.app_key,
            "timestamp": str(int(self._clock().timestamp())),
            "format": "json",
            "v": "1.0",
            "source_id": self._account.source_id,
            "body": json.dumps(body, ensure_ascii=False),
        }
        return {**parameters, "signature": request_signature(parameters, self._account.app_secret)}


def _read(response: HttpResponse) -> Answer:
    if wait := asked_to_wait(response):
        raise ProviderBusy(wait)
    said = Fields.of(response.body)
    code = said.whole("code") if said else None
    if said is None or code is None:
        if response.status in range(400, 500):
            raise ProviderFault(f"Dada answered {response.status}.")
        raise Unreachable(f"Dada answered {response.status}, and no code.", maybe_done=True)
    if code in UNSURE:
        raise Unreachable(f"Dada answered {code} {said.text('msg')}.", maybe_done=True)
    # An answer that says "success" in one member and otherwise in the other is not one to believe.
    if (code == OK) != (said.text("status") == "success"):
        raise Unreachable("Dada's answer contradicts itself.", maybe_done=True)
    return Answer(code, said.text("msg"), said.fields("result"))
