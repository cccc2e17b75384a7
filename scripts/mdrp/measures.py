"""The published measures of a solution, as the public evaluator counts them."""

import numpy as np

from scripts.mdrp.instance import Instance
from scripts.mdrp.solution import Solution

Measures = dict[str, float]


def measures(instance: Instance, solution: Solution) -> Measures:
    """Minutes, dollars, percent and fractions. Means are over delivered orders, bundles, or all couriers."""
    drops = solution.drops
    clicks = np.array([drop.dropoff - instance.placed[order] for order, drop in drops.items()])
    waits = np.array([drop.pickup - instance.ready[order] for order, drop in drops.items()])
    duty_min = instance.off - instance.on
    carried = np.bincount([drop.courier for drop in drops.values()], minlength=len(duty_min))
    fetched = np.bincount([one.courier for one in solution.assignments], minlength=len(duty_min))
    driven = np.array([sum(leg.minutes for leg in solution.legs.get(at, ())) for at in range(len(duty_min))])
    pay = np.maximum(carried * instance.pay_per_order, duty_min / 60 * instance.pay_per_hour)
    busy = driven + fetched * instance.pickup_min + carried * instance.dropoff_min
    some = bool(drops)
    return {
        "orders": len(instance.orders),
        "undelivered_pct": 100 * (1 - len(drops) / len(instance.orders)),
        "click_to_door_mean": float(clicks.mean()) if some else 0.0,
        "click_to_door_p90": float(np.percentile(clicks, 90)) if some else 0.0,
        "click_to_door_over_mean": float(np.maximum(clicks - instance.target_min, 0).mean()) if some else 0.0,
        "ready_to_pickup_mean": float(waits.mean()) if some else 0.0,
        "ready_to_pickup_p90": float(np.percentile(waits, 90)) if some else 0.0,
        "cost_per_order": float(pay.sum() / max(len(drops), 1)),
        "orders_per_bundle": len(drops) / max(len(solution.assignments), 1),
        "utilisation": float((busy / duty_min).mean()),
        "cpu_s_per_tick_max": max(solution.tick_cpu_s, default=0.0),
        "cpu_s": sum(solution.tick_cpu_s),
    }


def means(rows: list[Measures]) -> Measures:
    """The plain mean over instances; of `cpu_s_per_tick_max` the greatest, of `cpu_s` the sum."""
    found = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    found["cpu_s_per_tick_max"] = max(row["cpu_s_per_tick_max"] for row in rows)
    found["cpu_s"] = sum(row["cpu_s"] for row in rows)
    return found
