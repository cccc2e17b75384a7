"""What a payment provider must do. One contract suite (tests/orders/provider_contract.py) holds all of them to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from orders.errors import PaymentMethodUnknown


@dataclass(frozen=True, slots=True)
class Card:
    """A card as typed in: `number` is digits only, `expiry` MM/YY. Handed to the provider and kept nowhere."""

    number: str
    expiry: str
    cvc: str

    @property
    def last4(self) -> str:
        return self.number[-4:]

    def __repr__(self) -> str:
        return f"Card(…{self.last4})"


@dataclass(frozen=True, slots=True)
class Means:
    """What the buyer pays with, at the provider of this name.

    `card` is for the sandbox. `token` is the provider's own name of something that can pay (a payment method that was
    saved with Stripe); without one the buyer confirms the payment on the page. Cash needs neither.
    """

    provider: str
    card: Card | None = None
    token: str = ""

    @property
    def last4(self) -> str:
        return "" if self.card is None else self.card.last4


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay. `attempt` is our own name of it, chosen before the first call, and never used again.

    `amount` is minor units to hold. `reference` is the provider's own name of it, "" while we do not know it.
    """

    order_id: str
    attempt: str
    amount: int
    currency: str
    reference: str = ""


class Verdict(StrEnum):
    """A provider's answer. `ACTION`: the buyer has to confirm; `PENDING`: the bank takes its time."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ACTION = "action"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer to one operation. `code` says why not: card_declined, insufficient_funds, …

    `client_secret` lets the buyer's browser confirm this one payment: for the buyer alone, kept nowhere.
    """

    verdict: Verdict
    code: str = ""
    reference: str = ""
    last4: str = ""
    client_secret: str = ""

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.SUCCEEDED

    def __repr__(self) -> str:
        return f"Answer({self.verdict}, {self.code!r}, {self.reference!r})"


class Standing(StrEnum):
    """Where a payment is, in the provider's own books."""

    ACTION = "action"
    PENDING = "pending"
    REFUSED = "refused"
    AUTHORISED = "authorised"
    CANCELLED = "cancelled"
    CAPTURED = "captured"


@dataclass(frozen=True, slots=True)
class Known:
    """A payment as the provider's books have it: the truth that our own are held against. Minor units."""

    standing: Standing
    captured: int = 0
    refunded: int = 0
    code: str = ""
    reference: str = ""
    last4: str = ""
    client_secret: str = ""

    def __repr__(self) -> str:
        return f"Known({self.standing}, {self.captured}, {self.refunded}, {self.code!r}, {self.reference!r})"


class NoticeKind(StrEnum):
    """What a provider tells by itself."""

    ACTION = "action"
    AUTHORISED = "authorised"
    REFUSED = "refused"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Notice:
    """A provider's webhook, verified. A hint to look, never the truth: it may come twice, late and in any order.

    `order_id` and `attempt` are "" where it only says which payment by the provider's own `reference`.
    """

    id: str
    at: datetime
    kind: NoticeKind
    order_id: str
    attempt: str
    reference: str = ""


class PaymentProvider(Protocol):
    """Moves money.

    Every operation carries a key: the same key again gives the same answer and moves nothing twice. An operation
    that was cut off may therefore be sent again at any time. Amounts are minor units. All that talk to the provider
    raise PaymentUnavailable when it gave no answer.
    """

    @property
    def name(self) -> str:
        """How orders, settings and the webhook's path call it."""
        ...

    async def authorise(self, payment: Payment, means: Means) -> Answer:
        """Hold the amount. The attempt is its own key. Refused when it was cancelled, even if it was never seen."""
        ...

    async def capture(self, payment: Payment, amount: int, key: str) -> Answer:
        """Take up to what is held, once; the rest is let go."""
        ...

    async def cancel(self, payment: Payment, key: str) -> Answer:
        """Let go of what is held, or make sure that nothing ever will be. Refused once captured."""
        ...

    async def refund(self, payment: Payment, amount: int, key: str) -> Answer:
        """Give back up to what was captured and not yet given back."""
        ...

    async def look_up(self, payment: Payment) -> Known | None:
        """The payment in the provider's books; None if it never heard of it."""
        ...

    async def trace(self, reference: str) -> tuple[str, str] | None:
        """Order and attempt of a payment by the provider's own name of it; None if it is none of ours."""
        ...

    def hear(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """Verify a webhook and read it; None if it is about nothing of ours. Raises BadSignature."""
        ...


class Providers:
    """The providers there are, by name. Those that are not `enabled` still settle what they hold."""

    def __init__(self, providers: Iterable[PaymentProvider], enabled: Sequence[str] | None = None) -> None:
        self._by_name = {provider.name: provider for provider in providers}
        self.enabled = tuple(self._by_name) if enabled is None else tuple(enabled)
        missing = set(self.enabled) - set(self._by_name)
        if missing:
            raise ValueError(f"no such payment provider: {', '.join(sorted(missing))}")

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._by_name)

    def of(self, name: str) -> PaymentProvider:
        """The provider of this name. Raises PaymentMethodUnknown."""
        found = self._by_name.get(name)
        if found is None:
            raise PaymentMethodUnknown(f"No payment provider {name}.", field="provider")
        return found

    def choose(self, name: str) -> PaymentProvider:
        """The same for a new payment. Raises PaymentMethodUnknown, also when it is not enabled."""
        if name not in self.enabled:
            raise PaymentMethodUnknown(f"{name} is not offered here.", field="provider")
        return self.of(name)
