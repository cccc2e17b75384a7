"""The way to Stripe: its own aiohttp client, with an end to waiting, and every loss of the line told as one."""

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import stripe

TIMEOUT: Final = aiohttp.ClientTimeout(total=12, connect=4)
"""Seconds. Longer than Stripe takes, shorter than a buyer waits (20 s on the page)."""


class StripeLine(stripe.AIOHTTPClient):
    """Over a session of ours. The library maps what fails before an answer begins; this also what fails in one."""

    def __init__(self, session: aiohttp.ClientSession, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        super().__init__(timeout=timeout, session=session)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Raises stripe.APIConnectionError."""
        try:
            return await super().request_async(method, url, headers, post_data)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise stripe.APIConnectionError("The answer was lost.") from error  # type: ignore[no-untyped-call] # untyped there
