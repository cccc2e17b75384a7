"""What may be tuned in delivery. Times in seconds, distances in metres, money in fen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from delivery.quotes.rules import FeeRules
from delivery.travel import Vehicle


def capacities() -> dict[Vehicle, int]:
    """What goes into a bag, a box or a boot, in orders."""
    return {Vehicle.FOOT: 1, Vehicle.BICYCLE: 2, Vehicle.EBIKE: 3, Vehicle.SCOOTER: 3, Vehicle.CAR: 5}


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """Defaults suit one city district with e-bikes."""

    # Quote and pay
    currency: str = "CNY"
    fees: FeeRules = field(default_factory=FeeRules)
    """What buyers pay, and how far we deliver at all."""
    pay_base: int = 450
    pay_per_km: int = 100
    prepare_s: int = 15 * 60
    """What a store needs to pick an order."""
    pack_at_once: int = 6
    """Orders that a store packs side by side without anybody waiting."""
    prepare_each_s: int = 60
    """Each order beyond these that the store still has to pack makes the next one later by so much."""
    prepare_most_s: int = 45 * 60
    late_prepare_s: int = 3 * 60
    """What it still needs when that is over."""
    approach_s: int = 6 * 60
    """What a courier needs to reach the store, before anybody is chosen."""
    cycle_s: int = 10 * 60
    """How long one order keeps one courier, its share of a bundle."""
    nobody_s: int = 10 * 60
    """How long it takes until somebody comes online, where nobody is."""
    service_s: int = 3 * 60
    """Parking, stairs and hand-over, at the store and again at the door."""
    window_s: int = 15 * 60
    quote_valid_s: int = 10 * 60
    demand_m: int = 3_000
    """Orders of stores, and couriers, within so many metres of a store are its demand and its supply."""
    longest_wait_s: int = 60 * 60
    """When a courier of ours is that far off, nothing is promised; 0: whatever it is."""
    courier_needed: bool = False
    """Whether there is no delivery by our fleet while none of it is online nearby."""
    outside_after_s: int = 10 * 60
    """When it takes our fleet longer to have somebody free, other providers are asked too."""
    minute_worth: int = 50
    """What a minute sooner may cost, where there is a choice of who brings it."""

    # Offers and dispatch
    offer_s: int = 30
    declined_pause_s: int = 5 * 60
    ignored_pause_s: int = 60
    stale_s: int = 60
    """A courier whose last position is older gets no offers."""
    silent_offer_s: int = 2 * 60
    silent_job_s: int = 5 * 60
    reach_m: int = 8_000
    """No courier further from the store than this, along the road, is asked."""
    batch: int = 200
    """Jobs looked at in one pass, oldest first."""
    interval_s: float = 30.0
    """From one plan to the next."""
    lead_s: int = 90
    """So long before they must leave for the store couriers are asked: time to answer, and some to spare."""
    ahead_s: int = 3 * 60
    """A courier who will have brought everything within this time may be asked for what is next; 0: nobody is."""

    # The fleet
    capacity: Mapping[Vehicle, int] = field(default_factory=capacities)
    """Orders at once, for couriers of whom nothing else was said."""
    online_outside_shifts: bool = True
    shift_early_s: int = 15 * 60
    """So long before a shift one may go online, where only shifts are worked."""
    shift_grace_s: int = 10 * 60
    """Where only shifts are worked: so long after its end a free courier is taken offline."""
    silent_offline_s: int = 30 * 60
    """A free courier of whom nothing was heard for so long is offline."""
    demand_s: int = 60 * 60
    """Where orders may come from is judged by those of so long."""
    hint_s: int = 5 * 60
    """How long a hint where to wait is worth something."""
    hint_ahead_s: int = 15 * 60
    """Hints look at the orders that are to be expected within this time."""
    hint_least: float = 0.5
    """Of these orders, so many must be more than couriers are near."""
    hint_near_s: int = 4 * 60
    """Who is so close to a store is near it."""
    hint_far_s: int = 15 * 60
    """Nobody is told of a place that is further."""

    # Providers
    providers: tuple[str, ...] = ("fleet",)
    """Who is asked, in this order."""
    failover_after_s: int = 5 * 60
    """When nobody has accepted for so long, the next provider is asked."""
    outside_lead_s: int = 0
    """Other houses are asked so long before the goods are thought to be packed, and never before the store has
    accepted; 0: at once when it has."""
    again_after_s: int = 60
    """The same provider is asked again for the same job no earlier than this."""
    ask_for_s: int = 60
    """A provider that cannot be reached is tried for so long before it is passed over."""
    settle_s: int = 2 * 60
    """A request of ours that got no answer has arrived by then, or never will."""
    pause_s: int = 5
    """Between two tries to reach a provider for one job."""
    poll_s: int = 60
    """How long another provider's delivery may be silent before we ask how it stands."""
    retell_s: int = 2 * 60
    """Goods that are packed so much later or sooner than another house was told are told of again."""
    prove_s: int = 10 * 60
    """How long after delivery a provider's proof is asked for."""
    news_wait_s: int = 10 * 60
    """News of a delivery that we do not know are kept so long before they are put aside."""
    news_days: int = 30
    """How long the log of news is kept."""

    # Positions
    top_speed_mps: float = 45.0
    clock_skew_s: int = 60
    coarse_m: float = 500.0
    near_store_m: int = 60
    near_door_m: int = 150
    counted_m: float = 25.0
    """Moves shorter than this are the device's noise, and add nothing to the way."""
    position_days: int = 0
    """How long positions of couriers who carry nothing are kept; 0: only the last one, while online."""
    trail_days: int = 7
    """How long the way with the goods is kept, for disputes."""

    # What the buyer is told
    promise_grace_s: int = 2 * 60
    """The promised window is kept as long as the order is expected no later than this after its end."""
    promise_window_s: int = 10 * 60
    """How wide the window is that replaces one that cannot be kept."""
    promise_better_s: int = 10 * 60
    """A window that was put off is brought forward only by so much or more."""
    contact_after_s: int = 30 * 60
    """So long after the end of a delivery buyer and courier can write to each other."""
    most_messages: int = 200
    """About one delivery, of both sides together."""
    message_days: int = 30
    rating_days: int = 7

    # Codes
    tries: int = 5
    lock_s: int = 60

    proof_days: int = 30
    """How long photos of deliveries are kept."""

    time_zone: str = "Asia/Shanghai"
    """Where a courier's day begins and ends."""

    def day(self, at: datetime) -> date:
        """The courier's day that `at` falls into."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()
