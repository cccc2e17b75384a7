"""What providers that are other houses keep beside the contract: lost answers, limits, forgeries, recordings."""

from dataclasses import replace
from datetime import timedelta

import pytest

from delivery.errors import Forged, ProviderBusy, ProviderFault, Unreachable
from delivery.jobs.lifecycle import Status
from delivery.providers.provider import Delivery, Place, ProviderQuote, Refused
from tests.delivery.providers.bench import FAR, OutsideBench, now


async def created(bench: OutsideBench, number: int = 1) -> Delivery:
    made = await bench.provider.create(await bench.task(number), f"job_{number}-1")
    assert isinstance(made, Delivery)
    return made


async def test_a_create_whose_answer_was_lost_is_found_and_never_made_twice(outside: OutsideBench) -> None:
    task = await outside.task(1)
    outside.lose_answer("create")
    with pytest.raises(Unreachable) as lost:
        await outside.provider.create(task, "job_1-1")
    assert lost.value.maybe_done
    assert outside.created == 1
    found = await outside.provider.find("job_1-1")
    assert found is not None
    assert found.status is Status.SEARCHING
    again = await outside.provider.create(task, "job_1-1")
    assert isinstance(again, Delivery)
    assert (again.id, outside.created) == (found.id, 1)


async def test_it_is_found_whatever_became_of_it_meanwhile(outside: OutsideBench) -> None:
    task = await outside.task(1)
    outside.lose_answer("create")
    with pytest.raises(Unreachable):
        await outside.provider.create(task, "job_1-1")
    first = await outside.provider.find("job_1-1")
    assert first is not None
    for status in (Status.ACCEPTED, Status.COLLECTED, Status.DELIVERED):
        await outside.move(first.id, status)
        for found in (await outside.provider.find("job_1-1"), await outside.provider.create(task, "job_1-1")):
            assert isinstance(found, Delivery)
            assert (found.id, found.status) == (first.id, status)
    assert outside.created == 1


async def test_a_page_instead_of_an_answer_may_hide_that_it_was_done(outside: OutsideBench) -> None:
    outside.break_down("create")
    with pytest.raises(Unreachable) as broken:
        await outside.provider.create(await outside.task(1), "job_1-1")
    assert broken.value.maybe_done
    assert await outside.provider.find("job_1-1") is None
    assert (await created(outside)).status is Status.SEARCHING
    assert outside.created == 1


@pytest.mark.parametrize("wait", [7, 0, 10**12])
async def test_it_waits_as_long_as_it_is_asked_to_and_not_for_ever(outside: OutsideBench, wait: int) -> None:
    outside.limit("create", wait)
    with pytest.raises(ProviderBusy) as busy:
        await outside.provider.create(await outside.task(1), "job_1-1")
    assert busy.value.retry_after == min(max(wait, 1), 900)
    assert outside.created == 0
    await created(outside)
    outside.limit("quote", wait)
    with pytest.raises(ProviderBusy):
        await outside.provider.quote(await outside.task(2))


async def test_a_refusal_leaves_nothing_behind(outside: OutsideBench) -> None:
    for _ in range(2):
        outside.refuse()
        refused = await outside.provider.create(await outside.task(1), "job_1-1")
        assert isinstance(refused, Refused)
        assert refused.code
    assert outside.created == 0
    assert await outside.provider.find("job_1-1") is None
    outside.refuse()
    assert isinstance(await outside.provider.quote(await outside.task(1)), Refused)


async def test_a_cancel_whose_answer_was_lost_is_done_again_without_harm(outside: OutsideBench) -> None:
    made = await created(outside)
    outside.lose_answer("cancel")
    with pytest.raises(Unreachable) as lost:
        await outside.provider.cancel(made.id, "The buyer called it off")
    assert lost.value.maybe_done
    for _ in range(2):
        cancelled = await outside.provider.cancel(made.id, "The buyer called it off")
        assert isinstance(cancelled, Delivery)
        assert cancelled.status is Status.CANCELLED


