"""Dada's two signatures. Both are MD5, as its documents have it; neither is our choice."""

import hashlib
from collections.abc import Mapping


def request_signature(parameters: Mapping[str, str], secret: str) -> str:
    """Of what we send: names and values in the names' order, between two copies of the secret; upper case."""
    joined = "".join(f"{name}{parameters[name]}" for name in sorted(parameters))
    return _md5(f"{secret}{joined}{secret}").upper()


def callback_signature(client_id: str, order_id: str, update_time: str) -> str:
    """Of what Dada sends: the three values in their own order. No secret is in it, so it proves nothing."""
    return _md5("".join(sorted((client_id, order_id, update_time))))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
