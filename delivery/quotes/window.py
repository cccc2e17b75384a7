"""When it is there: a pure function of the ride, the store's work and the load."""

import math

from delivery.quotes.load import Load
from delivery.settings import DeliverySettings

ROUND_MIN = 5  # windows are told in steps of so many minutes


def wait_s(settings: DeliverySettings, load: Load) -> float:
    """Until a courier is free for one order more: those before it, shared by all couriers nearby."""
    if load.couriers == 0:
        return float(settings.nobody_s)
    before_us = max(0, load.untaken + 1 - load.free)
    return before_us * settings.cycle_s / load.couriers


def minutes(settings: DeliverySettings, ride_s: float, load: Load) -> tuple[int, int]:
    """First and last minute of the promise, from now."""
    waiting = max(0, load.to_pack + 1 - settings.pack_at_once)
    packed_s = min(
        settings.prepare_s + waiting * settings.prepare_each_s, max(settings.prepare_s, settings.prepare_most_s)
    )
    total_s = max(packed_s, settings.approach_s + wait_s(settings, load)) + ride_s + 2 * settings.service_s
    first = ROUND_MIN * math.ceil(total_s / 60 / ROUND_MIN)
    return first, first + math.ceil(settings.window_s / 60)
