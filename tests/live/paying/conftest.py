"""A Stripe of our own, and the adapter that calls it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from live.paying.line import StripeLine
from orders.payments.stripe import Stripe, StripeAccount
from tests.live.paying.stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer, stripe_server

TIMEOUT = aiohttp.ClientTimeout(total=5)


@pytest.fixture
async def server() -> AsyncIterator[StripeServer]:
    async with stripe_server() as running:
        yield running


@pytest.fixture
async def stripe(server: StripeServer) -> AsyncIterator[Stripe]:
    async def no_rest(_seconds: float) -> None:
        return

    async with aiohttp.ClientSession() as session:
        account = StripeAccount(SECRET_KEY, WEBHOOK_SECRET, server.url)
        yield Stripe(account, StripeLine(session, TIMEOUT), no_rest)
