"""Who is asked, when the next is asked, and that a job is never with two."""

from dataclasses import replace

import pytest

from delivery.errors import CodeNeeded, WrongCode, WrongStatus
from delivery.events import JobHandedOn, JobUnserved
from delivery.jobs.lifecycle import Status
from delivery.model import FLEET, AttemptState, JobRequest, ProofKind
from delivery.settings import DeliverySettings
from tests.delivery.conftest import DOOR, STORE, Database
from tests.delivery.jobs.carrier import LATE_S, Line
from tests.delivery.jobs.world import World, open_world

NEVER = 10**8


@pytest.fixture
async def pair(database: Database) -> World:
    """Two outside providers; nobody polls."""
    return await open_world(database, DeliverySettings(providers=("alpha", "beta"), poll_s=NEVER))


@pytest.fixture
async def mixed(database: Database) -> World:
    """Our own fleet, then one outside provider."""
    return await open_world(database, DeliverySettings(providers=("fleet", "alpha"), poll_s=NEVER, prepare_s=0))


async def test_a_provider_is_asked_by_our_key_and_its_courier_carries(pair: World) -> None:
    job = await pair.placed()
    assert [one.key for one in pair.carriers["alpha"].books.values()] == [f"{job.id}-1"]
    assert (await pair.tell(job, Status.ACCEPTED)).courier_id == "alpha:c1"
    assert (await pair.tell(job, Status.AT_STORE)).status is Status.AT_STORE
    assert (await pair.tell(job, Status.COLLECTED)).status is Status.COLLECTED
    assert (await pair.tell(job, Status.ARRIVING)).status is Status.ARRIVING
    job = await pair.tell(job, Status.DELIVERED)
    assert (job.status, job.attempt.state) == (Status.DELIVERED, AttemptState.PROVING)
    await pair.sweep(6)
    job = await pair.job(job.order_id)
    assert job.attempt.state is AttemptState.DONE
    assert job.proof is not None
    assert job.proof.kind is ProofKind.SIGNATURE
    assert await pair.town.outbox.kinds(job.id) == [
        "JobCreated",
        "JobAccepted",
        "CourierAtStore",
        "JobCollected",
        "CourierArriving",
        "JobDelivered",
        "JobNoted",
        "JobNoted",
    ]


async def test_nobody_accepts_and_the_next_is_asked_once_the_first_has_let_go(pair: World) -> None:
    job = await pair.placed()
    await pair.sweep(299)
    assert (await pair.job(job.order_id)).provider == "alpha"
    pair.carriers["alpha"].line = Line.NO_ANSWER
    for _ in range(5):  # it hears that we call it off, and we do not hear that it did
        await pair.sweep(6)
        assert (await pair.job(job.order_id)).attempt.state is AttemptState.WITHDRAWING
        assert pair.carriers["beta"].books == {}
        await pair.hold()
    pair.carriers["alpha"].line = Line.GOOD
    await pair.sweep(6)
    await pair.sweep(6)
    job = await pair.job(job.order_id)
    assert [(one.provider, one.state) for one in job.attempts] == [
        ("alpha", AttemptState.ENDED),
        ("beta", AttemptState.PLACED),
    ]
    assert job.attempts[0].why == "nobody accepted"
    assert (await pair.town.outbox.kinds(job.id))[-1] == JobHandedOn.__name__
    await pair.hold()


async def test_who_accepts_in_the_last_moment_keeps_the_job(pair: World) -> None:
    job = await pair.placed()
    assert job.external is not None
    pair.carriers["alpha"].line = Line.CUT
    await pair.sweep(301)
    pair.carriers["alpha"].line = Line.GOOD
    pair.carriers["alpha"].move(job.external.id, Status.COLLECTED, courier="c9")  # and now it refuses to cancel
    await pair.sweep(6)
    job = await pair.job(job.order_id)
    assert (job.status, job.provider, job.attempt.state) == (Status.COLLECTED, "alpha", AttemptState.PLACED)
    assert pair.carriers["beta"].books == {}


