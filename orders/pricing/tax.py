"""Tax: once per tax class on the sum of its amounts, rounded half up, then shared among them by largest remainder."""

from collections.abc import Mapping, Sequence

from orders.model import STANDARD_TAX
from orders.pricing.shares import half_up, shares

FULL = 10_000
"""Basis points in a whole."""


def taxes(amounts: Sequence[tuple[str, int]], rates: Mapping[str, int], *, included: bool) -> list[int]:
    """The tax of each (tax class, amount): inside of the amount if `included`, else what comes on top of it."""
    result = [0] * len(amounts)
    for tax_class in dict.fromkeys(name for name, _ in amounts):
        rate = rates.get(tax_class, rates.get(STANDARD_TAX, 0))
        members = [index for index, (name, _) in enumerate(amounts) if name == tax_class]
        weights = [amounts[index][1] for index in members]
        tax = half_up(sum(weights) * rate, FULL + rate if included else FULL)
        for index, share in zip(members, shares(tax, weights), strict=True):
            result[index] = share
    return result


def parsed_rates(value: object) -> object:
    """Rates as they are written in a setting, `standard=1300,reduced=900`, by class; what is no text stays as it is.

    Raises ValueError.
    """
    if not isinstance(value, str):
        return value
    rates: dict[str, int] = {}
    for part in filter(None, (one.strip() for one in value.split(","))):
        name, _, rate = (one.strip() for one in part.partition("="))
        if not name or not rate.isdecimal() or int(rate) > FULL:
            raise ValueError(f"must be tax classes with 0 to {FULL} basis points, such as standard=1300,reduced=900")
        rates[name] = int(rate)
    return rates
