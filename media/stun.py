"""STUN binding (RFC 8489, RFC 8445): read a request and write a response, as an ICE-lite agent needs it; and
the other way round, for a node that pulls from another.

Pure functions on bytes. A request is believed only after `integrity_holds`.
"""

import hmac
import struct
import zlib
from hashlib import sha1
from typing import NamedTuple, TypeAlias

from media.addresses import packed_of
from media.errors import MalformedPacketError

MAGIC_COOKIE = 0x2112A442
_COOKIE_BYTES = MAGIC_COOKIE.to_bytes(4, "big")
BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
BINDING_ERROR = 0x0111
USERNAME = 0x0006
MESSAGE_INTEGRITY = 0x0008
ERROR_CODE = 0x0009
XOR_MAPPED_ADDRESS = 0x0020
PRIORITY = 0x0024
USE_CANDIDATE = 0x0025
FINGERPRINT = 0x8028
ICE_CONTROLLED = 0x8029
ICE_CONTROLLING = 0x802A
_HEADER = 20
_FINGERPRINT_XOR = 0x5354554E
_ATTRIBUTE = struct.Struct("!HH")
_BLOCK = 64  # bytes that SHA-1 takes at a time
_INNER, _OUTER = (bytes(byte ^ mask for byte in range(256)) for mask in (0x36, 0x5C))


class Key:
    """A password for many messages: HMAC-SHA1 with what depends on it alone done before (RFC 2104 section 4)."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, password: bytes) -> None:
        block = (password if len(password) <= _BLOCK else sha1(password).digest()).ljust(_BLOCK, b"\0")  # noqa: S324 — STUN's
        self._inner, self._outer = sha1(block.translate(_INNER)), sha1(block.translate(_OUTER))  # noqa: S324 — STUN's

    def digest(self, message: bytes) -> bytes:
        """20 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


Password: TypeAlias = bytes | Key


class BindingRequest(NamedTuple):
    """A parsed, not yet authenticated request. `integrity_at` is the offset of MESSAGE-INTEGRITY."""

    message: bytes
    local_fragment: str
    nominates: bool
    controlled: bool
    integrity_at: int

    @property
    def transaction(self) -> bytes:
        """The 12 bytes that tie a response to this request."""
        return self.message[8:20]


def parse_binding_request(message: bytes) -> BindingRequest:
    """Read a binding request as an ICE peer sends it (with USERNAME and MESSAGE-INTEGRITY).

    Raises MalformedPacketError for anything else, also for a good message of another kind.
    """
    if len(message) < _HEADER or message[4:8] != _COOKIE_BYTES:
        raise MalformedPacketError("not STUN")
    kind, length = _ATTRIBUTE.unpack_from(message)
    if kind != BINDING_REQUEST or length + _HEADER != len(message) or length % 4:
        raise MalformedPacketError("not a binding request")
    position, username, nominates, controlled = _HEADER, b"", False, False
    while position + 4 <= len(message):
        attribute, size = _ATTRIBUTE.unpack_from(message, position)
        value_at = position + 4
        if value_at + size > len(message):
            raise MalformedPacketError("STUN attribute is cut off")
        if attribute == MESSAGE_INTEGRITY:
            if size != 20 or not username:
                raise MalformedPacketError("bad STUN integrity or user name")
            fragment = username.split(b":", 1)[0].decode("latin-1")
            return BindingRequest(message, fragment, nominates, controlled, position)
        if attribute == USERNAME:
            username = message[value_at : value_at + size]
        elif attribute == USE_CANDIDATE:
            nominates = True
        elif attribute == ICE_CONTROLLED:
            controlled = True
        position = value_at + ((size + 3) & ~3)
    raise MalformedPacketError("STUN request without integrity")


def _integrity(password: Password, message: bytes) -> bytes:
    """HMAC-SHA1 over the message, its length counting the integrity attribute (RFC 8489 section 14.5)."""
    covered = message[:2] + (len(message) + 24 - _HEADER).to_bytes(2, "big") + message[4:]
    return password.digest(covered) if isinstance(password, Key) else hmac.digest(password, covered, "sha1")