@pytest.mark.parametrize("line", [Line.NO_ANSWER, Line.LATE])
async def test_a_create_without_an_answer_makes_no_second_delivery(pair: World, line: Line) -> None:
    await pair.town.order("ord_0")
    alpha = pair.carriers["alpha"]
    alpha.line = line
    await pair.sweep()
    alpha.line = Line.GOOD
    await pair.sweep(6)
    pair.pass_(LATE_S)
    job = await pair.job("ord_0")
    assert job.external is not None
    assert list(alpha.books) == [job.external.id]
    await pair.hold()


async def test_a_provider_is_not_passed_over_while_our_request_may_still_arrive(pair: World) -> None:
    await pair.town.order("ord_0")
    alpha = pair.carriers["alpha"]
    alpha.line = Line.LATE
    await pair.sweep()
    for _ in range(11):  # too long for an answer, and our request is still on its way
        await pair.sweep(6)
        assert pair.carriers["beta"].books == {}
    alpha.line = Line.GOOD
    for _ in range(30):
        await pair.sweep(6)
        await pair.hold()
    job = await pair.job("ord_0")
    assert job.provider == "beta"
    assert [one.status for one in alpha.books.values()] == [Status.CANCELLED]


async def test_a_provider_that_is_down_is_passed_over_at_once_when_it_never_heard_of_it(pair: World) -> None:
    await pair.town.order("ord_0")
    pair.carriers["alpha"].line = Line.CUT
    for _ in range(12):
        await pair.sweep(6)
    job = await pair.job("ord_0")
    assert job.provider == "beta"
    assert job.external is not None
    assert job.attempts[0].why == "no answer"


async def test_a_busy_provider_is_left_alone_for_as_long_as_it_asks(pair: World) -> None:
    await pair.town.order("ord_0")
    alpha = pair.carriers["alpha"]
    alpha.line = Line.BUSY
    await pair.sweep()
    asked = len(alpha.asked)
    await pair.sweep(6)
    assert len(alpha.asked) == asked
    alpha.line = Line.GOOD
    await pair.sweep(2)
    assert (await pair.job("ord_0")).external is not None


async def test_all_refuse_operators_are_told_once_and_the_search_goes_on(pair: World) -> None:
    for carrier in pair.carriers.values():
        carrier.line = Line.FULL
    await pair.town.order("ord_0")
    for _ in range(15):
        await pair.sweep(6)
    job = await pair.job("ord_0")
    assert job.status is Status.SEARCHING
    assert job.alerted_at is not None
    assert (await pair.town.outbox.kinds(job.id)).count(JobUnserved.__name__) == 1
    assert sum(one.provider == "alpha" for one in job.attempts) <= 3, "not asked again and again without a pause"
    pair.carriers["beta"].line = Line.GOOD
    for _ in range(25):
        await pair.sweep(6)
    job = await pair.tell(await pair.job("ord_0"), Status.ACCEPTED)
    assert (job.provider, job.status, job.alerted_at) == ("beta", Status.ACCEPTED, None)


async def test_our_fleet_lets_go_before_another_is_asked_and_offers_no_more(mixed: World) -> None:
    await mixed.town.courier("crr_1", 100)
    await mixed.town.order("ord_0")
    assert not await mixed.survive(mixed.sweep(301), death=4)  # noticed, and dead before it was called off
    job = await mixed.job("ord_0")
    assert (job.provider, job.attempt.state) == (FLEET, AttemptState.WITHDRAWING)
    await mixed.town.stay("crr_1")
    await mixed.town.tick()
    assert (await mixed.job("ord_0")).status is Status.SEARCHING, "nobody is asked for what is called off"
    await mixed.sweep(6)
    await mixed.sweep(6)
    job = await mixed.job("ord_0")
    assert (job.provider, job.attempt.number) == ("alpha", 2)
    await mixed.town.stay("crr_1")
    await mixed.town.tick()
    await mixed.hold()


async def test_a_courier_of_ours_who_accepted_is_not_disturbed(mixed: World) -> None:
    await mixed.town.courier("crr_1", 100)
    job = await mixed.town.order("ord_0")
    await mixed.town.tick()
    await mixed.delivery.offers.accept(job.id, "crr_1")
    await mixed.sweep(400)
    job = await mixed.job("ord_0")
    assert (job.provider, job.status, job.courier_id) == (FLEET, Status.ACCEPTED, "crr_1")
    await mixed.delivery.jobs.hand_over("ord_0", job.hand_over_code, "usr_staff")
    await mixed.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    job = await mixed.job("ord_0")
    assert job.attempt.state is AttemptState.DONE


