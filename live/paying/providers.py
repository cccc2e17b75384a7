"""The payment providers that the settings name."""

import hashlib
import hmac

import aiohttp

from live.db import DriverDatabase
from live.paying.line import StripeLine
from live.settings import Settings
from orders.payments.provider import PaymentProvider, Providers
from orders.payments.service import cash_of, sandbox_of
from orders.payments.stripe import Stripe, StripeAccount
from orders.ports import Clock
from orders.settings import OrdersSettings


def open_providers(
    settings: Settings, database: DriverDatabase, session: aiohttp.ClientSession, clock: Clock, orders: OrdersSettings
) -> Providers:
    """All that can settle what they hold; those of the settings are offered for new payments."""
    secret = hmac.new(settings.token_keys.secret.encode(), b"webhooks of the sandbox", hashlib.sha256).digest()
    providers: list[PaymentProvider] = [sandbox_of(database, clock, secret), cash_of(database, orders)]
    if settings.stripe_secret_key:
        account = StripeAccount(
            settings.stripe_secret_key, settings.stripe_webhook_secret, settings.stripe_api_base.rstrip("/")
        )
        providers.append(Stripe(account, StripeLine(session)))
    return Providers(providers, settings.payment_providers)
