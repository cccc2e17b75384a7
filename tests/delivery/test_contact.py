"""Messages and ratings: who may, when, and what is kept."""

from datetime import timedelta

import pytest

from delivery.contact.model import Author, Quick, Tag
from delivery.errors import AlreadyRated, ContactClosed, InvalidMessage, JobUnknown, RatingClosed
from delivery.settings import DeliverySettings
from tests.delivery.conftest import Database, Town, open_town

BUYER = "usr_buyer"


async def test_both_write_and_both_are_told(town: Town) -> None:
    messages, job = town.delivery.messages, await town.accepted()
    mine = await messages.from_buyer(job.order_id, BUYER, "  Gate code 2580 ")
    town.clock.pass_(5)
    theirs = await messages.from_courier(job.id, "crr_1", quick=Quick.ON_MY_WAY)
    assert (mine.author, mine.text, mine.quick) == (Author.BUYER, "Gate code 2580", None)
    assert (theirs.author, theirs.text, theirs.courier_name) == (Author.COURIER, "", "Wang")
    _, line, seen = await messages.seen_by_buyer(job.order_id, BUYER)
    assert (line.open, line.until, seen) == (True, None, (mine, theirs))
    assert (await messages.seen_by_courier(job.id, "crr_1"))[2] == (mine, theirs)
    events = [one for one in await town.outbox.all() if one["kind"] == "MessageSent"]
    assert [(one["message_id"], one["courier_id"], one["buyer_id"]) for one in events] == [
        (mine.id, "crr_1", BUYER),
        (theirs.id, "crr_1", BUYER),
    ]


async def test_only_while_somebody_carries_it_and_a_while_after(town: Town) -> None:
    messages = town.delivery.messages
    await town.courier("crr_1", 100)
    job = await town.order()
    with pytest.raises(ContactClosed):
        await messages.from_buyer(job.order_id, BUYER, "hello?")
    await town.tick()
    with pytest.raises(ContactClosed):  # asked, not taken
        await messages.from_buyer(job.order_id, BUYER, "hello?")
    with pytest.raises(JobUnknown):
        await messages.from_courier(job.id, "crr_1", "who are you?")
    await town.delivery.offers.accept(job.id, "crr_1")
    await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
    await messages.from_buyer(job.order_id, BUYER, quick=Quick.RING_BELL)
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    town.clock.pass_(29 * 60)
    await messages.from_courier(job.id, "crr_1", quick=Quick.THANKS)
    town.clock.pass_(2 * 60)
    for late in (
        messages.from_buyer(job.order_id, BUYER, "one more"),
        messages.from_courier(job.id, "crr_1", "one more"),
    ):
        with pytest.raises(ContactClosed):
            await late
    assert len((await messages.seen_by_buyer(job.order_id, BUYER))[2]) == 2
    assert (await messages.seen_by_courier(job.id, "crr_1"))[2] == ()


async def test_the_next_courier_reads_nothing_of_the_last_ones_turn(town: Town) -> None:
    messages, job = town.delivery.messages, await town.accepted()
    await messages.from_buyer(job.order_id, BUYER, "I am on the roof")
    held = await town.delivery.jobs.job(job.id)
    assert await town.delivery.offers.release(held, by="crr_1", why="accident", pause_s=3600)
    with pytest.raises(JobUnknown):
        await messages.seen_by_courier(job.id, "crr_1")
    await town.courier("crr_2", 200)
    await town.stay("crr_2")
    await town.tick(31)
    await town.delivery.offers.accept(job.id, "crr_2")
    assert (await messages.seen_by_courier(job.id, "crr_2"))[2] == ()
    assert len((await messages.seen_by_buyer(job.order_id, BUYER))[2]) == 1


async def test_strangers_are_told_that_there_is_nothing(town: Town) -> None:
    messages, job = town.delivery.messages, await town.accepted()
    for attempt in (
        messages.from_buyer(job.order_id, "usr_other", "hi"),
        messages.from_courier(job.id, "crr_9", "hi"),
        messages.seen_by_buyer(job.order_id, "usr_other"),
        messages.seen_by_courier(job.id, "crr_9"),
        messages.from_buyer("ord_none", BUYER, "hi"),
    ):
        with pytest.raises(JobUnknown):
            await attempt


async def test_a_message_says_one_thing_of_its_own_side(town: Town) -> None:
    messages, job = town.delivery.messages, await town.accepted()
    for text, quick, field in (
        ("", None, "text"),
        ("and", Quick.RING_BELL, "text"),
        ("", Quick.AT_THE_DOOR, "quick"),
    ):
        with pytest.raises(InvalidMessage) as refused:
            await messages.from_buyer(job.order_id, BUYER, text, quick)
        assert refused.value.field == field


async def test_there_is_an_end_to_talking_and_to_keeping(database: Database) -> None:
    town = await open_town(database, DeliverySettings(most_messages=2))
    messages, job = town.delivery.messages, await town.accepted()
    for _ in range(2):
        await messages.from_buyer(job.order_id, BUYER, "hello")
    with pytest.raises(ContactClosed):
        await messages.from_buyer(job.order_id, BUYER, "hello")
    assert await messages.forget(town.clock() + timedelta(days=29)) == 0
    assert await messages.forget(town.clock() + timedelta(days=31)) == 2


async def test_a_rating_is_given_once_and_only_for_what_came(town: Town) -> None:
    ratings, job = town.delivery.ratings, await town.collected()
    with pytest.raises(RatingClosed):
        await ratings.rate(job.order_id, BUYER, 5)
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    with pytest.raises(JobUnknown):
        await ratings.rate(job.order_id, "usr_other", 1)
    tags = (Tag.FRIENDLY, Tag.ON_TIME, Tag.FRIENDLY)
    given = await ratings.rate(job.order_id, BUYER, 4, tags, " Quick! ")
    assert (given.stars, given.tags, given.text, given.courier_id) == (
        4,
        (Tag.ON_TIME, Tag.FRIENDLY),
        "Quick!",
        "crr_1",
    )
    with pytest.raises(AlreadyRated):
        await ratings.rate(job.order_id, BUYER, 1)
    seen = await town.delivery.trackings.tracking(job.order_id)
    assert (seen.rating, seen.rate_until) == (given, None)
    standing = await ratings.standing("crr_1")
    assert (standing.count, standing.average, standing.stars[4], standing.tags) == (
        1,
        4.0,
        1,
        {Tag.ON_TIME: 1, Tag.FRIENDLY: 1},
    )
    assert (await ratings.standing("crr_2")).average is None


async def test_after_a_week_nobody_is_asked(town: Town) -> None:
    job = await town.collected()
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    town.clock.pass_(7 * 86_400 + 1)
    with pytest.raises(RatingClosed):
        await town.delivery.ratings.rate(job.order_id, BUYER, 5)
