"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) to the letter, over real HTTP."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from media import errors, problem
from tests.media.callers import FRAGMENT, RESTART, SDP, TRICKLE, Caller, refusal, watchable
from tests.media.nodes import Served, node_in_loop

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
async def test_post_answers_201_with_location_etag_and_sdp(caller: Caller, prefix: str) -> None:
    status, headers, body = await caller("POST", f"/{prefix}/demo", caller.offer, SDP)
    assert status == 201
    assert headers["Content-Type"].startswith(SDP)
    assert headers["Location"].startswith(f"/{prefix}/demo/")
    assert headers["ETag"].startswith('"')
    assert headers["Accept-Patch"] == FRAGMENT
    assert ("a=recvonly" if prefix == "whip" else "a=sendonly") in body
    assert "a=setup:passive" in body


@BOTH
@pytest.mark.parametrize("kind", ["text/plain", "application/json", None])
async def test_a_wrong_content_type_is_415(caller: Caller, prefix: str, kind: str | None) -> None:
    refusal(415, "wrong_content_type", await caller("POST", f"/{prefix}/demo", caller.offer, kind))


@BOTH
@pytest.mark.parametrize("body", ["v=0", "hello", "v=0\r\n" * 5000, b"\xff\xfe\0\0", "v=0\r\nm=video x"])
async def test_a_bad_sdp_is_400(caller: Caller, prefix: str, body: str | bytes) -> None:
    refusal(400, "bad_sdp", await caller("POST", f"/{prefix}/demo", body, SDP))


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
async def test_get_and_head_are_2xx_without_a_body(caller: Caller, prefix: str) -> None:
    path, etag = await caller.open()
    for method in ("GET", "HEAD"):
        status, headers, body = await caller(method, path)
        assert (status, body, headers["ETag"]) == (200, "", etag)
        assert headers["Content-Type"].startswith(SDP)


@BOTH
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_on_the_show_are_405(caller: Caller, prefix: str, method: str) -> None:
    answer = await caller(method, f"/{prefix}/demo")
    refusal(405, "method_not_allowed", answer)
    assert "POST" in answer[1]["Allow"]


@BOTH
@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_other_methods_on_a_session_are_405(caller: Caller, prefix: str, method: str) -> None:
    path, _ = await caller.open()
    refusal(405, "method_not_allowed", await caller(method, path))


@BOTH
async def test_options_needs_no_token_and_tells_what_is_taken(caller: Caller, prefix: str) -> None:
    for path, header, value in (
        (f"/{prefix}/demo", "Accept-Post", SDP),
        (f"/{prefix}/demo/some", "Accept-Patch", FRAGMENT),
    ):
        async with caller.served.http.options(
            caller.served.url + path,
            headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
        ) as answer:
            assert answer.status == 200
            assert answer.headers[header] == value
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
            assert "Link" not in answer.headers


@BOTH
async def test_a_page_elsewhere_may_read_the_headers(caller: Caller, prefix: str) -> None:
    _, headers, _ = await caller("POST", f"/{prefix}/demo", caller.offer, SDP, Origin="https://shop.example")
    exposed = headers["Access-Control-Expose-Headers"]
    assert all(name in exposed for name in ("Location", "ETag", "Link"))


@BOTH
async def test_trickle_is_204_without_an_etag(caller: Caller, prefix: str) -> None:
    path, etag = await caller.open()
    for body in (TRICKLE, TRICKLE.replace("udp", "tcp"), TRICKLE + "a=end-of-candidates\r\n"):
        status, headers, text = await caller("PATCH", path, body, FRAGMENT, If_Match=etag)
        assert (status, text) == (204, "")
        assert "ETag" not in headers


@BOTH
@pytest.mark.parametrize("any_session", ["*", '"*"'])
async def test_an_ice_restart_gives_new_credentials_and_etag(caller: Caller, prefix: str, any_session: str) -> None:
    path, etag = await caller.open()
    status, headers, text = await caller("PATCH", path, RESTART, FRAGMENT, If_Match=any_session)
    assert status == 200
    assert headers["Content-Type"].startswith(FRAGMENT)
    assert headers["ETag"] != etag
    assert headers["ETag"].strip('"') in text
    refusal(412, "precondition_failed", await caller("PATCH", path, TRICKLE, FRAGMENT, If_Match=etag))
    assert (await caller("GET", path))[0] == 200


