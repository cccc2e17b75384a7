"""A histogram as Prometheus means it: how many observations were at most each bound, and their sum."""

from bisect import bisect_left
from collections.abc import Sequence


class Histogram:
    """`bounds` ascend; beyond the last one is room for the rest."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.total = 0.0
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        """Count one observation."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """Observations so far."""
        return sum(self.counts)

    def buckets(self) -> list[tuple[str, float]]:
        """Upper bound and how many were at most that, cumulative, as the exposition format has them."""
        found, below = [], 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            below += count
            found.append((bound, float(below)))
        return found

    def add(self, other: "Histogram") -> None:
        """Take in another one with the same bounds."""
        self.counts = [own + more for own, more in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    def quantile(self, part: float) -> float:
        """About the value that this part of the observations stays under: the bound of its bucket; 0 without any."""
        wanted = part * self.count
        for bound, below in zip(self.bounds, self.buckets(), strict=False):
            if below[1] >= wanted:
                return bound if self.count else 0.0
        return self.bounds[-1]
