"""What RFC 9725 (WHIP) and draft-ietf-wish-whep want of a server, a line a test, over real HTTP.

Where both say the same a test goes over both; numbers are sections of RFC 9725. Here: HTTP, session setup, PATCH.
The rest is in test_conformance_ice.py and _access.py, what only WHEP has in test_conformance_whep.py and _events.py.
"""

import re

import aiohttp
import pytest

from tests.media.callers import FRAGMENT, RESTART, SDP, TRICKLE, Caller, refusal, watchable
from tests.media.nodes import Served, node_in_loop
from tests.media.offers import chromium

ORIGIN = "https://shop.example"


@pytest.fixture(params=["whip", "whep"])
async def caller(served: Served, request: pytest.FixtureRequest) -> Caller:
    if request.param == "whep":
        watchable(served.node)
    return Caller(served, request.param)


@pytest.fixture
async def whip(served: Served) -> Caller:
    return Caller(served, "whip")


# ---- 4.1 HTTP usage


async def test_get_on_the_endpoint_is_2xx_without_content(caller: Caller) -> None:
    """4.1: endpoints MUST return a 2xx successful response with no content when a GET request is received."""
    status, _, body = await caller("GET", caller.endpoint)
    assert (status, body) == (200, "")


async def test_get_on_the_session_is_2xx_without_content(caller: Caller) -> None:
    """4.1: sessions MUST return a 2xx successful response with no content when a GET request is received."""
    path, _ = await caller.open()
    status, _, body = await caller("GET", path)
    assert (status, body) == (200, "")


async def test_head_is_as_get(caller: Caller) -> None:
    """RFC 9110 9.3.2: the same header fields as for GET."""
    path, _ = await caller.open()
    for target in (caller.endpoint, path):
        got, head = await caller("GET", target), await caller("HEAD", target)
        assert head[0] == got[0]
        for name in ("Content-Type", "ETag", "Accept-Post"):
            assert head[1].get(name) == got[1].get(name)


