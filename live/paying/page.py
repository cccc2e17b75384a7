"""What pages need to pay: the ways there are, and which foreign host they may load a script from."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from live.http.headers import Elsewhere
from live.paying.views import MethodView
from live.settings import Settings
from orders.payments.cash import Cash
from orders.payments.stripe import Stripe

_CHALLENGES = "https://hooks.stripe.com"
"""Where Stripe's frames with the banks' own pages come from (its documents on content security policies)."""


@dataclass(frozen=True, slots=True)
class PayPage:
    """Of these settings."""

    publishable_key: str = ""
    script_url: str = ""
    api_base: str = ""
    cash_limit: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "PayPage":
        """What these settings turn on."""
        if Stripe.name not in settings.payment_providers:
            return cls(cash_limit=settings.cash_limit)
        return cls(
            settings.stripe_publishable_key, settings.stripe_script_url, settings.stripe_api_base, settings.cash_limit
        )

    def method(self, provider: str) -> MethodView:
        """How to offer a provider."""
        stripe = provider == Stripe.name
        return MethodView(
            provider=provider,
            kind="stripe" if stripe else "cash" if provider == Cash.name else "card",
            publishable_key=self.publishable_key if stripe else None,
            script_url=self.script_url if stripe else None,
            max_total=self.cash_limit if provider == Cash.name else None,
        )

    @property
    def elsewhere(self) -> Elsewhere:
        """Hosts that pages may turn to; none unless a provider with a form of its own is on."""
        if not self.script_url:
            return Elsewhere()
        script, api = _origin(self.script_url), _origin(self.api_base)
        return Elsewhere(scripts=(script,), frames=(script, _CHALLENGES), calls=(api,))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
