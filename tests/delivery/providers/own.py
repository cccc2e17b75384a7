"""The bench of our own fleet: a town with one courier, whose deeds are what happens there."""

from delivery.jobs.lifecycle import Status
from delivery.model import DropOff, Item, JobRequest
from delivery.providers.fleet import FleetProvider
from delivery.providers.provider import Provider, Task
from delivery.providers.tasks import task_of
from delivery.settings import DeliverySettings
from tests.delivery.conftest import DOOR, STORE, Town

COURIER = "crr_1"


class FleetBench:
    """A `Bench`."""

    steps: tuple[Status, ...] = (
        Status.SEARCHING,
        Status.ACCEPTED,
        Status.AT_STORE,
        Status.COLLECTED,
        Status.ARRIVING,
        Status.DELIVERED,
    )

    def __init__(self, town: Town, provider: FleetProvider) -> None:
        self._town = town
        self.provider: Provider = provider
        self._asked = 0

    @property
    def created(self) -> int:
        return self._asked

    async def task(self, number: int) -> Task:
        door = DropOff(DOOR, "Flat 3, 8 Anfu Road", "Mei Lin", "13800001234")
        request = JobRequest(
            f"ord_{number}", "usr_buyer", STORE, door, f"A-104{number}", items=(Item("Loaf", 2, 2800),)
        )
        job = await self._town.delivery.jobs.request(request)
        self._asked = await self._town.database["delivery_jobs"].count_documents({})
        return task_of(job, DeliverySettings())

    async def move(self, delivery_id: str, status: Status) -> None:
        jobs, job_id = self._town.delivery.jobs, delivery_id.rpartition("-")[0]
        job = await jobs.job(job_id)
        if status is Status.ACCEPTED:
            await self._town.courier(COURIER, 100)
            await self._town.tick()
            await self._town.delivery.offers.accept(job_id, COURIER)
        elif status in {Status.AT_STORE, Status.ARRIVING}:
            await jobs.arrive(job_id, COURIER)
        elif status is Status.COLLECTED:
            await jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
        elif status is Status.DELIVERED:
            await jobs.deliver(job_id, COURIER, job.pin)
