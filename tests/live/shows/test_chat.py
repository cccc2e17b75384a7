"""Chat, hearts and covers."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from redis.asyncio import Redis

from live.http.access import Role
from live.shows.covers import SIZE, CoverService, cover_jpeg
from live.shows.errors import BadImage, MessageUnknown, NotLive, TextRefused
from live.shows.lifecycle import Move
from live.shows.model import MessageState
from live.shows.pace import ChatPace
from moderation.errors import Muted
from moderation.model import Action
from tests.live.shows.conftest import HOST, Studio, person


async def on_air(studio: Studio) -> str:
    show = await studio.show()
    await studio.shows.move(show.id, Move.GO_LIVE)
    return show.id


async def published(studio: Studio, topic: str) -> list[dict[str, Any]]:
    return [json.loads(event.frame) for event in await studio.topics.between(topic, 0)]


async def test_a_message_is_stored_then_shown_to_everybody(studio: Studio, redis: Redis) -> None:
    show_id = await on_air(studio)
    said = await studio.chat.say(person(), show_id, "Is there a matte one?")
    assert said.state is MessageState.SHOWN
    [event] = await published(studio, f"show:{show_id}")
    assert (event["kind"], event["data"]["text"]) == ("chat", "Is there a matte one?")
    assert event["data"]["author"] == {"id": "gst_1", "name": "Guest 1", "role": "guest"}
    assert [message.id for message in await studio.chat.recent(show_id)] == [said.message_id]
    assert await ChatPace(redis).rates([show_id, "shw_other"]) == {show_id: 1, "shw_other": 0}


async def test_the_shows_own_associate_is_marked_as_host(studio: Studio) -> None:
    show_id = await on_air(studio)
    await studio.chat.say(person(HOST.user_id, Role.ASSOCIATE), show_id, "Yes, three shades")
    assert (await studio.chat.recent(show_id))[0].author_role == "host"


async def test_rules_mask_hold_and_block(studio: Studio) -> None:
    show_id = await on_air(studio)
    for pattern, action in (("darn", Action.MASK), ("wechat", Action.HOLD), ("casino", Action.BLOCK)):
        await studio.moderation.rules.add(pattern, action, "spam", by="usr_op")
    await studio.chat.say(person("gst_1"), show_id, "darn good")
    held = await studio.chat.say(person("gst_2"), show_id, "my wechat is")
    with pytest.raises(TextRefused):
        await studio.chat.say(person("gst_3"), show_id, "c a s i n o here")
    assert [message.text for message in await studio.chat.recent(show_id)] == ["**** good"]
    assert [message.id for message in await studio.chat.held()] == [held.message_id]
    assert [event["kind"] for event in await published(studio, "console")] == ["held"]
    await studio.chat.release(show_id, held.message_id, shown=True)
    await studio.chat.release(show_id, held.message_id, shown=True)
    assert [event["data"]["text"] for event in await published(studio, f"show:{show_id}")] == [
        "**** good",
        "my wechat is",
    ], "a message released twice is shown once"
    assert await studio.chat.held() == []


async def test_a_deleted_message_is_gone_from_history(studio: Studio) -> None:
    show_id = await on_air(studio)
    first = await studio.chat.say(person("gst_1"), show_id, "first")
    second = await studio.chat.say(person("gst_2"), show_id, "second")
    await studio.chat.delete(show_id, first.message_id)
    assert [message.id for message in await studio.chat.recent(show_id)] == [second.message_id]
    assert (await published(studio, f"show:{show_id}"))[-1]["data"] == {"id": first.message_id}
    with pytest.raises(MessageUnknown):
        await studio.chat.message(show_id, "msg_none")


async def test_history_pages_without_gaps_and_without_the_neighbours_show(studio: Studio) -> None:
    show_id, other = await on_air(studio), await on_air(studio)
    said = []
    for number in range(7):
        said.append(await studio.chat.say(person(f"gst_{number}"), show_id, f"line {number}"))
        await studio.chat.say(person(f"gst_{number}"), other, f"elsewhere {number}")
    newest = await studio.chat.recent(show_id, limit=4)
    older = await studio.chat.recent(show_id, newest[-1].id, limit=4)
    assert [m.id for m in newest + older] == [s.message_id for s in reversed(said)]


async def test_nobody_chats_before_the_start_after_the_end_or_muted(studio: Studio) -> None:
    show = await studio.show()
    with pytest.raises(NotLive):
        await studio.chat.say(person(), show.id, "hello?")
    await studio.shows.move(show.id, Move.GO_LIVE)
    until = studio.clock() + timedelta(minutes=10)
    await studio.moderation.sanctions.mute("gst_1", show.id, until, "spam", "usr_op")
    with pytest.raises(Muted):
        await studio.chat.say(person("gst_1"), show.id, "hello")
    await studio.chat.say(person("gst_2"), show.id, "hello")
    await studio.shows.move(show.id, Move.END)
    with pytest.raises(NotLive):
        await studio.chat.say(person("gst_2"), show.id, "bye")


async def test_hearts_are_merged_and_counted(studio: Studio) -> None:
    show_id = await on_air(studio)
    for _ in range(30):
        studio.hearts.add(show_id, 2)
    await studio.hearts.flush()
    await studio.hearts.flush()
    studio.hearts.add(show_id, 1)
    await studio.hearts.flush()
    data = [event["data"] for event in await published(studio, f"show:{show_id}")]
    assert data == [{"total": 60, "delta": 60}, {"total": 61, "delta": 1}]


async def test_a_cover_is_cut_turned_and_stripped(studio: Studio) -> None:
    show = await studio.show()
    photo = Image.new("RGB", (400, 200), (200, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010F] = "a phone"
    upload = io.BytesIO()
    photo.save(upload, "JPEG", exif=exif)
    covers = CoverService(studio.store, studio.shows)
    saved = await covers.save(show.id, HOST.user_id, upload.getvalue())
    assert saved.cover_version == 1
    with Image.open(io.BytesIO(await covers.jpeg(show.id))) as kept:
        assert (kept.size, dict(kept.getexif())) == (SIZE, {})
    assert (await covers.save(show.id, HOST.user_id, upload.getvalue())).cover_version == 2


@pytest.mark.parametrize("upload", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff" + bytes(200), b"GIF89a" + bytes(50)])
def test_what_is_no_picture_is_refused(upload: bytes) -> None:
    with pytest.raises(BadImage):
        cover_jpeg(upload)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    bomb = io.BytesIO()
    Image.new("1", (8000, 6000)).save(bomb, "PNG")
    with pytest.raises(BadImage, match="pixels"):
        cover_jpeg(bomb.getvalue())
