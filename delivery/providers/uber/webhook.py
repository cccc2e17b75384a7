"""Uber's webhooks: `x-uber-signature` is the HMAC-SHA256 of the body as it came, in hexadecimal, by the webhook's key.

They come more than once, late and in any order; Uber tries one again for about an hour. So what is older than a day, by
the time inside the signature, is somebody's recording; younger ones are told apart by their ids.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from delivery.errors import Forged, ProviderFault
from delivery.providers.fields import Fields
from delivery.providers.provider import News
from delivery.providers.uber.answers import RETURN, courier_of, raw_status, related, status_of

HEADER: Final = "x-uber-signature"
OLDEST: Final = timedelta(days=1)
AHEAD: Final = timedelta(minutes=5)
MOVE: Final = "event.courier_update"
KINDS: Final = frozenset({"event.delivery_status", MOVE, "event.delivery_return"})


def check(headers: Mapping[str, str], body: bytes, keys: Iterable[str], customer_id: str, now: datetime) -> None:
    """Raises Forged."""
    given = headers.get(HEADER, "").strip().lower().encode()
    if not any(hmac.compare_digest(given, _digest(key, body)) for key in keys):
        raise Forged("The signature is not Uber's.")
    event = Fields.of(body)
    if event is None:
        raise Forged("A signed message that is no JSON object.")
    if event.text("customer_id") not in {"", customer_id}:
        raise Forged("A message for another customer of Uber's.")
    at = event.moment("created")
    if at is None or not now - OLDEST <= at <= now + AHEAD:
        raise Forged("The message is too old, or has no time.")


def read(body: bytes) -> tuple[News, ...]:
    """Of the way back the news is told under the id of the way there."""
    event = Fields.of(body)
    if event is None:
        raise ProviderFault("A message of Uber's that is no JSON object.")
    if event.text("kind") not in KINDS:
        return ()
    delivery, at = event.fields("data"), event.moment("created")
    delivery_id: str | None = delivery.text("id") or event.text("delivery_id")
    if at is None or not delivery_id or not delivery.text("status"):
        raise ProviderFault("A message of Uber's without a delivery, a status or a time.")
    back = delivery_id.startswith(RETURN)
    if back:
        delivery_id = related(delivery, back=False)
        if delivery_id is None:
            return ()
    # A courier's move comes every 20 seconds, and tells of its place alone: statuses have messages of their own.
    moved = event.text("kind") == MOVE
    position = event.fields("location").position("lat", "lng")
    position = position or delivery.fields("courier").fields("location").position("lat", "lng")
    if moved and position is None:
        return ()
    return (
        News(
            event_id=event.text("id") or hashlib.sha256(body).hexdigest(),
            delivery_id=delivery_id,
            status=None if moved else status_of(delivery),
            raw=f"return {raw_status(delivery)}" if back else raw_status(delivery),
            at=at,
            key=None if back else delivery.text("external_id") or None,
            courier=courier_of(delivery),
            position=position,
            tracking_url=None if back else delivery.text("tracking_url") or None,
            why=delivery.text("undeliverable_reason"),
        ),
    )


def _digest(key: str, body: bytes) -> bytes:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest().encode()
