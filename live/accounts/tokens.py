"""Access tokens: JWT (RFC 7519) signed with HS256, ten minutes, the key named in the header so that keys rotate."""

from datetime import UTC, datetime
from typing import Any, Final

import jwt

from live.accounts.errors import TokenExpired, TokenInvalid
from live.accounts.model import AccountSettings
from live.accounts.ports import Clock
from live.http.access import Principal, Role
from live.keys import KeyRing

_ALGORITHM: Final = "HS256"
_REQUIRED: Final = ("sub", "role", "name", "fam", "iss", "aud", "iat", "exp")
_LONGEST: Final = 4096


class AccessTokens:
    """Issues with the current key; verifies with any key of the ring."""

    def __init__(self, keys: KeyRing, settings: AccountSettings, clock: Clock) -> None:
        self._keys = keys
        self._settings = settings
        self._clock = clock

    def issue(self, principal: Principal) -> str:
        """A token that says who the caller is, until `settings.access` from now."""
        now = self._clock()
        claims = {
            "iss": self._settings.issuer,
            "aud": self._settings.audience,
            "sub": principal.user_id,
            "role": principal.role.value,
            "name": principal.name,
            "store": principal.store_id,
            "fam": principal.family,
            "iat": int(now.timestamp()),
            "exp": int((now + self._settings.access).timestamp()),
        }
        return jwt.encode(claims, self._keys.secret, _ALGORITHM, headers={"kid": self._keys.current})

    def verify(self, token: str) -> Principal:
        """Who the token says. Raises TokenExpired, and TokenInvalid for everything else."""
        if len(token) > _LONGEST or not token.isascii():
            raise TokenInvalid("Not a token of ours.")
        claims = self._claims(token)
        if claims["exp"] <= self._clock().timestamp():
            raise TokenExpired("The access token has expired; refresh it.")
        try:
            return Principal(claims["sub"], Role(claims["role"]), claims["name"], claims.get("store"), claims["fam"])
        except ValueError:
            raise TokenInvalid("The token names a role that is none.") from None

    def expires_at(self, token: str) -> datetime:
        """When a token that `verify` accepted ends."""
        return datetime.fromtimestamp(self._claims(token)["exp"], UTC)

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            secret = self._keys.keys.get(jwt.get_unverified_header(token).get("kid", ""))
            if secret is None:
                raise TokenInvalid("Signed with a key that is not known.")
            claims: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=[_ALGORITHM],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                # The time is our clock's, not the library's.
                options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError:
            raise TokenInvalid("Not a token of ours.") from None
        if not isinstance(claims["exp"], int) or not all(isinstance(claims[k], str) for k in ("role", "name", "fam")):
            raise TokenInvalid("Not a token of ours.")
        return claims
