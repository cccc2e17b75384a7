"""State and events equal a fresh snapshot, wherever the reader was cut off."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from live.realtime.reader import TopicReader
from live.realtime.topics import KEPT, MOST_MISSED, Event, Topics
from live.tasks import end
from tests.waiting import until


@dataclass
class Shelf:
    """What a topic is about: a state that events set, as pages keep it."""

    values: dict[str, int] = field(default_factory=dict)
    seq: int = 0

    def apply(self, event: Event) -> None:
        assert event.seq == self.seq + 1, "a hole, or an event twice"
        self.seq = event.seq
        self.values.update(json.loads(event.frame)["data"])


@dataclass
class Ear:
    """Collects what a reader delivers."""

    heard: list[tuple[str, Event]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def deliver(self, topic: str, event: Event) -> None:
        self.heard.append((topic, event))

    def lost(self, topic: str) -> None:
        self.gone.append(topic)


#: More than so many missed events are a snapshot: few, so that bursts are short.
MOST = 12
#: Publish a value, let the page read what is new, or cut it off (it keeps its state and its number).
Steps = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.sampled_from("abc"), st.integers(0, 9)),
        st.tuples(st.just("resume"), st.just(""), st.just(0)),
        st.tuples(st.just("burst"), st.sampled_from("abc"), st.sampled_from([3, MOST, MOST + 1])),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=Steps)
async def test_state_and_events_equal_a_fresh_snapshot(redis_url: str, steps: list[tuple[str, str, int]]) -> None:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    topics, truth = Topics(redis), dict[str, int]()
    page = Shelf(seq=await topics.current("show:shw_1"))
    for step, name, number in [*steps, ("resume", "", 0)]:
        if step == "resume":
            missed = await topics.since("show:shw_1", page.seq, MOST)
            if missed is None:
                page = Shelf(dict(truth), await topics.current("show:shw_1"))
            else:
                for event in missed:
                    page.apply(event)
            assert page.values == truth
        elif step == "publish":
            truth[name] = number
            await topics.publish("show:shw_1", "set", {name: number})
        else:
            for value in range(number):
                await topics.publish("show:shw_1", "set", {name: value})
            truth[name] = number - 1
    assert page.seq == await topics.current("show:shw_1")
    await redis.aclose()


async def test_numbers_begin_above_every_number_before(redis: Redis) -> None:
    topics = Topics(redis)
    first = await topics.publish("show:shw_1", "set", {"a": 1})
    await redis.flushdb()
    again = await topics.publish("show:shw_1", "set", {"a": 2})
    assert first < again < 2**53
    assert await topics.since("show:shw_1", first) is None
    assert await topics.since("show:shw_1", again + 1) is None


async def test_what_is_kept_is_bounded(redis: Redis) -> None:
    topics = Topics(redis)
    for number in range(KEPT + 300):
        await topics.publish("show:shw_1", "set", {"a": number})
    assert KEPT <= await redis.xlen("topic:{show:shw_1}:events") < KEPT + 200
    assert await redis.ttl("topic:{show:shw_1}:events") > 0
    last = await topics.current("show:shw_1")
    assert await topics.since("show:shw_1", last - MOST_MISSED - 1) is None
    assert len(await topics.since("show:shw_1", last - MOST_MISSED) or []) == MOST_MISSED


async def test_frames_are_what_pages_are_promised(redis: Redis) -> None:
    topics = Topics(redis)
    seq = await topics.publish("me:usr_1", "sanction", {"reason": 'a "quoted" 字'})
    (event,) = await topics.between("me:usr_1", seq)
    frame: dict[str, Any] = json.loads(event.frame)
    assert frame.pop("at").endswith("Z")
    data = {"reason": 'a "quoted" 字'}
    assert frame == {"type": "event", "topic": "me", "seq": seq, "kind": "sanction", "data": data}


async def test_readers_hear_everything_once_through_broken_connections(redis: Redis, redis_url: str) -> None:
    topics, ear = Topics(redis), Ear()
    other = Redis.from_url(redis_url)
    reader = TopicReader(other, Topics(other), ear)
    running = asyncio.create_task(reader.run())
    await reader.follow("show:shw_1")
    sent = []
    for number in range(60):
        sent.append(await topics.publish("show:shw_1", "set", {"a": number}))
        if number % 20 == 10:
            await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
    await until(lambda: len(ear.heard) == len(sent))
    assert [event.seq for _, event in ear.heard] == sent
    assert not ear.gone
    await reader.unfollow("show:shw_1")
    await topics.publish("show:shw_1", "set", {"a": 0})
    await reader.follow("show:shw_2")
    await topics.publish("show:shw_2", "set", {"a": 0})
    await until(lambda: ear.heard[-1][0] == "show:shw_2")
    assert len(ear.heard) == len(sent) + 1
    await end(running)
    await reader.close()
    await other.aclose()


async def test_topics_that_come_and_go(redis: Redis) -> None:
    """Followed, left and followed again at once, by many, while connections break: nobody waits for ever."""
    topics, ear = Topics(redis), Ear()
    reader = TopicReader(redis, topics, ear)
    running = asyncio.create_task(reader.run())

    async def wander(number: int) -> None:
        topic = f"show:shw_{number % 3}"
        for turn in range(20):
            await reader.follow(topic)
            if turn % 7 == number:
                await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
            await reader.unfollow(topic)

    async with asyncio.timeout(30):
        await asyncio.gather(*(wander(number) for number in range(3)))
        await reader.follow("show:shw_0")
    await topics.publish("show:shw_0", "set", {"a": 1})
    await until(lambda: ear.heard)
    await end(running)
    await reader.close()


async def test_a_gap_that_cannot_be_made_good_is_told(redis: Redis, redis_url: str) -> None:
    topics, ear = Topics(redis), Ear()
    reader = TopicReader(redis, topics, ear)
    running = asyncio.create_task(reader.run())
    await reader.follow("show:shw_1")
    await topics.publish("show:shw_1", "set", {"a": 0})
    await until(lambda: ear.heard)
    await redis.flushdb()
    await topics.publish("show:shw_1", "set", {"a": 1})
    await until(lambda: ear.gone)
    assert ear.gone == ["show:shw_1"]
    await topics.publish("show:shw_1", "set", {"a": 2})
    await until(lambda: len(ear.heard) == 2)
    await end(running)
    await reader.close()


@pytest.mark.parametrize("count", [1, 200])
async def test_concurrent_publishers_share_the_numbers(redis: Redis, count: int) -> None:
    topics = Topics(redis)
    first = await topics.current("console")
    numbers = await asyncio.gather(*(topics.publish("console", "show", {"n": n}) for n in range(count)))
    assert sorted(numbers) == list(range(first + 1, first + 1 + count))
