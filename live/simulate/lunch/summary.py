"""What the hour came to, as plain values for JSON. Minutes and shares are floats; money is in minor units."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from delivery.quotes.model import FeeKind
from live.simulate.lunch.record import OrderRecord, Record


@dataclass(frozen=True, slots=True)
class Played:
    """What was played, and what it took. `speed` is what was reached; seconds are real ones."""

    orders: int
    couriers: int
    hour_s: float
    seed: int
    policy: str
    speed_asked: float
    speed: float
    wall_s: float
    cpu_s: float
    story_s: float


def summary(record: Record, played: Played) -> dict[str, Any]:
    """Everything that is worth a line."""
    taken = [one for one in record.orders.values() if one.job_id]
    done = [one for one in taken if one.delivered_s is not None]
    return {
        "played": asdict(played),
        "orders": {
            "wished": len(record.orders),
            "placed": len(taken),
            "refused": dict(Counter(one.refused for one in record.orders.values() if one.refused)),
            "delivered": len(done),
            "undelivered": len(taken) - len(done),
        },
        "click_to_door_min": _spread([_clicked(one) for one in done]),
        "promised_to_min": _spread([(one.due_s - one.wish.at_s) / 60 for one in taken]),
        "ready_to_pickup_min": _spread([_waited(one) for one in done]),
        "late_share": _share([one for one in taken if is_late(one)], taken),
        "late_by_min": _spread([_late_min(one) for one in done if is_late(one)]),
        "early_share": _share([one for one in done if one.quote and _clicked(one) < one.quote.minutes_from], done),
        "utilisation": utilisation(record, played),
        "orders_per_bundle": round(len(done) / max(1, len({one.trip for one in done})), 3),
        "fee": _fees(taken),
        "engine": {
            "plans": len(record.plans_cpu_s),
            "cpu_s_mean": _rounded(np.mean(record.plans_cpu_s) if record.plans_cpu_s else 0.0),
            "cpu_s_max": _rounded(max(record.plans_cpu_s, default=0.0)),
        },
        "events": dict(sorted(record.events.items())),
        "troubles": dict(record.troubles),
    }


def is_late(one: OrderRecord) -> bool:
    """Not there at the end of the promised window."""
    return one.delivered_s is None or one.delivered_s > one.due_s


def utilisation(record: Record, played: Played) -> float:
    """Of the couriers' time in the hour, how much they had something in hand."""
    end = played.hour_s
    busy = sum(
        max(0.0, min(end, end if one.ends_s is None else one.ends_s) - one.begins_s)
        for one in record.stretches
        if one.begins_s < end
    )
    return _rounded(busy / (end * max(1, played.couriers)))


def _clicked(one: OrderRecord) -> float:
    return ((one.delivered_s or 0.0) - one.wish.at_s) / 60


def _waited(one: OrderRecord) -> float:
    return ((one.collected_s or 0.0) - (one.ready_s or 0.0)) / 60


def _late_min(one: OrderRecord) -> float:
    return ((one.delivered_s or 0.0) - one.due_s) / 60


def _fees(taken: Sequence[OrderRecord]) -> dict[str, float]:
    quotes = [one.quote for one in taken if one.quote]
    demand = [quote for quote in quotes if any(row.kind is FeeKind.DEMAND for row in quote.rows)]
    return {
        "mean": _rounded(np.mean([quote.fee for quote in quotes]) if quotes else 0.0),
        "most": max((quote.fee for quote in quotes), default=0),
        "demand_share": _share(demand, quotes),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    return {
        "mean": _rounded(np.mean(values)),
        "p50": _rounded(np.percentile(values, 50)),
        "p90": _rounded(np.percentile(values, 90)),
        "max": _rounded(max(values)),
    }


def _share(some: Sequence[object], of: Sequence[object]) -> float:
    return _rounded(len(some) / max(1, len(of)))


def _rounded(value: Any) -> float:
    return round(float(value), 4)
