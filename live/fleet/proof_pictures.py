"""Fetches the pictures by which other houses prove that they delivered: the port `Pictures` of delivery.

What lies behind a URL that somebody else names is nobody's word: only pictures of a moderate size from the public
Internet are taken, and they are drawn anew before they are kept.
"""

import asyncio
from typing import Final
from urllib.parse import urljoin

import structlog

from delivery.errors import ProviderBusy, Unreachable
from delivery.ports import Http, HttpRequest, HttpResponse
from delivery.providers.waiting import asked_to_wait
from live.fleet.outgoing import TooLarge
from live.fleet.proof_photo import PICTURES, NoPicture, redrawn
from live.webhooks.errors import InvalidEndpoint
from live.webhooks.targets import check_url

log = structlog.get_logger(__name__)

#: Bytes.
LARGEST: Final = 8 * 1024 * 1024
TIMEOUT: Final = 15.0
#: From one place to the next; each is judged like the first.
REDIRECTS: Final = 3
_ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = 410
_OK: Final = 200


class ProofPictures:
    """`http` is a way out that refuses private addresses unless `anywhere`, which also allows plain HTTP."""

    def __init__(self, http: Http, *, anywhere: bool) -> None:
        self._http = http
        self._anywhere = anywhere

    async def fetch(self, url: str) -> bytes | None:
        """See `delivery.ports.Pictures`."""
        try:
            answer = await self._get(url)
            if answer is None:
                return None
            return await asyncio.to_thread(redrawn, answer.body, PICTURES)
        except (NoPicture, InvalidEndpoint, TooLarge) as error:
            log.warning("a proof that is no picture to keep", error=type(error).__name__)
            return None

    async def _get(self, url: str) -> HttpResponse | None:
        """Where it says that the picture is; None when it says that there is none any more."""
        for _ in range(REDIRECTS + 1):
            check_url(url, anywhere=self._anywhere)
            headers = {"Accept": "image/jpeg, image/png, image/webp"}
            answer = await self._http.send(HttpRequest("GET", url, headers, timeout_s=TIMEOUT, most=LARGEST))
            if answer.status not in _ELSEWHERE:
                return self._read(answer)
            url = urljoin(url, answer.headers.get("location", ""))
        raise NoPicture("It is always somewhere else.")

    def _read(self, answer: HttpResponse) -> HttpResponse | None:
        if wait := asked_to_wait(answer):
            raise ProviderBusy(wait)
        if answer.status == _GONE:
            return None
        if answer.status != _OK:
            raise Unreachable(f"The picture's house answered {answer.status}.", maybe_done=False)
        if not answer.headers.get("content-type", "").strip().lower().startswith("image/"):
            raise NoPicture("It is not called one.")
        return answer
