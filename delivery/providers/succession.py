"""Who is asked next when one provider does not carry a job: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.jobs.lifecycle import CARRIED
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
        return Next(provider, max(now, again))

    def alone(self, job: Job) -> bool:
        """Whether there is nobody else to ask."""
        return not set(self.order(job)) - {job.provider}

    def overdue(self, job: Job, now: datetime) -> bool:
        """Whether nobody has accepted for too long: since this provider was asked, or since its last courier left."""
        since = [job.attempt.asked_at, *(step.at for step in job.history if step.status in CARRIED)]
        if job.provider == FLEET:
            since.append(self._wanted_at(job))
        return now >= max(since) + timedelta(seconds=self._settings.failover_after_s)

    def _wanted_at(self, job: Job) -> datetime:
        """Our own couriers are asked when one has to leave for the goods, not before: nobody is late until then."""
        settings = self._settings
        ready_at = job.ready_at or job.created_at + timedelta(seconds=settings.prepare_s)
        return ready_at - timedelta(seconds=settings.approach_s + settings.lead_s)

    def exhausted(self, job: Job) -> bool:
        """Whether everybody has been asked."""
        return set(self.order(job)) <= {one.provider for one in job.attempts}
