"""What may be tuned in delivery. Times in seconds, distances in metres, money in fen."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """Defaults suit one city district with e-bikes."""

    # Quote and pay
    currency: str = "CNY"
    fee_base: int = 500
    """Covers the first kilometre."""
    fee_per_km: int = 100
    """For each started kilometre after it."""
    range_m: int = 6_000
    pay_base: int = 450
    pay_per_km: int = 100
    prepare_s: int = 15 * 60
    """What a store needs to pick an order."""
    approach_s: int = 6 * 60
    """What a courier needs to reach the store, before anybody is chosen."""
    service_s: int = 3 * 60
    """Parking, stairs and hand-over, at the store and again at the door."""
    window_s: int = 15 * 60
    quote_valid_s: int = 10 * 60

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
    tie_s: int = 30
    """Couriers whose ways to the store differ by less are equally near: the longest idle goes first."""
    batch: int = 200
    """Jobs looked at in one pass, oldest first."""

    # Positions
    top_speed_mps: float = 45.0
    clock_skew_s: int = 60
    coarse_m: float = 500.0
    near_store_m: int = 60
    near_door_m: int = 150

    # Codes
    tries: int = 5
    lock_s: int = 60

    time_zone: str = "Asia/Shanghai"
    """Where a courier's day begins and ends."""

    def day(self, at: datetime) -> date:
        """The courier's day that `at` falls into."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()
