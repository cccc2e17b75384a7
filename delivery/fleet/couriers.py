"""The fleet: who is registered, online, and where."""

from datetime import date, datetime, timedelta

from delivery.documents import stored
from delivery.errors import ConsentNeeded, Contended, CourierUnknown, HasJobs, NoShift
from delivery.fleet.days.days import Days
from delivery.fleet.days.model import Point
from delivery.fleet.model import Courier, CourierState, Day, Fix, Kept, Offer
from delivery.fleet.moves import Moved, Moves, check_position
from delivery.fleet.offers import Offers
from delivery.fleet.route import in_sequence
from delivery.fleet.shifts.shifts import Shifts
from delivery.fleet.store import CourierStore
from delivery.geo import Position
from delivery.jobs.jobs import ATTEMPTS
from delivery.jobs.lifecycle import FINAL, Status
from delivery.jobs.store import JobStore
from delivery.ports import Clock, Transactions
from delivery.settings import DeliverySettings
from delivery.travel import Vehicle

__all__ = ["Couriers", "Moved"]


FRESH = timedelta(minutes=5)
LIES = timedelta(hours=1)  # stretches of the way that are older are filed, however few
EARLIEST = date(2000, 1, 1)


class Couriers:
    """Couriers as they come, go and move."""

    def __init__(
        self,
        couriers: CourierStore,
        jobs: JobStore,
        offers: Offers,
        shifts: Shifts,
        days: Days,
        moves: Moves,
        transactions: Transactions,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._couriers = couriers
        self._jobs = jobs
        self._offers = offers
        self._shifts = shifts
        self._days = days
        self._moves = moves
        self._transactions = transactions
        self._clock = clock
        self._settings = settings

    async def register(
        self, courier_id: str, name: str, phone: str, vehicle: Vehicle, *, simulated: bool = False
    ) -> None:
        """Add to the fleet, or bring up to date."""
        capacity = self._settings.capacity.get(vehicle, 1)
        await self._transactions.run(
            lambda session: self._couriers.register(
                courier_id, name, phone, vehicle, capacity=capacity, simulated=simulated, session=session
            )
        )

    async def equip(self, courier_id: str, vehicle: Vehicle, capacity: int | None = None) -> Courier:
        """Another vehicle; `capacity` (orders at once) is the vehicle's unless given. Raises CourierUnknown."""
        fits = self._settings.capacity.get(vehicle, 1) if capacity is None else capacity
        if not await self._transactions.run(lambda session: self._couriers.equip(courier_id, vehicle, fits, session)):
            raise CourierUnknown(courier_id)
        return await self._courier(courier_id)

    async def fleet(self) -> tuple[Courier, ...]:
        """Everybody who is registered, online or not, with the last place of those online."""
        return await self._couriers.all()

    async def state(self, courier_id: str) -> CourierState:
        """All that the courier's page shows. Raises CourierUnknown."""
        courier = await self._courier(courier_id)
        now = self._clock()
        shift = await self._shifts.next(courier_id)
        free = courier.online and not courier.job_ids and not courier.offer_job_ids
        return CourierState(
            courier=courier,
            offer=await self._offer(courier, now),
            jobs=in_sequence(await self._jobs.of_courier(courier_id)),
            today=await self._days.day(courier, self._settings.day(now), now),
            shift=shift,
            may_go_online=self._shifts.open_to(shift, now),
            hint=await self._couriers.hint(courier_id, now) if free else None,
            kept=Kept(self._settings.position_days, self._settings.trail_days),
        )

    async def days(self, courier_id: str, since: date | None = None, until: date | None = None) -> tuple[Day, ...]:
        """Days from `since` to `until`, both included: the last seven by default, 31 at most. Raises CourierUnknown."""
        now = self._clock()
        today, courier = self._settings.day(now), await self._courier(courier_id)
        until = max(EARLIEST, min(until or today, today))
        since = until - timedelta(days=6) if since is None else max(EARLIEST, since)
        return await self._days.days(courier, since, until, now)

    async def consent(self, courier_id: str) -> None:
        """Agree to be seen while online. Again keeps the first time. Raises CourierUnknown."""
        courier, now = await self._courier(courier_id), stored(self._clock())
        if courier.consent_at is None:
            await self._transactions.run(lambda session: self._couriers.set_consent(courier_id, now, session))

    async def withdraw_consent(self, courier_id: str) -> CourierState:
        """Agree no more: offline, and every place that was kept is deleted. Raises CourierUnknown, HasJobs."""
        await self.go_offline(courier_id)
        await self._transactions.run(lambda session: self._couriers.set_consent(courier_id, None, session))
        await self._days.forget(courier_id)
        return await self.state(courier_id)

    async def go_online(self, courier_id: str, position: Position, *, consent: bool = False) -> CourierState:
        """Take offers from here on; `consent` agrees to be seen. Again is the same.

        Raises CourierUnknown, BadPosition, ConsentNeeded; NoShift where only shifts are worked.
        """
        check_position(position, 0.0)
        if consent:
            await self.consent(courier_id)
        courier, now = await self._courier(courier_id), stored(self._clock())
        if courier.consent_at is None:
            raise ConsentNeeded("Agree first that your position is used while you are online.")
        if not courier.online or courier.fix is None:
            if not courier.online and not self._shifts.open_to(await self._shifts.next(courier_id), now):
                raise NoShift("You have no shift now.")
            if courier.fix is not None:  # left behind
                await self._days.file(courier_id, courier.fix.way)
            # The place first: who is online has one.
            await self._couriers.place(courier_id, Fix(position, 0.0, now, now))
            await self._transactions.run(lambda session: self._couriers.set_online(courier_id, now, session))
        return await self.state(courier_id)

    async def go_offline(self, courier_id: str) -> CourierState:
        """Take no more offers; one that is open is declined. Raises CourierUnknown, HasJobs."""
        for _ in range(ATTEMPTS):
            courier = await self._courier(courier_id)
            if courier.job_ids:
                raise HasJobs("Deliver or return what you carry first.")
            if courier.offer_job_ids:
                await self._offers.decline(courier.offer_job_ids[0], courier_id)
                courier = await self._courier(courier_id)
            if await self._end(courier, self._clock()):
                return await self.state(courier_id)
        raise Contended(f"{courier_id} keeps getting offers.")

    async def sweep(self, now: datetime) -> int:
        """Take offline who is free and has been silent for long, or (where only shifts are worked) has none any more:
        how many. Forget the places of who is offline.
        """
        gone = 0
        couriers = await self._couriers.online()
        for courier in couriers:
            if courier.job_ids or courier.offer_job_ids:
                continue
            seen_at = courier.fix.seen_at if courier.fix else courier.online_since or now
            if (now - seen_at).total_seconds() > self._settings.silent_offline_s:
                gone += await self._end(courier, seen_at)
            elif not self._settings.online_outside_shifts and await self._over(courier, now):
                gone += await self._end(courier, now)
        # Who is going online this moment has a place before being online.
        online = {one.id for one in couriers}
        for courier_id, fix in (await self._couriers.fixes(now - FRESH)).items():
            if courier_id not in online:
                await self._forget(courier_id, fix)
        return gone

    async def forget_old_places(self, now: datetime) -> int:
        """Delete the places that are kept no more; of how many hours of couriers. What lies with positions of the way
        is filed before.
        """
        for courier_id, fix in (await self._couriers.unfiled(now - LIES)).items():
            await self._days.file(courier_id, fix.way)
            await self._couriers.filed(courier_id, fix)
        return await self._days.sweep(now)

    async def trail(self, job_id: str) -> tuple[Point, ...]:
        """Where the courier who has (or had) the job was from taking it to its end, for as long as that is kept.

        Raises JobUnknown.
        """
        job = await self._jobs.known(job_id)
        taken = [step.at for step in job.history if step.status is Status.ACCEPTED]
        if job.courier_id is None or not taken:
            return ()
        until = job.history[-1].at if job.status in FINAL else self._clock()
        fix = await self._couriers.fix(job.courier_id)
        return await self._days.trail(job.courier_id, fix, taken[-1], until)

    async def move(self, courier_id: str, position: Position, accuracy_m: float, at: datetime) -> Moved:
        """A position from the courier's device, `at` by its clock.

        One that is out of order, too coarse or implausible is left out, and the answer says so. Raises CourierUnknown,
        BadPosition for one that cannot be. Reaching the store or the door moves the job on.
        """
        return await self._moves.move(courier_id, position, accuracy_m, at)

    async def _over(self, courier: Courier, now: datetime) -> bool:
        """Neither a shift now or soon, nor one that has just ended."""
        grace = timedelta(seconds=self._settings.shift_grace_s)
        if self._shifts.open_to(await self._shifts.next(courier.id), now):
            return False
        return not await self._shifts.between(now - grace, now, courier.id)

    async def _end(self, courier: Courier, at: datetime) -> bool:
        """End the stretch online that was read, and count it; False if there is work meanwhile."""

        async def body(session: object) -> bool:
            if not await self._couriers.set_offline(courier, session):
                return False
            if courier.online_since is not None:
                await self._days.was_online(courier.id, courier.online_since, at, session)
            return True

        if not await self._transactions.run(body):
            return False
        for _ in range(ATTEMPTS):
            fix = await self._couriers.fix(courier.id)
            if fix is None or await self._forget(courier.id, fix):
                break
        await self._couriers.forget_hint(courier.id)
        return True

    async def _forget(self, courier_id: str, fix: Fix) -> bool:
        """File what lies with the last position, and delete it."""
        await self._days.file(courier_id, fix.way)
        return await self._couriers.forget_place(courier_id, fix)

    async def _offer(self, courier: Courier, now: datetime) -> Offer | None:
        """The open offer, if it is whole and has time left."""
        jobs = [
            one
            for one in await self._jobs.jobs(courier.offer_job_ids)
            if one.courier_id == courier.id and one.status is Status.OFFERED
        ]
        ends = [one.offer_expires_at for one in jobs if one.offer_expires_at is not None]
        if not jobs or len(ends) < len(jobs) or min(ends) <= now:
            return None
        return Offer(jobs[0].bundle_id or jobs[0].id, min(ends), in_sequence(jobs))

    async def _courier(self, courier_id: str) -> Courier:
        courier = await self._couriers.courier(courier_id)
        if courier is None:
            raise CourierUnknown(courier_id)
        return courier
