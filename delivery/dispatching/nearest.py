"""The simplest policy: the oldest order first, to the nearest courier who is free now."""

import numpy as np

from delivery.dispatching.plan import Commitment, Forecast, Plan, Why
from delivery.dispatching.snapshot import Snapshot

TIE_S = 30.0
"""Couriers whose ways to the store differ by less are equally near: the longest idle goes first."""


def nearest_free(snapshot: Snapshot) -> Plan:
    """One order a courier, no bundles and no waiting. Ties go by idle time, way and id: same snapshot, same plan."""
    now_s, couriers = snapshot.now_s, snapshot.couriers
    free = np.array([max(one.free_s, one.on_s) <= now_s and not one.held for one in couriers], dtype=bool)
    reach_s = np.array([one.reach_s for one in couriers])
    off_s = np.array([one.off_s for one in couriers])
    pace = np.array([one.pace for one in couriers])
    service_s = (snapshot.terms.pickup_s + snapshot.terms.dropoff_s) / 2
    commitments: list[Commitment] = []
    forecasts: list[Forecast] = []
    oldest_first = sorted(enumerate(snapshot.orders), key=lambda one: (one[1].placed_s, one[1].id))
    for at, order in oldest_first:
        if order.id in snapshot.held:
            forecasts.append(Forecast(order.id, snapshot.held[order.id], None, None))
            continue
        way_s = snapshot.to_store_s[:, order.store]
        pickup_s = np.maximum(snapshot.takeover_s[:, order.store], order.ready_s)
        willing = np.array([one.id not in order.refused for one in couriers], dtype=bool)
        in_time = pickup_s + service_s + pace * snapshot.to_door_s[at] <= order.limit_s
        able = np.flatnonzero(free & willing & (way_s <= reach_s) & (pickup_s <= off_s) & in_time)
        if not able.size:
            forecasts.append(Forecast(order.id, None, None, None))
            continue
        nearest_s = way_s[able].min()
        near = able[way_s[able] <= nearest_s + TIE_S].tolist()
        chosen = min(near, key=lambda c: (couriers[c].idle_since_s, way_s[c], couriers[c].id))
        free[chosen] = False
        taken_s = snapshot.pickup_s(chosen, order.store, order.ready_s)
        drops_s = tuple(snapshot.drops_s((at,), taken_s, couriers[chosen].pace))
        why = Why(
            rule="nearest" if way_s[chosen] == nearest_s else "longest_idle",
            travel_s=round(float(way_s[chosen])),
            candidates=int(able.size),
            idle_s=max(0, round(now_s - couriers[chosen].idle_since_s)),
            pickup_in_s=round(taken_s - now_s),
            drop_in_s=round(drops_s[-1] - now_s),
            slack_s=round(order.due_s - drops_s[-1]),
            partners=(order.id,),
        )
        commitments.append(Commitment(couriers[chosen].id, order.store, (order.id,), taken_s, drops_s, why))
    return Plan(tuple(commitments), (), tuple(forecasts))
