"""What buyers think of a delivery: said once, within some days. Couriers never see it; the desk does."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from delivery.contact.model import Rating, Standing, Tag
from delivery.contact.store import ContactStore, RatedAlready
from delivery.documents import stored
from delivery.errors import AlreadyRated, JobUnknown, RatingClosed
from delivery.jobs.lifecycle import Status
from delivery.jobs.store import JobStore
from delivery.model import Job
from delivery.ports import Clock
from delivery.settings import DeliverySettings

COUNTED = 500  # of a courier's ratings, the newest
SHOWN = 20


def rate_until(job: Job, settings: DeliverySettings) -> datetime | None:
    """Until when a delivered job may be rated; None for any other."""
    if job.status is not Status.DELIVERED or job.courier_id is None:
        return None
    return job.history[-1].at + timedelta(days=settings.rating_days)


class Ratings:
    """Takes and reads ratings."""

    def __init__(self, store: ContactStore, jobs: JobStore, clock: Clock, settings: DeliverySettings) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._settings = settings

    async def rate(
        self, order_id: str, buyer_id: str, stars: int, tags: Collection[Tag] = (), text: str = ""
    ) -> Rating:
        """One to five stars. Raises JobUnknown, AlreadyRated, RatingClosed (not delivered, or too late)."""
        job, now = await self._jobs.of_order(order_id), stored(self._clock())
        if job is None or job.buyer_id != buyer_id:
            raise JobUnknown(f"No delivery of {order_id}.")
        until = rate_until(job, self._settings)
        if until is None or now >= until or job.courier_id is None:
            raise RatingClosed("This delivery cannot be rated now.")
        if not 1 <= stars <= 5:
            raise ValueError("one to five stars")
        kept = tuple(tag for tag in Tag if tag in tags)
        rating = Rating(job.id, order_id, job.courier_id, job.provider, stars, kept, text.strip(), now)
        try:
            await self._store.rate(rating)
        except RatedAlready:
            raise AlreadyRated("This delivery has been rated.") from None
        return rating

    async def of_job(self, job: Job) -> Rating | None:
        """Its rating; only what was delivered can have one."""
        return await self._store.rating(job.id) if job.status is Status.DELIVERED else None

    async def standing(self, courier_id: str) -> Standing:
        """What buyers thought of a courier, for the desk."""
        found = await self._store.ratings(courier_id, COUNTED)
        stars, tags = Counter(one.stars for one in found), Counter(tag for one in found for tag in one.tags)
        average = sum(one.stars for one in found) / len(found) if found else None
        counts = {number: stars[number] for number in range(1, 6)}
        return Standing(courier_id, len(found), average, counts, dict(tags), found[:SHOWN])