@BOTH
async def test_preconditions_of_patch(caller: Caller, prefix: str) -> None:
    path, etag = await caller.open()
    refusal(428, "precondition_required", await caller("PATCH", path, TRICKLE, FRAGMENT))
    refusal(412, "precondition_failed", await caller("PATCH", path, TRICKLE, FRAGMENT, If_Match='"stale"'))
    refusal(415, "wrong_content_type", await caller("PATCH", path, TRICKLE, SDP, If_Match=etag))
    refusal(400, "bad_sdp_fragment", await caller("PATCH", path, "noise", FRAGMENT, If_Match=etag))
    refusal(422, "unsupported_fragment", await caller("PATCH", path, "a=mid:0\r\n", FRAGMENT, If_Match=etag))
    refusal(422, "unsupported_fragment", await caller("PATCH", path, "a=ice-ufrag:efgh\r\n", FRAGMENT, If_Match="*"))
    assert (await caller("GET", path))[1]["ETag"] == etag  # a failed restart changes nothing


@BOTH
async def test_delete_is_200_whatever_the_etag_and_then_it_is_gone(caller: Caller, prefix: str) -> None:
    path, _ = await caller.open()
    assert (await caller("DELETE", path, If_Match='"stale"'))[0] == 200
    for method in ("GET", "DELETE"):
        refusal(404, "unknown_session", await caller(method, path))


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


async def test_viewing_what_nobody_publishes_is_409_with_retry_after(served: Served) -> None:
    caller = Caller(served, "whep")
    answer = await caller("POST", "/whep/demo", caller.offer, SDP)
    refusal(409, "not_publishing", answer)
    assert int(answer[1]["Retry-After"]) > 0


async def test_an_offer_that_cannot_be_answered_is_422(whip: Caller) -> None:
    offer = whip.offer.replace("H264", "H265").replace("VP8", "VP7")
    refusal(422, "no_common_codec", await whip("POST", "/whip/demo", offer, SDP))
    data = whip.offer.replace("m=audio", "m=application")
    refusal(422, "unsupported_offer", await whip("POST", "/whip/demo", data, SDP))


async def test_ice_servers_come_as_links(http: aiohttp.ClientSession) -> None:
    async with node_in_loop(
        http, ice_servers="stun:stun.example:3478,turn:turn.example:3478", ice_username="u", ice_credential="c"
    ) as served:
        caller = Caller(served, "whip")
        async with http.post(
            f"{served.url}/whip/demo",
            data=caller.offer,
            headers={"Authorization": f"Bearer {caller.token}", "Content-Type": SDP},
        ) as answer:
            links = answer.headers.getall("Link")
    assert links[0] == '<stun:stun.example:3478>; rel="ice-server"'
    assert 'username="u"; credential="c"; credential-type="password"' in links[1]


async def test_a_full_node_is_503_with_retry_after(http: aiohttp.ClientSession) -> None:
    async with node_in_loop(http, max_publishers=1, max_viewers=1) as served:
        watchable(served.node)
        viewer, publisher = Caller(served, "whep"), Caller(served, "whip")
        await viewer.open()
        for caller in (viewer, publisher):
            answer = await caller("POST", f"/{caller.prefix}/demo", caller.offer, SDP)
            refusal(503, "node_full", answer)
            assert "Retry-After" in answer[1]


async def test_unknown_paths_and_names_are_404(whip: Caller) -> None:
    for path in ("/", "/whip", "/whip/demo/", "/whip/a.b", "/whip/" + "x" * 65, "/whip/../etc"):
        refusal(404, "not_found", await whip("POST", path, whip.offer, SDP))


def test_every_error_has_a_status_or_never_reaches_http() -> None:
    def below(kind: type[errors.MediaError]) -> set[type[errors.MediaError]]:
        return {kind}.union(*(below(each) for each in kind.__subclasses__()))

    declared = {each for each in below(errors.MediaError) if each.__module__ == "media.errors"}
    assert declared == set(problem.STATUS) | problem.INTERNAL
    assert len({each.code for each in declared}) == len(declared)
