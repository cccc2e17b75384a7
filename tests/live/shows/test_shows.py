"""The life of a show, its signal, its place, its end by itself."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live.shows.errors import NotYourShow, ShowUnknown, TextRefused, WrongStatus
from live.shows.lifecycle import TABLE, Move
from live.shows.model import EndReason, Signal, Status
from live.shows.shows import IDLE_LIMIT
from moderation.model import Action
from tests.live.shows.conftest import HOST, Studio


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(list(Move)), max_size=7))
async def test_any_order_of_moves_keeps_to_the_table(studio: Studio, moves: list[Move]) -> None:
    show = await studio.show()
    status, started = show.status, None
    for move in moves:
        sources, target = TABLE[move]
        if status in sources or (status is target and target is Status.ENDED):
            status = target
            after = await studio.shows.move(show.id, move)
            assert after.status is status
            started = started or after.started_at
            assert after.started_at == started, "a show starts once"
            assert (after.ended_at is not None) == (status is Status.ENDED)
        else:
            with pytest.raises(WrongStatus):
                await studio.shows.move(show.id, move)
            assert (await studio.shows.show(show.id)).status is status


async def test_each_move_writes_its_event_and_a_refused_one_none(studio: Studio) -> None:
    show = await studio.show()
    await studio.shows.move(show.id, Move.GO_LIVE, HOST.user_id)
    with pytest.raises(WrongStatus):
        await studio.shows.move(show.id, Move.GO_LIVE, HOST.user_id)
    await studio.shows.move(show.id, Move.END, HOST.user_id)
    assert await studio.events.kinds() == ["ShowStatusChanged", "ShowStatusChanged"]


async def test_only_the_associate_who_made_it_may(studio: Studio) -> None:
    show = await studio.show()
    with pytest.raises(NotYourShow):
        await studio.shows.move(show.id, Move.GO_LIVE, "usr_other")
    with pytest.raises(NotYourShow):
        await studio.shows.edit(show.id, "usr_other", "Mine now", None)
    with pytest.raises(NotYourShow):
        await studio.cards.replace(show.id, "usr_other", [])
    with pytest.raises(ShowUnknown):
        await studio.shows.show("shw_0000000000000000")


async def test_a_cut_show_says_so_and_cannot_go_live_again(studio: Studio) -> None:
    show = await studio.show()
    await studio.shows.move(show.id, Move.GO_LIVE)
    await studio.shows.move(show.id, Move.CUT)
    again = await studio.shows.move(show.id, Move.CUT)
    assert (again.status, again.end_reason) == (Status.ENDED, EndReason.CUT)
    assert (await studio.shows.move(show.id, Move.END)).end_reason is EndReason.CUT
    with pytest.raises(WrongStatus):
        await studio.shows.move(show.id, Move.GO_LIVE, HOST.user_id)


async def test_who_loses_the_race_to_end_a_show_finds_it_ended(studio: Studio) -> None:
    for _ in range(5):
        show = await studio.show()
        await studio.shows.move(show.id, Move.GO_LIVE)
        ways = (Move.END, Move.CUT, Move.TIME_OUT, Move.END)
        ended = await asyncio.gather(*(studio.shows.move(show.id, way) for way in ways))
        assert {one.status for one in ended} == {Status.ENDED}
        assert len({(one.ended_at, one.end_reason) for one in ended}) == 1, "one of them ended it"


async def test_a_lost_signal_keeps_the_show_and_a_given_up_one_pauses_it(studio: Studio) -> None:
    show = await studio.show()
    await studio.shows.move(show.id, Move.GO_LIVE)
    await studio.shows.signal(show.id, Signal.ON)
    await studio.shows.signal(show.id, Signal.LOST)
    lost = await studio.shows.show(show.id)
    assert (lost.status, lost.signal) == (Status.LIVE, Signal.LOST)
    await studio.shows.signal(show.id, Signal.NONE)
    gone = await studio.shows.show(show.id)
    assert (gone.status, gone.signal) == (Status.PAUSED, Signal.NONE)
    await studio.shows.signal("shw_unknown", Signal.ON)


async def test_a_show_that_nobody_streams_into_ends_by_itself(studio: Studio) -> None:
    idle, streaming = await studio.show("Idle"), await studio.show("Streaming")
    for show in (idle, streaming):
        await studio.shows.move(show.id, Move.GO_LIVE)
    await studio.shows.signal(streaming.id, Signal.ON)
    assert await studio.shows.sweep() == 0
    studio.clock.forward(IDLE_LIMIT + timedelta(seconds=1))
    assert await studio.shows.sweep() == 1
    assert (await studio.shows.show(idle.id)).end_reason is EndReason.TIMED_OUT
    assert (await studio.shows.show(streaming.id)).status is Status.LIVE


async def test_shows_near_come_nearest_first_and_only_when_on(studio: Studio) -> None:
    far = await studio.shows.create(HOST.__class__("usr_2", "Wu", "sto_2", "Far", (121.60, 31.23)), "Far away", None)
    near, draft = await studio.show("Near"), await studio.show("Draft")
    soon = await studio.shows.create(HOST, "Soon", studio.clock() + timedelta(hours=1))
    for show in (far, near):
        await studio.shows.move(show.id, Move.GO_LIVE)
    on_air, upcoming = await studio.shows.near(HOST.position)
    assert [show.id for show in on_air] == [near.id, far.id]
    assert on_air[1].distance_m is not None
    assert 11_000 < on_air[1].distance_m < 13_000
    assert [show.id for show in upcoming] == [soon.id]
    assert draft.id not in {show.id for show in on_air + upcoming}


async def test_an_associates_list_pages_newest_first(studio: Studio) -> None:
    made = []
    for number in range(5):
        made.append(await studio.show(f"Show {number}"))
        studio.clock.forward(timedelta(minutes=1))
    first = await studio.shows.of_associate(HOST.user_id, None, 3)
    rest = await studio.shows.of_associate(HOST.user_id, first[-1].created_at, 3)
    assert [show.id for show in first + rest] == [show.id for show in reversed(made)]


async def test_words_that_a_rule_refuses_are_no_title(studio: Studio) -> None:
    await studio.moderation.rules.add("gamble", Action.BLOCK, "fraud", by="usr_op")
    with pytest.raises(TextRefused):
        await studio.show("Come and ＧＡＭＢＬＥ")


async def test_only_a_show_that_never_aired_is_deleted(studio: Studio) -> None:
    draft, live = await studio.show("Draft"), await studio.show("Live")
    await studio.shows.move(live.id, Move.GO_LIVE)
    await studio.shows.delete(draft.id, HOST.user_id)
    with pytest.raises(ShowUnknown):
        await studio.shows.show(draft.id)
    with pytest.raises(WrongStatus):
        await studio.shows.delete(live.id, HOST.user_id)
