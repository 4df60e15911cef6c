"""A request's body and query as the types of hub.rest.bodies, at a bounded cost whatever is sent.

What costs without end is refused first: many names, long lists, deep nesting, names that nobody knows. An answer about
it names at most MOST_ERRORS fields, each cut to NAME_CHARACTERS.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, ValidationError

from hub.errors import Malformed, ValidationFailed
from hub.printable import printable

MOST_ERRORS = 20
NAME_CHARACTERS, MESSAGE_CHARACTERS = 64, 200
MOST_NAMES = 32
"""How many names a query, or an object within a body, may have: beyond them it is not even read."""
MOST_ITEMS = 64
"""How long a list of a body may be: no field takes more than 32. pydantic makes an error for every item that it
refuses, also beyond the length that the field allows."""
DEEPEST = 64
M = TypeVar("M", bound=BaseModel)


class _Twice(Exception):
    pass


def body(data: bytes, model: type[M]) -> M:
    """A JSON body as its type. Raises Malformed (no JSON, or a name that an object has twice), ValidationFailed."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Malformed() from error
    if isinstance(value, dict):
        _refuse_unknown(value, model)
        for name, each in value.items():
            _refuse_many(name, each)
        _refuse_twice(data)
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":  # nested too deeply
            raise Malformed() from None
        raise from_validation(error) from None


def query(query_string: str, model: type[M]) -> M:
    """A query as its type. Raises ValidationFailed, also for a name that comes twice."""
    try:
        pairs = parse_qsl(
            query_string, keep_blank_values=True, errors="surrogateescape", max_num_fields=MOST_NAMES, separator="&"
        )
    except ValueError:
        raise _failed("", f"a query has at most {MOST_NAMES} names") from None
    values = dict(pairs)
    _refuse_unknown(values, model)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        raise _failed(next(name for name in names if names.count(name) > 1), "given more than once")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise from_validation(error) from None


def from_validation(error: ValidationError) -> ValidationFailed:
    """The fields that pydantic refused, each with what is wrong; never the value, which may be a password."""
    found = [
        _named(
            ".".join(str(part) for part in item["loc"] if part not in ("function-before", "function-after")),
            item["msg"].removeprefix("Value error, "),
        )
        for item in error.errors(include_url=False, include_input=False, include_context=False)[:MOST_ERRORS]
    ]
    return ValidationFailed(found)


def _refuse_unknown(values: dict[str, Any], model: type[BaseModel]) -> None:
    """Only the first unknown name is reported: to look at thousands of them would hold everybody up."""
    known = {field.alias or name for name, field in model.model_fields.items()}
    for name in values:
        if name not in known:
            raise _failed(name, "Extra inputs are not permitted")


def _refuse_many(path: str, value: Any, depth: int = 0) -> None:
    """Refuse a list or an object that is longer than any field takes, before anything in it is looked at."""
    if depth > DEEPEST:
        raise Malformed("The body is nested too deeply.")
    if isinstance(value, list):
        if len(value) > MOST_ITEMS:
            raise _failed(path, f"a list has at most {MOST_ITEMS} items")
        for number, each in enumerate(value):
            _refuse_many(f"{path}.{number}", each, depth + 1)
    elif isinstance(value, dict):
        if len(value) > MOST_NAMES:
            raise _failed(path, f"an object has at most {MOST_NAMES} names")
        for name, each in value.items():
            _refuse_many(f"{path}.{name}", each, depth + 1)


def _refuse_twice(data: bytes) -> None:
    """JSON readers differ in which of two values of one name they take, so two programs would see two requests."""
    try:
        # Numbers stay text: Python refuses to read an integer of thousands of digits.
        json.loads(data, object_pairs_hook=_object, parse_int=str, parse_float=str)
    except _Twice:
        raise Malformed("An object of the body has the same name twice.") from None
    except RecursionError:
        raise Malformed("The body is nested too deeply.") from None


def _object(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) > 1 and len({name for name, _ in pairs}) != len(pairs):
        raise _Twice


def _failed(name: str, message: str) -> ValidationFailed:
    return ValidationFailed([_named(name, message)])


def _named(name: str, message: str) -> dict[str, str]:
    return {"field": printable(name, NAME_CHARACTERS), "message": printable(message, MESSAGE_CHARACTERS)}
