"""Random orders of events at our own fleet and two providers, with bad lines, and deaths between any two steps.

What is held after every deed: one job an order and never two hands on it, no status goes back, each step tells once,
and what was acknowledged is kept. What is held in the end: the job is where the provider that carries it says it is.
"""

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from delivery.errors import DeliveryError
from delivery.jobs.lifecycle import BEFORE_COLLECTION, FINAL, RANK, WITH_GOODS, Status
from delivery.model import FLEET, AttemptState, Job
from delivery.settings import DeliverySettings
from delivery.travel import Vehicle
from tests.delivery.conftest import Database, east_of_store
from tests.delivery.jobs.carrier import Carrier, Line, Message
from tests.delivery.jobs.world import World, open_world

ORDERS = ("ord_0", "ord_1")
NEVER = 10**8  # seconds; nobody asks how it stands: what the messages say has to be enough
HOUSES = (("alpha", "beta"), ("fleet", "alpha"), ("alpha",), ("alpha", "fleet"))
UNDER_WAY = BEFORE_COLLECTION | WITH_GOODS
LINES = (Line.GOOD, Line.GOOD, Line.CUT, Line.NO_ANSWER, Line.LATE, Line.BUSY, Line.FULL)
# What may follow at a provider.
NEXT = {
    Status.SEARCHING: (Status.ACCEPTED, Status.ACCEPTED, Status.CANCELLED, Status.COLLECTED),
    Status.ACCEPTED: (Status.AT_STORE, Status.SEARCHING, Status.ACCEPTED, Status.COLLECTED, Status.CANCELLED),
    Status.AT_STORE: (Status.COLLECTED, Status.SEARCHING, Status.CANCELLED, Status.COLLECTED),
    Status.COLLECTED: (Status.ARRIVING, Status.DELIVERED, Status.RETURNING, Status.DELIVERED),
    Status.ARRIVING: (Status.DELIVERED, Status.RETURNING),
    Status.RETURNING: (Status.RETURNED,),
}


def order_of(which: int) -> str:
    return ORDERS[which == 11]  # mostly the same


async def request(world: World, which: int) -> None:
    await world.town.order(order_of(which), accepted=which % 3 == 1)


async def accept(world: World, which: int) -> None:
    await world.delivery.jobs.accepted(order_of(which))


async def pack(world: World, which: int) -> None:
    await world.delivery.jobs.ready(order_of(which))


async def wish(world: World, which: int) -> None:
    """The buyer thinks of where it is to be put."""
    await world.delivery.trackings.leave_at_door(order_of(which), "usr_buyer", leave=which % 2 == 0)


async def sweep(world: World, which: int) -> None:
    await world.sweep((0, 6, 61, 301)[which % 4])


async def work(world: World, which: int) -> None:
    await world.work((0, 6)[which % 2])


