"""The delivery services of the story over a real database, with ears."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import thread_time

from delivery.dispatching.plan import Plan, Policy
from delivery.dispatching.snapshot import Snapshot
from delivery.events import Event, JobOffered, JobReleased
from delivery.geo import Position
from delivery.service import Delivery
from delivery.settings import DeliverySettings
from live.db import Database
from live.outbox import Outbox
from live.reactions import EVENT_TYPES
from live.simulate.lunch.record import Record
from live.simulate.lunch.story import Bell, Story


class Heard:
    """The outbox of the server, and who of the story has to know."""

    def __init__(self, outbox: Outbox, record: Record, ring: Callable[[str], None]) -> None:
        self._outbox = outbox
        self._record = record
        self._ring = ring

    async def add(self, event: Event, session: object) -> None:
        """See `delivery.ports.Outbox`."""
        await self._outbox.add(event, session)
        reason = f":{event.reason.partition(':')[0]}" if isinstance(event, JobReleased) else ""
        self._record.events[type(event).__name__ + reason] += 1
        if isinstance(event, JobOffered):
            self._ring(event.courier_id)


class Unseen:
    """Nobody looks at couriers' moves."""

    async def moved(self, courier_id: str, position: Position, at: datetime, job_ids: tuple[str, ...]) -> None:
        """See `delivery.ports.Positions`."""


@dataclass(frozen=True, slots=True)
class House:
    """What actors share."""

    story: Story
    delivery: Delivery
    settings: DeliverySettings
    record: Record
    bells: defaultdict[str, Bell]
    """By courier id: an offer is there."""


def open_house(database: Database, story: Story, settings: DeliverySettings, policy: Policy) -> House:
    """As the server wires them, but for the clock."""
    record, bells = Record(), defaultdict[str, Bell](Bell)
    outbox = Heard(Outbox(database.db, EVENT_TYPES), record, lambda courier_id: story.ring(bells[courier_id]))
    delivery = Delivery.open(
        database.db, database.transactions, outbox, Unseen(), story, settings, policy=_timed(policy, record)
    )
    return House(story, delivery, settings, record, bells)


def _timed(policy: Policy, record: Record) -> Policy:
    def timed(snapshot: Snapshot) -> Plan:
        began = thread_time()
        plan = policy(snapshot)
        record.plans_cpu_s.append(thread_time() - began)
        return plan

    return timed
