"""Who lives in the demo city. The password is public: never seed a server that is open to others."""

from dataclasses import dataclass
from typing import Final

from delivery.travel import Vehicle
from live.http.access import Role

PASSWORD: Final = "nearlive-demo"  # noqa: S105 - made to be known


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who can sign in. `store` is a key of `live/seed/places.py`, for those who work in one."""

    role: Role
    login: str
    name: str
    store: str | None = None
    password: str = PASSWORD


_HOSTS: Final = ("小雅 Yaya", "阿哲 Zhe", "林夏 Summer", "Momo", "佳佳 Jia", "Leo")
_COUNTER: Final = ("王姐 Wang", "小陈 Chen", "周周 Zhou", "老李 Li", "晓敏 Min", "何师傅 He")
_RIDERS: Final = ("赵师傅 Zhao", "小孙 Sun", "阿飞 Fei", "刘姐 Liu")
#: What couriers ride, by login.
RIDES: Final = {
    "courier1": Vehicle.EBIKE,
    "courier2": Vehicle.SCOOTER,
    "courier3": Vehicle.BICYCLE,
    "courier4": Vehicle.CAR,
}
STORE_KEYS: Final = ("yuyuan", "jingan", "xintiandi", "wukang", "bund", "suhe")

DEMO_PEOPLE: Final[tuple[DemoPerson, ...]] = (
    *(
        DemoPerson(Role.ASSOCIATE, f"associate{number}", name, STORE_KEYS[number - 1])
        for number, name in enumerate(_HOSTS, 1)
    ),
    *(
        DemoPerson(Role.STAFF, f"staff{number}", name, STORE_KEYS[number - 1])
        for number, name in enumerate(_COUNTER, 1)
    ),
    *(DemoPerson(Role.COURIER, f"courier{number}", name) for number, name in enumerate(_RIDERS, 1)),
    DemoPerson(Role.OPERATOR, "operator", "值班 Ops"),
    DemoPerson(Role.ADMIN, "admin", "管理员 Admin"),
    DemoPerson(Role.MEMBER, "member1", "梅子 Mei"),
    DemoPerson(Role.MEMBER, "member2", "Kai"),
)
