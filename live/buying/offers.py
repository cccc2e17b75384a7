"""Offers as tokens: whoever has one can order at its price, and nobody can change it.

An offer is kept nowhere: it goes to the buyer whole, signed (JWT, HS256, RFC 7519) with the key that signs access
tokens, for an audience of its own. Its end is the domain's to judge.
"""

import base64
import zlib
from typing import Any, Final

import jwt
from pydantic import TypeAdapter

from live.http.problem import Problem
from live.keys import KeyRing
from orders.checkout.command import Offer

LONGEST: Final = 48_000
"""Characters of a token: thirty lines, each explained, are about a quarter of it."""
_ALGORITHM: Final = "HS256"
_AUDIENCE: Final = "nearlive-offer"
_OFFER: Final = TypeAdapter(Offer)


class SignedOffers:
    """Writes with the current key; reads with any key of the ring."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def sign(self, offer: Offer) -> str:
        """The offer as a token."""
        packed = base64.b64encode(zlib.compress(_OFFER.dump_json(offer))).decode()
        claims = {"aud": _AUDIENCE, "jti": offer.id, "offer": packed}
        return jwt.encode(claims, self._keys.secret, _ALGORITHM, headers={"kid": self._keys.current})

    def read(self, token: str) -> Offer:
        """The offer of a token of ours, expired or not. Raises Problem `invalid_quote` (422)."""
        try:
            claims = self._claims(token)
            return _OFFER.validate_json(zlib.decompress(base64.b64decode(claims["offer"])))
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, zlib.error):
            raise Problem(422, "invalid_quote", "Not a quote of ours: ask for a new one.", "quote") from None

    def _claims(self, token: str) -> dict[str, Any]:
        secret = self._keys.keys[jwt.get_unverified_header(token).get("kid", "")]
        claims: dict[str, Any] = jwt.decode(token, secret, algorithms=[_ALGORITHM], audience=_AUDIENCE)
        return claims
