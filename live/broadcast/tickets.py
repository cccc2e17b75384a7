"""Short-lived tokens with which a page publishes or watches one show, and the ICE servers that go with them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from media import tokens, turn

#: Seconds that a token opens sessions for. Pages take a new one each time; an encoder that is given one comes back with
#: it after a short break. On the session that it opened a token is good for longer (media/tokens.py).
PUBLISH_TTL = 3600
VIEW_TTL = 600
TURN_TTL = 6 * 3600


class IceServerView(BaseModel):
    """An entry of RTCConfiguration.iceServers."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class TicketView(BaseModel):
    """What a page needs to publish or watch: the WHIP or WHEP URL and its Bearer token, good for so many seconds."""

    token: str
    url: str
    expires_in: int
    ice_servers: list[IceServerView]


@dataclass(frozen=True, slots=True)
class Turn:
    """TURN servers and the secret that they share with us (coturn's `static-auth-secret`)."""

    urls: Sequence[str]
    secret: str


class Tickets:
    """Mints tokens for the media nodes."""

    def __init__(self, secret: str, key_id: str, turn: Turn | None) -> None:
        self._secret = secret
        self._key_id = key_id
        self._turn = turn

    def publish(self, show_id: str, subject: str) -> TicketView:
        """For the associate's WHIP session."""
        return self._ticket("publish", "whip", PUBLISH_TTL, show_id, subject)

    def view(self, show_id: str, subject: str) -> TicketView:
        """For a viewer's WHEP session."""
        return self._ticket("view", "whep", VIEW_TTL, show_id, subject)

    def _ticket(
        self, role: Literal["publish", "view"], protocol: str, ttl: int, show_id: str, subject: str
    ) -> TicketView:
        token = tokens.mint(self._secret, show_id, role, subject, ttl, self._key_id)
        url = f"/{protocol}/{show_id}"
        return TicketView(token=token, url=url, expires_in=ttl, ice_servers=self.ice_servers(subject))

    def ice_servers(self, subject: str) -> list[IceServerView]:
        """TURN with a credential of its own for this person (TURN REST API: HMAC-SHA1 of "expiry:user")."""
        if self._turn is None:
            return []
        granted = turn.credentials(self._turn.secret, subject, time.time(), TURN_TTL)
        return [IceServerView(urls=list(self._turn.urls), username=granted.username, credential=granted.password)]
