"""Where viewers and publishers are sent."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisConnectionError

from live.broadcast.placement import Placement, for_publisher, for_viewer
from media.directory import NodeAddress, Whereabouts, tag_of

SPREAD = 10


def node(name: str, viewers: int = 0, cpu: float = 0.0, *, draining: bool = False, capacity: int = 100) -> NodeAddress:
    return NodeAddress(name, f"http://{name}", viewers, cpu, capacity, draining)


def where(*nodes: NodeAddress, origin: str | None = None, viewers: Mapping[str, int] | None = None) -> Whereabouts:
    return Whereabouts(origin, viewers or {}, nodes)


def first(found: list[NodeAddress]) -> str:
    return found[0].node_id


def test_the_origin_takes_viewers_while_it_has_room() -> None:
    busy = where(node("a", 5), node("b"), origin="a", viewers={"a": 5})
    assert first(for_viewer(busy, {}, SPREAD)) == "a"
    assert first(for_viewer(busy, {"a": 5}, SPREAD)) == "b", "those who are on their way count"


def test_a_node_that_carries_the_show_comes_before_one_that_does_not() -> None:
    spread = where(node("a", 10), node("b", 30), node("c"), origin="a", viewers={"a": 10, "b": 2})
    assert [each.node_id for each in for_viewer(spread, {}, SPREAD)] == ["b", "c", "a"]


def test_when_none_has_room_the_least_busy_takes_more() -> None:
    full = where(node("a", 50), node("b", 40), node("c", 100), origin="a", viewers={"a": 50, "b": 40, "c": 99})
    assert [each.node_id for each in for_viewer(full, {}, SPREAD)] == ["b", "a", "c"]


def test_a_core_that_is_used_up_is_no_room() -> None:
    hot = where(node("a", 1, 0.95), node("b"), origin="a", viewers={"a": 1})
    assert first(for_viewer(hot, {}, SPREAD)) == "b"


def test_a_publisher_goes_where_the_show_lives_unless_that_node_drains() -> None:
    lives = where(node("a", 90, 0.9), node("b"), origin="a")
    assert first(for_publisher(lives, {})) == "a"
    drains = where(node("a", draining=True), node("b", 50), origin="a")
    assert first(for_publisher(drains, {})) == "b"
    new = where(node("a"), node("b"))
    assert first(for_publisher(new, {"a": 1})) == "b"


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.floats(0, 1), st.booleans(), st.integers(0, 60)), min_size=1, max_size=6
    ),
    st.integers(0, 6),
)
def test_nobody_is_sent_to_a_node_that_drains_or_is_full_while_another_is_not(
    drawn: list[tuple[int, float, bool, int]], origin: int
) -> None:
    nodes = [node(f"n{i}", viewers, cpu, draining=drain) for i, (viewers, cpu, drain, _) in enumerate(drawn)]
    counts = {f"n{i}": here for i, (_, _, _, here) in enumerate(drawn)}
    found = for_viewer(where(*nodes, origin=f"n{origin}", viewers=counts), {}, SPREAD)
    assert sorted(each.node_id for each in found) == sorted(counts)
    usable = [each for each in nodes if not each.draining and each.viewers < each.capacity]
    assert not usable or found[0] in usable


class Told:
    """A directory that says what it is told to."""

    def __init__(self, found: Whereabouts) -> None:
        self.found = found
        self.asked = 0
        self.away = False

    async def whereabouts(self, show: str) -> Whereabouts:
        assert show == "demo"
        if self.away:
            raise RedisConnectionError
        self.asked += 1
        return self.found


async def test_a_burst_of_viewers_is_spread_before_the_directory_knows() -> None:
    directory = Told(where(node("a"), node("b"), node("c"), origin="a"))
    placement = Placement(directory, SPREAD)
    sent = []
    for _ in range(2 * SPREAD + 3):
        chosen = (await placement.viewer("demo"))[0]
        placement.taken("demo", chosen, publisher=False)
        sent.append(chosen.node_id)
    assert sent == ["a"] * SPREAD + ["b"] * SPREAD + ["c"] * 3
    assert directory.asked == 1


async def test_a_session_is_found_by_the_tag_in_its_id() -> None:
    directory = Told(where(node("a"), node("b")))
    placement = Placement(directory, SPREAD)
    found = await placement.session("demo", tag_of("b") + "x" * 22)
    assert found == node("b")
    assert await placement.session("demo", "y" * 32) is None
    directory.found = where(node("a"), node("b"), node("c"))
    assert await placement.session("demo", tag_of("c") + "x") == node("c"), "it asks again for a node that is new"


async def test_while_the_directory_is_away_the_last_word_holds() -> None:
    directory = Told(where(node("a"), node("b"), origin="b"))
    placement = Placement(directory, SPREAD)
    directory.away = True
    with pytest.raises(RedisConnectionError):
        await placement.publisher("demo")
    directory.away = False
    await placement.viewer("demo")
    directory.away = True
    assert first(await placement.publisher("demo")) == "b"
    assert await placement.session("demo", tag_of("a") + "x") == node("a")


async def test_a_node_that_does_not_answer_comes_last() -> None:
    placement = Placement(Told(where(node("a"), node("b"), origin="a")), SPREAD)
    placement.away(node("a"))
    assert [each.node_id for each in await placement.viewer("demo")] == ["b", "a"]
    assert [each.node_id for each in await placement.publisher("demo")] == ["b", "a"]
