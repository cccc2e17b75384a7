"""Problem details (RFC 9457): the one shape of every refused request."""

import dataclasses
import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

CONTENT_TYPE = "application/problem+json"


@dataclasses.dataclass
class Problem(Exception):
    """Raised anywhere under a handler to refuse a request.

    `code` is stable and lower_snake_case: pages translate by it. `field` is a dotted path into the request body,
    query or headers. `extra` members are added to the JSON object as RFC 9457 section 3.2 allows.
    """

    status: int
    code: str
    detail: str = ""
    field: str | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    extra: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"

    def body(self) -> dict[str, object]:
        """The JSON object: type, title, status, code, and detail, field and extra members where given."""
        members: dict[str, object] = {
            "type": f"urn:nearlive:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            members["detail"] = self.detail
        if self.field is not None:
            members["field"] = self.field
        return {**self.extra, **members}

    def response(self, request_id: str) -> web.Response:
        """The HTTP answer; `request_id` is what the log has for this request."""
        return web.Response(
            status=self.status,
            text=json.dumps({**self.body(), "request_id": request_id}),
            content_type=CONTENT_TYPE,
            headers={"Cache-Control": "no-store", **self.headers},
        )
