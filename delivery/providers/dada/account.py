"""As whom and where Dada is called."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DadaAccount:
    """`source_id` is the merchant's number. `webhook` is the absolute URL of ours.

    `shops` maps our store ids to Dada's shop numbers; a store that is not in it was registered under its own id.
    `phone` is given where a price is asked for before there is a buyer's. `weight` in kilograms is what an order is
    taken to weigh; `cargo_type` is Dada's number of a kind of goods.
    """

    app_key: str
    app_secret: str = field(repr=False)
    source_id: str
    webhook: str
    base: str = "https://newopen.imdada.cn"
    shops: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""
    cargo_type: int = 5
    weight: Decimal = Decimal(1)

    @property
    def token(self) -> str:
        """Follows from the secret. Dada signs nothing, so our URL says who was told of it."""
        return hmac.new(self.app_secret.encode(), b"callbacks", hashlib.sha256).hexdigest()[:32]

    @property
    def callback(self) -> str:
        """The URL that is sent along with each order."""
        return f"{self.webhook}?token={self.token}"
