"""How requests of Stripe's API are read, and how answers of the local server go wrong."""

import json
from enum import StrEnum
from typing import Any

from aiohttp import web

Json = dict[str, Any]


class Fault(StrEnum):
    """What happens to one request."""

    LOST_BEFORE = "the line is cut before Stripe hears"
    LOST_AFTER = "Stripe does it, and the answer is lost"
    CUT_SHORT = "the answer ends in the middle"
    TOO_MANY = "429"
    BROKEN = "500, kept under the key"
    OVERLOADED = "503, nothing done"


REFUSALS = {Fault.TOO_MANY: 429, Fault.OVERLOADED: 503}


class Refused(Exception):
    """An error of the API. `kept`: a retry with the key gets it again."""

    def __init__(self, status: int, kind: str, code: str | None, *, kept: bool, **more: Any) -> None:
        super().__init__(code)
        self.status, self.kept = status, kept
        self.body = {"error": {"type": kind, "code": code, "message": f"{code}", **more}}


def invalid(code: str) -> Refused:
    return Refused(400, "invalid_request_error", code, kept=True)


def nested(form: Json) -> Json:
    """`metadata[a]=b` to `{"metadata": {"a": "b"}}`."""
    params: Json = {}
    for name, value in form.items():
        head, _, tail = name.partition("[")
        if tail:
            params.setdefault(head, {})[tail.rstrip("]")] = value
        else:
            params[head] = value
    return params


def cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def half(request: web.Request, body: Json) -> web.StreamResponse:
    text = json.dumps(body).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(text))})
    await response.prepare(request)
    await response.write(text[: len(text) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response
