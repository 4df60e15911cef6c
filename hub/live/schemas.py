"""The JSON Schemas (draft 7) that messages of the live channel are made of, and those that several of them share. Pure.

The messages themselves are hub.live.asyncapi's; what a channel shows is described by its projection.
"""

from __future__ import annotations

from typing import Any, TypeAlias, get_args

from hub.domain.events import POSITION
from hub.domain.lifecycle import CANCELED, Status

Schema: TypeAlias = dict[str, Any]
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def record(fields: Schema, *optional: str) -> Schema:
    """An object of exactly these fields."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in fields if name not in optional],
        "properties": fields,
    }


def by_id(values: Schema) -> Schema:
    """An object with ids as its keys."""
    return {"type": "object", "propertyNames": {"pattern": "^[1-9][0-9]*$"}, "additionalProperties": values}


def pair(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 2, "maxItems": 2}


def or_null(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    """A schema that stands among the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


def any_of(whole: Schema) -> Schema:
    """The same object with any of its fields: what an update says of data whose keys are replaced one by one."""
    return {**whole, "required": []}


ID, POSITION_REF, INSTANT, TEXT = ref("id"), ref("position"), ref("instant"), {"type": "string"}
NAME, TOKEN = ({"type": "string", "minLength": 1, "maxLength": most} for most in (64, 4096))
DATE: Schema = {"type": "string", "pattern": f"^{DAY}$"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FROM_ONE: Schema = {"type": "integer", "minimum": 1}
SEATS: Schema = {**FROM_ONE, "maximum": 20}
STATUS: Schema = {"enum": [status for status in get_args(Status) if status != CANCELED]}

SHARED: dict[str, Schema] = {
    "id": {
        "description": "Chosen by the client; the answer repeats it.",
        "oneOf": [
            {"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1},
            {"type": "string", "maxLength": 64},
        ],
    },
    "position": {
        "description": "epoch:version. Versions of one epoch compare as whole numbers; epochs do not compare.",
        "type": "string",
        "pattern": f"^{POSITION.pattern}$",
    },
    "instant": {
        "description": "RFC 3339 in the restaurant's local time, with its offset.",
        "type": "string",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?[+-][0-9]{2}:[0-9]{2}$",
    },
}
"""Components that messages of every kind refer to."""
