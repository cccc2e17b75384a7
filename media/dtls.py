"""One DTLS association (RFC 9147, RFC 5764) driven by its datagrams, by pyOpenSSL's public calls: no task, no stream.

A datagram goes in, what OpenSSL has to say goes out. A timer repeats a lost flight, until the handshake is over.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Sequence

from OpenSSL import SSL, crypto

_DATAGRAM = 1500  # bytes of a flight that go out together
_EARLY = 8  # datagrams kept that come before the handshake is begun
_DIGESTS = frozenset({"sha-256", "sha-384", "sha-512"})
EXPORTER = b"EXTRACTOR-dtls_srtp"  # RFC 5764 section 4.2


class Association:
    """`established` is done when the handshake is over: True if the peer is the expected one."""

    def __init__(self, send: Callable[[bytes], None], on_end: Callable[[], None], *, passive: bool) -> None:
        self.connection: SSL.Connection | None = None
        self._send = send
        self._on_end = on_end
        self._passive = passive
        self._early: list[bytes] = []
        self._established: asyncio.Future[bool] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._fingerprints: Sequence[tuple[str, str]] = ()
        self._open = False
        self._ended = False

    async def handshake(self, context: SSL.Context, fingerprints: Sequence[tuple[str, str]]) -> bool:
        """With a peer whose certificate has these (algorithm, value): all that we know, and one at least."""
        if self._ended:
            return False
        self._fingerprints = fingerprints
        self._established = asyncio.get_running_loop().create_future()
        self.connection = SSL.Connection(context)
        if self._passive:
            self.connection.set_accept_state()
        else:
            self.connection.set_connect_state()
            self._advance(self.connection)
        early, self._early = self._early, []
        for datagram in early:
            self.feed(datagram)
        return await self._established

    def feed(self, datagram: bytes) -> None:
        """What has come from the peer."""
        if self._ended:
            return
        if self.connection is None:
            if len(self._early) < _EARLY:
                self._early.append(datagram)
            return
        self.connection.bio_write(datagram)
        if self._open:
            self._listen(self.connection)
        else:
            self._advance(self.connection)

    def _advance(self, connection: SSL.Connection) -> None:
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            self._flush(connection)
            self._wait(connection)
            return
        except SSL.Error:
            self._flush(connection)
            self._end()
            return
        self._flush(connection)
        self._wait(None)
        self._open = self._is_expected(connection)
        if not self._open:
            self._end()
        elif self._established is not None and not self._established.done():
            self._established.set_result(True)

    def _listen(self, connection: SSL.Connection) -> None:
        """Nobody has anything to say any more but the end, or a flight again whose answer was lost."""
        over = False
        try:
            connection.recv(_DATAGRAM)
        except SSL.ZeroReturnError:
            over = True
        except SSL.Error:  # noise that is not authentic, or nothing left to read
            pass
        self._flush(connection)
        if over:
            self._end()

    def _flush(self, connection: SSL.Connection) -> None:
        with contextlib.suppress(SSL.WantReadError):
            while True:
                self._send(connection.bio_read(_DATAGRAM))

    def _wait(self, connection: SSL.Connection | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        seconds = None if connection is None else connection.DTLSv1_get_timeout()
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(max(seconds, 0.01), self._repeat)

    def _repeat(self) -> None:
        if self.connection is None or self._ended:
            return
        with contextlib.suppress(SSL.Error):
            self.connection.DTLSv1_handle_timeout()
        self._flush(self.connection)
        self._wait(self.connection)

    def _is_expected(self, connection: SSL.Connection) -> bool:
        certificate = connection.get_peer_certificate()
        known = [(name.lower(), value) for name, value in self._fingerprints if name.lower() in _DIGESTS]
        if certificate is None or not known:
            return False
        encoded = crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)
        return all(
            hashlib.new(name.replace("-", ""), encoded).digest() == bytes.fromhex(value.replace(":", ""))
            for name, value in known
        )

    def _end(self) -> None:
        """The peer has ended it, or it came to nothing."""
        if not self._ended:
            self._stop()
            self._on_end()

    def _stop(self) -> None:
        self._ended = True
        self._wait(None)
        if self._established is not None and not self._established.done():
            self._established.set_result(False)

    def close(self) -> None:
        """Tell the peer (close_notify); `on_end` is not called."""
        if self._ended:
            self.connection = None
            return
        if self.connection is not None:
            with contextlib.suppress(SSL.Error):
                self.connection.shutdown()
            self._flush(self.connection)
        self._stop()
        self.connection = None
