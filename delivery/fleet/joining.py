"""What is to join the orders that a courier has accepted and not fetched yet.

A policy may leave that open to the last moment: who obeys takes over what is decided at the counter. Who is asked needs
the time to answer. So what the plan expects to be taken over together is laid before the courier a little earlier.
"""

from delivery.dispatching.plan import Commitment, Forecast, Plan, Why
from delivery.fleet.outlook import Outlook

RULE = "joins"


def joining(plan: Plan, seen: Outlook, within_s: float) -> list[Commitment]:
    """Bundles with something new in them, of couriers of whom the plan decides nothing yet, and whose pickup is to be
    within that time: all orders in the sequence of their doors.
    """
    snapshot = seen.snapshot
    settled = {one.courier_id for one in plan.commitments} | {one.courier_id for one in plan.moves}
    expected: dict[str, list[Forecast]] = {}
    for one in plan.forecasts:
        if one.courier_id is not None and one.courier_id not in settled and one.drop_s is not None:
            expected.setdefault(one.courier_id, []).append(one)
    found = []
    for courier in snapshot.couriers:
        forecasts = expected.get(courier.id, [])
        pickups = [one.pickup_s for one in forecasts if one.order_id in courier.held]
        if not pickups or pickups[0] is None or pickups[0] - snapshot.now_s > within_s or courier.store is None:
            continue
        bundle = sorted((one for one in forecasts if one.pickup_s == pickups[0]), key=lambda one: one.drop_s or 0.0)
        if len(bundle) > len(courier.held) == len(pickups):
            found.append(_together(seen, courier.id, courier.store, bundle))
    return found


def _together(seen: Outlook, courier_id: str, store: int, bundle: list[Forecast]) -> Commitment:
    snapshot = seen.snapshot
    names = tuple(one.order_id for one in bundle)
    drops_s = tuple(one.drop_s or 0.0 for one in bundle)
    pickup_s = bundle[0].pickup_s or 0.0
    due_s = [snapshot.orders[snapshot.order_at[name]].due_s for name in names]
    why = Why(
        rule=RULE,
        travel_s=0,
        candidates=1,
        pickup_in_s=round(pickup_s - snapshot.now_s),
        drop_in_s=round(drops_s[-1] - snapshot.now_s),
        slack_s=round(min(due - drop for due, drop in zip(due_s, drops_s, strict=True))),
        partners=names,
    )
    return Commitment(courier_id, store, names, pickup_s, drops_s, why)
