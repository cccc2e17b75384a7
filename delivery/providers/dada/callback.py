"""Dada's callbacks. Their signature has no secret in it: anybody can make one. The token in the URL that we gave keeps
strangers off; still nothing in a callback is believed, it only says which order is worth asking for.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from delivery.errors import Forged, ProviderFault
from delivery.providers.dada.answers import STATUSES, courier_of
from delivery.providers.dada.signing import callback_signature
from delivery.providers.fields import Fields
from delivery.providers.provider import TOKEN, News

OLDEST: Final = timedelta(days=1)
AHEAD: Final = timedelta(minutes=5)
#: Times are seconds; of "creating failed" (1000) they are milliseconds.
_MILLISECONDS: Final = 10**11
_APART: Final = ("client_id", "order_id", "order_status", "update_time", "repeat_reason_type", "cancel_from", "dm_id")


def check(headers: Mapping[str, str], body: bytes, token: str, now: datetime) -> None:
    """Raises Forged."""
    if not hmac.compare_digest(headers.get(TOKEN, "").encode(), token.encode()):
        raise Forged("The address is not the one that Dada was given.")
    said = Fields.of(body)
    if said is None:
        raise Forged("A message that is no JSON object.")
    expected = callback_signature(said.text("client_id"), said.text("order_id"), said.text("update_time"))
    if not hmac.compare_digest(said.text("signature").lower().encode(), expected.encode()):
        raise Forged("The signature does not fit the message.")
    at = _time(said)
    if at is None or not now - OLDEST <= at <= now + AHEAD:
        raise Forged("The message is too old, or has no time.")


def read(body: bytes) -> tuple[News, ...]:
    """Dada numbers no messages: equal in what tells them apart is the same one."""
    said = Fields.of(body)
    at = _time(said) if said else None
    if said is None or at is None or not said.text("order_id") or not said.text("order_status"):
        raise ProviderFault("A message of Dada's without an order, a status or a time.")
    raw, order_id = said.text("order_status"), said.text("order_id")
    apart = "\0".join(said.text(name) for name in _APART)
    return (
        News(
            event_id=hashlib.sha256(apart.encode()).hexdigest(),
            delivery_id=order_id,
            status=STATUSES.get(raw),
            raw=raw,
            at=at,
            key=order_id,
            courier=courier_of(said.text("dm_id"), said.text("dm_name"), said.text("dm_mobile")),
            why=said.text("cancel_reason"),
        ),
    )


def _time(said: Fields) -> datetime | None:
    given = said.whole("update_time")
    if given is None or given <= 0:
        return None
    seconds = given / 1000 if given >= _MILLISECONDS else given
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
