"""OpenAPI 3.1, made from the tables and types that the server itself uses."""

import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from live.http.problem import CONTENT_TYPE
from live.http.route import Nothing, Route

_PARAMETER: Final = re.compile(r"{(\w+)(?::[^}]*)?}")
_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Problem details, RFC 9457. `code` is stable.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "Dotted path of the member at fault."},
        "request_id": {"type": "string"},
    },
}


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """The whole description."""
    listed = list(routes)
    refs, schemas = _schemas(listed)
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        path = _PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, refs, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Nearlive", "version": version, "description": "See docs/protocol.md for the socket."},
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": {
                "Problem": {"description": "Refused", "content": {CONTENT_TYPE: {"schema": _ref("Problem")}}}
            },
        },
    }


Key = tuple[type[BaseModel], JsonSchemaMode]


def _schemas(routes: list[Route]) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    wanted: dict[Any, None] = {}
    for route in routes:
        for model in (route.body, route.query):
            if model is not Nothing:
                wanted[model, "validation"] = None
        if route.returns is not None:
            wanted[route.returns, "serialization"] = None
    refs, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return refs, definitions.get("$defs", {})


def _operation(route: Route, refs: dict[Key, dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    codes = f" Codes: {', '.join(route.codes)}." if route.codes else ""
    operation: dict[str, Any] = {
        "summary": route.summary,
        "description": f"For {route.access.describe()}.{codes}",
        "operationId": f"{route.tag}_{route.method.lower()}_{_slug(route.path)}",
        "tags": [route.tag],
        "responses": {
            str(route.status): _success(route, refs),
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if parameters := [*_path_parameters(route), *_query_parameters(route, refs, schemas), *_headers(route)]:
        operation["parameters"] = parameters
    if route.body is not Nothing:
        schema = refs[route.body, "validation"]
        required = any(field.is_required() for field in route.body.model_fields.values())
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    if not route.access.anonymous:
        operation["security"] = [{"bearer": []}]
    return operation


def _success(route: Route, refs: dict[Key, dict[str, Any]]) -> dict[str, Any]:
    if route.returns is None:
        return {"description": "Done"}
    schema = refs[route.returns, "serialization"]
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(route: Route, refs: dict[Key, dict[str, Any]], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if route.query is Nothing:
        return []
    schema = schemas[refs[route.query, "validation"]["$ref"].rsplit("/", 1)[1]]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": member}
        for name, member in schema.get("properties", {}).items()
    ]


def _headers(route: Route) -> list[dict[str, Any]]:
    headers: list[dict[str, Any]] = []
    if route.key:
        schema = {"type": "string", "minLength": 1, "maxLength": 255}
        headers.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema})
    if route.conditional:
        headers.append(_condition("If-Match", r'^"[0-9]{1,15}"$'))
        headers.append(_condition("If-None-Match", r"^\*$"))
    return headers


def _condition(name: str, pattern: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string", "pattern": pattern}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=name)}


def _slug(path: str) -> str:
    return re.sub(r"\W+", "_", path).strip("_") or "root"
