"""As whom and where Dada is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DadaAccount:
    """`source_id` is the merchant's number. `callback` is the absolute URL of our webhook, sent along with each order.

    `shops` maps our store ids to Dada's shop numbers; a store that is not in it was registered under its own id.
    `phone` is given where a price is asked for before there is a buyer's. `weight` in kilograms is what an order is
    taken to weigh; `cargo_type` is Dada's number of a kind of goods.
    """

    app_key: str
    app_secret: str = field(repr=False)
    source_id: str
    callback: str
    base: str = "https://newopen.imdada.cn"
    shops: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""
    cargo_type: int = 5
    weight: Decimal = Decimal(1)
