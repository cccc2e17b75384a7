"""Dada as one of those who carry."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from delivery.errors import ProviderFault
from delivery.ids import new_id
from delivery.jobs.lifecycle import Status
from delivery.model import Part, Proof, ProofKind
from delivery.ports import Clock, Http
from delivery.providers.dada import callback
from delivery.providers.dada.account import DadaAccount
from delivery.providers.dada.answers import VEHICLE, delivery_of, fen
from delivery.providers.dada.bodies import cancel_body, order_body, quote_body
from delivery.providers.dada.codes import EXISTS, NO_ORDER, NOT_CANCELLED, OK
from delivery.providers.dada.line import Answer, DadaLine
from delivery.providers.handover import hand_over_code
from delivery.providers.provider import Change, Delivery, News, ProviderQuote, Refused, Task
from delivery.travel import SPEED_MPS

#: How long a price that was asked for holds.
VALID: Final = timedelta(minutes=3)
#: Dada promises no times. What a courier needs to come, and at the two doors, is taken to be this.
APPROACH: Final = timedelta(minutes=12)
DOORS: Final = timedelta(minutes=5)


class Dada:
    """A `Provider`. A delivery's id is our key: Dada's calls all take the merchant's own number of an order."""

    name = "dada"
    signs = False
    takes: frozenset[Part] = frozenset()
    """Its documents have no call that changes an order, nor one that writes to the courier."""

    def __init__(self, http: Http, account: DadaAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._line = DadaLine(http, account, clock)

    async def quote(self, task: Task) -> ProviderQuote | Refused:
        """`queryDeliverFee`, under a number of its own: one that was published cannot be asked about again."""
        now = self._clock()
        body = quote_body(task, new_id("quo"), self._account)
        answer = await self._line.call("/api/order/queryDeliverFee", body)
        if answer.code != OK:
            return _refused(answer)
        fee, metres = fen(answer.result.number("fee")), answer.result.number("distance")
        if fee is None or metres is None:
            raise ProviderFault("A price of Dada's without a fee or a distance.")
        pickup_at = max(task.ready_at, now + APPROACH)
        ride = timedelta(seconds=float(metres) / SPEED_MPS[VEHICLE])
        return ProviderQuote(
            provider=self.name,
            fee=fee,
            currency="CNY",
            pickup_at=pickup_at,
            drop_off_at=pickup_at + ride + DOORS,
            valid_until=now + VALID,
            id=answer.result.text("deliveryNo") or None,
        )

    async def create(self, task: Task, key: str) -> Delivery | Refused:
        """`addOrder` with our key as its `origin_id`; that it is there already is no refusal."""
        answer = await self._line.call("/api/order/addOrder", order_body(task, key, self._account))
        if answer.code == OK:
            fee = fen(answer.result.number("fee"))
            return Delivery(key, Status.SEARCHING, "1", key=key, hand_over_code=hand_over_code(key), fee=fee)
        found = await self.find(key) if answer.code in EXISTS else None
        return _refused(answer) if found is None else found

    async def find(self, key: str) -> Delivery | None:
        """Our key is its number."""
        return await self.get(key)

    async def get(self, delivery_id: str) -> Delivery | None:
        """`status/query`."""
        answer = await self._line.call("/api/order/status/query", {"order_id": delivery_id})
        if answer.code in NO_ORDER:
            return None
        if answer.code != OK or not answer.result.text("statusCode"):
            raise ProviderFault(f"Dada answered {answer.code} {answer.why}.")
        return delivery_of(delivery_id, answer.result)

    async def update(self, delivery_id: str, change: Change) -> Delivery | Refused:  # noqa: ARG002 - nothing may change
        """Dada has no such call."""
        return Refused("not_offered", "Dada changes nothing of an order that it has.")

    async def cancel(self, delivery_id: str, reason: str) -> Delivery | Refused:
        """`formalCancel`. One that a courier took costs up to 2 yuan."""
        answer = await self._line.call("/api/order/formalCancel", cancel_body(delivery_id, reason))
        if answer.code != OK and answer.code not in NOT_CANCELLED:
            return _refused(answer)
        found = await self.get(delivery_id)
        if found is not None and found.status is Status.CANCELLED:
            return replace(found, why=reason)
        return _refused(answer) if answer.code != OK else Refused("not_cancelled", found.raw if found else "")

    async def proof(self, delivery_id: str) -> Proof | None:
        """An order is finished by the code that only the buyer was told."""
        found = await self.get(delivery_id)
        if found is None or found.status is not Status.DELIVERED or found.pin is None:
            return None
        return Proof(ProofKind.PIN, found.at or self._clock(), self.name)

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """That it came to the address that Dada was given, fits its own MD5 and is not old. No proof (`signs`)."""
        callback.check(headers, body, self._account.token, now)

    def news(self, body: bytes) -> tuple[News, ...]:
        """One callback is one status."""
        return callback.read(body)


def _refused(answer: Answer) -> Refused:
    return Refused(str(answer.code), answer.why)
