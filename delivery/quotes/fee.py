"""The fee: a pure function of the rules, the way, the hour and the load."""

import math
from datetime import time

from delivery.quotes.load import Load
from delivery.quotes.model import FeeKind, FeeRow
from delivery.quotes.rules import Band, FeeRules


def fee_rows(rules: FeeRules, metres: int, at: time, load: Load) -> tuple[FeeRow, ...]:
    """What the fee is made of; together it. `at` is the local time. The first row is there even when it is 0."""
    nearest = rules.bands[0]
    way = way_fee(rules, metres)
    rows = [FeeRow(FeeKind.BASE, min(nearest.fee, way))]
    if way > nearest.fee:
        rows.append(FeeRow(FeeKind.DISTANCE, way - nearest.fee, str(metres)))
    dearest = max((one for one in rules.hours if at in one), key=lambda one: one.fee, default=None)
    if dearest is not None and dearest.fee:
        rows.append(FeeRow(FeeKind.HOUR, dearest.fee, dearest.text))
    demand = demand_fee(rules, load)
    if demand:
        rows.append(FeeRow(FeeKind.DEMAND, demand, f"{load.each:.1f}"))
    return tuple(rows)


def way_fee(rules: FeeRules, metres: int) -> int:
    """By the band. Beyond the last one (what is paid is brought anyway) each started kilometre costs the last rise."""
    found = band(rules, metres)
    if found is not None:
        return found.fee
    last = rules.bands[-1]
    rise = last.fee - rules.bands[-2].fee if len(rules.bands) > 1 else 0
    return last.fee + max(0, rise) * math.ceil((metres - last.up_to_m) / 1000)


def band(rules: FeeRules, metres: int) -> Band | None:
    """The one that the distance falls into; None beyond all."""
    return next((one for one in rules.bands if metres <= one.up_to_m), None)


def demand_fee(rules: FeeRules, load: Load) -> int:
    """The highest step that is reached. Nothing where nobody rides: a higher price would bring nobody sooner."""
    if load.couriers == 0 or load.orders < rules.demand_orders:
        return 0
    return max((one.fee for one in rules.steps if load.each >= one.load), default=0)


def by_distance(base: int, per_km: int, metres: int) -> int:
    """`base` covers the first kilometre; each started one after it costs `per_km`."""
    return base + per_km * max(0, math.ceil(metres / 1000) - 1)