async def test_money_at_the_door_stays_with_our_own_fleet(mixed: World) -> None:
    asked = JobRequest("ord_0", "usr_buyer", STORE, replace((await mixed.town.order("ord_1")).drop_off), own_only=True)
    await mixed.delivery.jobs.request(asked)
    for _ in range(3):
        await mixed.sweep(301)
    job = await mixed.job("ord_0")
    assert (job.provider, len(job.attempts)) == (FLEET, 1)
    assert job.alerted_at is not None
    assert job.drop_off.position == DOOR


async def test_an_order_called_off_is_called_off_at_the_provider_too(pair: World) -> None:
    job = await pair.placed()
    pair.carriers["alpha"].line = Line.CUT
    await pair.delivery.jobs.cancel("ord_0", "buyer", "usr_buyer")
    await pair.sweep(6)
    job = await pair.job("ord_0")
    assert (job.status, job.attempt.state) == (Status.CANCELLED, AttemptState.WITHDRAWING)
    pair.carriers["alpha"].line = Line.GOOD
    await pair.sweep(6)
    job = await pair.job("ord_0")
    assert job.attempt.state is AttemptState.ENDED
    assert [one.status for one in pair.carriers["alpha"].books.values()] == [Status.CANCELLED]
    with pytest.raises(WrongStatus):
        await pair.delivery.jobs.hand_over("ord_0", job.hand_over_code, "usr_staff")


async def test_a_delivery_that_tells_nothing_is_asked_about(database: Database) -> None:
    world = await open_world(database, DeliverySettings(providers=("alpha",)))
    job = await world.placed()
    assert job.external is not None
    world.carriers["alpha"].move(job.external.id, Status.ACCEPTED, courier="c1")  # and its message is lost
    await world.sweep(61)
    assert (await world.job("ord_0")).courier_id == "alpha:c1"


async def test_the_counter_gives_to_another_providers_courier_by_name_or_code(pair: World) -> None:
    job = await pair.placed()
    with pytest.raises(CodeNeeded):
        await pair.delivery.jobs.hand_over("ord_0", None, "usr_staff")
    job = await pair.tell(job, Status.ACCEPTED)
    assert job.by_name
    with pytest.raises(WrongCode):
        await pair.delivery.jobs.hand_over("ord_0", "12345", "usr_staff")
    job = await pair.delivery.jobs.hand_over("ord_0", None, "usr_staff")
    assert (job.status, job.history[-1].why) == (Status.COLLECTED, "by name: Courier c1")
    assert (await pair.delivery.jobs.hand_over("ord_0", None, "usr_staff")).history == job.history
    job = await pair.tell(job, Status.COLLECTED)
    assert len(job.history) == 3, "what the counter has said, the provider may say again"


async def test_a_courier_with_a_code_shows_it(pair: World) -> None:
    job = await pair.placed()
    assert job.external is not None
    alpha = pair.live(job)
    alpha.books[job.external.id] = replace(alpha.books[job.external.id], hand_over_code="4711", pin="0815")
    await pair.sweep(6)
    alpha.move(job.external.id, Status.ACCEPTED, courier="c1")
    await pair.post(alpha.tell(job.external.id, "rerouted"))  # asked about: the answer has the codes
    await pair.work()
    job = await pair.job("ord_0")
    assert (job.by_name, job.hand_over_code, job.pin) == (False, "4711", "0815")
    with pytest.raises(CodeNeeded):
        await pair.delivery.jobs.hand_over("ord_0", None, "usr_staff")
    assert (await pair.delivery.jobs.hand_over("ord_0", "4711", "usr_staff")).status is Status.COLLECTED


async def test_our_fleet_is_not_given_up_before_a_courier_has_to_leave(database: Database) -> None:
    settings = DeliverySettings(
        providers=("fleet", "alpha"), poll_s=NEVER, prepare_s=20 * 60, approach_s=300, lead_s=60
    )
    world = await open_world(database, settings)
    job = await world.town.order("ord_0")
    await world.sweep(14 * 60 + 299)
    assert (await world.job(job.order_id)).provider == FLEET
    await world.sweep(2)
    await world.sweep(6)
    assert (await world.job(job.order_id)).provider == "alpha"
