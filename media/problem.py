"""Refusals as problem+json (RFC 9457): the one place where errors get HTTP statuses."""

import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import web

from media import errors
from media.keys import REQUEST_ID

log = structlog.get_logger(__name__)

STATUS: dict[type[errors.MediaError], int] = {
    errors.BadDescriptionError: 400,
    errors.BadFragmentError: 400,
    errors.UnsupportedFragmentError: 422,
    errors.UnsupportedOfferError: 422,
    errors.NoCommonCodecError: 422,
    errors.TokenMissingError: 401,
    errors.TokenInvalidError: 401,
    errors.TokenExpiredError: 401,
    errors.WrongShowError: 403,
    errors.WrongRoleError: 403,
    errors.ShowCutError: 403,
    errors.SubjectBannedError: 403,
    errors.NotPublishingError: 409,
    errors.UnknownShowError: 404,
    errors.UnknownSessionError: 404,
    errors.NoKeyFrameError: 404,
    errors.WrongContentTypeError: 415,
    errors.PreconditionRequiredError: 428,
    errors.PreconditionFailedError: 412,
    errors.AnswerAwaitedError: 409,
    errors.UnknownLayerError: 422,
    errors.UnknownEventError: 400,
    errors.UnknownStreamError: 404,
    errors.BadBodyError: 400,
    errors.RateLimitedError: 429,
    errors.TooManySessionsError: 429,
    errors.NodeFullError: 503,
    errors.BadCaptureError: 400,
    errors.CaptureRunningError: 409,
    errors.UnknownCaptureError: 404,
    errors.TooManyCapturesError: 409,
    errors.CaptureFailedError: 503,
    errors.NodeDrainingError: 503,
}
INTERNAL = frozenset(  # never reach HTTP
    {errors.MediaError, errors.MalformedPacketError, errors.NodeAnswerError, errors.NodeGoneError}
)
RETRY_AFTER = {
    errors.NotPublishingError: "2",
    errors.TooManySessionsError: "5",
    errors.NodeFullError: "5",
    errors.NodeDrainingError: "1",
}
_CODES = {404: "not_found", 405: "method_not_allowed", 408: "too_slow", 413: "too_large"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def problem(
    request: web.Request, status: int, code: str, detail: str | None = None, field: str | None = None
) -> web.Response:
    """A refusal; members without a value are left out."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "request_id": request[REQUEST_ID],
    }
    if detail is not None:
        body["detail"] = detail
    if field is not None:
        body["field"] = field
    return web.json_response(body, status=status, content_type="application/problem+json")


def _refused(request: web.Request, error: errors.MediaError) -> web.Response:
    status = STATUS[type(error)]
    response = problem(request, status, error.code, error.detail, error.field)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if type(error) in RETRY_AFTER:
        response.headers["Retry-After"] = RETRY_AFTER[type(error)]
    if isinstance(error, errors.RateLimitedError):
        response.headers.update({**error.headers, "Retry-After": str(error.retry_after)})
    log.info("refused", code=error.code, status=status, path=request.path, request_id=request[REQUEST_ID])
    return response


def _closing(request: web.Request, response: web.Response) -> web.Response:
    """Of a body that was not read to its end the rest is not wanted: the connection cannot go on."""
    if request.can_read_body and not request.content.at_eof():
        response.force_close()
    return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal in one shape; what nobody expected is logged under the id that the client gets."""
    request[REQUEST_ID] = secrets.token_hex(8)
    try:
        return await handler(request)
    except errors.MediaError as error:
        return _closing(request, _refused(request, error))
    except web.HTTPException as error:
        response = problem(request, error.status, _CODES.get(error.status, "refused"), error.reason)
        if isinstance(error, web.HTTPMethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return _closing(request, response)
    except Exception:
        log.exception("internal", path=request.path, request_id=request[REQUEST_ID])
        return problem(request, 500, "internal")
