"""Which layer a viewer gets, for whatever its path carries."""

from hypothesis import given
from hypothesis import strategies as st

from media.selection import HEADROOM, QUIET, TRIED, Decision, Layer, Selection

LADDER = [Layer("q", 150_000), Layer("h", 500_000), Layer("f", 1_700_000)]


def settled(selection: Selection, available: float, start: float, seconds: int) -> float:
    """So many seconds of the same."""
    for second in range(seconds):
        selection.decide(LADDER, available, start + second, congested=False, starved=False)
    return start + seconds


@given(
    st.lists(st.tuples(st.floats(0, 4e6), st.booleans(), st.sets(st.sampled_from("qhf"))), min_size=1, max_size=60),
    st.sampled_from([None, "q", "h", "f", "gone"]),
)
def test_it_only_names_layers_that_there_are_and_never_more_than_was_chosen(
    steps: list[tuple[float, bool, set[str]]], choice: str | None
) -> None:
    selection = Selection()
    selection.choose(choice, 0.0)
    for second, (available, congested, rids) in enumerate(steps):
        layers = [layer for layer in LADDER if layer.rid in rids]
        before = selection.rid
        decision = selection.decide(layers, available, float(second), congested=congested, starved=congested)
        if not layers:
            assert decision.rid in {before, None}
            continue
        assert decision.rid is None or decision.rid in rids
        assert (decision.rid is None) == selection.off
        if choice in rids and decision.rid is not None:
            assert "qhf".index(decision.rid) <= "qhf".index(choice or "")
        taken = next((layer for layer in layers if layer.rid == decision.rid), layers[0])
        if decision.probe:
            assert decision.probe > taken.bitrate or selection.off


@given(st.floats(0, 4e6), st.floats(0, 4e6))
def test_it_settles_on_the_highest_that_fits(first: float, then: float) -> None:
    selection = Selection()
    now = settled(selection, first, 0.0, 20)
    settled(selection, then, now, 20)
    fitting = [layer.rid for layer in LADDER if layer.bitrate <= then]
    comfortable = [layer.rid for layer in LADDER if layer.bitrate * HEADROOM <= then]
    assert selection.rid in {*fitting[-1:], *comfortable[-1:], *(() if fitting else "q")}


def test_far_too_much_goes_down_at_once_and_past_what_does_not_fit() -> None:
    selection = Selection()
    now = settled(selection, 4e6, 0.0, 5)
    assert selection.rid == "f"
    assert selection.decide(LADDER, 200_000, now, congested=True, starved=True).rid == "q"


def test_a_moment_below_is_no_reason() -> None:
    selection = Selection()
    now = settled(selection, 4e6, 0.0, 5)
    assert selection.decide(LADDER, 1_600_000, now, congested=False, starved=False).rid == "f"
    assert selection.decide(LADDER, 1_800_000, now + 1, congested=False, starved=False).rid == "f"
    for second in range(2, 6):
        decision = selection.decide(LADDER, 1_600_000, now + second, congested=False, starved=False)
    assert decision.rid == "h"


def test_up_only_after_a_quiet_time_and_with_headroom() -> None:
    selection = Selection()
    now = settled(selection, 4e6, 0.0, 5)
    selection.decide(LADDER, 600_000, now, congested=True, starved=True)
    assert selection.rid == "h"
    assert selection.decide(LADDER, 4e6, now + QUIET - 0.1, congested=False, starved=False).rid == "h"
    assert selection.decide(LADDER, 1_800_000, now + QUIET, congested=False, starved=False) == Decision(
        "h", TRIED * 1_700_000
    )
    assert selection.decide(LADDER, 4e6, now + QUIET, congested=False, starved=False).rid == "f"