async def test_a_refusal_is_a_problem_statement(caller: Caller) -> None:
    """4.1: finer-grained error information by a problem statement JSON object (RFC 9457)."""
    body = refusal(400, "bad_sdp", await caller("POST", caller.endpoint, "v=1", SDP))
    assert body["type"] == "about:blank"
    assert body["title"] == "Bad Request"
    assert body["detail"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_other_methods_on_the_endpoint_are_405(caller: Caller, method: str) -> None:
    """RFC 9110 15.5.6: 405 with Allow."""
    answer = await caller(method, caller.endpoint)
    refusal(405, "method_not_allowed", answer)
    assert set(answer[1]["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("method", ["PUT", "POST", "TRACE", "PROPFIND"])
async def test_other_methods_on_the_session_are_405(caller: Caller, method: str) -> None:
    """RFC 9110 15.5.6: 405 with Allow."""
    path, _ = await caller.open()
    answer = await caller(method, path)
    refusal(405, "method_not_allowed", answer)
    assert set(answer[1]["Allow"].split(", ")) == {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH"}


# ---- 4.2 session setup


async def test_post_is_201_with_an_answer_of_type_sdp(caller: Caller) -> None:
    """4.2: the endpoint MUST return 201 with a content type of application/sdp and the answer as the body."""
    status, headers, body = await caller("POST", caller.endpoint, caller.offer, SDP)
    assert (status, headers["Content-Type"]) == (201, SDP)
    assert body.startswith("v=0\r\n")


async def test_post_points_to_the_session(caller: Caller) -> None:
    """4.2: MUST return a Location header field pointing to the newly created session."""
    _, headers, _ = await caller("POST", caller.endpoint, caller.offer, SDP)
    assert (await caller("GET", headers["Location"]))[0] == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/json", FRAGMENT, None])
async def test_an_offer_of_another_type_is_4xx(caller: Caller, kind: str | None) -> None:
    """4.2: a content type different than application/sdp MUST be rejected with an appropriate 4xx."""
    refusal(415, "wrong_content_type", await caller("POST", caller.endpoint, caller.offer, kind))


async def test_the_type_may_have_parameters_and_capitals(caller: Caller) -> None:
    """RFC 9110 8.3.1: type and subtype are case-insensitive, parameters do not matter here."""
    assert (await caller("POST", caller.endpoint, caller.offer, "Application/SDP; charset=utf-8"))[0] == 201


@pytest.mark.parametrize("offer", ["v=0", "hello", "v=0\r\nm=video x\r\n", b"\xff\xfe\0", "{}"])
async def test_a_malformed_offer_is_4xx(caller: Caller, offer: str | bytes) -> None:
    """4.2: if the SDP is malformed, the endpoint MUST reject the POST with an appropriate 4xx."""
    refusal(400, "bad_sdp", await caller("POST", caller.endpoint, offer, SDP))


async def test_a_refused_offer_leaves_no_session(whip: Caller) -> None:
    """4.2 and 4.4.3: nothing half-done stays behind."""
    for offer in ("v=0", whip.offer.replace("H264", "H265").replace("VP8", "VP9")):
        assert (await whip("POST", whip.endpoint, offer, SDP))[0] in {400, 422}
    assert whip.served.node is not None
    assert not whip.served.node.shows


async def test_the_answer_is_in_the_one_direction(caller: Caller) -> None:
    """4.2: the answer MUST be recvonly (WHIP) or sendonly (WHEP), to sendonly/recvonly and to sendrecv."""
    wanted = "recvonly" if caller.prefix == "whip" else "sendonly"
    for offer in (caller.offer, chromium("sendrecv")):
        _, _, body = await caller("POST", caller.endpoint, offer, SDP)
        assert re.findall(r"a=(sendrecv|sendonly|recvonly|inactive)\r", body) == [wanted, wanted]


@pytest.mark.parametrize("direction", ["inactive", "wrong"])
async def test_an_offer_in_the_wrong_direction_is_not_answered(caller: Caller, direction: str) -> None:
    """4.2: inactive and the opposite direction MUST NOT be used (WHEP: gets our offer instead)."""
    wrong = {"whip": "recvonly", "whep": "sendonly"}[caller.prefix] if direction == "wrong" else direction
    status, _, _ = await caller("POST", caller.endpoint, chromium(wrong), SDP)
    assert status == (422 if caller.prefix == "whip" else 406)


async def test_options_of_the_endpoint_is_200_for_cors(caller: Caller) -> None:
    """4.2: endpoints MUST support OPTIONS requests for CORS (the FETCH standard)."""
    status, headers = await caller.preflight(caller.endpoint, "POST")
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in headers["Access-Control-Allow-Methods"]
    allowed = headers["Access-Control-Allow-Headers"]
    assert all(name in allowed for name in ("Authorization", "Content-Type"))


async def test_options_of_the_session_is_200_for_cors(caller: Caller) -> None:
    """4.2 and FETCH: PATCH with If-Match and DELETE are preflighted too."""
    path, _ = await caller.open()
    for method in ("PATCH", "DELETE"):
        status, headers = await caller.preflight(path, method)
        assert status == 200
        assert method in headers["Access-Control-Allow-Methods"]
        assert "If-Match" in headers["Access-Control-Allow-Headers"]


async def test_any_options_says_accept_post(caller: Caller) -> None:
    """4.2: the 200 response to any OPTIONS request SHOULD include Accept-Post: application/sdp."""
    path, _ = await caller.open()
    for target in (caller.endpoint, path):
        status, headers, _ = await caller("OPTIONS", target)
        assert (status, headers["Accept-Post"]) == (200, SDP)


async def test_options_of_the_session_says_accept_patch(caller: Caller) -> None:
    """RFC 5789 3.1: Accept-Patch SHOULD appear in the OPTIONS response of what supports PATCH."""
    path, _ = await caller.open()
    assert (await caller("OPTIONS", path))[1]["Accept-Patch"] == FRAGMENT


async def test_pages_elsewhere_may_read_what_they_need(caller: Caller) -> None:
    """FETCH: Location, ETag and Link are hidden from pages unless they are exposed; on refusals too."""
    for offer in (caller.offer, "v=0"):
        _, headers, _ = await caller("POST", caller.endpoint, offer, SDP, Origin=ORIGIN)
        assert headers["Access-Control-Allow-Origin"] == "*"
        exposed = {name.strip() for name in headers["Access-Control-Expose-Headers"].split(",")}
        assert exposed >= {"Location", "ETag", "Link", "Retry-After"}


async def test_only_named_origins_where_they_are_set(http: aiohttp.ClientSession) -> None:
    """FETCH: another origin gets no permission, and caches are told that it depends on the origin."""
    async with node_in_loop(http, cors_origins=ORIGIN) as served:
        caller = Caller(served, "whip")
        _, named, _ = await caller("POST", caller.endpoint, caller.offer, SDP, Origin=ORIGIN)
        _, other, _ = await caller("POST", caller.endpoint, caller.offer, SDP, Origin="https://evil.example")
    assert (named["Access-Control-Allow-Origin"], named["Vary"]) == (ORIGIN, "Origin")
    assert "Access-Control-Allow-Origin" not in other


async def test_delete_is_200_and_the_session_is_gone(caller: Caller) -> None:
    """4.2: upon DELETE the session will be removed and the resources freed."""
    path, _ = await caller.open()
    assert (await caller("DELETE", path))[0] == 200
    for method in ("GET", "DELETE"):
        refusal(404, "unknown_session", await caller(method, path))
    assert caller.served.node is not None
    assert not [each for show in caller.served.node.shows.values() for each in show.sessions() if each.id in path]


# ---- 4.3 ICE: 4.3.1 PATCH


async def test_a_patch_of_another_type_is_4xx(caller: Caller) -> None:
    """4.3.1: a content type different than application/trickle-ice-sdpfrag MUST be rejected with a 4xx."""
    path, etag = await caller.open()
    for kind in (SDP, "text/plain", None):
        refusal(415, "wrong_content_type", await caller("PATCH", path, TRICKLE, kind, If_Match=etag))


@pytest.mark.parametrize("fragment", ["noise", b"\xff\0", "a=ice-ufrag:x\r\n", TRICKLE + "a=candidate:1 1\r\n"])
async def test_a_malformed_fragment_is_4xx(caller: Caller, fragment: str | bytes) -> None:
    """4.3.1: if the SDP fragment is malformed the session MUST reject the PATCH with a 4xx."""
    path, etag = await caller.open()
    refusal(400, "bad_sdp_fragment", await caller("PATCH", path, fragment, FRAGMENT, If_Match=etag))


async def test_a_fragment_for_no_ice_session_is_422(caller: Caller) -> None:
    """RFC 8840 4.4: ice-ufrag and ice-pwd say which ICE session a fragment belongs to."""
    path, etag = await caller.open()
    refusal(422, "unsupported_fragment", await caller("PATCH", path, "a=mid:0\r\n", FRAGMENT, If_Match=etag))


async def test_the_201_has_a_strong_etag(caller: Caller) -> None:
    """4.3.1: a unique strong entity-tag identifying the ICE session MUST be returned in the 201."""
    tags = {(await caller.open())[1] for _ in range(4)}
    assert len(tags) == 4
    assert all(re.fullmatch(r'"[!#-~]+"', tag) for tag in tags)


async def test_a_missing_if_match_is_428(caller: Caller) -> None:
    """4.3.1: 428 Precondition Required for a missing entity tag."""
    path, _ = await caller.open()
    refusal(428, "precondition_required", await caller("PATCH", path, TRICKLE, FRAGMENT))
    refusal(428, "precondition_required", await caller("PATCH", path, RESTART, FRAGMENT))


async def test_another_if_match_is_412(caller: Caller) -> None:
    """4.3.1: 412 Precondition Failed for a non-matching entity tag; also of another session of ours."""
    path, etag = await caller.open()
    _, other = await caller.open()
    for tag in ('"stale"', other, f"W/{etag}", etag.strip('"'), '"stale", "staler"', ""):
        for fragment in (TRICKLE, RESTART):
            refusal(412, "precondition_failed", await caller("PATCH", path, fragment, FRAGMENT, If_Match=tag))


async def test_if_match_may_be_a_list(caller: Caller) -> None:
    """RFC 9110 13.1.1: If-Match is a list of entity tags, one of which must match."""
    path, etag = await caller.open()
    assert (await caller("PATCH", path, TRICKLE, FRAGMENT, If_Match=f'"a,b" , W/"c",{etag}'))[0] == 204


async def test_delete_ignores_entity_tags(caller: Caller) -> None:
    """4.3.1: sessions MUST ignore any entity-tag value when matching is not required, as in DELETE."""
    path, _ = await caller.open()
    assert (await caller("DELETE", path, If_Match='"stale"'))[0] == 200
