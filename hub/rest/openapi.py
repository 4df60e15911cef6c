"""The OpenAPI 3.1 document, made from the endpoints and the types that validate and render."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hub.rest import values
from hub.rest.contract import ENDPOINTS, errors_of
from hub.rest.endpoint import ANYONE, MANAGER, STAFF, VIEWER, Endpoint
from hub.rest.errors import PROBLEM
from hub.rest.problem import Problem
from hub.rest.repeats import COMMIT, KEPT, REPEATABLE
from hub.rest.statuses import status_of

TAGS = ("accounts", "tables", "bookings", "guests", "days", "venue", "admin", "operations")
FOR = {
    MANAGER: "For managers of the venue, and admins.",
    STAFF: "For staff of the venue, and admins.",
    VIEWER: "For members of the venue, and admins. To a viewer phone numbers are null.",
}
ONCE = (
    "The same request with the same key is done once and answered as the first time, for 24 hours. Refusals are too, "
    "but for 401, 409, 429 and 5xx, and those of requests with a password. People are shown as they are now. While the "
    "first request is not over: 409 in_progress."
)
REPLAYED = {
    "description": "The first answer to a request that came again with its key.",
    "schema": {"type": "string", "enum": ["true"]},
}
KEYS = {COMMIT: ONCE, KEPT: ONCE, REPEATABLE: "Taken, and without effect: this call may be repeated as it is."}
REF = "#/components/schemas/{model}"
DESCRIPTION = (
    "Bookings of one restaurant, or of several: GET /venues says which, and the url_prefix that stands before the "
    "paths of each. Dates and times are the restaurant's local wall time; instants carry their offset. "
    "Errors are problem+json with an error_code. HEAD is answered wherever GET is. "
    "GET /live is a WebSocket: see the live protocol's own document."
)


def document() -> dict[str, Any]:
    """The whole document, JSON-ready."""
    modes: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}
    for endpoint in ENDPOINTS:
        modes.update({model: "serialization" for model in endpoint.answers.values() if model})
        if endpoint.body:
            modes[endpoint.body] = "validation"
    models = sorted(modes.items(), key=lambda pair: pair[0].__name__)
    _, schemas = models_json_schema(models, ref_template=REF)
    for schema in schemas["$defs"].values():
        for field in schema.get("properties", {}).values():
            # What is left out is None in Python; on the wire null may be refused, or mean something else.
            if field.get("default", "") is None:
                del field["default"]
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        path = re.sub(r"<(\w+):str>", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Booking hub", "version": "1", "description": DESCRIPTION, "license": {"name": "MIT"}},
        "servers": [
            {"url": "/", "description": "The installation's own venue."},
            {
                "url": "/v/{slug}",
                "description": "Another venue: every call but those of operations.",
                "variables": {"slug": {"default": "main", "description": "The venue's, as GET /venues says it."}},
            },
        ],
        "tags": [{"name": name} for name in TAGS],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_conditions(endpoint)],
        "responses": {**_answers(endpoint), **_problems(endpoint)},
        "security": [] if endpoint.who == ANYONE else [{"bearer": []}],
    }
    if endpoint.who in FOR:
        made["description"] = FOR[endpoint.who]
    if endpoint.body is not None:
        content = {"application/json": {"schema": {"$ref": REF.format(model=endpoint.body.__name__)}}}
        made["requestBody"] = {"required": not endpoint.body_optional, "content": content}
    return made


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    number = {"type": "integer", "format": "int64", "minimum": 1, "maximum": values.BIGGEST_ID}
    others: dict[str, dict[str, Any]] = {
        "date": {"type": "string", "format": "date", "pattern": values.DATE},
        "token": {"type": "string", "minLength": 1},
    }
    return [
        {"name": name, "in": "path", "required": True, "schema": others.get(name, number)}
        for name in re.findall(r"<(\w+):str>", endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema(ref_template=REF)
    required = set(schema.get("required", ()))
    found = []
    for name, field in schema["properties"].items():
        shown = next((part for part in field.get("anyOf", ()) if part.get("type") != "null"), None)
        kept = {key: value for key, value in {**field, **(shown or {})}.items() if key not in ("anyOf", "default")}
        if field.get("default") is not None:
            kept["default"] = field["default"]
        found.append({"name": name, "in": "query", "required": name in required, "schema": kept})
    return found


def _conditions(endpoint: Endpoint) -> list[dict[str, Any]]:
    """The headers with which a client says on what condition a write is to be done."""
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": KEYS[endpoint.keyed] if endpoint.keyed else "",
        "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,128}$"},
    }
    match = {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag that was read. 412 when a person has changed the thing since.",
        "schema": {"type": "string"},
    }
    return [*([key] if endpoint.keyed else ()), *([match] if endpoint.present else ())]


def _answers(endpoint: Endpoint) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for status, model in endpoint.answers.items():
        made[str(status)] = {"description": {304: "Nothing changed since the ETag."}.get(status, "As asked.")}
        if headers := _headers(endpoint, model):
            made[str(status)]["headers"] = headers
        if model is not None:
            schema = {"$ref": REF.format(model=model.__name__)}
            made[str(status)]["content"] = {"application/json": {"schema": schema}}
        elif endpoint.name == "read_metrics":
            made[str(status)]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    return made


def _headers(endpoint: Endpoint, model: type[BaseModel] | None) -> dict[str, Any]:
    """What an answer says in headers of the thing's revision, and of its being a repeat."""
    found: dict[str, Any] = {}
    if model is not None and "revision" in model.model_fields:
        found["ETag"] = {"description": "Of the revision; for If-Match.", "schema": {"type": "string"}}
    if endpoint.keyed in (COMMIT, KEPT):
        found["Idempotency-Replayed"] = REPLAYED
    return found


def _problems(endpoint: Endpoint) -> dict[str, Any]:
    """The errors of an endpoint by status, each with the codes that it may carry."""
    by_status: dict[int, list[str]] = {}
    for error in errors_of(endpoint):
        by_status.setdefault(status_of(error), []).append(error.code)
    return {
        str(status): {
            "description": " or ".join(sorted(codes)),
            "content": {PROBLEM: {"schema": {"$ref": REF.format(model="Problem")}}},
        }
        for status, codes in sorted(by_status.items())
        if status not in endpoint.answers
    }
