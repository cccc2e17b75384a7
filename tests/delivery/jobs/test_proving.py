"""Another house's proof: the link first, then its picture, which is kept like our own couriers' photos."""

from datetime import timedelta

import pytest

from delivery.errors import JobUnknown
from delivery.jobs.lifecycle import Status
from delivery.model import AttemptState, Job
from delivery.settings import DeliverySettings
from tests.delivery.conftest import Database
from tests.delivery.jobs.world import World, open_world

LINK = "https://example.com/s.png"


DEATHS = [n if n % 3 else pytest.param(n, marks=pytest.mark.slow) for n in range(12)]


@pytest.fixture
async def world(database: Database) -> World:
    return await open_world(database, DeliverySettings(providers=("alpha",), poll_s=10**8))


async def delivered(world: World) -> Job:
    job = await world.placed()
    for status in (Status.ACCEPTED, Status.COLLECTED, Status.DELIVERED):
        job = await world.tell(job, status)
    return job


async def test_a_picture_is_kept_and_shown_and_forgotten(world: World) -> None:
    job = await delivered(world)
    await world.sweep(6)
    job = await world.job("ord_0")
    assert job.proof is not None
    assert job.proof.kept
    assert world.gallery.asked == [LINK]
    assert (await world.delivery.photos.shown(job)).jpeg == b"a picture"
    kinds = await world.town.outbox.kinds(job.id)
    assert kinds.count("JobNoted") == 2, "the buyer sees the link, then the picture"
    assert await world.delivery.photos.forget(world.town.clock() + timedelta(days=31)) == 1
    with pytest.raises(JobUnknown):
        await world.delivery.photos.shown(job)


async def test_the_link_is_shown_while_the_picture_cannot_be_had(world: World) -> None:
    await delivered(world)
    world.gallery.lost = True
    await world.sweep(6)
    job = await world.job("ord_0")
    assert job.proof is not None
    assert (job.proof.link, job.attempt.state) == (LINK, AttemptState.PROVING)
    world.gallery.lost = False
    await world.sweep(31)
    job = await world.job("ord_0")
    assert job.proof is not None
    assert (job.proof.kept, job.attempt.state) == (True, AttemptState.DONE)


@pytest.mark.parametrize("lost", [False, True])
async def test_what_is_no_picture_or_never_there_leaves_the_link(world: World, *, lost: bool) -> None:
    await delivered(world)
    world.gallery.there, world.gallery.lost = False, lost
    for _ in range(25):
        await world.sweep(31)
    job = await world.job("ord_0")
    assert job.proof is not None
    assert (job.proof.link, job.attempt.state) == (LINK, AttemptState.DONE)
    assert len(world.gallery.asked) == 1 if not lost else len(world.gallery.asked) < 25
    with pytest.raises(JobUnknown):
        await world.delivery.photos.shown(job)


@pytest.mark.parametrize("death", DEATHS)
async def test_a_death_at_any_step_costs_no_proof(world: World, death: int) -> None:
    await delivered(world)
    await world.survive(world.sweep(6), death)
    await world.sweep(6)
    job = await world.job("ord_0")
    assert job.proof is not None
    assert (job.proof.kept, job.attempt.state) == (True, AttemptState.DONE)
    assert (await world.town.outbox.kinds(job.id)).count("JobNoted") == 2
    await world.hold()