async def test_a_house_that_is_not_there_saw_nothing(outside: OutsideBench) -> None:
    await created(outside)  # so that a token is there
    await outside.house.server.close()  # type: ignore[attr-defined]
    gone: list[bool] = []
    for _ in range(2):
        with pytest.raises(Unreachable) as caught:
            await outside.provider.create(await outside.task(2), "job_2-1")
        gone.append(caught.value.maybe_done)
    assert gone[-1] is False  # the first may have gone out on the connection that was still open


async def test_a_counter_knows_the_right_courier(outside: OutsideBench) -> None:
    codes = set()
    for number in (1, 2, 3):
        made = await created(outside, number)
        assert made.hand_over_code is not None
        asked = await outside.provider.get(made.id)
        assert asked is not None
        assert asked.hand_over_code == made.hand_over_code
        codes.add(made.hand_over_code)
    assert len(codes) == 3


async def test_a_price_is_told_before_there_is_an_order(outside: OutsideBench) -> None:
    known = await outside.task(1)
    nobody = Place("", "", "31.215000,121.450000", known.drop_off.position)
    asked = replace(known, job_id="", order_id="", order_number="", items=(), value=0, drop_off=nobody)
    assert isinstance(await outside.provider.quote(asked), ProviderQuote)


async def test_what_is_far_is_told_before_anything_is_made(uber: OutsideBench) -> None:
    task = replace(await uber.task(1), drop_off=FAR)
    for answer in (await uber.provider.quote(task), await uber.provider.create(task, "job_1-1")):
        assert isinstance(answer, Refused)
        assert answer.code == "address_undeliverable"
    assert uber.created == 0


async def test_a_message_is_what_the_house_said(outside: OutsideBench) -> None:
    made = await created(outside)
    seen: set[str] = set()
    for status in outside.steps:
        await outside.move(made.id, status)
        headers, body = outside.message(made.id)
        outside.provider.verify(headers, body, now())
        (news,) = outside.provider.news(body)
        assert (news.delivery_id, news.key, news.status) == (made.id, "job_1-1", status)
        assert abs(news.at - now()) < timedelta(seconds=5)
        assert (news.courier is not None) == (status is not Status.SEARCHING)
        asked = await outside.provider.get(made.id)
        assert asked is not None
        assert (asked.status, asked.raw) == (status, news.raw)
        assert (asked.courier is None) or (asked.courier == news.courier)
        seen.add(news.event_id)
        assert outside.provider.news(body)[0].event_id == news.event_id
    assert len(seen) == len(outside.steps)


async def test_forgeries_are_refused(outside: OutsideBench) -> None:
    message = outside.message((await created(outside)).id)
    outside.provider.verify(*message, now())
    for headers, body in outside.forged(message):
        with pytest.raises(Forged):
            outside.provider.verify(headers, body, now())


async def test_recordings_are_refused_and_late_ones_are_not(outside: OutsideBench) -> None:
    made = await created(outside)
    for late in (timedelta(), timedelta(hours=1), timedelta(hours=23)):
        outside.provider.verify(*outside.message(made.id, at=now() - late), now())
    for off in (timedelta(hours=25), timedelta(days=400), -timedelta(minutes=6)):
        with pytest.raises(Forged):
            outside.provider.verify(*outside.message(made.id, at=now() - off), now())


async def test_a_word_that_no_document_knows_is_told_as_unknown(outside: OutsideBench) -> None:
    made = await created(outside)
    headers, body = outside.unknown_message(made.id)
    outside.provider.verify(headers, body, now())
    (news,) = outside.provider.news(body)
    assert news.status is None
    assert news.raw in {"teleported", "777"}


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_cannot_be_read_says_so(outside: OutsideBench, body: bytes) -> None:
    with pytest.raises(ProviderFault):
        outside.provider.news(body)
    with pytest.raises(Forged):
        outside.provider.verify({}, body, now())
