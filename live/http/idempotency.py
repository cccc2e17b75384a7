"""The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): read once, kept by the domain."""

import re
from collections.abc import Mapping

from live.http.problem import Problem

HEADER = "Idempotency-Key"
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")


def read_key(headers: Mapping[str, str]) -> str:
    """The key: 1 to 255 visible ASCII characters, without the quotes of a structured-field string.

    Raises Problem `idempotency_key_missing` (400) or `idempotency_key_invalid` (400).
    """
    given = headers.get(HEADER)
    if given is None:
        raise Problem(400, "idempotency_key_missing", f"Send {HEADER}: a random value, the same for a retry.", HEADER)
    key = given.strip()
    if len(key) > 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _VISIBLE.fullmatch(key):
        raise Problem(400, "idempotency_key_invalid", f"{HEADER} has 1 to 255 visible ASCII characters.", HEADER)
    return key
