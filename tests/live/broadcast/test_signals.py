"""What media nodes report, on the way into a show."""

import asyncio

import pytest
from redis.asyncio import Redis

from live.shows.lifecycle import Move
from media.directory import EVENTS
from tests.house import WITHIN, House
from tests.media.nodes import Served


async def refusal(node: Served, show_id: str) -> str:
    """The code with which the node refuses a senseless offer for the show."""
    headers = {"Authorization": f"Bearer {node.token('publish', show_id)}", "Content-Type": "application/sdp"}
    async with node.http.post(f"{node.url}/whip/{show_id}", data="v=0", headers=headers) as answer:
        return str((await answer.json(content_type=None))["code"])


async def is_cut(node: Served, show_id: str) -> None:
    """Wait until the node takes no publisher for the show any more."""
    async with asyncio.timeout(WITHIN):
        while await refusal(node, show_id) != "show_cut":  # noqa: ASYNC110 - the node tells nobody of it
            await asyncio.sleep(0.02)


async def test_a_signal_reaches_the_show(house: House, redis: Redis) -> None:
    show = await house.show()
    viewer = await house.sign_in("guest")
    async with viewer.socket() as page:
        await page.follow(f"show:{show.id}")
        await redis.xadd(EVENTS, {"show": show.id, "kind": "publishing", "node": "n1", "at": "1"})
        await page.until(lambda frame: frame.get("kind") == "status" and frame["data"]["signal"] == "on")


@pytest.mark.parametrize("kind", ["publishing", "back"])
async def test_media_of_an_ended_show_is_cut_again(house: House, node: Served, redis: Redis, kind: str) -> None:
    """A node that was started anew takes the publisher's old token, until it is told."""
    show = await house.show()
    await house.services.shows.move(show.id, Move.CUT)
    await is_cut(node, show.id)
    await node.client.restore(show.id)  # as a node that was started anew: it knows of no cut
    assert await refusal(node, show.id) == "bad_sdp"
    await redis.xadd(EVENTS, {"show": show.id, "kind": kind, "node": "n1", "at": "1"})
    await is_cut(node, show.id)


async def test_media_of_a_deleted_show_is_cut(house: House, node: Served, redis: Redis) -> None:
    show = await house.show(live=False)
    await house.services.shows.delete(show.id, show.associate_id)
    await redis.xadd(EVENTS, {"show": show.id, "kind": "publishing", "node": "n1", "at": "1"})
    await is_cut(node, show.id)
