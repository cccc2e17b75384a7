"""What a payment provider must do. One contract suite (tests/orders/provider_contract.py) holds all of them to it."""

from dataclasses import dataclass
from typing import Protocol


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
class Answer:
    """A provider's final word on one operation. `code` says why not: card_declined, insufficient_funds, …"""

    accepted: bool
    code: str = ""


class PaymentProvider(Protocol):
    """Moves money. `attempt` is our own name of one payment, chosen before the first call.

    Every operation carries a key: the same key again gives the same answer and moves nothing twice. An operation
    that was cut off may therefore be sent again at any time. Amounts are minor units. All raise PaymentUnavailable
    when the provider gave no answer.
    """

    async def authorise(self, attempt: str, amount: int, currency: str, card: Card, key: str) -> Answer:
        """Hold the amount on the card. Refused for an attempt that was voided, even if it was never seen before."""
        ...

    async def capture(self, attempt: str, amount: int, key: str) -> Answer:
        """Take up to what is held."""
        ...

    async def void(self, attempt: str, key: str) -> Answer:
        """Let go of what is held, or make sure that nothing ever will be. Refused once captured."""
        ...

    async def refund(self, attempt: str, amount: int, key: str) -> Answer:
        """Give back up to what was captured and not yet given back."""
        ...