def integrity_holds(request: BindingRequest, password: Password) -> bool:
    """Whether the request was made by someone who knows the password; constant time."""
    at = request.integrity_at
    return hmac.compare_digest(_integrity(password, request.message[:at]), request.message[at + 4 : at + 24])


def _sealed(kind: int, transaction: bytes, attributes: bytes, password: Password) -> bytes:
    body = struct.pack("!HHI", kind, len(attributes), MAGIC_COOKIE) + transaction + attributes
    body += struct.pack("!HH", MESSAGE_INTEGRITY, 20) + _integrity(password, body)
    body = body[:2] + struct.pack("!H", len(body) + 8 - _HEADER) + body[4:]
    return body + struct.pack("!HHI", FINGERPRINT, 4, zlib.crc32(body) ^ _FINGERPRINT_XOR)


def _xor_address(host: str, port: int, transaction: bytes) -> bytes:
    packed = packed_of(host)
    size = len(packed)
    mask = (_COOKIE_BYTES + transaction)[:size]
    xored = (int.from_bytes(packed, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
    return struct.pack("!BBH", 0, 1 if size == 4 else 2, port ^ (MAGIC_COOKIE >> 16)) + xored


def binding_success(request: BindingRequest, password: Password, host: str, port: int) -> bytes:
    """The answer that tells the peer its address as seen from here."""
    value = _xor_address(host, port, request.transaction)
    attribute = struct.pack("!HH", XOR_MAPPED_ADDRESS, len(value)) + value
    return _sealed(BINDING_SUCCESS, request.transaction, attribute, password)


def role_conflict(request: BindingRequest, password: Password) -> bytes:
    """487: the peer believes it is controlled, but this agent is lite and so always is (RFC 8445 6.1.1)."""
    reason = b"Role Conflict"
    value = struct.pack("!HBB", 0, 4, 87) + reason
    padding = b"\0" * (-len(value) % 4)
    attribute = struct.pack("!HH", ERROR_CODE, len(value)) + value + padding
    return _sealed(BINDING_ERROR, request.transaction, attribute, password)


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)


def binding_request(transaction: bytes, username: str, password: bytes, tie_breaker: int, *, nominate: bool) -> bytes:
    """A check by the controlling agent. `username` is "theirs:ours", `password` theirs, `transaction` 12 bytes."""
    attributes = _attribute(USERNAME, username.encode())
    attributes += _attribute(PRIORITY, (0x7EFFFFFF).to_bytes(4, "big"))
    attributes += _attribute(ICE_CONTROLLING, tie_breaker.to_bytes(8, "big"))
    attributes += _attribute(USE_CANDIDATE, b"") if nominate else b""
    return _sealed(BINDING_REQUEST, transaction, attributes, password)


def answered_transaction(message: bytes, password: bytes) -> bytes:
    """The transaction of a success response that was made by someone who knows the password.

    Raises MalformedPacketError for anything else.
    """
    if len(message) < _HEADER or message[4:8] != _COOKIE_BYTES:
        raise MalformedPacketError("not STUN")
    kind, length = struct.unpack_from("!HH", message)
    if kind != BINDING_SUCCESS or length + _HEADER != len(message):
        raise MalformedPacketError("not a success response")
    position = _HEADER
    while position + 4 <= len(message):
        attribute, size = struct.unpack_from("!HH", message, position)
        if attribute == MESSAGE_INTEGRITY and size == 20 and position + 24 <= len(message):
            if hmac.compare_digest(_integrity(password, message[:position]), message[position + 4 : position + 24]):
                return message[8:20]
            raise MalformedPacketError("STUN integrity does not hold")
        position += 4 + ((size + 3) & ~3)
    raise MalformedPacketError("STUN response without integrity")
