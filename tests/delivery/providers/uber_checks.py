"""What Uber refuses, and in which words, by its documents."""

import re
from datetime import datetime, timedelta
from typing import Final

from tests.delivery.providers.house import Json

MESSAGES: Final = {
    "invalid_params": "The parameters of your request were invalid.",
    "unauthorized": "Invalid OAuth 2.0 credentials provided.",
    "customer_limited": "Your account's limits have been exceeded.",
    "customer_not_found": "Customer does not exist.",
    "duplicate_delivery": "An active delivery like this already exists.",
    "expired_quote": "The price quote specified has expired.",
    "used_quote": "The price quote specified has been used.",
    "address_undeliverable": "The specified location is not in a deliverable area.",
    "couriers_busy": "All of our couriers are currently busy.",
    "noncancelable_delivery": "Delivery cannot be cancelled",
    "delivery_not_found": "The requested delivery does not exist.",
    "pickup_window_too_small": "The pickup window needs to be at least 10 minutes long.",
    "pickup_deadline_too_early": "The pickup deadline time needs to be at least 20 minutes from now.",
    "dropoff_deadline_too_early": "The dropoff deadline needs to be at least 20 minutes after the dropoff ready time.",
    "dropoff_deadline_before_pickup_deadline": "The dropoff deadline needs to be after the pickup deadline.",
}
E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
CITY: Final = ((30.0, 33.0), (120.0, 123.0))  # what is delivered to: latitudes, longitudes


class Refused(Exception):
    def __init__(self, status: int, code: str, **metadata: str) -> None:
        self.status, self.code, self.metadata = status, code, metadata


def check(body: Json, fields: dict[str, bool]) -> None:
    for name, needed in fields.items():
        if needed and not body.get(name):
            raise Refused(400, "invalid_params", **{name: "This field is required."})
    for name, value in body.items():
        if name not in fields:
            raise Refused(400, "invalid_params", **{name: "Unknown."})
        if name.endswith("_phone_number") and not E164.fullmatch(value):
            raise Refused(400, "invalid_params", **{name: "phone number is not valid."})
        if name.endswith("_notes") and len(value) > 280:
            raise Refused(400, "invalid_params", **{name: "Too long."})


def check_windows(body: Json, now: datetime) -> None:
    times = {name: datetime.fromisoformat(body[name]) for name in body if name.endswith("_dt")}
    ready, pickup = times.get("pickup_ready_dt", now), times.get("pickup_deadline_dt")
    drop_ready, drop = times.get("dropoff_ready_dt", now), times.get("dropoff_deadline_dt")
    if pickup is not None and pickup - ready < timedelta(minutes=10):
        raise Refused(400, "pickup_window_too_small")
    if pickup is not None and pickup - now < timedelta(minutes=19, seconds=50):
        raise Refused(400, "pickup_deadline_too_early")
    if drop is not None and drop - drop_ready < timedelta(minutes=19, seconds=50):
        raise Refused(400, "dropoff_deadline_too_early")
    if drop is not None and pickup is not None and drop < pickup:
        raise Refused(400, "dropoff_deadline_before_pickup_deadline")


def delivered_to(body: Json, side: str) -> bool:
    (south, north), (west, east) = CITY
    lat, lon = body.get(f"{side}_latitude", 31.2), body.get(f"{side}_longitude", 121.4)
    return bool(south <= lat <= north and west <= lon <= east)
