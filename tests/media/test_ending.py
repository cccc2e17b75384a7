"""Cut, ban and the end of a token: what they do to media that flows, and how soon."""

import asyncio
import time

import pytest

from tests.media.callers import SDP, Caller, refusal
from tests.media.nodes import Served, until
from tests.media.peers import Cast, Publishing, Watching, node_of, show_of

SOON = 1.0  # seconds


async def silent(viewer: Watching) -> None:
    """No frame comes any more: what is decoded already may still come."""
    await asyncio.sleep(0.3)
    frames = len(viewer.frames)
    await asyncio.sleep(0.5)
    assert len(viewer.frames) == frames


def told(*peers: Publishing | Watching) -> bool:
    """Whether every one of them has been told by DTLS that it is over."""
    return all(peer.connection.connectionState in {"closed", "failed"} for peer in peers)


async def test_a_cut_ends_media_within_a_second(served: Served, people: Cast) -> None:
    """Publisher and viewers are told, no packet follows, nobody comes back until the cut is taken back."""
    publisher = await people.publish(served)
    viewers = [await people.watch(served, subject) for subject in ("anna", "ben")]
    began = time.monotonic()
    await served.client.cut("demo")
    assert "demo" not in node_of(served).shows
    await until(lambda: told(publisher, *viewers), SOON, "the end of all sessions")
    assert time.monotonic() - began < SOON
    for viewer in viewers:
        await silent(viewer)
    for prefix in ("whip", "whep"):
        caller = Caller(served, prefix)
        refusal(403, "show_cut", await caller("POST", caller.endpoint, caller.offer, SDP))
    await served.client.restore("demo")
    assert (await Caller(served, "whip").open())[0]


async def test_a_ban_ends_one_viewers_media_within_a_second(served: Served, people: Cast) -> None:
    """All sessions of that person, in that show; the others see no gap."""
    await people.publish(served)
    banned = [await people.watch(served, "mallory") for _ in range(2)]
    other = await people.watch(served, "anna")
    began = time.monotonic()
    await served.client.drop_viewer("demo", "mallory")
    await until(lambda: told(*banned), SOON, "the end of the banned viewer's sessions")
    assert time.monotonic() - began < SOON
    for viewer in banned:
        await silent(viewer)
    caller = Caller(served, "whep")
    caller.token = served.token("view", subject="mallory")
    for offer in (caller.offer, ""):  # nor by a counter-offer
        refusal(403, "subject_banned", await caller("POST", "/whep/demo", offer, SDP))
    frames = len(other.frames)
    await until(lambda: len(other.frames) > frames + 10, what="frames of the other viewer")
    gaps = [later - earlier for earlier, later in zip(other.frames, other.frames[1:], strict=False)]
    assert max(gaps[5:]) < 1.0
    await served.client.pardon_viewer("demo", "mallory")
    assert (await caller.open())[0]


async def test_a_ban_ends_a_publishers_media_within_a_second(served: Served, people: Cast) -> None:
    """The show goes on for its time of grace without a publisher; another may come."""
    publisher = await people.publish(served)
    viewer = await people.watch(served)
    await served.client.drop_viewer("demo", "host")
    await until(lambda: told(publisher), SOON, "the end of the publisher's session")
    await silent(viewer)
    assert show_of(served).state == "lost"


async def test_a_counter_offer_made_before_a_ban_is_void(served: Served, people: Cast) -> None:
    """The answer comes after the ban."""
    await people.publish(served)
    caller = Caller(served, "whep")
    caller.token = served.token("view", subject="mallory")
    _, headers, _ = await caller("POST", "/whep/demo", "", SDP)
    await served.client.drop_viewer("demo", "mallory")
    answer = caller.offer.replace("actpass", "active")
    refusal(403, "subject_banned", await caller("PATCH", headers["Location"], answer, SDP))


@pytest.mark.parametrize("role", ["publish", "view"])
async def test_media_outlive_their_token(served: Served, people: Cast, role: str) -> None:
    """A token is for coming in: who is in stays, and ends the session with the same token."""
    publisher = await people.publish(served)
    viewer = await people.watch(served)
    peer: Publishing | Watching = publisher if role == "publish" else viewer
    peer.token = served.token(role, subject="host" if role == "publish" else "guest", ttl=-3600)
    frames = len(viewer.frames)
    await until(lambda: len(viewer.frames) > frames + 5, what="frames")
    await peer.end()
    await until(lambda: told(peer), SOON, "the end of the session")
