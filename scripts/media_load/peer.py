"""One light WebRTC session: a UDP socket, ICE with one candidate, DTLS, SRTP. No decoder, no jitter buffer.

About a tenth of the work of a full peer connection, so that one process can be a thousand viewers.
"""

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import Callable

import numpy as np

from media import engine, rtp, stun, vp8
from media.errors import MalformedPacketError
from media.ice import new_credentials
from media.sdp import Offer, parse_offer
from scripts.media_load import film

CHECK = 0.1  # seconds between checks until the way is known
PATIENCE = 30.0  # seconds for a join
RECEIVE_BUFFER = 1 << 20
_TIMESTAMPS = 35  # SO_TIMESTAMPNS
_RECEIVE_BUFFER_FORCED = 33  # SO_RCVBUFFORCE

# Packets are worked on one at a time, and nothing awaits meanwhile: all peers share this.
_scratch = np.zeros(2048, np.uint8)
_view = _scratch.data
_pointer = engine.pointers_into(_scratch, [0])[0]


class JoinError(Exception):
    """A session that did not come to be; the text is for the user."""


def open_socket(host: str) -> socket.socket:
    """A UDP socket that takes a burst, and notes when datagrams arrived where the system can."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind((host, 0))
    for option in (_RECEIVE_BUFFER_FORCED, socket.SO_RCVBUF):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, option, RECEIVE_BUFFER)
            break
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
    return sock


def candidate_of(description: str) -> tuple[str, int]:
    """The first UDP host candidate, IPv4 before IPv6. Raises JoinError."""
    found = []
    for line in description.splitlines():
        if line.startswith("a=candidate:"):
            parts = line.split()
            if parts[1] == "1" and parts[2].lower() == "udp" and parts[7] == "host":
                found.append((parts[4], int(parts[5])))
    if not found:
        raise JoinError("the answer names no UDP host candidate")
    return min(found, key=lambda each: ":" in each[0])


class Peer:
    """Make an offer or answer with `local_lines`, then `connect(remote description)`."""

    def __init__(self, certificate: engine.Certificate, host: str, *, controlling: bool = True) -> None:
        self.certificate = certificate
        self.credentials = new_credentials()
        self.socket = open_socket(host)
        self.began = time.monotonic()
        self.joined = 0.0
        self.first_frame: float | None = None
        self.location = ""
        self.headers: dict[str, str] = {}
        self.packets = 0
        self.watching = False
        self.closed = False
        self.transport = engine.SecureTransport(certificate, self._send, passive=False)
        self.check = b""
        self.begins_key_frame: Callable[[memoryview], bool] = film.begins_key_frame
        self._controlling = controlling
        self._key_seen = False
        self._remote_password = b""
        self._reachable = asyncio.Event()
        self._reading = False

    @property
    def address(self) -> tuple[str, int]:
        """Where it is bound."""
        host, port = self.socket.getsockname()[:2]
        return str(host), int(port)

    def local_lines(self, setup: str) -> list[str]:
        """The transport's part of a description."""
        host, port = self.address
        return [
            f"a=ice-ufrag:{self.credentials.fragment}",
            f"a=ice-pwd:{self.credentials.password}",
            f"a=fingerprint:sha-256 {self.certificate.fingerprint}",
            f"a=setup:{setup}",
            f"a=candidate:1 1 udp 2130706431 {host} {port} typ host",
            "a=end-of-candidates",
        ]

    def _send(self, datagram: bytes) -> None:
        with contextlib.suppress(OSError):
            self.socket.send(datagram)

    async def connect(self, description: str) -> Offer:
        """ICE and DTLS with who wrote this description. Raises JoinError, TimeoutError, MediaError."""
        remote = parse_offer(description)
        if remote.setup == "active":
            self.transport = engine.SecureTransport(self.certificate, self._send, passive=True)
        self._remote_password = remote.password.encode()
        name = f"{remote.fragment}:{self.credentials.fragment}"
        tie = secrets.randbits(63)
        self.check = stun.binding_request(secrets.token_bytes(12), name, self._remote_password, tie, nominate=True)
        self.socket.connect(candidate_of(description))
        self.read()
        async with asyncio.timeout(PATIENCE):
            while not self._reachable.is_set():
                if self._controlling:
                    self._send(self.check)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._reachable.wait(), CHECK)
            if not await self.transport.handshake(remote.fingerprints):
                raise JoinError("DTLS failed")
        if remote.sections[0].codecs[0].name.upper() == "VP8":
            self.begins_key_frame = vp8.carries_key_frame
        self.joined = time.monotonic()
        return remote

    def read(self) -> None:
        """Take datagrams in this process's loop from now on."""
        if not self._reading:
            self._reading = True
            asyncio.get_running_loop().add_reader(self.socket.fileno(), self._readable)

    def release(self) -> None:
        """Leave the socket to somebody who reads many of them."""
        if self._reading:
            self._reading = False
            asyncio.get_running_loop().remove_reader(self.socket.fileno())

    def _readable(self) -> None:
        for _ in range(64):
            try:
                length = self.socket.recv_into(_view)
            except (BlockingIOError, ConnectionError):
                return
            self.take(_view[:length])

    def take(self, datagram: memoryview) -> None:
        """Anything that has come."""
        first = datagram[0] if datagram else 255
        if first < 4:
            self._stun(bytes(datagram))
        elif 19 < first < 64:
            self.transport.feed(bytes(datagram))
        elif 127 < first < 192 and self.watching and not 191 < datagram[1] < 224:
            self._media(datagram)

    def _stun(self, message: bytes) -> None:
        try:
            if message[:2] == b"\0\1":
                request = stun.parse_binding_request(message)
                password = self.credentials.password.encode()
                if stun.integrity_holds(request, password):
                    host, port = self.socket.getpeername()[:2]
                    self._send(stun.binding_success(request, password, host, port))
                    self._reachable.set()
            else:
                stun.answered_transaction(message, self._remote_password)
                self._reachable.set()
        except MalformedPacketError:
            return

    def plain(self, datagram: memoryview) -> tuple[memoryview, memoryview] | None:
        """A copy of an RTP packet decrypted: the packet and its payload; None if it is not authentic."""
        if len(datagram) > len(_view) or not self.transport.ready:
            return None
        packet = _view[: len(datagram)]
        packet[:] = datagram
        length = self.transport.unprotect(_pointer, len(datagram))
        if not length:
            return None
        start, end = rtp.payload_span(_view[:length])
        return _view[:length], _view[start:end]

    def shift(self, datagram: memoryview, sequence: int) -> int | None:
        """How far the publisher's sequence number is ahead of this packet's; None if it has no stamp."""
        opened = self.plain(datagram)
        if opened is None or not film.is_fragment(opened[1]):
            return None
        return (film.stamp_of(opened[1])[0] - sequence) & 0xFFFF

    def _media(self, datagram: memoryview) -> None:
        self.packets += 1
        if self.first_frame is not None:
            return
        opened = self.plain(datagram)
        if opened is None:
            return
        packet, payload = opened
        self._key_seen = self._key_seen or self.begins_key_frame(payload)
        if self._key_seen and packet[1] & 0x80:
            self.first_frame = time.monotonic() - self.began

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send."""
        sealed = self.transport.sealed(packet)
        if sealed is not None:
            self._send(sealed)

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send."""
        sealed = self.transport.sealed_rtcp(packet)
        if sealed is not None:
            self._send(sealed)

    def consent(self) -> None:
        """What keeps the session alive, if that is this side's task."""
        if self._controlling:
            self._send(self.check)

    async def close(self) -> None:
        """Tell the other side, and give the socket back."""
        if self.closed:
            return
        self.closed = True
        await self.transport.close()
        self.release()
        self.socket.close()
