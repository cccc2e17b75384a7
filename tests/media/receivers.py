"""Viewers that are nothing but a socket and libsrtp's sessions: lane members on one side, decrypting on the other."""

import socket
from dataclasses import dataclass, field
from typing import Any

from pylibsrtp import Policy, Session

from media import addresses

KEY = bytes(range(28))
PROFILES = {16: Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 10: Policy.SRTP_PROFILE_AES128_CM_SHA1_80}


def session(tag_length: int, *, outbound: bool) -> Session:
    policy = Policy(
        key=KEY + b"xx",
        ssrc_type=Policy.SSRC_ANY_OUTBOUND if outbound else Policy.SSRC_ANY_INBOUND,
        srtp_profile=PROFILES[tag_length],
    )
    return Session(policy)


@dataclass
class Offsets:
    """A viewer's numbers."""

    sequence_offset: int = 0
    timestamp_offset: int = 0
    picture_offset: int = 0
    base_offset: int = 0
    first: int = 0


@dataclass
class Receiver:
    """A viewer: lane member on one side, socket and decrypting session on the other."""

    tag_length: int
    ssrc: int
    payload_type: int = 100
    numbers: Offsets = field(default_factory=Offsets)
    slot: int = -1

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.out = session(self.tag_length, outbound=True)
        self.into = session(self.tag_length, outbound=False)

    @property
    def name(self) -> bytes:
        return addresses.to_name("127.0.0.1", self.socket.getsockname()[1], socket.AF_INET)

    @property
    def handle(self) -> Any:
        return self.out._srtp[0]

    def received(self) -> list[bytes]:
        """RTP alone."""
        found: list[bytes] = []
        while True:
            try:
                packet = self.socket.recv(2048)
            except BlockingIOError:
                return found
            if not 191 < packet[1] < 224:
                found.append(self.into.unprotect(packet))
