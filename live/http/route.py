"""The route table: what aiohttp serves, what OpenAPI says, what the protocol page lists and what the access test walks.

A handler is `async def handler(call: Call[Body, Query]) -> Result`. It gets parsed, typed input and returns a pydantic
model (sent as JSON), None (204) or a ready `web.StreamResponse`.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel

from live.http.access import Access, Principal
from live.http.conditions import seen_revision
from live.http.idempotency import read_key
from live.http.problem import Problem

if TYPE_CHECKING:
    from live.services import Services


class Nothing(BaseModel):
    """The body or query of a route that takes none."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` requests in any `seconds`, by caller (or by address, when nobody is signed in)."""

    count: int
    seconds: int


BodyT = TypeVar("BodyT", bound=BaseModel)
QueryT = TypeVar("QueryT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call(Generic[BodyT, QueryT]):
    """One request after authentication, access check and parsing."""

    request: web.Request
    services: "Services"
    body: BodyT
    query: QueryT
    principal: Principal | None

    @property
    def me(self) -> Principal:
        """The caller. A route whose access is `anyone` must use `principal` instead."""
        if self.principal is None:
            raise Problem(401, "token_missing", "Send an access token: Authorization: Bearer <token>.")
        return self.principal

    @property
    def idempotency_key(self) -> str:
        """The caller's `Idempotency-Key` (1 to 255 visible characters). Only for routes registered with `key=True`."""
        return read_key(self.request.headers)

    @property
    def seen(self) -> int | None:
        """The revision of what it changes that the caller has seen, None: any; see `live/http/conditions.py`."""
        return seen_revision(self.request.headers)

    def path(self, name: str) -> str:
        """A parameter of the path."""
        return self.request.match_info[name]


Handler = Callable[[Call[Any, Any]], Awaitable[BaseModel | web.StreamResponse | None]]


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP route. `body` and `query` are the types that parse the request; `returns` is what a success sends.

    `codes` are the problem codes that the route itself can answer, beside the ones every route has
    (token_*, forbidden, invalid_*, too_large, rate_limited). `raw` routes read the request themselves (WHIP, uploads).
    `key` routes need an `Idempotency-Key`, `conditional` ones look at `If-Match` and `If-None-Match`. `limit` replaces
    the default limit of `live/http/engine.py`.
    """

    method: str
    path: str
    handler: Handler
    access: Access
    summary: str
    body: type[BaseModel] = Nothing
    query: type[BaseModel] = Nothing
    returns: type[BaseModel] | None = None
    status: int = 200
    codes: tuple[str, ...] = ()
    tag: str = ""
    raw: bool = False
    max_body: int = 64 * 1024
    key: bool = False
    limit: Limit | None = None
    conditional: bool = False


class RouteTable:
    """Routes of one part of the API, filled by decorators at import (a table, no side effect outside of it)."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def add(
        self,
        method: str,
        path: str,
        *,
        access: Access,
        summary: str,
        body: type[BaseModel] = Nothing,
        query: type[BaseModel] = Nothing,
        returns: type[BaseModel] | None = None,
        status: int = 200,
        codes: tuple[str, ...] = (),
        raw: bool = False,
        max_body: int = 64 * 1024,
        key: bool = False,
        limit: Limit | None = None,
        conditional: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Register the decorated handler. `max_body` is in bytes."""

        def register(handler: Handler) -> Handler:
            self._routes.append(
                Route(
                    method,
                    path,
                    handler,
                    access,
                    summary,
                    body,
                    query,
                    returns,
                    status,
                    codes,
                    self.tag,
                    raw,
                    max_body,
                    key,
                    limit,
                    conditional,
                )
            )
            return handler

        return register
