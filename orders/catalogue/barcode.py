"""Global Trade Item Numbers, the figures under a barcode (GS1 General Specifications, sections 3.3 and 7.9)."""

import re
from typing import Final

_LENGTHS: Final = frozenset({8, 12, 13, 14})
_FIGURES: Final = re.compile(r"[0-9]+")


def gtin14(code: str) -> str | None:
    """The code with zeros in front, as GTIN-14; None unless it is a GTIN-8, -12, -13 or -14 with its right check digit.

    So the same article is found whichever way a scanner tells it: a UPC-A's 12 figures or their 13 as an EAN-13.
    """
    if len(code) not in _LENGTHS or _FIGURES.fullmatch(code) is None or not check_digit_holds(code):
        return None
    return code.zfill(14)


def check_digit_holds(code: str) -> bool:
    """Whether the last figure fits the others: weights 3 and 1 in turn from the right, the sum a multiple of ten."""
    weighted = (int(figure) * (3 if place % 2 else 1) for place, figure in enumerate(reversed(code)))
    return sum(weighted) % 10 == 0
