"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): the same resources twice, for publishing and for viewing."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from media import cors, sdp
from media.bearer import granted
from media.errors import (
    PreconditionFailedError,
    PreconditionRequiredError,
    UnknownSessionError,
    UnsupportedFragmentError,
    WrongContentTypeError,
)
from media.keys import NODE, SETTINGS
from media.session import Session
from media.settings import MediaSettings

SDP_TYPE = "application/sdp"
FRAGMENT_TYPE = "application/trickle-ice-sdpfrag"
NAME = "[A-Za-z0-9_-]{1,64}"
_ANY_SESSION = {"*", '"*"'}


def link_headers(settings: MediaSettings) -> list[str]:
    """ICE servers as Link headers (RFC 9725 section 4.6)."""
    links = []
    for url in settings.ice_servers:
        link = f'<{url}>; rel="ice-server"'
        if url.startswith("turn") and settings.ice_username:
            secret = settings.ice_credential.get_secret_value()
            link += f'; username="{settings.ice_username}"; credential="{secret}"; credential-type="password"'
        links.append(link)
    return links


def wants_restart(session: Session, fragment: sdp.IceFragment, if_match: str | None) -> bool:
    """Whether a PATCH asks for an ICE restart; False: it trickles candidates (RFC 9725 section 4.3).

    Raises PreconditionRequiredError, PreconditionFailedError, UnsupportedFragmentError.
    """
    if if_match is None:
        raise PreconditionRequiredError("If-Match must name the ICE session, or be * for a restart", "If-Match")
    tags = {tag.strip() for tag in if_match.split(",")}
    any_session = bool(tags & _ANY_SESSION)
    if not any_session and session.etag not in tags:
        raise PreconditionFailedError("that ICE session is no longer current", "If-Match")
    if not fragment.fragment:
        raise UnsupportedFragmentError("the fragment names no ICE session (ice-ufrag)", "ice-ufrag")
    renewed = fragment.fragment != session.remote_fragment
    if renewed and not any_session:
        raise UnsupportedFragmentError("an ICE restart needs If-Match: *", "If-Match")
    return renewed


@dataclass(frozen=True, slots=True)
class Signalling:
    """The routes under one prefix."""

    prefix: Literal["whip", "whep"]
    role: Literal["publish", "view"]

    def routes(self) -> list[web.RouteDef]:
        """POST and OPTIONS on the show; GET, HEAD, PATCH, DELETE and OPTIONS on a session."""
        show = f"/{self.prefix}/{{show:{NAME}}}"
        session = f"{show}/{{session:{NAME}}}"
        return [
            web.post(show, self.offer),
            web.options(show, self.preflight),
            web.get(session, self.look),
            web.patch(session, self.patch),
            web.delete(session, self.end),
            web.options(session, self.preflight_session),
        ]

    async def preflight(self, _request: web.Request) -> web.Response:
        """OPTIONS on the show."""
        response = cors.preflight("OPTIONS, POST")
        response.headers["Accept-Post"] = SDP_TYPE
        return response

    async def preflight_session(self, _request: web.Request) -> web.Response:
        """OPTIONS on a session."""
        response = cors.preflight("DELETE, GET, HEAD, OPTIONS, PATCH")
        response.headers["Accept-Patch"] = FRAGMENT_TYPE
        return response

    async def offer(self, request: web.Request) -> web.Response:
        """POST: 201 with the answer."""
        show = request.match_info["show"]
        grant = granted(request, self.role, show)
        text = await _text(request, SDP_TYPE)
        node = request.app[NODE]
        if self.role == "publish":
            session, answer = node.publish(show, grant.subject, text)
        else:
            if not grant.relay:
                await node.seek(show, grant.subject)
            session, answer = node.view(show, grant.subject, text, relay=grant.relay)
        response = web.Response(status=201, text=answer, content_type=SDP_TYPE)
        response.headers["Location"] = f"/{self.prefix}/{show}/{session.id}"
        response.headers["ETag"] = session.etag
        response.headers["Accept-Patch"] = FRAGMENT_TYPE
        for link in link_headers(request.app[SETTINGS]):
            response.headers.add("Link", link)
        return response

    def _session(self, request: web.Request) -> Session:
        show = request.match_info["show"]
        grant = granted(request, self.role, show)
        session = request.app[NODE].session(show, request.match_info["session"], self.role)
        if session.subject != grant.subject:
            raise UnknownSessionError("no such session, or it has ended")
        return session

    async def look(self, request: web.Request) -> web.Response:
        """GET and HEAD: it is there; no body."""
        session = self._session(request)
        return web.Response(headers={"ETag": session.etag, "Content-Type": SDP_TYPE})

    async def patch(self, request: web.Request) -> web.Response:
        """PATCH: 204 for candidates (a lite agent needs none), 200 and a fragment for an ICE restart."""
        session = self._session(request)
        text = await _text(request, FRAGMENT_TYPE)
        fragment = sdp.parse_fragment(text)
        if not wants_restart(session, fragment, request.headers.get("If-Match")):
            return web.Response(status=204)
        answer = request.app[NODE].restart_ice(session, fragment)
        response = web.Response(text=answer, content_type=FRAGMENT_TYPE)
        response.headers["ETag"] = session.etag
        return response

    async def end(self, request: web.Request) -> web.Response:
        """DELETE: media stops at once, whatever If-Match says."""
        self._session(request).close("deleted")
        return web.Response()


async def _text(request: web.Request, content_type: str) -> str:
    """The body; HTTPRequestEntityTooLarge beyond the limit, WrongContentTypeError, or "" if it is not UTF-8."""
    if request.content_type.lower() != content_type:
        raise WrongContentTypeError(f"the body must be {content_type}", "Content-Type")
    body = await request.read()
    return body.decode("utf-8", "replace")


WHIP = Signalling("whip", "publish")
WHEP = Signalling("whep", "view")