async def ride(world: World, which: int) -> None:
    """A courier of whichever provider carries the order does the next thing."""
    job = await world.job(order_of(which))
    for carrier in world.carriers.values():
        for known in carrier.alive(job.id):
            after = NEXT[known.status or Status.SEARCHING]
            status = after[which // 2 % len(after)]
            carrier.move(known.id, status, courier=f"c{which % 3}" if status is Status.ACCEPTED else None)


async def babble(world: World, which: int) -> None:
    """A message that is no news, or one of which we know nothing."""
    for carrier in world.carriers.values():
        for known in list(carrier.books.values())[which % 2 :: 2]:
            carrier.tell(known.id, ("rerouted", known.raw)[which // 2 % 2])


async def tick(world: World, which: int) -> None:
    await world.delivery.dispatch.tick(world.town.clock())


async def ours(world: World, which: int) -> None:
    """Our own courier answers, or carries on."""
    job = await world.job(order_of(which))
    if job.status is Status.OFFERED:
        answer = world.delivery.offers.decline if which % 3 == 0 else world.delivery.offers.accept
        await answer(job.id, "crr_0")
    elif job.status in {Status.COLLECTED, Status.ARRIVING} and not job.outside:
        await world.delivery.jobs.deliver(job.id, "crr_0", job.pin)


async def hand_over(world: World, which: int) -> None:
    job = await world.job(order_of(which))
    await world.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")


async def cancel(world: World, which: int) -> None:
    await world.delivery.jobs.cancel(order_of(which), "buyer", "usr_buyer")


Deed = Callable[[World, int], Awaitable[None]]
DEEDS: tuple[Deed, ...] = (sweep, sweep, work, ride, ride, ride, babble, tick, ours, hand_over, cancel)
DEEDS += (request, accept, accept, pack, wish, wish)

deed = st.tuples(
    st.sampled_from([*DEEDS, "post", "post", "post", "again", "line"]),
    st.integers(0, 11),
    st.one_of(st.none(), st.none(), st.integers(0, 12)),
)
# A story that gets far is likelier when it begins with the usual order of things.
USUAL = ((accept, 0, None), (sweep, 0, None), (ride, 0, None), ("post", 0, None), (work, 0, None))
wild = st.lists(deed, min_size=4, max_size=18).flatmap(lambda deeds: st.sampled_from([deeds, [*USUAL, *deeds]]))


def some(world: World, which: int, *, acknowledged: bool) -> Message | None:
    """A message that is under way, or one that came before: any of them."""
    found = [
        message
        for carrier in world.carriers.values()
        for message in carrier.messages
        if (message.id in world.acknowledged) is acknowledged
    ]
    return found[which % len(found)] if found else None


async def play(world: World, what: Deed | str, which: int, death: int | None) -> None:
    if isinstance(what, str):
        if what == "line":
            carriers = list(world.carriers.values())
            carriers[which % len(carriers)].line = LINES[which % len(LINES)]
            return
        message = some(world, which, acknowledged=what == "again")
        if message is not None:
            await world.post(message, death)
        return
    await world.survive(what(world, which), death)


async def check_end(world: World) -> None:
    """Nothing is under way between us and the providers: both tell the same story."""
    for order_id in ORDERS:
        try:
            job = await world.job(order_id)
        except DeliveryError:
            continue
        for carrier in world.carriers.values():
            alive = carrier.alive(job.id)
            if not (job.outside and carrier.name == job.provider and job.attempt.state is not AttemptState.ENDED):
                assert not [one for one in alive if before_goods(one.status)], "a courier comes for nothing"
        if job.outside:
            check_story(job, world.carriers[job.provider])
            check_terms(job, world.carriers[job.provider])
    async for one in world.town.database["delivery_news"].find({}):
        assert one["outcome"] is not None, one


def before_goods(status: Status | None) -> bool:
    return status is not None and status not in FINAL and RANK[status] < RANK[Status.COLLECTED]


def check_story(job: Job, carrier: Carrier) -> None:
    known = carrier.books.get(job.attempt.external_id or "")
    if known is None or known.status is None or job.status is Status.CANCELLED:
        return
    if job.attempt.state is AttemptState.ENDED:
        assert job.status is Status.RETURNING, "ended there with the goods out: they have to come back"
    elif job.status is Status.RETURNING and known.status is Status.DELIVERED:
        pass
    elif known.status is not Status.CANCELLED:
        given = job.status is Status.COLLECTED and before_goods(known.status)  # the counter was first
        assert given or job.status is known.status, f"we say {job.status}, {carrier.name} says {known.status}"


def check_terms(job: Job, carrier: Carrier) -> None:
    """Its courier goes by what the buyer said last, and knows when the goods are packed."""
    known = carrier.books.get(job.attempt.external_id or "")
    if known is None or job.attempt.state is not AttemptState.PLACED:
        return
    if job.status not in UNDER_WAY or known.status not in UNDER_WAY:
        return
    has = carrier.terms[known.id]
    assert has.leave_at_door == job.leave_at_door
    if job.ready_at is not None and job.status in BEFORE_COLLECTION:
        assert abs((has.ready_at - job.ready_at).total_seconds()) < DeliverySettings().retell_s


async def history(
    database: Database, providers: tuple[str, ...], story: list[tuple[Deed | str, int, int | None]]
) -> None:
    world = await open_world(database, DeliverySettings(providers=providers, poll_s=NEVER))
    if FLEET in providers:
        await world.delivery.couriers.register("crr_0", "Wang Lei", "13900005678", Vehicle.EBIKE)
        await world.delivery.couriers.go_online("crr_0", east_of_store(300), consent=True)
    await request(world, 0)
    note([(one if isinstance(one, str) else one.__name__, which, death) for one, which, death in story])
    for what, which, death in story:
        await play(world, what, which, death)
        await world.hold()
    await world.settle()
    await world.hold()
    await check_end(world)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=18, deadline=None, suppress_health_check=QUIET, phases=[Phase.explicit, Phase.generate])
@given(providers=st.sampled_from(HOUSES), story=wild)
@pytest.mark.timeout(240)
async def test_whatever_happens_and_whenever_we_die(
    database: Database, providers: tuple[str, ...], story: list[tuple[Deed | str, int, int | None]]
) -> None:
    await history(database, providers, story)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=QUIET)
@given(providers=st.sampled_from(HOUSES), story=wild)
@pytest.mark.timeout(3600)
async def test_whatever_happens_and_whenever_we_die_deeper(
    database: Database, providers: tuple[str, ...], story: list[tuple[Deed | str, int, int | None]]
) -> None:
    await history(database, providers, story)


async def the_usual(world: World, deaths: list[int | None]) -> None:
    """One provider's courier gives the order back, the provider lets it drop, and the next one brings it."""
    left = iter(deaths)

    async def do(made: Callable[[], Awaitable[object]]) -> None:
        death = next(left, None)
        if not await world.survive(made(), death):
            await world.survive(made())
        await world.hold()

    async def told(status: Status, courier: str | None = None) -> None:
        job = await world.job("ord_0")
        carrier = next((one for one in world.carriers.values() if one.alive(job.id)), None)
        if carrier is None:
            return
        message = carrier.move(carrier.alive(job.id)[0].id, status, courier=courier)
        if not await world.post(message, next(left, None)):
            await world.post(message)
        await do(world.work)

    await do(lambda: world.town.order("ord_0", accepted=False))
    await do(world.sweep)
    await do(lambda: world.delivery.jobs.accepted("ord_0"))
    await do(world.sweep)
    await told(Status.ACCEPTED, "c1")
    await told(Status.SEARCHING)
    await told(Status.ACCEPTED, "c2")
    await told(Status.CANCELLED)
    await do(lambda: world.sweep(6))
    await told(Status.ACCEPTED, "c3")
    await do(lambda: world.delivery.trackings.leave_at_door("ord_0", "usr_buyer", leave=True))
    await do(lambda: world.sweep(6))
    await told(Status.COLLECTED)
    await told(Status.DELIVERED)
    await do(lambda: world.sweep(6))
    await world.settle()
    await world.hold()
    await check_end(world)
    job = await world.job("ord_0")
    assert (job.status, job.provider) == (Status.DELIVERED, "beta")
    assert job.proof is not None
    assert job.proof.kept
    assert world.carriers["beta"].terms[job.attempt.external_id or ""].leave_at_door
    assert {carrier.asked.count("create") for carrier in world.carriers.values()} <= {1, 2}


DEEDS_OF_THE_USUAL = 23
STEPS_OF_A_DEED = 8


@pytest.mark.parametrize("deed_at", range(0, DEEDS_OF_THE_USUAL, 3))
async def test_a_death_in_the_usual_course_changes_nothing(database: Database, deed_at: int) -> None:
    world = await open_world(database, DeliverySettings(providers=("alpha", "beta"), poll_s=NEVER))
    await the_usual(world, [None] * deed_at + [1 + deed_at % 4])


@pytest.mark.slow
@pytest.mark.parametrize("deed_at", range(DEEDS_OF_THE_USUAL))
async def test_a_death_at_any_step_of_the_usual_course_changes_nothing(database: Database, deed_at: int) -> None:
    for step in range(STEPS_OF_A_DEED):
        world = await open_world(database, DeliverySettings(providers=("alpha", "beta"), poll_s=NEVER))
        await the_usual(world, [None] * deed_at + [step])
