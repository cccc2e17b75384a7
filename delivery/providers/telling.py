"""Tells another provider what has changed since it was asked: in the background, until it is told or cannot be.

What is to be told is written before it is told. An answer that was lost leaves open what the provider has, so it is
told again; each part is told whole, so that does no harm.
"""

from collections.abc import Mapping

from delivery.documents import stored
from delivery.jobs.notes import Notes
from delivery.jobs.terms import Parts, merged, untold, wanted
from delivery.model import Job, Part, Terms
from delivery.ports import Clock
from delivery.providers.provider import Change, Provider, Refused
from delivery.settings import DeliverySettings


class Telling:
    """Part of the sweep of `delivery.providers.handing`."""

    def __init__(
        self, notes: Notes, providers: Mapping[str, Provider], clock: Clock, settings: DeliverySettings
    ) -> None:
        self._notes = notes
        self._providers = providers
        self._clock = clock
        self._settings = settings

    def due(self, job: Job) -> bool:
        """Whether there is something to tell."""
        provider = self._providers.get(job.provider)
        want = self._wanted(job, provider) if provider is not None else None
        return want is not None and bool(untold(job, want))

    async def tell(self, job: Job, provider: Provider) -> None:
        """Tell it, and note what became of it. Raises what the provider raises; trying again is right."""
        want, attempt = self._wanted(job, provider), job.attempt
        if want is None or attempt.said is None or attempt.asked_with is None:
            return
        parts = untold(job, want) & provider.takes
        if not parts:
            await self._note(job, attempt.said, want)
            return
        claimed = await self._notes.amend(job, telling=want)
        if claimed is None:
            return  # it has moved on: looked at again
        answer = await provider.update(attempt.external_id or "", Change(parts, want, attempt.asked_with))
        taken: Parts = frozenset() if isinstance(answer, Refused) else parts
        await self._note(claimed, merged(attempt.said, want, taken), want)

    def _wanted(self, job: Job, provider: Provider) -> Terms | None:
        return wanted(job, stored(self._clock()), self._settings, follow=Part.READY_AT in provider.takes)

    async def _note(self, job: Job, said: Terms, tried: Terms) -> None:
        await self._notes.amend(job, self._notes.told(job), said=said, tried=tried, telling=None)
