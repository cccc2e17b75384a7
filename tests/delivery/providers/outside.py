"""Benches of the two other houses: our adapters, their servers, and the wire between them."""

import json
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from delivery.jobs.lifecycle import Status
from delivery.ports import Clock, Http
from delivery.providers.dada.account import DadaAccount
from delivery.providers.dada.dada import Dada
from delivery.providers.provider import TOKEN, Provider, Task
from delivery.providers.uber.account import UberAccount
from delivery.providers.uber.uber import Uber
from tests.delivery.providers import dada_house, uber_house
from tests.delivery.providers.bench import Message, now, task
from tests.delivery.providers.dada_house import DadaHouse
from tests.delivery.providers.uber_house import UberHouse, rfc3339

WEBHOOK: Final = "https://shop.example.com/api/delivery/dada/webhook"


class UberBench:
    """An `OutsideBench`."""

    steps: tuple[Status, ...] = (
        Status.SEARCHING,
        Status.ACCEPTED,
        Status.COLLECTED,
        Status.ARRIVING,
        Status.DELIVERED,
    )
    _words: Final = {
        Status.SEARCHING: ("pending", False),
        Status.ACCEPTED: ("pickup", False),
        Status.COLLECTED: ("pickup_complete", False),
        Status.ARRIVING: ("dropoff", True),
        Status.DELIVERED: ("delivered", False),
        Status.CANCELLED: ("canceled", False),
    }
    _paths: Final = {"quote": "/delivery_quotes", "create": "/deliveries", "cancel": "/cancel"}

    def __init__(self, house: UberHouse, http: Http, clock: Clock = now) -> None:
        self.house, self._clock = house, clock
        house.clock = clock
        account = UberAccount(
            uber_house.CUSTOMER,
            *uber_house.CLIENT,
            ("another-key", uber_house.KEY),
            house.url,
            house.url,
            phone="021-5550-0100",
        )
        self.provider: Provider = Uber(http, account, clock)

    @property
    def created(self) -> int:
        return len(self.house.deliveries)

    @property
    def active(self) -> int:
        return sum(not one["complete"] for one in self.house.deliveries.values())

    async def task(self, number: int) -> Task:
        return task(number)

    async def move(self, delivery_id: str, status: Status) -> None:
        word, imminent = self._words[status]
        delivery = self.house.move(delivery_id, word, courier_imminent=imminent)
        if status is Status.DELIVERED:
            delivery["dropoff"]["verification"] = {"pin_code": {"entered": "4821"}}

    def lose_answer(self, call: str) -> None:
        self.house.faults.lose_answer[self._paths[call]] = 1

    def limit(self, call: str, wait: int) -> None:
        self.house.faults.limit[self._paths[call]] = (1, wait)

    def break_down(self, call: str) -> None:
        self.house.faults.broken[self._paths[call]] = 1

    def refuse(self) -> None:
        self.house.refuse_next.append((503, "couriers_busy"))

    def message(self, delivery_id: str, *, at: datetime | None = None) -> Message:
        headers, body = self.house.webhook(delivery_id, created=rfc3339(at or self._clock()))
        return _lower(headers), body

    def unknown_message(self, delivery_id: str) -> Message:
        data = {**self.house.deliveries[delivery_id], "status": "teleported"}
        headers, body = self.house.webhook(delivery_id, status="teleported", data=data)
        return _lower(headers), body

    def forged(self, message: Message) -> list[Message]:
        headers, body = message
        signed = headers["x-uber-signature"]
        stranger, _ = UberHouse.sign(body, "a-stranger's-key")
        foreign, other = UberHouse.sign(json.dumps({**json.loads(body), "customer_id": "somebody-else"}).encode())
        return [
            ({}, body),
            ({**headers, "x-uber-signature": ""}, body),
            ({**headers, "x-uber-signature": signed[:-1]}, body),
            ({**headers, "x-uber-signature": "é" * 64}, body),
            (_lower(stranger), body),
            (headers, body.replace(b'"pending"', b'"delivered"')),
            (headers, body + b" "),
            (_lower(foreign), other),
        ]


class DadaBench:
    """An `OutsideBench`."""

    steps: tuple[Status, ...] = (
        Status.SEARCHING,
        Status.ACCEPTED,
        Status.AT_STORE,
        Status.COLLECTED,
        Status.DELIVERED,
    )
    _codes: Final = {
        Status.SEARCHING: 1,
        Status.ACCEPTED: 2,
        Status.AT_STORE: 100,
        Status.COLLECTED: 3,
        Status.DELIVERED: 4,
        Status.CANCELLED: 5,
        Status.RETURNING: 9,
        Status.RETURNED: 10,
    }
    _paths: Final = {"quote": "/queryDeliverFee", "create": "/addOrder", "cancel": "/formalCancel"}

    def __init__(self, house: DadaHouse, http: Http, clock: Clock = now) -> None:
        self.house, self._clock = house, clock
        house.clock = clock
        shops = {"sto_1": dada_house.SHOP}
        self.account = DadaAccount(*dada_house.APP, dada_house.SOURCE, WEBHOOK, house.url, shops, "021-5550-0100")
        self.provider: Provider = Dada(http, self.account, clock)

    @property
    def created(self) -> int:
        return len(self.house.orders)

    @property
    def active(self) -> int:
        return sum(one["statusCode"] not in {4, 5, 7, 10, 1000} for one in self.house.orders.values())

    async def task(self, number: int) -> Task:
        return task(number)

    async def move(self, delivery_id: str, status: Status) -> None:
        self.house.move(delivery_id, self._codes[status])

    def lose_answer(self, call: str) -> None:
        self.house.faults.lose_answer[self._paths[call]] = 1

    def limit(self, call: str, wait: int) -> None:
        self.house.faults.limit[self._paths[call]] = (1, wait)

    def break_down(self, call: str) -> None:
        self.house.faults.broken[self._paths[call]] = 1

    def refuse(self) -> None:
        self.house.refuse_next.append(2155)

    def message(self, delivery_id: str, *, at: datetime | None = None) -> Message:
        headers, body = self.house.callback(delivery_id, update_time=int((at or self._clock()).timestamp()))
        return self._addressed(headers), body

    def unknown_message(self, delivery_id: str) -> Message:
        headers, body = self.house.callback(delivery_id, order_status=777)
        return self._addressed(headers), body

    def forged(self, message: Message) -> list[Message]:
        """Those that the address and the MD5 can tell; the rest are found out by asking."""
        headers, body = message
        said = json.loads(body)
        return [
            ({}, body),
            ({TOKEN: "0" * 32}, body),
            (headers, json.dumps({**said, "signature": ""}).encode()),
            (headers, json.dumps({**said, "signature": "0" * 32}).encode()),
            (headers, json.dumps({**said, "order_id": "job_2-1"}).encode()),
            (headers, json.dumps({**said, "update_time": said["update_time"] + 1}).encode()),
            (headers, b"[]"),
            (headers, b"\xff"),
        ]

    def _addressed(self, headers: dict[str, str]) -> dict[str, str]:
        """As the route passes on a message that came to the URL which was sent along with the order."""
        url = self.house.inner("/addOrder")[0]["callback"]
        return {**_lower(headers), TOKEN: parse_qs(urlsplit(url).query)["token"][0]}


def _lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
