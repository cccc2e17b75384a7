"""Who is asked next when one provider does not carry a job: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.jobs.lifecycle import CARRIED
from delivery.jobs.terms import packed_by
from delivery.model import FLEET, Job
from delivery.settings import DeliverySettings


@dataclass(frozen=True, slots=True)
class Next:
    """Ask this provider, from then on."""

    provider: str
    at: datetime


class Succession:
    """The providers of the house in their order, again and again; jobs with money to take stay with our own fleet."""

    def __init__(self, settings: DeliverySettings) -> None:
        self._settings = settings

    def order(self, job: Job) -> tuple[str, ...]:
        """Who may be asked for this job."""
        return (FLEET,) if job.own_only else self._settings.providers

    def after(self, job: Job, now: datetime) -> Next:
        """Who comes after the job's last attempt. Nobody is asked twice within `again_after_s`."""
        order, last = self.order(job), job.provider
        provider = order[(order.index(last) + 1) % len(order)] if last in order else order[0]
        asked = [one.asked_at for one in job.attempts if one.provider == provider]
        again = max(asked) + timedelta(seconds=self._settings.again_after_s) if asked else now
        due = self.asks_at(job) if provider != FLEET else None
        return Next(provider, max(now, again, due or now))

    def alone(self, job: Job) -> bool:
        """Whether there is nobody else to ask."""
        return not set(self.order(job)) - {job.provider}

    def overdue(self, job: Job, now: datetime) -> bool:
        """Whether nobody has accepted for too long: since this provider was asked, or since its last courier left."""
        since = [job.attempt.asked_at, *(step.at for step in job.history if step.status in CARRIED)]
        wanted_at = self._wanted_at(job) if job.provider == FLEET else self.asks_at(job)
        if wanted_at is None:
            return False
        since.append(wanted_at)
        return now >= max(since) + timedelta(seconds=self._settings.failover_after_s)

    def asks_at(self, job: Job) -> datetime | None:
        """When another house may be asked: once the store has accepted, and not long before the goods are packed."""
        if job.accepted_at is None or not self._settings.outside_lead_s:
            return job.accepted_at
        packed = packed_by(job, self._settings)
        packed = packed if job.ready_at is None else min(packed, job.ready_at)
        return max(job.accepted_at, packed - timedelta(seconds=self._settings.outside_lead_s))

    def may_ask(self, job: Job, now: datetime) -> bool:
        """Whether the house that the job is with may be asked by now."""
        at = job.attempt.asked_at if job.provider == FLEET else self.asks_at(job)
        return at is not None and now >= max(at, job.attempt.asked_at)

    def may_go_on(self, job: Job, now: datetime) -> bool:
        """Whether the next one could be asked by now: if not, the present one keeps it."""
        if self.alone(job):
            return False
        at = now if self.after(job, now).provider == FLEET else self.asks_at(job)
        return at is not None and now >= at

    def _wanted_at(self, job: Job) -> datetime:
        """Our own couriers are asked when one has to leave for the goods, not before: nobody is late until then."""
        settings = self._settings
        ready_at = job.ready_at or job.created_at + timedelta(seconds=settings.prepare_s)
        return ready_at - timedelta(seconds=settings.approach_s + settings.lead_s)

    def exhausted(self, job: Job) -> bool:
        """Whether everybody has been asked."""
        return set(self.order(job)) <= {one.provider for one in job.attempts}