def test_each_failure_doubles_the_wait() -> None:
    selection = Selection()
    now, waits = settled(selection, 600_000, 0.0, 1), []
    for _ in range(4):
        began = now
        while not selection.decide(LADDER, 600_000, now, congested=False, starved=False).probe:
            now += 1
        waits.append(now - began)
        selection.failed(HEADROOM * 1_700_000, now)
    assert waits[1] >= 2 * QUIET
    assert waits[2] == 2 * waits[1]
    assert waits[3] == 2 * waits[2]


def test_audio_first_video_goes_when_not_even_the_lowest_fits_and_comes_back_by_a_probe() -> None:
    selection = Selection()
    now = settled(selection, 200_000, 0.0, 3)
    for second in range(4):
        decision = selection.decide(LADDER, 50_000, now + second, congested=True, starved=True)
    assert decision == Decision(None)
    assert selection.off
    now += 4
    while not (decision := selection.decide(LADDER, 50_000, now, congested=False, starved=False)).probe:
        now += 1
    assert decision == Decision(None, HEADROOM * 150_000)
    assert selection.decide(LADDER, HEADROOM * 150_000, now + 1, congested=False, starved=False).rid == "q"


def test_a_picture_that_costs_next_to_nothing_stays() -> None:
    """A still one of 25 kbit/s: a path that does not carry it is not helped by its absence."""
    selection, still = Selection(), [Layer("q", 25_000)]
    for second in range(30):
        selection.decide(still, 0, float(second), congested=True, starved=True)
    assert selection.rid == "q"
    assert not selection.off


def test_without_signs_of_congestion_the_lowest_stays() -> None:
    selection = Selection()
    settled(selection, 50_000, 0.0, 30)
    assert selection.rid == "q"


def test_an_estimate_alone_does_not_take_the_video_away() -> None:
    selection = Selection()
    settled(selection, 200_000, 0.0, 3)
    for second in range(3, 30):
        selection.decide(LADDER, 50_000, float(second), congested=True, starved=False)
    assert selection.rid == "q"
    assert not selection.off


def test_what_failed_does_not_keep_it_from_less() -> None:
    selection = Selection()
    now = settled(selection, 200_000, 0.0, 10)
    selection.failed(HEADROOM * 1_700_000, now)
    assert selection.decide(LADDER, 200_000, now + 1, congested=False, starved=False).probe == TRIED * 500_000
    selection.failed(HEADROOM * 500_000, now + 1)
    assert not selection.decide(LADDER, 200_000, now + 2, congested=False, starved=False).probe


def test_a_layer_that_vanishes_is_left_at_once() -> None:
    selection = Selection()
    now = settled(selection, 4e6, 0.0, 5)
    assert selection.decide(LADDER[:2], 4e6, now, congested=False, starved=False).rid == "h"
    assert selection.decide([], 4e6, now + 1, congested=False, starved=False).rid == "h"


def test_on_the_way_to_what_the_viewer_chose_nothing_is_waited_for() -> None:
    selection = Selection()
    now = settled(selection, 4e6, 0.0, 5)
    selection.choose("q", now)
    assert selection.decide(LADDER, 1_000_000, now, congested=False, starved=False).rid == "q"
    selection.choose("f", now + 1)
    assert selection.decide(LADDER, 1_000_000, now + 1, congested=False, starved=False).rid == "h"
    probing = selection.decide(LADDER, 1_000_000, now + 2, congested=False, starved=False)
    assert probing == Decision("h", TRIED * 1_700_000)
    grown = [*LADDER[:2], Layer("f", 1_800_000)]
    assert selection.decide(grown, probing.probe, now + 3, congested=False, starved=False).rid == "f"


def test_a_choice_that_is_not_sent_is_made_up_for_until_it_comes() -> None:
    selection = Selection()
    selection.choose("f", 0.0)
    for second in range(10):
        assert selection.decide(LADDER[:2], 4e6, float(second), congested=False, starved=False).rid == "h"
    assert selection.decide(LADDER, 4e6, 10.0, congested=False, starved=False).rid == "f"
