"""What Dada's answers and callbacks say, in our words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.providers.dada.gcj02 import from_gcj02
from delivery.providers.fields import Fields
from delivery.providers.handover import hand_over_code
from delivery.providers.provider import Delivery, OutsideCourier
from delivery.travel import Vehicle

#: 待接单 1, 待取货 2, 配送中 3, 已完成 4, 已取消 5, 已过期 7, 指派单/已追加待接单 8, 妥投异常之物品返回中 9,
#: 妥投异常之物品返回完成 10, 骑士到店 100, 创建达达运单失败 1000.
STATUSES: Final[dict[str, Status]] = {
    "1": Status.SEARCHING,
    "2": Status.ACCEPTED,
    "3": Status.COLLECTED,
    "4": Status.DELIVERED,
    "5": Status.CANCELLED,
    "7": Status.CANCELLED,
    "8": Status.SEARCHING,
    "9": Status.RETURNING,
    "10": Status.RETURNED,
    "100": Status.AT_STORE,
    "1000": Status.CANCELLED,
}
VEHICLE: Final = Vehicle.EBIKE  # what nearly all of its couriers ride; Dada does not say
_TIMES: Final = ("createTime", "acceptTime", "fetchTime", "finishTime", "cancelTime")
_CHINA: Final = ZoneInfo("Asia/Shanghai")


def courier_of(id_: str, name: str, phone: str) -> OutsideCourier | None:
    """Known once somebody took the order."""
    return OutsideCourier(id_ or phone, name, phone, VEHICLE) if name and (id_ or phone) else None


def fen(yuan: Decimal | None) -> int | None:
    """Money as we count it."""
    return None if yuan is None else round(yuan * 100)


def delivery_of(order_id: str, said: Fields) -> Delivery:
    """An order as `status/query` answers it. Dada is always asked by our own key, so that is its id, too."""
    raw = said.text("statusCode")
    return Delivery(
        id=order_id,
        status=STATUSES.get(raw),
        raw=raw,
        key=order_id,
        courier=courier_of(said.text("transporterId"), said.text("transporterName"), said.text("transporterPhone")),
        position=_position(said),
        hand_over_code=hand_over_code(order_id),
        fee=fen(said.number("actualFee") or said.number("deliveryFee")),
        why=said.text("statusMsg") if STATUSES.get(raw) is Status.CANCELLED else "",
        at=max((at for name in _TIMES if (at := moment(said.text(name)))), default=None),
        pin=said.text("orderFinishCode") or None,
    )


def moment(text: str) -> datetime | None:
    """`2026-11-23 15:04:05`, by China's clocks."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=_CHINA).astimezone(UTC)
    except ValueError:
        return None


def _position(said: Fields) -> Position | None:
    found = said.position("transporterLat", "transporterLng")
    return None if found is None else from_gcj02(found)
