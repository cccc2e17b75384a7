"""What becomes of a chat message, limits included."""

from datetime import timedelta

import pytest

from moderation.errors import Blocked, InvalidInput, Muted, TooFast
from moderation.model import Action
from moderation.service import Moderation
from moderation.spam import Spam, SpamSettings
from tests.moderation.conftest import Time, Written


async def test_a_message_goes_through_sanctions_limits_and_words(moderation: Moderation) -> None:
    await moderation.rules.add("gamble", Action.BLOCK, "fraud", "usr_op")
    await moderation.rules.add("damn", Action.MASK, "abuse", "usr_op")
    assert (await moderation.screen("usr_1", "shw_1", "how much?")).action is Action.ALLOW
    assert (await moderation.screen("usr_1", "shw_1", "d-a-m-n good")).text == "******* good"
    assert (await moderation.screen("usr_1", "shw_1", "g4mble here")).action is Action.BLOCK
    with pytest.raises(Blocked):
        await moderation.screen("usr_1", "shw_1", "see ｗｗｗ．evil．com")
    assert (await moderation.screen("usr_1", "shw_1", "see www.shop.com", trusted=True)).action is Action.ALLOW
    await moderation.sanctions.mute("usr_1", "shw_1", None, "rude", "usr_op")
    with pytest.raises(Muted):
        await moderation.screen("usr_1", "shw_1", "hello", trusted=True)


def test_a_burst_then_one_at_a_time(time: Time) -> None:
    spam = Spam(SpamSettings(burst=3, every=timedelta(seconds=2)))
    for n in range(3):
        spam.check("usr_1", "shw_1", f"message {n}", time.now)
    with pytest.raises(TooFast) as refused:
        spam.check("usr_1", "shw_1", "one more", time.now)
    assert refused.value.retry_after == pytest.approx(2)
    spam.check("usr_2", "shw_1", "somebody else", time.now)
    spam.check("usr_1", "shw_2", "another show", time.now)
    time.passes(seconds=2)
    spam.check("usr_1", "shw_1", "one more", time.now)
    with pytest.raises(TooFast):
        spam.check("usr_1", "shw_1", "and another", time.now)


def test_the_same_text_again_and_again(time: Time) -> None:
    spam = Spam(SpamSettings(burst=50, repeats=2))
    spam.check("usr_1", "shw_1", "Buy here!", time.now)
    spam.check("usr_1", "shw_1", "buy  HERE", time.now)
    with pytest.raises(TooFast) as refused:
        spam.check("usr_1", "shw_1", "ｂｕｙ　ｈｅｒｅ", time.now)
    assert refused.value.retry_after == pytest.approx(30)
    spam.check("usr_1", "shw_1", "something else", time.now)
    time.passes(seconds=30)
    spam.check("usr_1", "shw_1", "Buy here!", time.now)


@pytest.mark.parametrize(
    "text", ["http://x.y", "go to evil.com now", "call 138 0013 8000", "１３８００１３８０００", "t.me/abc"]
)
def test_links_and_telephone_numbers(time: Time, text: str) -> None:
    with pytest.raises(Blocked):
        Spam(SpamSettings()).check("usr_1", "shw_1", text, time.now)
    Spam(SpamSettings(links=True, phones=True)).check("usr_1", "shw_1", text, time.now)


@pytest.mark.parametrize("text", ["1380013800", "No. 123456789012345", "3.5 kg", "ok.then", "1 2 3 4 5", "666"])
def test_numbers_and_dots_are_no_links(time: Time, text: str) -> None:
    Spam(SpamSettings()).check("usr_1", "shw_1", text, time.now)


def test_the_memory_of_talkers_is_bounded(time: Time) -> None:
    spam = Spam(SpamSettings(burst=1, talkers=10))
    for n in range(11):
        spam.check(f"usr_{n}", "shw_1", "hi", time.now)
    with pytest.raises(TooFast):
        spam.check("usr_10", "shw_1", "hello", time.now)
    spam.check("usr_0", "shw_1", "hi", time.now)  # forgotten: the oldest


async def test_the_console_tells_and_logs(moderation: Moderation, outbox: Written) -> None:
    await moderation.console.delete_message("shw_1", "msg_1", "usr_op", "rude", excerpt="you …")
    await moderation.console.warn("shw_1", "Please show the price.", "usr_op")
    await moderation.console.cut("shw_1", "usr_op", "sells fakes")
    assert await outbox.kinds() == ["MessageDeleted", "ShowWarned", "ShowCut"]
    log = await moderation.audit.list()
    assert [(e.action, e.subject, e.why) for e in log] == [
        ("show.cut", "shw_1", "sells fakes"),
        ("show.warn", "shw_1", "Please show the price."),
        ("message.delete", "msg_1", "rude"),
    ]
    for call in (
        moderation.console.cut("shw_1", "usr_op", ""),
        moderation.console.warn("shw_1", " ", "usr_op"),
        moderation.console.delete_message("shw_1", "msg_1", "usr_op", "x" * 501),
    ):
        with pytest.raises(InvalidInput):
            await call
    assert len(await outbox.kinds()) == 3
