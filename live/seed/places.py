"""The stores of the demo city, a made-up district in the middle of Shanghai: open day and night, one keeps New Year."""

from datetime import date
from typing import Final

from live.seed.people import STORE_KEYS
from orders.catalogue.area import DeliveryArea
from orders.catalogue.hours import OpeningHours, SpecialDay, interval
from orders.model import StoreDetails

_RADIUS_M: Final = 5000.0
_PLACES: Final = (
    ("豫里生活 Yuli Living", "豫园路 88 号 · 88 Yuyuan Road", (121.4920, 31.2272)),
    ("静里美妆 Jing Beauty", "静安里 12 号 · 12 Jing'an Lane", (121.4480, 31.2290)),
    ("天地选物 Tiandi Select", "太仓支路 5 号 · 5 Taicang Side Street", (121.4745, 31.2208)),
    ("梧桐杂货 Wutong Goods", "梧桐街 203 号 · 203 Wutong Street", (121.4405, 31.2100)),
    ("外滩食集 Bund Pantry", "滨江道 31 号 · 31 Riverside Way", (121.4890, 31.2380)),
    ("苏河书茶 Suhe Tea & Books", "苏河湾 9 号 · 9 Suhe Bend", (121.4690, 31.2440)),
)

#: Brings only to its own side of the town.
_WEST: Final = DeliveryArea(
    (
        (
            (121.395, 31.185),
            (121.450, 31.170),
            (121.485, 31.195),
            (121.492, 31.240),
            (121.440, 31.255),
            (121.395, 31.235),
            (121.395, 31.185),
        ),
    )
)
_NEW_YEAR: Final = (
    SpecialDay(date(2027, 2, 5), (interval("09:00-18:00"),), "除夕 New Year's Eve"),
    SpecialDay(date(2027, 2, 6), (), "春节 Spring Festival"),
)
_ALWAYS: Final = OpeningHours.daily("00:00-24:00")

STORES: Final[dict[str, StoreDetails]] = {
    key: StoreDetails(
        name=name,
        address=address,
        position=position,
        time_zone="Asia/Shanghai",
        hours=OpeningHours(_ALWAYS.days, _NEW_YEAR) if key == "suhe" else _ALWAYS,
        delivery_radius_m=_WEST.reach_m(position) if key == "wukang" else _RADIUS_M,
        phone=f"021-5550-01{number:02d}",
        area=_WEST if key == "wukang" else None,
        capacity=60 if key == "bund" else None,
    )
    for number, (key, (name, address, position)) in enumerate(zip(STORE_KEYS, _PLACES, strict=True), 1)
}


def store_id(key: str) -> str:
    """The id of a seeded store."""
    return f"sto_demo{key}"
