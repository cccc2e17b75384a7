"""How a job moves: the table is asked, then one conditional update, its history line and its event are committed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from delivery.errors import WrongStatus
from delivery.events import Event
from delivery.jobs.attempts import closing
from delivery.jobs.lifecycle import TABLE, Action
from delivery.jobs.store import JobStore
from delivery.model import Job, Step
from delivery.ports import Outbox, Transactions


class Overtaken(Exception):
    """A condition did not hold any more."""


@dataclass(frozen=True, slots=True)
class Move:
    """One transition: of the job as it was read, with the event that tells of it and what else changes."""

    job: Job
    action: Action
    event: Event
    by: str
    why: str = ""
    changes: Mapping[str, object] = field(default_factory=dict)


class Transitions:
    """Makes transitions of jobs, together with what must change at the courier."""

    def __init__(self, jobs: JobStore, transactions: Transactions, outbox: Outbox) -> None:
        self._jobs = jobs
        self._transactions = transactions
        self._outbox = outbox

    async def make(
        self,
        job: Job,
        action: Action,
        event: Event,
        *,
        by: str,
        why: str = "",
        changes: Mapping[str, object] | None = None,
        courier: Callable[[object], Awaitable[bool]] | None = None,
    ) -> bool:
        """Move `job` (as it was read) on; False, with nothing written, when it or the courier has changed meanwhile.

        `courier` makes the courier's side of the change in the same transaction, and says whether its condition held.
        Raises WrongStatus when the table does not allow the action.
        """
        return await self.together([Move(job, action, event, by, why, changes or {})], courier)

    async def together(self, moves: Sequence[Move], courier: Callable[[object], Awaitable[bool]] | None = None) -> bool:
        """Make all of the moves and the courier's side, or none (False). Raises WrongStatus as `make`."""
        for move in moves:
            asked = move.action is Action.OFFER and not move.job.offerable
            if asked or move.job.status not in TABLE[move.action].sources:
                raise WrongStatus(move.job.status, move.action)

        async def body(session: object) -> None:
            if courier is not None and not await courier(session):
                raise Overtaken
            for move in moves:
                step = Step(TABLE[move.action].target, move.event.at, move.by, move.why)
                changes = {**closing(move.job, step), **move.changes}
                if not await self._jobs.advance(move.job, move.action, step, changes, session):
                    raise Overtaken
                await self._outbox.add(move.event, session)

        try:
            await self._transactions.run(body)
        except Overtaken:
            return False
        return True

    async def create(self, job: Job, event: Event) -> None:
        """Insert a new job with its event. Raises store.OrderHasJob."""

        async def body(session: object) -> None:
            await self._jobs.insert(job, session)
            await self._outbox.add(event, session)

        await self._transactions.run(body)
