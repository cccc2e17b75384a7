"""How many DTLS handshakes may be under way: each costs 2 ms of the loop, and memory until it ends.

Only who has passed a connectivity check comes so far, so an address cannot be forged.
"""

from collections import Counter
from dataclasses import dataclass, field

IN_ALL, PER_HOST = 512, 64  # behind one address may be a whole company
TIMEOUT = 10.0  # seconds that one may take


@dataclass(slots=True)
class Handshakes:
    """Counts them by `addresses.group_of`. Whoever may not begin now tries again with the next datagram."""

    under_way: int = 0
    delayed: int = 0
    _of: Counter[str] = field(default_factory=Counter)

    def begin(self, group: str) -> bool:
        """Whether another one may begin; if so, `end` must follow."""
        if self.under_way >= IN_ALL or self._of.get(group, 0) >= PER_HOST:
            self.delayed += 1
            return False
        self.under_way += 1
        self._of[group] += 1
        return True

    def end(self, group: str) -> None:
        """It is over, well or not."""
        self.under_way -= 1
        self._of[group] -= 1
        if not self._of[group]:
            del self._of[group]
