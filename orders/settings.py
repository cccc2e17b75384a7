"""What an operator may set about orders. `live` fills it from `NEARLIVE_*`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from orders.sourcing.why import SourcingStrategy


def tax_rates() -> Mapping[str, int]:
    """China's VAT: goods, daily needs, services such as bringing them."""
    return {"standard": 1300, "reduced": 900, "delivery": 600, "zero": 0}


@dataclass(frozen=True, slots=True)
class OrdersSettings:
    """Money is in minor units of `currency`, distances are metres."""

    currency: str = "CNY"
    free_delivery_from: int = 9900
    """What the goods must come to, after coupons, for delivery to cost nothing."""
    prices_include_tax: bool = True
    """Whether prices have their tax inside, or it comes on top."""
    tax_rates: Mapping[str, int] = field(default_factory=tax_rates)
    """Basis points by tax class; a class that is not here is taxed as `standard`."""
    max_lines: int = 30
    max_quantity: int = 20
    """Most pieces of one product in one order."""
    search_radius_m: float = 20_000.0
    """No store further away than this is looked at, whatever its own delivery radius."""
    candidate_stores: int = 100
    """How many of the nearest stores are looked at for one address."""
    stores_kept: timedelta = timedelta(seconds=2)
    """How long the stores of a neighbourhood are known without asking the database again."""
    sourcing: SourcingStrategy = SourcingStrategy.NEAREST
    """Which store makes an order up, where its show says nothing else."""
    sourcing_quotes: int = 20
    """How many of the nearest stores delivery is asked about by a strategy that goes by its promises."""
    offer_stores: int = 8
    """How many of the nearest stores are looked at first for what of a show can be had, and then at a time."""
    split_stores: int = 8
    """Among how many stores, the best by strategy, the parts of a split order are looked for."""
    split_parts: int = 3
    """Most stores that one basket is split over."""
    quote_valid: timedelta = timedelta(minutes=5)
    """How long an order may be placed at the price, the store and the promise of a quote."""
    max_unpaid: int = 5
    """Orders that one buyer may have placed and not paid: more is somebody holding what others want."""
    cancel_fee: int = 500
    """What a buyer pays for cancelling after the store accepted, at most the total; minor units."""
    proposal_window: timedelta = timedelta(minutes=5)
    """How long a buyer may answer a proposal of the store. After that nothing is sent instead."""
    return_window: timedelta = timedelta(days=7)
    """How long after delivery a buyer may ask to return goods."""
    undecided_after: timedelta = timedelta(hours=24)
    """Goods that came back, about which nobody has decided for this long: the order ends by rule. Zero: never."""
    unaccepted_after: timedelta = timedelta(minutes=15)
    """An order that its store has not accepted for this long after payment is rejected. Zero: never."""
    accept_within: timedelta = timedelta(minutes=3)
    """An order is late when it is not accepted for this long after payment."""
    pick_within: timedelta = timedelta(minutes=5)
    """An order is late when nobody begins to pick it for this long after it was accepted."""
    ready_before: timedelta = timedelta(minutes=20)
    """An order is late when its bag is not ready this long before the promised time."""
    collect_before: timedelta = timedelta(minutes=12)
    """An order is late when no courier has its bag this long before the promised time."""
    commission: int = 500
    """What an associate gets of the goods' money of a completed sale, in basis points."""
    credit_window: timedelta = timedelta(days=3)
    """How long after a buyer met an associate a purchase outside of a show is to that associate's credit."""
    low_stock: int = 10
    """`StockChanged` is told from this many pieces down: what pages show as "only 3 left" and "sold out"."""
    reservation_grace: timedelta = timedelta(seconds=20)
    """How long a reservation may stand without its order before the sweep takes it back."""
    payment_window: timedelta = timedelta(minutes=10)
    """An order not paid for this long is cancelled by the sweep."""
    attempt_timeout: timedelta = timedelta(seconds=30)
    """A payment attempt without an answer for this long no longer stops another one."""
    max_attempts: int = 10
    """Payment attempts on one order: more is somebody trying cards."""
    payment_poll: timedelta = timedelta(seconds=15)
    """How often the provider is asked again about a payment that waits for the bank or the buyer."""
    capture_retries: tuple[timedelta, ...] = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440))
    """How long after each refusal a capture is tried again; after the last one somebody has to look."""
    authorisation_life: timedelta = timedelta(days=7)
    """How long a hold on a card lasts (Stripe and most cards: 7 days)."""
    authorisation_warning: timedelta = timedelta(days=1)
    """How long before its end operators are told of one that was not captured."""
    cash_limit: int = 50_000
    """Most that a courier takes in cash for one order."""
    cash_open_orders: int = 2
    """How many orders to be paid in cash a buyer may have under way."""
    cash_poll: timedelta = timedelta(minutes=10)
    """How often an order on its way is looked at for cash that was taken at the door and not written down."""
    settle_after: timedelta = timedelta(seconds=5)
    """The sweep takes over what a process owed and did not do for this long (it died, or the provider was down)."""
    sweep_batch: int = 200
    """Records of each kind that one pass of the sweep handles."""
