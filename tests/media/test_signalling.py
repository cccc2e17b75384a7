"""WHIP and WHEP over real HTTP: what is not in their texts. Those are held line by line in test_conformance*.py."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from media import errors, problem, tokens
from tests.media.callers import FRAGMENT, SDP, TRICKLE, Caller, refusal, watchable
from tests.media.nodes import KEY_ID, SECRET, Served, node_in_loop

BOTH = pytest.mark.parametrize("prefix", ["whip", "whep"])


@pytest.fixture
async def whip(served: Served) -> Caller:
    return Caller(served, "whip")


@pytest.fixture
async def caller(served: Served, prefix: str) -> Caller:
    if prefix == "whep":
        watchable(served.node)
    return Caller(served, prefix)


@BOTH
async def test_a_huge_body_is_413_and_leaves_nothing(caller: Caller, prefix: str) -> None:
    refusal(413, "too_large", await caller("POST", f"/{prefix}/demo", "v=0\r\n" * 50_000, SDP))


async def test_an_endless_body_is_413_before_it_ends(served: Served) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(16_384):  # a gigabyte, if anyone would take it
            yield b"a" * 65_536
            sent += 65_536

    headers = {"Authorization": f"Bearer {served.token('publish')}", "Content-Type": SDP}
    try:
        async with served.http.post(f"{served.url}/whip/demo", data=endless(), headers=headers) as answer:
            assert answer.status == 413
    except aiohttp.ClientConnectionError:  # closed on us while we were still writing
        pass
    assert sent < 64 << 20
    assert served.node is not None
    assert not served.node.shows


@BOTH
async def test_who_may(caller: Caller, prefix: str, served: Served) -> None:
    path, _ = await caller.open()
    role = "publish" if prefix == "whip" else "view"
    other_role = "view" if prefix == "whip" else "publish"
    for target, method, body, kind in (
        (f"/{prefix}/demo", "POST", caller.offer, SDP),
        (path, "GET", "", None),
        (path, "PATCH", TRICKLE, FRAGMENT),
        (path, "DELETE", "", None),
    ):
        for token, status, code in (
            ("", 401, "token_missing"),
            ("nonsense", 401, "token_invalid"),
            (served.token(role, ttl=-60 if target != path else -(25 * 3600)), 401, "token_expired"),
            (served.token(role, show="other"), 403, "token_wrong_show"),
            (served.token(other_role), 403, "token_wrong_role"),
        ):
            caller.token = token
            answer = await caller(method, target, body, kind)
            refusal(status, code, answer)
            assert (answer[1].get("WWW-Authenticate") == "Bearer") == (status == 401)
    caller.token = served.token(role, subject="somebody else")
    refusal(404, "unknown_session", await caller("DELETE", path))


async def test_unknown_paths_and_names_are_404(whip: Caller) -> None:
    for path in ("/", "/whip", "/whip/demo/", "/whip/a.b", "/whip/" + "x" * 65, "/whip/../etc"):
        refusal(404, "not_found", await whip("POST", path, whip.offer, SDP))


def test_every_error_has_a_status_or_never_reaches_http() -> None:
    def below(kind: type[errors.MediaError]) -> set[type[errors.MediaError]]:
        return {kind}.union(*(below(each) for each in kind.__subclasses__()))

    declared = {each for each in below(errors.MediaError) if each.__module__ == "media.errors"}
    assert declared == set(problem.STATUS) | problem.INTERNAL
    assert len({each.code for each in declared}) == len(declared)


async def test_another_node_is_no_audience(http: aiohttp.ClientSession) -> None:
    """A relay's token: no limits of persons, not counted, no links to what players use."""
    async with node_in_loop(http, max_viewers=1, sessions_per_subject=1, offers_per_subject=1) as served:
        watchable(served.node)
        relay = Caller(served, "whep")
        relay.token = tokens.mint_relay(SECRET, "demo", "node-2", 60, KEY_ID)
        for _ in range(3):
            status, headers, _ = await relay("POST", "/whep/demo", relay.offer, SDP)
            assert status == 201
            assert "Link" not in headers
        assert served.node is not None
        assert served.node.viewers == 0
        refusal(422, "no_common_codec", await relay("POST", "/whep/demo", relay.offer.replace("H264", "H265"), SDP))
        await Caller(served, "whep").open()
        assert served.node.viewers == 1
        assert (await relay("DELETE", headers["Location"]))[0] == 200
