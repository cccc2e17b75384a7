"""Signatures of webhooks in the manner of Stripe's: `t=<Unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from orders.errors import BadSignature

TOLERANCE = timedelta(minutes=5)
"""An older or a newer one is refused: it may be a copy that somebody kept."""


def sign(body: bytes, secret: bytes, at: datetime) -> str:
    """The header's value."""
    stamp = int(at.timestamp())
    return f"t={stamp},v1={_digest(body, secret, stamp)}"


def verify(header: str, body: bytes, secret: bytes, now: datetime) -> None:
    """Raises BadSignature. Any of the header's `v1` will do."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(stamps) != 1 or not stamps[0].isdecimal() or len(stamps[0]) > 11 or not given:
        raise BadSignature("The webhook carries no signature that we understand.")
    stamp = int(stamps[0])
    wanted = _digest(body, secret, stamp).encode()
    if not any(hmac.compare_digest(wanted, one.encode(errors="surrogateescape")) for one in given):
        raise BadSignature("The webhook's signature is not the provider's.")
    if abs(now - datetime.fromtimestamp(stamp, UTC)) > TOLERANCE:
        raise BadSignature("The webhook's signature is too old.")


def _digest(body: bytes, secret: bytes, stamp: int) -> str:
    return hmac.new(secret, b"%d." % stamp + body, hashlib.sha256).hexdigest()
