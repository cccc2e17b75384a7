"""What Dada is sent. The documents' field lists stand beside recorded bodies in docs/providers.md, held by a test."""

import re
from dataclasses import replace
from typing import Final

from delivery.providers.dada.account import DadaAccount
from delivery.providers.dada.gcj02 import to_gcj02
from delivery.providers.handover import hand_over_code
from delivery.providers.provider import Task

_MOBILE: Final = re.compile(r"(?:\+?86)?(1[0-9]{10})")
_MARK: Final = re.compile(r"[^0-9A-Za-z#]")
SOMEBODY: Final = "顾客"
LEAVE: Final = "请放在门口。"
LONGEST_MARK: Final = 30
LONGEST_NOTE: Final = 512
#: "Other", which needs the reason in words.
OTHER_REASON: Final = 10_000

Body = dict[str, object]


def order_body(task: Task, origin_id: str, account: DadaAccount) -> Body:
    """`addOrder`. Money in yuan, positions in GCJ-02.

    The courier's app asks for the finish code at the door, and shows the fetch code at the counter.
    """
    lon, lat = to_gcj02(task.drop_off.position)
    body: Body = {
        "shop_no": account.shops.get(task.pickup.ref, task.pickup.ref),
        "origin_id": origin_id,
        "cargo_price": task.value / 100,
        "is_prepay": 0,
        "receiver_name": task.drop_off.name or task.order_number or task.order_id,
        "receiver_address": task.drop_off.address,
        "receiver_lat": round(lat, 6),
        "receiver_lng": round(lon, 6),
        "callback": account.callback,
        "cargo_weight": float(account.weight),
        **_phone(task.drop_off.phone),
        "info": _note(task),
        "cargo_type": account.cargo_type,
        "cargo_num": sum(item.quantity for item in task.items),
        "origin_mark_no": _MARK.sub("", task.order_number)[:LONGEST_MARK],
        "is_finish_code_needed": 0 if task.leave_at_door else 1,
        "fetch_code": hand_over_code(origin_id),
    }
    # Dada takes neither null nor (for numbers) nothing: what we do not know is left out.
    return {name: value for name, value in body.items() if value != "" and (name, value) != ("cargo_num", 0)}


def quote_body(task: Task, origin_id: str, account: DadaAccount) -> Body:
    """The same before there is an order: Dada wants a name and a number even so."""
    door = task.drop_off
    return order_body(
        replace(task, drop_off=replace(door, name=door.name or SOMEBODY, phone=door.phone or account.phone)),
        origin_id,
        account,
    )


def cancel_body(order_id: str, reason: str) -> Body:
    """`formalCancel`."""
    return {"order_id": order_id, "cancel_reason_id": OTHER_REASON, "cancel_reason": reason or "商家取消"}


def _note(task: Task) -> str:
    """Dada knows no leaving at the door but in words."""
    words = [LEAVE, task.drop_off.note] if task.leave_at_door else [task.drop_off.note]
    return " ".join(words).strip()[:LONGEST_NOTE]


def _phone(number: str) -> Body:
    """A mobile number is one member, a landline another."""
    found = _MOBILE.fullmatch(re.sub(r"[ -]", "", number))
    return {"receiver_phone": found[1]} if found else {"receiver_tel": number.strip()}
