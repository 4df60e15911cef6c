"""Judges frames of the live channel by the schemas of the AsyncAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from hub.live import asyncapi


@cache
def _judge(op: str) -> Draft7Validator:
    document = asyncapi.document()
    payload = document["components"]["messages"][op]["payload"]
    return Draft7Validator({"allOf": [payload], "components": document["components"]})


def faults(frame: dict[str, Any]) -> list[str]:
    """What is wrong with a frame by its op's schema; an op that is not described is a fault."""
    if frame.get("op") not in asyncapi.MESSAGES:
        return [f"no such op: {frame}"]
    return [f"{error.message} in {frame}" for error in _judge(frame["op"]).iter_errors(frame)]
