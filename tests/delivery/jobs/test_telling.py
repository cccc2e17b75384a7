"""What changes after another house was asked reaches its courier, or is known not to."""

import pytest

from delivery.jobs.lifecycle import Status
from delivery.jobs.terms import Told, Wish
from delivery.model import Job, Part
from delivery.settings import DeliverySettings
from tests.delivery.conftest import Database
from tests.delivery.jobs.carrier import Carrier, Line
from tests.delivery.jobs.world import World, open_world

DEATHS = [n if n % 3 else pytest.param(n, marks=pytest.mark.slow) for n in range(8)]


@pytest.fixture
async def world(database: Database) -> World:
    return await open_world(database, DeliverySettings(providers=("alpha",), poll_s=10**8))


async def leave(world: World, *, at_door: bool = True) -> None:
    await world.delivery.trackings.leave_at_door("ord_0", "usr_buyer", leave=at_door)


async def wishes(world: World) -> tuple[Wish, ...]:
    return (await world.delivery.trackings.tracking("ord_0")).wishes


async def placed(world: World) -> tuple[Job, Carrier, str]:
    job = await world.placed()
    assert job.external is not None
    return job, world.live(job), job.external.id


async def test_leave_at_the_door_is_told_in_the_background(world: World) -> None:
    job, alpha, delivery_id = await placed(world)
    assert await wishes(world) == ()
    await leave(world)
    assert "update" not in alpha.asked, "the buyer's request waits for nobody"
    assert await wishes(world) == (Wish(Part.LEAVE_AT_DOOR, Told.ON_ITS_WAY, "alpha"),)
    await world.sweep(2)
    assert alpha.terms[delivery_id].leave_at_door
    assert await wishes(world) == (Wish(Part.LEAVE_AT_DOOR, Told.TOLD, "alpha"),)
    assert (await world.town.outbox.kinds(job.id))[-1] == "JobNoted"
    for _ in range(3):
        await world.sweep(2)
    assert alpha.asked.count("update") == 1
    await leave(world, at_door=False)
    await world.sweep(2)
    assert not alpha.terms[delivery_id].leave_at_door
    assert await wishes(world) == ()


async def test_what_was_wished_before_it_was_asked_needs_no_telling(world: World) -> None:
    await world.town.order("ord_0", accepted=False)
    await leave(world)
    await world.delivery.jobs.accepted("ord_0")
    await world.sweep()
    job = await world.job("ord_0")
    assert job.external is not None
    assert world.live(job).terms[job.external.id].leave_at_door
    await world.sweep(2)
    assert "update" not in world.live(job).asked
    assert await wishes(world) == ()


async def test_a_lost_answer_is_no_answer(world: World) -> None:
    """It has heard that it is to be left there; then the buyer thinks better of it, which is what we believe it has."""
    _, alpha, delivery_id = await placed(world)
    await leave(world)
    alpha.line = Line.NO_ANSWER
    await world.sweep(2)
    assert alpha.terms[delivery_id].leave_at_door
    assert await wishes(world) == (Wish(Part.LEAVE_AT_DOOR, Told.ON_ITS_WAY, "alpha"),)
    await leave(world, at_door=False)
    alpha.line = Line.GOOD
    await world.sweep(6)
    assert not alpha.terms[delivery_id].leave_at_door


@pytest.mark.parametrize("line", [Line.CUT, Line.BUSY])
async def test_it_is_tried_until_it_is_told(world: World, line: Line) -> None:
    _, alpha, delivery_id = await placed(world)
    await leave(world)
    alpha.line = line
    for _ in range(3):
        await world.sweep(8)
    alpha.line = Line.GOOD
    await world.sweep(8)
    assert alpha.terms[delivery_id].leave_at_door


async def test_what_it_cannot_be_told_is_known_not_to_be(world: World) -> None:
    _, alpha, _ = await placed(world)
    alpha.takes = frozenset()
    await leave(world)
    for _ in range(3):
        await world.sweep(2)
    assert "update" not in alpha.asked
    assert await wishes(world) == (Wish(Part.LEAVE_AT_DOOR, Told.NOT_TOLD, "alpha"),)
    turn = (await world.job("ord_0")).turn
    await world.sweep(2)
    assert (await world.job("ord_0")).turn == turn, "once is enough"
    await leave(world, at_door=False)
    assert await wishes(world) == ()


async def test_a_refusal_is_an_answer(world: World) -> None:
    _, alpha, delivery_id = await placed(world)
    alpha.move(delivery_id, Status.CANCELLED)  # and we have not heard of it
    await leave(world)
    for _ in range(3):
        await world.sweep(2)
    assert alpha.asked.count("update") == 1
    assert await wishes(world) == (Wish(Part.LEAVE_AT_DOOR, Told.NOT_TOLD, "alpha"),)


async def test_a_bag_that_is_late_or_early_is_told_of(world: World) -> None:
    job, alpha, delivery_id = await placed(world)
    said = alpha.terms[delivery_id].ready_at
    assert (said - job.created_at).total_seconds() == 900
    await world.sweep(890)
    assert "update" not in alpha.asked
    await world.sweep(100)  # ninety seconds late, and nothing is packed
    later = alpha.terms[delivery_id].ready_at
    assert (later - world.town.clock()).total_seconds() == 180
    await world.sweep(60)
    assert alpha.asked.count("update") == 1, "not at every look"
    await world.tell(job, Status.ACCEPTED)
    await world.delivery.jobs.ready("ord_0")
    await world.sweep(2)
    assert abs((alpha.terms[delivery_id].ready_at - world.town.clock()).total_seconds()) <= 2
    await world.tell(job, Status.COLLECTED)
    await world.sweep(600)
    assert alpha.asked.count("update") == 2, "who has the bag need not be told that it is packed"


@pytest.mark.parametrize("death", DEATHS)
async def test_a_death_while_telling_leaves_nothing_untold(world: World, death: int) -> None:
    _, alpha, delivery_id = await placed(world)
    await leave(world)
    await world.survive(world.sweep(2), death)
    await leave(world, at_door=death % 2 == 0)
    await world.sweep(6)
    await world.sweep(6)
    assert alpha.terms[delivery_id].leave_at_door is (death % 2 == 0)
    await world.hold()
