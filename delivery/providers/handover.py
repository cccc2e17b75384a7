"""The code by which a counter knows the right courier of another house: sent along, shown by the courier's app."""

import hashlib


def hand_over_code(key: str) -> str:
    """Four digits that follow from our key: nothing to keep, and the courier of another delivery has others."""
    return f"{int.from_bytes(hashlib.sha256(b'hand-over ' + key.encode()).digest()[:8], 'big') % 10_000:04}"
