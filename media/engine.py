"""The only module that touches private parts of aiortc and pylibsrtp; tests/media/test_engine.py holds each name.

DTLS is aiortc's, on a pipe over our shared socket. After the handshake its libsrtp sessions are driven directly through
pylibsrtp's cffi library, in place, in buffers of ours.
"""

# ruff: noqa: SLF001 — private names are what this module is for

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from aiortc import rtcdtlstransport
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from numpy.typing import NDArray
from OpenSSL import SSL
from pylibsrtp._binding import ffi, lib

# What each call does: (session handle, packet pointer, length pointer) -> 0, or libsrtp's error number.
protect = lib.srtp_protect
protect_rtcp = lib.srtp_protect_rtcp
_unprotect = lib.srtp_unprotect
_unprotect_rtcp = lib.srtp_unprotect_rtcp

# AES-128-GCM is the cheapest; browsers take the first of the server's that they know.
PROFILES: list[SRTPProtectionProfile] = [
    profile
    for profile in (SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_256_GCM)
    if profile in rtcdtlstransport.SRTP_PROFILES
]
_TAG_LENGTH = {SRTP_AES128_CM_SHA1_80.openssl_profile: 10}  # bytes; all GCM profiles have 16
RTCP_TRAILER = 4 + 16  # bytes: the index and the longest tag
DTLS_QUEUE = 32  # datagrams

# One packet at a time is worked on outside of the fan-out, and nothing awaits meanwhile: all transports share these.
_length = ffi.new("int *")
_scratch = ffi.new("char[]", 2048)
_buffer = ffi.buffer(_scratch)


class Certificate(RTCCertificate):
    """A certificate whose OpenSSL context is made once for all connections: most of the cost of a join."""

    _context: SSL.Context | None = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
        return self._context

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256, as SDP writes it."""
        return next(f.value for f in self.getFingerprints() if f.algorithm == "sha-256")


class IntArray:
    """A C int array that numpy and libsrtp share: lengths that protect() updates in place."""

    def __init__(self, size: int) -> None:
        self._cdata = ffi.new("int[]", size)
        self.values: NDArray[np.int32] = np.frombuffer(ffi.buffer(self._cdata), np.int32)
        self.pointers: list[Any] = [self._cdata + index for index in range(size)]


def pointers_into(array: NDArray[np.uint8], offsets: Sequence[int]) -> list[Any]:
    """C pointers to these byte offsets of a contiguous array, which must outlive them."""
    base = ffi.from_buffer(array)
    return [base + offset for offset in offsets]


class DatagramPipe:
    """What RTCDtlsTransport needs of its ICE transport: role, state, _recv() and _send()."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._out = send
        self._in: asyncio.Queue[bytes | None] = asyncio.Queue(DTLS_QUEUE)
        self._closed = False

    def feed(self, datagram: bytes) -> None:
        """A DTLS datagram has come; one too many is dropped, as the network would."""
        if not self._closed and not self._in.full():
            self._in.put_nowait(datagram)

    def close(self) -> None:
        """End the reader, and with it the transport's task."""
        self._closed = True
        if self._in.full():
            self._in.get_nowait()
        self._in.put_nowait(None)

    async def _recv(self) -> bytes:
        datagram = await self._in.get()
        if datagram is None:
            raise ConnectionError("closed")
        return datagram

    async def _send(self, datagram: bytes) -> None:
        self._out(datagram)


class SecureTransport:
    """DTLS handshake and, after it, SRTP in place. `tag_length` is what protect() appends, in bytes."""

    def __init__(self, certificate: Certificate, send: Callable[[bytes], None], *, passive: bool) -> None:
        self._pipe = DatagramPipe(send)
        self._dtls = RTCDtlsTransport(self._pipe, [certificate])  # type: ignore[arg-type]  # duck-typed on purpose
        self._dtls._set_role("server" if passive else "client")
        self._dtls._srtp_profiles = PROFILES
        self.tag_length = 16
        self.handle: Any = None
        self._verdict: bool | None = None
        self._inbound: Any = None

    @property
    def ready(self) -> bool:
        """Whether media may flow."""
        return self.handle is not None

    def on_closed(self, callback: Callable[[], None]) -> None:
        """Call back once when the peer shuts DTLS down or the transport fails."""

        def changed() -> None:
            if self._dtls.state in {"closed", "failed"}:
                self._dtls.remove_all_listeners()
                callback()

        self._dtls.on("statechange", changed)

    async def handshake(self, fingerprints: Sequence[tuple[str, str]]) -> bool:
        """Run DTLS with a peer that has one of these (algorithm, value); True once keys are there."""
        expected = [RTCDtlsFingerprint(algorithm=name, value=value) for name, value in fingerprints]
        await self._dtls.start(RTCDtlsParameters(fingerprints=expected))
        if self._dtls.state != "connected" or self._dtls._ssl is None:
            return False
        profile = self._dtls._ssl.get_selected_srtp_profile()
        self.tag_length = _TAG_LENGTH.get(profile, 16)
        self._inbound = self._dtls._rx_srtp._srtp[0]
        self.handle = self._dtls._tx_srtp._srtp[0]
        return True

    def feed(self, datagram: bytes) -> None:
        """A DTLS datagram for this transport."""
        self._pipe.feed(datagram)

    def verdict(self) -> bool | None:
        """Whether the packets since the last call were authentic; None if none was decrypted."""
        verdict, self._verdict = self._verdict, None
        return verdict

    def unprotect(self, pointer: Any, length: int) -> int:
        """Decrypt a packet where it lies; its plain length, or 0 if it is forged, replayed or broken."""
        return self._opened(_unprotect, pointer, length)

    def unprotect_rtcp(self, pointer: Any, length: int) -> int:
        """The same for RTCP."""
        return self._opened(_unprotect_rtcp, pointer, length)

    def _opened(self, unseal: Callable[[Any, Any, Any], int], pointer: Any, length: int) -> int:
        _length[0] = length
        self._verdict = not unseal(self._inbound, pointer, _length)
        return int(_length[0]) if self._verdict else 0

    def sealed(self, packet: bytes) -> bytes | None:
        """An encrypted copy of an RTP packet, or None if libsrtp refuses it."""
        return self._sealed(protect, packet)

    def sealed_rtcp(self, packet: bytes) -> bytes | None:
        """An encrypted copy of an RTCP packet."""
        return self._sealed(protect_rtcp, packet)

    def _sealed(self, seal: Callable[[Any, Any, Any], int], packet: bytes) -> bytes | None:
        length = len(packet)
        if length + RTCP_TRAILER > len(_buffer):
            return None
        _buffer[0:length] = packet
        _length[0] = length
        if seal(self.handle, _scratch, _length):
            return None
        return bytes(_buffer[0 : _length[0]])

    async def close(self) -> None:
        """Tell the peer (close_notify), and end the transport's task. The handles are dead afterwards."""
        self._dtls.remove_all_listeners()
        self.handle = None
        self._inbound = None
        await self._dtls.stop()
        self._pipe.close()
