"""Dada's return codes, as far as it matters which one it is."""

from typing import Final

OK: Final = 0
#: The order is there already: asked for, it is told.
EXISTS: Final = frozenset({2063, 2065, 2066, 2105, 2130})
#: No such order.
NO_ORDER: Final = frozenset({2005, 2011})
#: It is cancelled, or cannot be any more: asked for, it says which.
NOT_CANCELLED: Final = frozenset({2050, 2051, 2052, 2053, 2073, 2076})
#: A fault over there, or it is at it: what was asked may have been done.
UNSURE: Final = frozenset({-1, 2012})
