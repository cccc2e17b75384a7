"""Offers through the server's door, with tickets that were good once."""

import pytest
from yarl import URL

from live.shows.lifecycle import Move
from tests.house import Answer, Caller, House
from tests.media.nodes import Served


async def ticket(caller: Caller, show_id: str, kind: str) -> str:
    answer = await caller.ask("POST", f"/api/shows/{show_id}/{kind}-token")
    assert answer.status == 200, answer
    return str(answer.body["token"])


async def offer(house: House, protocol: str, show_id: str, token: str) -> Answer:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    return await house.nobody.ask("POST", f"/{protocol}/{show_id}", data="v=0", headers=headers)


@pytest.mark.parametrize(("protocol", "kind"), [("whip", "publish"), ("whep", "view")])
async def test_a_ticket_ends_with_its_show(house: House, node: Served, protocol: str, kind: str) -> None:
    show, host = await house.show(), await house.sign_in("associate")
    token = await ticket(host, show.id, kind)
    assert (await offer(house, protocol, show.id, token)).code == "bad_sdp", "the ticket is good"
    await house.services.shows.move(show.id, Move.CUT)
    await node.client.restore(show.id)  # as a node that was started anew: it knows of no cut
    refused = await offer(house, protocol, show.id, token)
    assert (refused.status, refused.code) == (409, "wrong_status")


async def test_a_ticket_ends_with_a_ban(house: House, node: Served) -> None:
    show, viewer, operator = await house.show(), await house.sign_in("guest"), await house.sign_in("operator")
    token = await ticket(viewer, show.id, "view")
    async with viewer.socket() as page:
        await page.follow("me")
        body = {"user_id": viewer.id, "show_id": None, "kind": "ban", "reason": "spam"}
        assert (await operator.ask("POST", "/api/console/sanctions", json=body)).status == 201
        await page.event("sanction")
    await node.client.pardon_viewer(show.id, viewer.id)  # as a node that was started anew
    assert (await offer(house, "whep", show.id, token)).code == "banned"


async def test_tickets_are_for_one_role_and_one_show(house: House, node: Served) -> None:
    assert node.node is not None
    show, other = await house.show(), await house.show(login="associate2")
    host = await house.sign_in("associate")
    token = await ticket(host, show.id, "publish")
    assert (await offer(house, "whep", show.id, token)).code == "token_wrong_role"
    assert (await offer(house, "whip", other.id, token)).code == "token_wrong_show"
    assert (await offer(house, "whip", show.id, str(host.token))).code == "token_invalid"
    assert (await Caller(house, token).ask("GET", "/api/me")).code == "token_invalid"


@pytest.mark.parametrize(
    "path",
    ["/whip/x/..%2f..%2fmetrics", "/whep/x/%2e%2e%2f%2e%2e%2fhealthz", "/whip/..%2fnode%2fshows/x", "/whip/x/y%3fz"],
)
async def test_no_path_leads_to_other_routes_of_a_node(house: House, node: Served, path: str) -> None:
    assert node.node is not None
    async with house.session.get(URL(house.url + path, encoded=True)) as answer:
        body = await answer.json(content_type=None)
        assert (answer.status, body["code"]) == (404, "not_found")
        assert body["type"].startswith("urn:nearlive:"), "the node was not even asked"
