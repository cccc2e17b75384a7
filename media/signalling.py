"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): the same resources twice, for publishing and for viewing."""

import time
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from media import body, cors, preconditions, sdp, turn
from media.bearer import granted
from media.counter_offer import CounterOffer
from media.errors import (
    AnswerAwaitedError,
    NoCommonCodecError,
    UnknownSessionError,
    UnsupportedFragmentError,
    UnsupportedOfferError,
)
from media.keys import COUNTER_OFFERS, LIMITS, NODE, SETTINGS
from media.server_events import EVENTS
from media.session import Session
from media.settings import MediaSettings
from media.tokens import SESSION_LEEWAY, Grant

SDP_TYPE = "application/sdp"
FRAGMENT_TYPE = "application/trickle-ice-sdpfrag"
EXTENSION = "urn:ietf:params:whep:ext:core:"
NAME = "[A-Za-z0-9_-]{1,64}"


def link_headers(settings: MediaSettings, subject: str) -> list[str]:
    """ICE servers as Link headers (RFC 9725 section 4.6), with credentials of this person's own."""
    granted = None
    if secret := settings.turn_secret.get_secret_value():
        granted = turn.credentials(secret, subject, time.time())
    elif settings.ice_username:
        granted = turn.Credentials(settings.ice_username, settings.ice_credential.get_secret_value())
    return turn.links(settings.ice_servers, granted)


def extension_links(resource: str) -> list[str]:
    """What a WHEP session can do besides: events and the choice of layers (WHEP Core Extensions)."""
    return [
        f'<{resource}/sse>; rel="{EXTENSION}server-sent-events"; events="{",".join(EVENTS)}"',
        f'<{resource}/layer>; rel="{EXTENSION}layer"',
    ]


def wants_restart(session: Session, fragment: sdp.IceFragment) -> bool:
    """Whether a PATCH asks for an ICE restart; False: it trickles candidates (RFC 9725 section 4.3.3).

    Whatever brings new credentials is a restart. Raises UnsupportedFragmentError.
    """
    if not fragment.fragment:
        raise UnsupportedFragmentError("the fragment names no ICE session (ice-ufrag)", "ice-ufrag")
    return fragment.fragment != session.remote_fragment


