"""Ids: a prefix that says what it is, and 64 random bits."""

import secrets


def new_id(prefix: str) -> str:
    """`job_` and the like, then 16 hexadecimal characters."""
    return f"{prefix}_{secrets.token_hex(8)}"
