"""The only module that touches private parts of aiortc and pylibsrtp; tests/media/test_engine.py holds each name.

The certificate, its OpenSSL context and the SRTP profiles are aiortc's, DTLS is media.dtls. libsrtp is driven directly
through pylibsrtp's cffi library, in place, in buffers of ours.
"""

# ruff: noqa: SLF001 — private names are what this module is for

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
    SRTPProtectionProfile,
)
from numpy.typing import NDArray
from OpenSSL import SSL
from pylibsrtp import Error, Policy
from pylibsrtp._binding import ffi, lib

from media.dtls import EXPORTER, Association

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
RTCP_INDEX = 4  # bytes, before the tag
RTCP_TRAILER = RTCP_INDEX + 16  # bytes: with the longest tag
REPLAY_WINDOW = 1024  # packets
REPEATED = 640  # packets: how far back one may be sent late or again; each that is sent moves so many bits by one

# One packet at a time is worked on outside of the fan-out, and nothing awaits meanwhile: all transports share these.
_length = ffi.new("int *")
_scratch = ffi.new("char[]", 2048)
_buffer = ffi.buffer(_scratch)


class Certificate(RTCCertificate):
    """A certificate whose OpenSSL context is made once for all connections: most of the cost of a join."""

    @cached_property
    def context(self) -> SSL.Context:
        """For all connections."""
        return self._create_ssl_context(PROFILES)

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


def _srtp(profile: SRTPProtectionProfile, key: bytes, kind: int, window: int) -> Any:
    """A libsrtp session (srtp_t *), freed with the object. A NACK is answered with the same sequence number again."""
    policy = Policy(key=key, ssrc_type=kind, srtp_profile=profile.libsrtp_profile)
    policy.allow_repeat_tx = True
    policy.window_size = window
    session = ffi.new("srtp_t *")
    if number := lib.srtp_create(session, policy._policy):
        raise Error(f"srtp_create: {number}")
    return ffi.gc(session, lambda each: lib.srtp_dealloc(each[0]))


class SecureTransport:
    """DTLS handshake and, after it, SRTP in place. `tag_length` is what protect() appends, in bytes."""

    def __init__(self, certificate: Certificate, send: Callable[[bytes], None], *, passive: bool) -> None:
        self._certificate = certificate
        self._association = Association(send, self._ended, passive=passive)
        self._own_half = 1 if passive else 0
        self._on_closed: Callable[[], None] | None = None
        self.tag_length = 16
        self.handle: Any = None
        self._verdict: bool | None = None
        self._inbound: Any = None
        self._owners: tuple[Any, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether media may flow."""
        return self.handle is not None

    def on_closed(self, callback: Callable[[], None]) -> None:
        """Call back once when the peer shuts DTLS down or the handshake fails."""
        self._on_closed = callback

    def _ended(self) -> None:
        if self._on_closed is not None:
            self._on_closed()

    async def handshake(self, fingerprints: Sequence[tuple[str, str]]) -> bool:
        """Run DTLS with a peer that has one of these (algorithm, value); True once keys are there."""
        if not await self._association.handshake(self._certificate.context, fingerprints):
            return False
        connection = self._association.connection
        if connection is None:  # closed meanwhile
            return False
        name = connection.get_selected_srtp_profile()
        profile = next((each for each in PROFILES if each.openssl_profile == name), None)
        if profile is None:
            return False
        self.tag_length = _TAG_LENGTH.get(name, 16)
        length = 2 * (profile.key_length + profile.salt_length)
        material = bytes(connection.export_keying_material(EXPORTER, length))
        own, other = (profile.get_key_and_salt(material, half) for half in (self._own_half, 1 - self._own_half))
        outbound = _srtp(profile, own, Policy.SSRC_ANY_OUTBOUND, REPEATED)
        inbound = _srtp(profile, other, Policy.SSRC_ANY_INBOUND, REPLAY_WINDOW)
        self._owners = (outbound, inbound)
        self.handle, self._inbound = outbound[0], inbound[0]
        return True

    def feed(self, datagram: bytes) -> None:
        """A DTLS datagram for this transport."""
        self._association.feed(datagram)

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
        """Tell the peer (close_notify). The handles are dead afterwards."""
        self._on_closed = None
        self.handle = self._inbound = None
        self._owners = ()
        self._association.close()