@dataclass(frozen=True, slots=True)
class Signalling:
    """The routes under one prefix."""

    prefix: Literal["whip", "whep"]
    role: Literal["publish", "view"]

    def routes(self) -> list[web.RouteDef]:
        """POST, GET, HEAD and OPTIONS on the show; GET, HEAD, PATCH, DELETE and OPTIONS on a session."""
        show = f"/{self.prefix}/{{show:{NAME}}}"
        session = f"{show}/{{session:{NAME}}}"
        return [
            web.post(show, self.offer, expect_handler=body.keep_waiting),
            web.get(show, self.endpoint),
            web.options(show, self.preflight),
            web.get(session, self.look),
            web.patch(session, self.patch, expect_handler=body.keep_waiting),
            web.delete(session, self.end),
            web.options(session, self.preflight_session),
        ]

    async def preflight(self, _request: web.Request) -> web.Response:
        """OPTIONS on the show."""
        return cors.preflight("GET, HEAD, OPTIONS, POST", {"Accept-Post": SDP_TYPE})

    async def preflight_session(self, _request: web.Request) -> web.Response:
        """OPTIONS on a session; RFC 9725 section 4.2 wants Accept-Post on any."""
        accepted = {"Accept-Post": SDP_TYPE, "Accept-Patch": FRAGMENT_TYPE}
        return cors.preflight("DELETE, GET, HEAD, OPTIONS, PATCH", accepted)

    async def endpoint(self, request: web.Request) -> web.Response:
        """GET and HEAD on the show: there is such an endpoint, whoever publishes; no body.

        By the type players find out what is spoken here (draft-ietf-wish-whep, "WHEP Endpoint URL Discoverability").
        """
        granted(request, self.role, request.match_info["show"])
        return web.Response(headers={"Content-Type": SDP_TYPE, "Accept-Post": SDP_TYPE})

    async def offer(self, request: web.Request) -> web.Response:
        """POST: 201 with the answer, or 406 with a counter-offer."""
        limits = request.app[LIMITS]
        limits.knock(request)
        show = request.match_info["show"]
        grant = granted(request, self.role, show)
        headers = {} if grant.relay else limits.offer(grant.subject).headers
        text = await body.read_text(request, SDP_TYPE)
        node = request.app[NODE]
        if self.role == "view" and not grant.relay:
            await node.seek(show, grant.subject)
        countering = self.role == "view" and not grant.relay
        if countering and not text.strip():
            return self._counter(request, show, grant.subject)
        try:
            session, answer = self._negotiate(request, grant, text)
        except (UnsupportedOfferError, NoCommonCodecError):
            if not countering:
                raise
            return self._counter(request, show, grant.subject)
        response = web.Response(status=201, body=answer.encode(), headers={"Content-Type": SDP_TYPE, **headers})
        response.headers["Location"] = f"/{self.prefix}/{show}/{session.id}"
        response.headers["Accept-Patch"] = FRAGMENT_TYPE
        resource = "" if grant.relay else response.headers["Location"]
        self._introduce(request, response, session.etag, grant.subject, resource)
        return response

    def _negotiate(self, request: web.Request, grant: Grant, text: str) -> tuple[Session, str]:
        node, limits = request.app[NODE], request.app[LIMITS]
        if not grant.relay:
            limits.make_room(grant.show, grant.subject, self.role)
        if self.role == "publish":
            session, answer = node.publish(grant.show, grant.subject, text)
        else:
            session, answer = node.view(grant.show, grant.subject, text, relay=grant.relay)
        if not grant.relay:
            limits.entered(session)
        return session, answer

    def _introduce(self, request: web.Request, response: web.Response, etag: str, subject: str, resource: str) -> None:
        """What a client has to know of its new session; `resource` is "" for a relay."""
        response.headers["ETag"] = etag
        links = link_headers(request.app[SETTINGS], subject)
        if self.role == "view" and resource:
            links += extension_links(resource)
        for link in links:
            response.headers.add("Link", link)

    def _counter(self, request: web.Request, show: str, subject: str) -> web.Response:
        offer = request.app[COUNTER_OFFERS].make(show, subject)
        response = web.Response(status=406, body=offer.text.encode())
        response.headers["Content-Type"] = f'{SDP_TYPE}; valid-until="{offer.valid_until}"'
        response.headers["Location"] = f"/{self.prefix}/{show}/{offer.promise.session}"
        response.headers["Accept-Patch"] = SDP_TYPE
        self._introduce(request, response, offer.etag, subject, response.headers["Location"])
        return response

    def _session(self, request: web.Request, subject: str) -> Session:
        node = request.app[NODE]
        session = node.session(request.match_info["show"], request.match_info["session"], self.role)
        if session.subject != subject:
            raise UnknownSessionError("no such session, or it has ended")
        return session

    def _offered(self, request: web.Request, subject: str) -> CounterOffer | None:
        names = request.match_info
        return request.app[COUNTER_OFFERS].find(names["show"], names["session"], subject)

    async def look(self, request: web.Request) -> web.Response:
        """GET and HEAD: it is there; no body."""
        session = self._session(request, self._caller(request))
        return web.Response(headers={"ETag": session.etag, "Content-Type": SDP_TYPE})

    async def patch(self, request: web.Request) -> web.Response:
        """PATCH: 204 for candidates (a lite agent needs none), 200 and a fragment for an ICE restart.

        Of a session that waits for the answer to a counter-offer: 204 for the answer.
        """
        subject = self._caller(request)
        request.app[LIMITS].request(subject)
        offer = self._offered(request, subject)
        if offer is not None:
            return await self._answered(request, offer)
        session = self._session(request, subject)
        fragment = sdp.parse_fragment(await body.read_text(request, FRAGMENT_TYPE))
        preconditions.check(request.headers.getall("If-Match", []), session.etag)
        if not wants_restart(session, fragment):
            return web.Response(status=204)
        answer = request.app[NODE].restart_ice(session, fragment)
        headers = {"Content-Type": FRAGMENT_TYPE, "ETag": session.etag}
        return web.Response(body=answer.encode(), headers=headers)

    async def _answered(self, request: web.Request, offer: CounterOffer) -> web.Response:
        if request.content_type.lower() == FRAGMENT_TYPE:
            raise AnswerAwaitedError("answer our offer first (PATCH application/sdp)")
        text = await body.read_text(request, SDP_TYPE)
        if "If-Match" in request.headers:
            preconditions.check(request.headers.getall("If-Match"), offer.etag)
        limits = request.app[LIMITS]
        limits.make_room(offer.show, offer.subject, self.role)
        session = request.app[COUNTER_OFFERS].complete(offer, text)
        limits.entered(session)
        response = web.Response(status=204, headers={"Accept-Patch": FRAGMENT_TYPE})
        self._introduce(request, response, session.etag, offer.subject, request.path)
        return response

    async def end(self, request: web.Request) -> web.Response:
        """DELETE: media stops at once, whatever If-Match says."""
        subject = self._caller(request)
        request.app[LIMITS].request(subject)
        offer = self._offered(request, subject)
        if offer is None:
            self._session(request, subject).close("deleted")
        else:
            request.app[COUNTER_OFFERS].withdraw(offer)
        return web.Response()

    def _caller(self, request: web.Request) -> str:
        """The subject, of a token that may have ended while the session went on."""
        return granted(request, self.role, request.match_info["show"], leeway=SESSION_LEEWAY).subject


WHIP = Signalling("whip", "publish")
WHEP = Signalling("whep", "view")
