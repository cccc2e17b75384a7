"""Rules over the database: changes, versions, refusals."""

import asyncio

import pytest

from moderation.errors import InvalidInput, RuleExists, RuleUnknown
from moderation.model import Action
from moderation.service import Moderation
from tests.moderation.conftest import Open, Time


async def test_a_rule_is_in_force_at_once_and_gone_when_removed(moderation: Moderation) -> None:
    rule = await moderation.rules.add("傻逼", Action.MASK, "abuse", "usr_op", note="demo", language="zh")
    assert (await moderation.rules.check("你傻 逼啊")).text == "你* *啊"
    assert [r.id for r in await moderation.rules.list()] == [rule.id]
    await moderation.rules.remove(rule.id, "usr_op", "too strict")
    assert (await moderation.rules.check("你傻逼啊")).action is Action.ALLOW
    entries = await moderation.audit.list()
    assert [(e.action, e.actor, e.why) for e in entries] == [
        ("rule.remove", "usr_op", "too strict"),
        ("rule.add", "usr_op", "demo"),
    ]
    assert entries[0].detail["pattern"] == "傻逼"


async def test_a_fresh_process_checks_nothing_before_it_has_the_rules(moderation: Moderation, opened: Open) -> None:
    await moderation.rules.add("scam", Action.BLOCK, "fraud", "usr_op")
    fresh = opened()
    verdicts = await asyncio.gather(*(fresh.rules.check("scam") for _ in range(5)))
    assert {verdict.action for verdict in verdicts} == {Action.BLOCK}


async def test_another_process_sees_a_change_within_a_second(moderation: Moderation, opened: Open, time: Time) -> None:
    other = opened()
    assert (await other.rules.check("scam")).action is Action.ALLOW
    await moderation.rules.add("scam", Action.HOLD, "fraud", "usr_op")
    assert (await other.rules.check("scam")).action is Action.ALLOW
    time.passes(seconds=1)
    assert (await other.rules.check("scam")).action is Action.HOLD
    assert await other.rules.version() == 1


async def test_the_same_word_twice_is_refused_and_leaves_no_trace(moderation: Moderation) -> None:
    await moderation.rules.add("scam", Action.HOLD, "fraud", "usr_op")
    with pytest.raises(RuleExists):
        await moderation.rules.add("ＳＣＡＭ", Action.BLOCK, "fraud", "usr_op")
    await moderation.rules.add("scam", Action.ALLOW, "fraud", "usr_op")
    assert await moderation.rules.version() == 2
    assert len(await moderation.audit.list()) == 2
    assert (await moderation.audit.verify()).broken_at is None


@pytest.mark.parametrize(
    ("pattern", "category", "language", "field"),
    [
        ("", "abuse", "any", "pattern"),
        ("...", "abuse", "any", "pattern"),
        ("a", "abuse", "any", "pattern"),
        ("\u200b", "abuse", "any", "pattern"),
        ("x" * 65, "abuse", "any", "pattern"),
        ("bad", "nonsense", "any", "category"),
        ("bad", "abuse", "fr", "language"),
    ],
)
async def test_a_rule_that_matches_nothing_or_everything_is_refused(
    moderation: Moderation, pattern: str, category: str, language: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await moderation.rules.add(pattern, Action.BLOCK, category, "usr_op", language=language)
    assert refused.value.field == field


async def test_an_unknown_rule_cannot_be_removed(moderation: Moderation) -> None:
    with pytest.raises(RuleUnknown):
        await moderation.rules.remove("rul_0", "usr_op")
    assert await moderation.audit.list() == ()
