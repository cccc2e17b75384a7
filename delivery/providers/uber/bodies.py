"""What Uber is sent. The documents' field lists stand beside recorded bodies in docs/providers.md, held by a test."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from delivery.model import Part
from delivery.providers.handover import hand_over_code
from delivery.providers.provider import Change, Place, Task
from delivery.providers.uber.account import UberAccount

LONGEST_NOTE: Final = 280
#: What couriers read; they and their buyers may have either language.
LEAVE: Final = "Please leave it at the door. 请放在门口。"
HAND_OVER: Final = "Please hand it over in person. 请当面交给顾客。"
CALL: Final = "New number 新号码: {number}."
PACKED: Final = "The bag is packed. 已备好，可以取货。"
PACKED_AT: Final = "The bag will be packed at {time}. 预计 {time} 备好。"
#: Uber's rules for windows, each with a minute to spare: a pickup lasts 10 minutes and ends 20 from now at the
#: earliest; a drop-off ends 20 minutes after it may begin, and not before the pickup.
PICKUP: Final = timedelta(minutes=20)
SOONEST: Final = timedelta(minutes=21)
DROP_OFF: Final = timedelta(minutes=21)
#: Before that, Uber takes a beginning of the drop-off for an error.
SCHEDULED: Final = timedelta(minutes=30)

Body = dict[str, object]


def quote_body(task: Task, account: UberAccount, now: datetime) -> Body:
    """`POST delivery_quotes`."""
    body: Body = {
        **_ends(task, account),
        **_windows(task, now),
        "manifest_total_value": task.value,
        "external_store_id": task.pickup.ref,
    }
    return _said(body)


def delivery_body(task: Task, key: str, account: UberAccount, now: datetime) -> Body:
    """`POST deliveries`.

    Three things keep it from being made twice: the idempotency key, for as long as Uber remembers it (an hour by
    default), and for ever the pair of `external_id` and `manifest_reference`, which must be unique.
    """
    items = [{"name": item.name, "quantity": item.quantity, "price": item.price} for item in task.items]
    body: Body = {
        "pickup_name": task.pickup.name,
        "dropoff_name": task.drop_off.name or task.order_number or task.order_id,
        **_ends(task, account),
        **_windows(task, now),
        "pickup_notes": task.pickup.note[:LONGEST_NOTE],
        "dropoff_notes": task.drop_off.note[:LONGEST_NOTE],
        **_at_the_door(task),
        "undeliverable_action": "return",
        "manifest_items": items or [{"name": task.order_number or task.order_id, "quantity": 1}],
        "manifest_reference": f"{task.order_number or task.order_id} {hand_over_code(key)}",
        "manifest_total_value": task.value,
        "external_id": key,
        "external_store_id": task.pickup.ref,
        "idempotency_key": key,
    }
    return _said(body)


def update_body(change: Change, account: UberAccount, now: datetime) -> Body:
    """`POST deliveries/{id}`: it takes neither times nor numbers nor another way to hand over, so notes say them.

    Each note is whole: what changed before is in it, too.
    """
    body: Body = {}
    if change.parts - {Part.READY_AT}:
        body["dropoff_notes"] = _door_note(change, account)[:LONGEST_NOTE]
    if Part.READY_AT in change.parts:
        body["pickup_notes"] = _counter_note(change.now.ready_at, account, now)
    return body


def _door_note(change: Change, account: UberAccount) -> str:
    asked, terms, words = change.asked, change.now, list[str]()
    if terms.leave_at_door != asked.leave_at_door:
        words.append(LEAVE if terms.leave_at_door else HAND_OVER)
    if terms.phone != asked.phone and terms.phone:
        words.append(CALL.format(number=account.e164(terms.phone)))
    return " ".join([*words, terms.note]).strip()


def _counter_note(ready_at: datetime, account: UberAccount, now: datetime) -> str:
    if ready_at <= now:
        return PACKED
    return PACKED_AT.format(time=ready_at.astimezone(ZoneInfo(account.time_zone)).strftime("%H:%M"))


def _at_the_door(task: Task) -> Body:
    """Uber has a picture taken of what is left at a door, and takes no code for it."""
    if task.leave_at_door:
        return {"deliverable_action": "deliverable_action_leave_at_door"}
    return {
        "dropoff_verification": {"pincode": {"enabled": True}},
        "deliverable_action": "deliverable_action_meet_at_door",
    }


def _said(body: Body) -> Body:
    """Without what is empty."""
    return {name: value for name, value in body.items() if value != ""}


def _ends(task: Task, account: UberAccount) -> Body:
    return {
        **_end("pickup", task.pickup, account.e164(task.pickup.phone or account.phone)),
        **_end("dropoff", task.drop_off, account.e164(task.drop_off.phone)),
    }


def _end(side: str, place: Place, phone: str) -> Body:
    return {
        f"{side}_address": place.address,
        f"{side}_latitude": place.position[1],
        f"{side}_longitude": place.position[0],
        f"{side}_phone_number": phone,
    }


def _windows(task: Task, now: datetime) -> Body:
    """A time that has come is left out: Uber refuses one that lies in the past, if only by a second."""
    later = task.ready_at > now + timedelta(minutes=1)
    ready = task.ready_at if later else now
    pickup_by = max(ready + PICKUP, now + SOONEST)
    drop_from = min(task.due_from, pickup_by)
    scheduled = drop_from > now + SCHEDULED
    drop_by = max(task.due_at, pickup_by, (drop_from if scheduled else now) + DROP_OFF)
    body: Body = {"pickup_deadline_dt": _time(pickup_by), "dropoff_deadline_dt": _time(drop_by)}
    if later:
        body["pickup_ready_dt"] = _time(ready)
    if scheduled:
        body["dropoff_ready_dt"] = _time(drop_from)
    return body


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
