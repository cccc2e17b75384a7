"""From bytes to typed values, once, at the edge."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar

import pydantic_core
from aiohttp import web
from pydantic import AfterValidator, AwareDatetime, BaseModel, ValidationError

from live.http.problem import Problem
from live.http.route import Nothing, Route

ModelT = TypeVar("ModelT", bound=BaseModel)


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("no time of the calendar in UTC") from None


#: A time with its offset. At both ends of the calendar there are some that UTC, and so the database, has no word for.
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


async def read_body(request: web.Request, route: Route) -> BaseModel:
    """The body as the route's type; members that the type does not have are refused.

    Raises Problem: `unsupported_media_type`, `too_large`, `invalid_body` (400 what is not JSON, 422 what does not fit).
    """
    raw = await bounded(request, route.max_body)
    if not raw:
        return Nothing() if route.body is Nothing else _parse(route.body, b"{}")
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise Problem(415, "unsupported_media_type", "Send application/json in UTF-8.", "Content-Type")
    return _parse(route.body, raw)


async def bounded(request: web.Request, limit: int) -> bytes:
    """The whole body, of at most `limit` bytes; a longer one is not read to its end."""
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > limit:
            raise too_large(limit)
    return bytes(raw)


def too_large(limit: int) -> Problem:
    """413 for a body of more bytes than `limit`."""
    return Problem(413, "too_large", f"At most {limit} bytes.")


def read_query(request: web.Request, route: Route) -> BaseModel:
    """The query as the route's type; unknown parameters are ignored (pages add cache keys). Raises `invalid_query`."""
    try:
        return route.query.model_validate(dict(request.query))
    except ValidationError as error:
        raise invalid(error, 422, "invalid_query") from None


def parse_json(kind: type[ModelT], raw: bytes | str) -> ModelT:
    """JSON text as a type, strictly. Raises ValueError when it is no JSON, ValidationError when it does not fit."""
    pydantic_core.from_json(raw, allow_inf_nan=False)
    return kind.model_validate_json(raw, strict=True, extra="forbid")


def _parse(kind: type[BaseModel], raw: bytes) -> BaseModel:
    try:
        return parse_json(kind, raw)
    except ValidationError as error:
        raise invalid(error, 422, "invalid_body") from None
    except ValueError as error:
        raise Problem(400, "invalid_body", f"Not JSON: {error}.") from None


def invalid(error: ValidationError, status: int, code: str) -> Problem:
    """The first thing that pydantic found, with the dotted path of the field; the value itself is not repeated."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return Problem(status, code, str(first["msg"]), field or None)
