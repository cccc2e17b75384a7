"""Hand-over codes and PINs: making, comparing, and the lock that makes guessing slow.

A try is counted before it is compared, by a conditional update, so a hundred tries at once are not a hundred free ones.
"""

import hmac
import math
import secrets
from datetime import datetime, timedelta

from delivery.documents import stored
from delivery.errors import CodeLocked
from delivery.model import Guard
from delivery.settings import DeliverySettings


def make_code() -> str:
    """Four digits, unpredictable."""
    return f"{secrets.randbelow(10_000):04d}"


def same(one: str, two: str) -> bool:
    """Equal, in time that does not tell how much of it is."""
    return hmac.compare_digest(one.encode(), two.encode())


def spend_try(guard: Guard, now: datetime, settings: DeliverySettings) -> Guard:
    """The guard after one more try. The last one allowed starts the lock. Raises CodeLocked while it lasts."""
    if guard.locked_until is not None and now < guard.locked_until:
        raise CodeLocked(math.ceil((guard.locked_until - now).total_seconds()))
    tries = 1 if guard.locked_until is not None else guard.tries + 1
    last = tries >= settings.tries
    return Guard(tries, stored(now + timedelta(seconds=settings.lock_s)) if last else None)
