"""What somebody who changes a store or a product has seen of it, so that two do not undo each other's work unawares.

A revision counts the writes. Whoever changes something may say which one it was read at: then it is written only if
that is still the one. None: whatever is there.
"""

from typing import Final

from orders.errors import ChangedSince, KeyTaken, OrdersError

NEW: Final = -1
"""There must be nothing yet."""


def overtaken(name: str, known: int | None) -> OrdersError:
    """What to raise when it is not as `known` says."""
    if known == NEW:
        return KeyTaken(f"{name} is there already.", field="key")
    return ChangedSince(f"{name} has been changed since revision {known}; look at it again.")
