"""Short-lived tokens that let one person publish or view one show, or a server control a node.

JWT, HS256, audience "media". The live server mints; the node verifies.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import jwt

from media.errors import TokenExpiredError, TokenInvalidError, WrongRoleError, WrongShowError

AUDIENCE = "media"
ALGORITHM = "HS256"
EVERY_SHOW = "*"  # only in a control token
LEEWAY = 5  # seconds of clock difference between servers
SESSION_LEEWAY = 24 * 3600  # seconds that a token outlives its end on the session that it opened

Role: TypeAlias = Literal["publish", "view", "control", "debug"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a verified token allows. `subject` is the account or guest that it was minted for.

    `relay`: the viewer is a node of ours, which carries the show to viewers of its own.
    """

    role: Role
    show: str
    subject: str
    expires: int
    relay: bool = False


def mint(secret: str, show: str, role: Literal["publish", "view"], subject: str, ttl: int, key_id: str) -> str:
    """A token for one show and role, good for `ttl` seconds from now."""
    return _encode(secret, key_id, ttl, show=show, role=role, subject=subject)


def mint_relay(secret: str, show: str, node_id: str, ttl: int, key_id: str) -> str:
    """A token with which one node views a show at another, for viewers of its own."""
    return _encode(secret, key_id, ttl, show=show, role="view", subject=node_id, relay=True)


def mint_control(secret: str, subject: str, ttl: int, key_id: str) -> str:
    """A token with which one server of ours drives a node's control API."""
    return _encode(secret, key_id, ttl, show=EVERY_SHOW, role="control", subject=subject)


def mint_debug(secret: str, node_id: str, subject: str, ttl: int, key_id: str) -> str:
    """A token that shows one node's figures in a browser, and nothing else."""
    return _encode(secret, key_id, ttl, show=node_id, role="debug", subject=subject)


def _encode(secret: str, key_id: str, ttl: int, *, show: str, role: Role, subject: str, relay: bool = False) -> str:
    now = int(time.time())
    claims = {"aud": AUDIENCE, "sub": subject, "show": show, "role": role, "iat": now, "exp": now + ttl}
    if relay:
        claims["relay"] = True
    return jwt.encode(claims, secret, algorithm=ALGORITHM, headers={"kid": key_id})


def verify(keys: Mapping[str, str], token: str, role: Role, show: str = EVERY_SHOW, *, leeway: int = LEEWAY) -> Grant:
    """The grant of a token that is good for this role and show; `keys` maps key id to secret.

    `leeway`: seconds by which it may have ended.
    Raises TokenInvalidError, TokenExpiredError, WrongRoleError or WrongShowError.
    """
    try:
        secret = keys[str(jwt.get_unverified_header(token).get("kid"))]
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            leeway=leeway,
            options={"require": ["exp", "aud", "sub", "show", "role"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenExpiredError("the token has expired") from error
    except (jwt.InvalidTokenError, KeyError, UnicodeError) as error:
        raise TokenInvalidError("the token is not one of ours") from error
    if claims["role"] != role:
        raise WrongRoleError(f"the token is not good for the role {role}")
    if claims["show"] != show:
        raise WrongShowError("the token is for another show")
    return Grant(
        cast("Role", claims["role"]),
        str(claims["show"]),
        str(claims["sub"]),
        int(claims["exp"]),
        relay=role == "view" and claims.get("relay") is True,
    )
