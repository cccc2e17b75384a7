"""ICE servers as clients are told of them: Link headers (RFC 9725 section 4.6), with TURN credentials for each request.

The credentials are those of the TURN REST API (draft-uberti-behave-turn-rest), coturn's `use-auth-secret`: the user
name says until when it is good, the password is its HMAC, so that coturn needs no list of users.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

LIFETIME = 6 * 3600  # seconds: coturn asks again at each refresh of an allocation, so as long as a show may last


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client says to a TURN server. Every character is fit for a quoted string in a header."""

    username: str
    password: str


def credentials(secret: str, subject: str, now: float, lifetime: int = LIFETIME) -> Credentials:
    """For `subject`, until `now` (seconds since 1970) + `lifetime`."""
    name = "".join(each for each in subject if each.isascii() and (each.isalnum() or each in "-_.@"))
    username = f"{int(now) + lifetime}:{name}"
    digest = hmac.digest(secret.encode(), username.encode(), "sha1")
    return Credentials(username, base64.b64encode(digest).decode())


def links(urls: Sequence[str], granted: Credentials | None) -> list[str]:
    """A Link header's value for each server, with credentials for those that ask for some."""
    found = []
    for url in urls:
        link = f'<{url}>; rel="ice-server"'
        if granted is not None and url.startswith(("turn:", "turns:")):
            link += f'; username="{granted.username}"; credential="{granted.password}"; credential-type="password"'
        found.append(link)
    return found
