"""Mutes and bans."""

from datetime import datetime, timedelta

import pytest

from moderation.errors import Banned, InvalidInput, Muted, SanctionOver, SanctionUnknown
from moderation.model import SanctionKind
from moderation.service import Moderation
from tests.moderation.conftest import Time, Written


async def test_a_mute_in_one_show_holds_there_until_its_time(
    moderation: Moderation, outbox: Written, time: Time
) -> None:
    until = time.now + timedelta(minutes=5)
    sanction = await moderation.sanctions.mute("usr_1", "shw_1", until, "rude", "usr_op")
    with pytest.raises(Muted) as refused:
        await moderation.sanctions.check("usr_1", "shw_1")
    assert (refused.value.until, refused.value.reason) == (until, "rude")
    await moderation.sanctions.check("usr_1", "shw_2")
    await moderation.sanctions.check("usr_2", "shw_1")
    await moderation.sanctions.check_ban("usr_1", "shw_1")
    (event,) = await outbox.members()
    assert (event["sanction_id"], datetime.fromisoformat(event["until"])) == (sanction.id, until)
    time.passes(minutes=5)
    await moderation.sanctions.check("usr_1", "shw_1")


async def test_a_ban_everywhere_outweighs_a_mute_and_can_be_lifted_once(
    moderation: Moderation, outbox: Written, time: Time
) -> None:
    await moderation.sanctions.mute("usr_1", "shw_1", None, "rude", "usr_op")
    ban = await moderation.sanctions.ban("usr_1", None, None, "fraud", "usr_op")
    assert [s.kind for s in await moderation.sanctions.active("usr_1", "shw_1")] == [
        SanctionKind.BAN,
        SanctionKind.MUTE,
    ]
    with pytest.raises(Banned):
        await moderation.sanctions.check("usr_1", "shw_1")
    with pytest.raises(Banned):
        await moderation.sanctions.check_ban("usr_1", None)
    lifted = await moderation.sanctions.lift(ban.id, "usr_op", "mistaken")
    assert (lifted.lifted_at, lifted.lifted_by) == (time.now, "usr_op")
    with pytest.raises(SanctionOver):
        await moderation.sanctions.lift(ban.id, "usr_op", "again")
    with pytest.raises(SanctionUnknown):
        await moderation.sanctions.lift("snc_0", "usr_op", "none")
    with pytest.raises(Muted):
        await moderation.sanctions.check("usr_1", "shw_1")
    assert await outbox.kinds() == ["UserMuted", "UserBanned", "SanctionLifted"]
    assert [entry.action for entry in await moderation.audit.list()] == ["sanction.lift", "user.ban", "user.mute"]


async def test_the_list_tells_active_from_over(moderation: Moderation, time: Time) -> None:
    short = await moderation.sanctions.mute("usr_1", None, time.now + timedelta(seconds=5), "a", "usr_op")
    time.passes(seconds=1)
    lifted = await moderation.sanctions.mute("usr_2", "shw_1", None, "b", "usr_op")
    await moderation.sanctions.lift(lifted.id, "usr_op", "c")
    time.passes(seconds=10)
    holds = await moderation.sanctions.ban("usr_3", "shw_1", None, "d", "usr_op")
    assert [s.id for s in await moderation.sanctions.list(active=True)] == [holds.id]
    assert [s.id for s in await moderation.sanctions.list()] == [holds.id, lifted.id, short.id]
    assert [s.id for s in await moderation.sanctions.list(before=holds.at, limit=1)] == [lifted.id]


@pytest.mark.parametrize(
    ("user", "minutes", "reason", "field"),
    [("usr_1", -1, "x", "until"), ("usr_op", 5, "x", "user_id"), ("usr_1", 5, "  ", "reason")],
)
async def test_senseless_sanctions_are_refused(
    moderation: Moderation, outbox: Written, time: Time, user: str, minutes: int, reason: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await moderation.sanctions.mute(user, None, time.now + timedelta(minutes=minutes), reason, "usr_op")
    assert refused.value.field == field
    assert await outbox.kinds() == []
    assert await moderation.audit.list() == ()
