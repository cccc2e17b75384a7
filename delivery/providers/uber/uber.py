"""Uber Direct as one of those who carry."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from delivery.errors import ProviderFault, Unreachable
from delivery.jobs.lifecycle import Status
from delivery.model import Part, Proof, ProofKind
from delivery.ports import Clock, Http
from delivery.providers.fields import Fields
from delivery.providers.provider import Change, Delivery, News, ProviderQuote, Refused, Task
from delivery.providers.uber import webhook
from delivery.providers.uber.account import UberAccount
from delivery.providers.uber.answers import delivery_of, related, status_of
from delivery.providers.uber.bodies import delivery_body, quote_body, update_body
from delivery.providers.uber.line import Answer, UberLine

PAGE: Final = 100
PAGES: Final = 20
#: How long an attempt of ours may stay unknown: what Uber made before that is not looked through.
RECENT: Final = timedelta(days=1)
_DUPLICATE: Final = "duplicate_delivery"
_UNKNOWN: Final = frozenset({"delivery_not_found"})


class Uber:
    """A `Provider`."""

    name = "uber"
    signs = True
    takes = frozenset(Part)
    """All in words: of what we know, its update takes the notes at both ends and nothing else."""

    def __init__(self, http: Http, account: UberAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._line = UberLine(http, account, clock)

    async def quote(self, task: Task) -> ProviderQuote | Refused:
        """`POST delivery_quotes`."""
        now = self._clock()
        answer = await self._line.call("POST", "/delivery_quotes", quote_body(task, self._account, now))
        if answer.refused:
            return _refused(answer)
        said = answer.body
        fee, drop_off = said.whole("fee"), said.moment("dropoff_eta")
        if fee is None or drop_off is None:
            raise ProviderFault("A quote of Uber's without a fee or a time.")
        return ProviderQuote(
            provider=self.name,
            fee=fee,
            currency=(said.text("currency_type") or said.text("currency")).upper(),
            pickup_at=now + timedelta(minutes=said.whole("pickup_duration") or 0),
            drop_off_at=drop_off,
            valid_until=said.moment("expires") or now,
            id=said.text("id") or None,
        )

    async def create(self, task: Task, key: str) -> Delivery | Refused:
        """`POST deliveries`. That there is one already is told by a 409 with its id, or by the delivery itself."""
        answer = await self._line.call("POST", "/deliveries", delivery_body(task, key, self._account, self._clock()))
        if answer.refused == _DUPLICATE:
            known = answer.body.fields("metadata").text("delivery_id")
            found = await self.get(known) if known else await self.find(key)
            return found if found is not None and found.key in {key, None} else _refused(answer)
        if answer.refused:
            return _refused(answer)
        made = _whole(answer)
        if made is None:
            raise Unreachable("Uber's answer has no delivery in it.", maybe_done=True)
        return replace(made, key=key)

    async def find(self, key: str) -> Delivery | None:
        """Among those under way, then among those that ended lately: Uber's list cannot be asked for our key.

        Raises ProviderFault when there are too many to be sure.
        """
        for filter_ in ("&filter=ongoing", ""):
            async for said in self._listed(filter_):
                if said.text("external_id") == key:
                    return delivery_of(said)
        return None

    async def get(self, delivery_id: str) -> Delivery | None:
        """`GET deliveries/{id}`; for one that is brought back, the way back is asked for, too."""
        answer = await self._line.call("GET", _path(delivery_id))
        if answer.refused in _UNKNOWN:
            return None
        found = _whole(answer)
        if found is None:
            raise ProviderFault(f"Uber answered {answer.refused or 'without a delivery'}.")
        if found.status is not Status.RETURNING:
            return found
        back = related(answer.body, back=True)
        if back is None:
            return replace(found, status=Status.RETURNED)  # nobody has it any more, and nothing else will tell
        way_back = await self._line.call("GET", _path(back))
        return found if way_back.refused else replace(found, status=status_of(way_back.body))

    async def update(self, delivery_id: str, change: Change) -> Delivery | Refused:
        """`POST deliveries/{id}`."""
        body = update_body(change, self._account, self._clock())
        answer = await self._line.call("POST", _path(delivery_id), body)
        if answer.refused:
            return _refused(answer)
        found = _whole(answer)
        if found is None:
            raise ProviderFault("Uber's answer has no delivery in it.")
        return found

    async def cancel(self, delivery_id: str, reason: str) -> Delivery | Refused:  # noqa: ARG002 - Uber takes none
        """`POST deliveries/{id}/cancel`."""
        answer = await self._line.call("POST", f"{_path(delivery_id)}/cancel")
        found = None if answer.refused else _whole(answer)
        if found is None:
            found = await self.get(delivery_id)
        if found is not None and found.status is Status.CANCELLED:
            return found
        return _refused(answer) if answer.refused else Refused("noncancelable_delivery", found.raw if found else "")

    async def proof(self, delivery_id: str) -> Proof | None:
        """What was taken at the door; `POST …/proof-of-delivery` says it where the delivery itself does not."""
        answer = await self._line.call("GET", _path(delivery_id))
        if answer.refused or answer.body.text("status") != "delivered":
            return None
        drop_off = answer.body.fields("dropoff")
        at = drop_off.moment("status_timestamp") or answer.body.moment("updated") or self._clock()
        taken = drop_off.fields("verification")
        for kind, name in ((ProofKind.PHOTO, "picture"), (ProofKind.SIGNATURE, "signature")):
            if url := taken.fields(name).text("image_url"):
                return Proof(kind, at, self.name, url)
        if taken.fields("pin_code").text("entered"):
            return Proof(ProofKind.PIN, at, self.name)
        left = answer.body.text("deliverable_action") == "deliverable_action_leave_at_door"
        kind, name = (ProofKind.PHOTO, "picture") if left else (ProofKind.PIN, "pincode")
        body = {"waypoint": "dropoff", "type": name}
        document = await self._line.call("POST", f"{_path(delivery_id)}/proof-of-delivery", body)
        return Proof(kind, at, self.name) if document.body.text("document") else None

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """By any of the webhooks' keys."""
        webhook.check(headers, body, self._account.webhook_keys, self._account.customer_id, now)

    def news(self, body: bytes) -> tuple[News, ...]:
        """Statuses, the courier's moves, and the way back."""
        return webhook.read(body)

    async def _listed(self, filter_: str) -> AsyncIterator[Fields]:
        """Page by page; ends early when the list is newest first and what comes is no longer recent."""
        query, since = f"limit={PAGE}{filter_}", self._clock() - RECENT
        for _ in range(PAGES):
            answer = await self._line.call("GET", f"/deliveries?{query}")
            if answer.refused:
                raise ProviderFault(f"Uber answered {answer.refused}.")
            page = answer.body.each("data")
            for said in page:
                yield said
            query = urlsplit(answer.body.text("next_href")).query
            times = [at for said in page if (at := said.moment("created"))]
            old = bool(times) and times[-1] < since and times == sorted(times, reverse=True)
            if not query or not page or old:
                return
        raise ProviderFault("Uber lists more deliveries than can be looked through.")


def _path(delivery_id: str) -> str:
    return f"/deliveries/{quote(delivery_id, safe='')}"


def _refused(answer: Answer) -> Refused:
    return Refused(answer.refused, answer.why)


def _whole(answer: Answer) -> Delivery | None:
    found = None if answer.refused else delivery_of(answer.body)
    return found if found is not None and found.id else None
