"""What a subscription needs of the session that carries it."""

from typing import Any, Protocol


class ViewerLink(Protocol):
    """The session that carries a subscription; it was `created` by the viewer's offer."""

    created: float

    @property
    def name(self) -> bytes:
        """Raw sockaddr."""
        ...

    @property
    def handle(self) -> Any:
        """libsrtp's session."""
        ...

    @property
    def tag_length(self) -> int:
        """Bytes that SRTP adds."""
        ...

    @property
    def direct(self) -> bool:
        """Whether it is sent to one by one, over TCP."""
        ...

    @property
    def backlog(self) -> int:
        """Bytes that wait for its TCP connection."""
        ...

    def pace(self) -> None:
        """Call `advance` regularly from now on."""
        ...

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send."""
        ...

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send."""
        ...
