"""Integer division that loses nothing."""

from collections.abc import Sequence


def half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction that is not negative; half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)


def shares(whole: int, weights: Sequence[int]) -> list[int]:
    """`whole` in proportion to the weights, by largest remainder; among equals the first gets more.

    The shares sum to `whole` exactly, and none is above its weight if `whole` is not above their sum. Nothing is below
    zero. A whole without any weight is refused: ValueError.
    """
    total = sum(weights)
    if total == 0:
        if whole:
            raise ValueError("nothing to share among")
        return [0] * len(weights)
    parts = [whole * weight // total for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
    for index in by_rest[: whole - sum(parts)]:
        parts[index] += 1
    return parts
