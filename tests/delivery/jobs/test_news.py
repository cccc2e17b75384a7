"""What providers tell: kept before it is acknowledged, applied once, forward only, and asked again where in doubt."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from delivery.errors import Forged, ProviderUnknown
from delivery.jobs.lifecycle import Status
from delivery.model import Job
from delivery.providers.provider import Delivery
from delivery.settings import DeliverySettings
from tests.delivery.conftest import Database
from tests.delivery.jobs.carrier import Message, sign
from tests.delivery.jobs.world import World, open_world

NEVER = 10**8
ONE = DeliverySettings(providers=("alpha",), poll_s=NEVER)


@pytest.fixture
async def world(database: Database) -> World:
    return await open_world(database, ONE)


async def outcomes(world: World, job: Job) -> list[str | None]:
    return [one.outcome for one in await world.delivery.inbox.log(job.id)]


async def move(world: World, job: Job, status: Status, courier: str | None = None) -> Message:
    assert job.external is not None
    world.pass_(1)
    return world.live(job).move(job.external.id, status, courier=courier)


async def test_a_message_is_taken_once_however_often_it_comes(world: World) -> None:
    job = await world.placed()
    message = await move(world, job, Status.ACCEPTED, "c1")
    take: Callable[[], Awaitable[int]] = lambda: world.delivery.inbox.take("alpha", message.headers, message.body)  # noqa: E731
    assert [await take(), await take()] == [1, 0]
    await world.work()
    assert await take() == 0
    assert await outcomes(world, job) == ["applied"]
    assert (await world.town.outbox.kinds(job.id)).count("JobAccepted") == 1


async def test_a_forged_message_leaves_no_trace(world: World) -> None:
    job = await world.placed()
    message = await move(world, job, Status.ACCEPTED, "c1")
    with pytest.raises(Forged):
        await world.delivery.inbox.take("alpha", {"x-signature": "0" * 64}, message.body)
    with pytest.raises(Forged):
        await world.delivery.inbox.take("fleet", message.headers, message.body)
    with pytest.raises(ProviderUnknown):
        await world.delivery.inbox.take("nobody", message.headers, message.body)
    await world.work()
    assert await outcomes(world, job) == []


async def test_what_would_go_back_is_logged_and_not_applied(world: World) -> None:
    job = await world.placed()
    early = [await move(world, job, Status.ACCEPTED, "c1"), await move(world, job, Status.AT_STORE)]
    await world.post(await move(world, job, Status.COLLECTED))
    await world.work()
    for message in early:
        await world.post(message)
        await world.work()
        assert (await world.job("ord_0")).status is Status.COLLECTED
    assert await outcomes(world, job) == ["applied", "same", "same"], "asked again: the provider says collected"
    await world.hold()


async def test_an_earlier_status_told_later_is_regressive(world: World) -> None:
    job = await world.placed()
    await world.tell(job, Status.ACCEPTED)
    await world.tell(job, Status.AT_STORE)
    assert job.external is not None
    world.pass_(1)
    await world.post(world.live(job).tell(job.external.id, "accepted"))
    await world.work()
    job = await world.job("ord_0")
    assert (job.status, job.round) == (Status.AT_STORE, 0)
    assert await outcomes(world, job) == ["applied", "applied", "regressive"]


async def test_the_order_of_messages_is_not_trusted(world: World) -> None:
    job = await world.placed()
    came, left = await move(world, job, Status.ACCEPTED, "c1"), await move(world, job, Status.SEARCHING)
    await world.post(left)
    await world.work()
    await world.post(came)
    await world.work()
    job = await world.job("ord_0")
    assert (job.status, job.courier_id) == (Status.SEARCHING, None)


async def test_an_end_is_believed_only_when_the_provider_says_so_again(world: World) -> None:
    job = await world.placed()
    await world.tell(job, Status.ACCEPTED)
    await world.tell(job, Status.COLLECTED)
    assert job.external is not None
    for said in ("delivered", "returned", "cancelled"):
        world.pass_(1)
        await world.post(world.live(job).tell(job.external.id, said))
        await world.work()
        assert (await world.job("ord_0")).status is Status.COLLECTED
    assert await outcomes(world, job) == ["applied", "applied", "same", "same", "same"]


async def test_an_unknown_status_is_asked_about(world: World) -> None:
    job = await world.placed()
    assert job.external is not None
    await world.post(world.live(job).tell(job.external.id, "rerouted"))
    await world.work()
    assert await outcomes(world, job) == ["unknown"]
    await move(world, job, Status.ACCEPTED, "c1")  # its message is lost
    await world.post(world.live(job).tell(job.external.id, "rerouted"))
    await world.work()
    assert (await world.job("ord_0")).courier_id == "alpha:c1"


async def test_nothing_is_believed_of_who_does_not_sign(database: Database) -> None:
    world = await open_world(database, ONE, signs=False)
    job = await world.placed()
    assert job.external is not None
    await world.post(world.live(job).tell(job.external.id, "accepted"))
    await world.work()
    assert (await world.job("ord_0")).status is Status.SEARCHING
    await world.tell(job, Status.ACCEPTED)
    assert (await world.job("ord_0")).status is Status.ACCEPTED


async def test_a_courier_who_gives_it_back_and_another_who_takes_it(world: World) -> None:
    job = await world.placed()
    code = (await world.tell(job, Status.ACCEPTED, "c1")).hand_over_code
    job = await world.tell(job, Status.SEARCHING, None)
    assert (job.status, job.round, job.attempt.number) == (Status.SEARCHING, 1, 1)
    assert job.hand_over_code != code
    await world.tell(job, Status.ACCEPTED, "c2")
    job = await world.tell(job, Status.ACCEPTED, "c3")  # from one to the other, without a word between
    assert (job.courier_id, job.round) == ("alpha:c3", 2)
    await world.hold()


async def test_a_courier_who_leaves_with_the_goods_brings_them_back(world: World) -> None:
    job = await world.placed()
    await world.tell(job, Status.COLLECTED)
    job = await world.tell(job, Status.CANCELLED)
    assert job.status is Status.RETURNING
    assert (await world.town.outbox.kinds(job.id))[-1] == "JobFailed"
    await world.sweep(400)
    assert len((await world.job("ord_0")).attempts) == 1, "nobody else is sent for goods that are not at the store"


async def test_news_may_be_faster_than_the_answer_to_our_request(world: World) -> None:
    await world.town.order("ord_0")
    alpha = world.carriers["alpha"]
    await world.survive(world.sweep(), death=6)  # it has our request, and we died before we kept its answer
    job = await world.job("ord_0")
    assert job.external is None
    [known] = alpha.books.values()
    await world.post(alpha.move(known.id, Status.ACCEPTED, courier="c1"))
    await world.work()
    job = await world.job("ord_0")
    assert job.external is not None
    assert (job.external.id, job.courier_id) == (known.id, "alpha:c1")
    await world.sweep(6)
    await world.hold()


@pytest.mark.parametrize("death", range(8))
async def test_one_message_and_a_death_at_any_step(world: World, death: int) -> None:
    job = await world.placed()
    message = await move(world, job, Status.COLLECTED, "c1")
    await world.post(message, death)
    if message.id in world.acknowledged:
        await world.survive(world.work(), death - 3)
    else:
        await world.post(message)
    await world.work()
    assert (await world.job("ord_0")).status is Status.COLLECTED
    assert await outcomes(world, job) == ["applied"]
    await world.hold()


@pytest.mark.parametrize("death", range(6))
async def test_a_death_while_working_off_loses_nothing(world: World, death: int) -> None:
    job = await world.placed()
    await world.post(await move(world, job, Status.COLLECTED, "c1"))
    await world.survive(world.work(), death)
    await world.work()
    assert (await world.job("ord_0")).status is Status.COLLECTED
    assert await outcomes(world, job) == ["applied"]


async def test_an_answer_that_is_overtaken_is_asked_for_again(world: World) -> None:
    job = await world.placed()
    await world.tell(job, Status.ACCEPTED, "c1")
    left = await move(world, job, Status.SEARCHING)
    alpha = world.live(job)
    asked = alpha.get

    async def slow(delivery_id: str) -> Delivery | None:
        """It reads, and before its answer is here another courier has come, and the message of that is worked off."""
        alpha.get = asked  # type: ignore[method-assign]
        told = alpha.books[delivery_id]
        await world.post(await move(world, job, Status.ACCEPTED, "c2"))
        await world.delivery.inbox.work_off()
        return told

    alpha.get = slow  # type: ignore[method-assign]
    await world.post(left)
    await world.work()
    job = await world.job("ord_0")
    assert (job.status, job.courier_id) == (Status.ACCEPTED, "alpha:c2")
    assert job.round == 1, "from one courier to the other, and not back and forth"
    await world.hold()


async def test_a_delivery_that_lives_on_after_we_let_go_is_called_off(world: World) -> None:
    job = await world.placed()
    assert job.external is not None
    alpha, old = world.live(job), job.external.id
    await world.tell(job, Status.CANCELLED)
    alpha.move(old, Status.ACCEPTED, courier="c7")  # it thinks better of it
    await world.post(alpha.messages[-1])
    await world.work()
    assert alpha.books[old].status is Status.CANCELLED
    assert (await outcomes(world, job))[-1] == "over"


async def test_a_place_alone_moves_the_courier_on_the_map(world: World) -> None:
    job = await world.placed()
    await world.tell(job, Status.ACCEPTED)
    assert job.external is not None
    await world.post(world.live(job).tell(job.external.id, "courier_update", (121.441, 31.211)))
    await world.work()
    assert [one[:2] for one in world.town.positions.seen] == [("alpha:c1", (121.441, 31.211))]
    tracking = await world.delivery.trackings.tracking("ord_0")
    assert tracking.courier_position == (121.441, 31.211)
    await world.tell(job, Status.COLLECTED)
    await world.tell(job, Status.DELIVERED)
    assert (await world.delivery.trackings.tracking("ord_0")).courier_position is None
    assert await world.town.database["delivery_outside_positions"].count_documents({}) == 0


async def test_news_of_nobody_are_put_aside_and_the_log_is_forgotten_in_time(world: World) -> None:
    job = await world.placed()
    message = await move(world, job, Status.ACCEPTED, "c1")
    stranger = world.carriers["alpha"].tell(job.external.id if job.external else "", "accepted")
    body = stranger.body.replace(b'"alpha_0"', b'"alpha_9"').replace(b"job_", b"bad_")
    await world.delivery.inbox.take("alpha", {"x-signature": sign(body)}, body)
    await world.post(message)
    await world.work()
    await world.work(601)
    known = [one async for one in world.town.database["delivery_news"].find({"job_id": None})]
    assert [one["outcome"] for one in known] == ["unknown"]
    world.town.clock.now += timedelta(days=31)
    assert await world.delivery.inbox.forget() == 2
