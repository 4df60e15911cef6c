"""The AsyncAPI document: its structure, its references, and that it says the same as the protocol and its page."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft7Validator

from hub.config import LiveBounds
from hub.live import asyncapi, channels, messages, protocol, registry
from hub.live.asyncapi import MESSAGES
from hub.process import cli
from tests.frames import faults
from tests.servers import CHECKOUT

DOCUMENT = json.loads(json.dumps(asyncapi.document()))
PAGE = (CHECKOUT / "docs" / "live-protocol.md").read_text()


def thing(required: str, optional: str = "", **fields: Any) -> dict[str, Any]:
    """An object with these fields alone, besides x- extensions."""
    names = dict.fromkeys([*required.split(), *optional.split()], True)
    return {
        "type": "object",
        "required": required.split(),
        "properties": {**names, **fields},
        "patternProperties": {"^x-": True},
        "additionalProperties": False,
    }


def many(of: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return {"type": "object", "minProperties": least, "additionalProperties": of}


def several(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": of}


TEXT = {"type": "string", "minLength": 1}
REF = thing("$ref", **{"$ref": {"type": "string", "pattern": "^#/"}})
REPLY = thing("channel messages", channel=REF, messages=several(REF))
SERVER = thing(
    "host protocol",
    "variables security description",
    host=TEXT,
    protocol={"enum": ["ws", "wss"]},
    variables=many(thing("", "default description enum")),
    security=several(REF),
)
BINDING = thing(
    "method",
    "headers query bindingVersion",
    method={"enum": ["GET", "POST"]},
    headers={"$ref": "http://json-schema.org/draft-07/schema#"},
    bindingVersion={"const": "0.1.0"},
)
STRUCTURE = thing(
    "asyncapi info channels operations components",
    "servers defaultContentType",
    asyncapi={"const": "3.0.0"},
    info=thing("title version", "description license", license=thing("name", "url")),
    servers=many(SERVER),
    channels=many(
        thing("address messages", "description bindings", messages=many(REF), bindings=thing("", "ws", ws=BINDING))
    ),
    operations=many(
        thing(
            "action channel",
            "summary messages reply",
            action={"enum": ["send", "receive"]},
            channel=REF,
            messages=several(REF),
            reply=REPLY,
        )
    ),
    components=thing(
        "messages schemas securitySchemes",
        messages=many(
            thing(
                "payload",
                "name summary",
                name=TEXT,
                summary=TEXT,
                payload={"$ref": "http://json-schema.org/draft-07/schema#"},
            )
        ),
        schemas=many({"$ref": "http://json-schema.org/draft-07/schema#"}),
        securitySchemes=many(
            thing("type in", "description", type={"const": "apiKey"}, **{"in": {"const": "password"}})
        ),
    ),
)
"""What of AsyncAPI 3.0.0 (https://www.asyncapi.com/docs/reference/specification/v3.0.0) is used here, as a schema."""


def every(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from every(part)


def found(reference: str) -> Any:
    node: Any = DOCUMENT
    for key in reference.removeprefix("#/").split("/"):
        node = node[key]
    return node


def test_document_has_the_structure_of_asyncapi_3() -> None:
    assert [error.message for error in Draft7Validator(STRUCTURE).iter_errors(DOCUMENT)] == []


def test_references_lead_somewhere_and_operations_name_messages_of_their_channel() -> None:
    references = {node["$ref"] for node in every(DOCUMENT) if "$ref" in node}
    assert all(found(reference) for reference in references)
    for operation in DOCUMENT["operations"].values():
        for part in [operation, *([operation["reply"]] if "reply" in operation else [])]:
            assert part["channel"] == {"$ref": "#/channels/live"}
            assert all(ref["$ref"].startswith("#/channels/live/messages/") for ref in part["messages"])
    unused = DOCUMENT["components"]["schemas"].keys() - {reference.rsplit("/", 1)[1] for reference in references}
    assert unused == set()


def test_every_payload_is_a_schema_of_closed_objects() -> None:
    for message in DOCUMENT["components"]["messages"].values():
        Draft7Validator.check_schema(message["payload"])
    for node in every(DOCUMENT["components"]):
        if node.get("type") == "object" and ("properties" in node or "propertyNames" in node):
            assert "additionalProperties" in node


def test_every_op_of_the_protocol_has_a_message_and_no_other() -> None:
    said = {
        name
        for name, function in inspect.getmembers(messages, inspect.isfunction)
        if function.__module__ == messages.__name__ and not name.startswith("_")
    }
    assert {op for op, message in MESSAGES.items() if message.by == "client"} == protocol.OPS
    assert {op for op, message in MESSAGES.items() if message.by == "hub"} == said - {"limits"} == set(registry.HUB_OPS)
    assert set(registry.CLIENT_OPS) == protocol.OPS
    for op, message in MESSAGES.items():
        for payload in message.payload.get("oneOf", [message.payload]):
            assert payload["properties"]["op"] == {"const": op}
    assert set(DOCUMENT["channels"]["live"]["messages"]) == set(MESSAGES)
    spoken = {
        ref["$ref"].rsplit("/", 1)[1]
        for operation in DOCUMENT["operations"].values()
        for ref in [*operation["messages"], *operation.get("reply", {}).get("messages", [])]
    }
    assert spoken == set(MESSAGES)


def test_state_is_described_for_every_kind_of_channel() -> None:
    for op in ("snapshot", "update"):
        shown = MESSAGES[op].payload["oneOf"]
        assert len(shown) == len(channels.KINDS)
        for each, kind in zip(shown, channels.KINDS.values(), strict=True):
            name = kind.channel(date(2026, 11, 24) if kind.dated else None).name
            assert Draft7Validator(each["properties"]["channel"]).is_valid(name)


def test_closes_and_subprotocol_are_the_protocols() -> None:
    live = DOCUMENT["channels"]["live"]
    assert live["x-subprotocol"] == registry.SUBPROTOCOL
    assert [each["code"] for each in live["x-close-codes"]] == [close.code for close in registry.CLOSES.values()]
    assert set(live["x-error-codes"]) == set(registry.ERRORS)


BUILT = [
    messages.connected(
        1, session="03a543f994d7e804", roles={"main": "user"}, expires_in=1, at="x", venue={}, bounds=LiveBounds()
    ),
    messages.fresh(None),
    messages.fresh("2026-11-23T09:51:36.727+03:00"),
    messages.roles({"main": "host"}),
    messages.refreshed(1, 3600, {}),
    messages.error(None, "bad_request", "?"),
    messages.error("a", "rate_limited", "?", channel="what?", retry_after_ms=1000),
    *(messages.bye(name, "why") for name in registry.CLOSES),
    *(messages.resync("tables", reason) for reason in ("epoch", "gap", "slow")),
    messages.unsubscribed(None, "floor:2026-12-13"),
    messages.expiring(0),
]


@pytest.mark.parametrize("message", BUILT[1:], ids=lambda message: message["op"])
def test_messages_of_the_protocol_are_as_described(message: dict[str, Any]) -> None:
    assert faults(message) == []


AT = "2026-11-23T09:51:36.727+03:00"
FRESH = messages.fresh(AT)
WRONG: list[dict[str, Any]] = [
    BUILT[0],
    {**FRESH, "more": 1},
    {"op": "fresh"},
    messages.subscribed(1, "floor:13", "b7bef764:1", True),
    messages.subscribed(1, "tables", "b7bef764:01", True),
    messages.subscribed(2**53, "tables", "b7bef764:1", True),
    messages.snapshot("tables", "b7bef764:1", AT, {"tables": {"1": None}, "areas": {}, "combinations": {}}),
    messages.snapshot("tables", "b7bef764:1", AT, {"tables": {}}),
    messages.snapshot("tables", "b7bef764:1", AT, {}),
    messages.snapshot("availability:2026-12-13", "b7bef764:1", AT, {"tables": {"1": []}}),
    messages.snapshot("availability:2026-12-13", "b7bef764:1", AT, {"tables": {"1": [[AT]]}}),
    messages.update("floor:2026-12-13", "b7bef764:1", "b7bef764:2", AT, {"tables": {"1": []}}),
    messages.update("floor:2026-12-13", "b7bef764:1", "b7bef764:2", AT, {"bookings": {"one": None}}),
    messages.update("floor:2026-12-13", "b7bef764:1", "b7bef764:2", AT, {"blocks": {"1": {"tables": [1]}}}),
    messages.snapshot("floor:2026-12-13", "b7bef764:1", AT, {"bookings": {}}),
]


@pytest.mark.parametrize("message", WRONG, ids=lambda message: message["op"])
def test_what_the_protocol_does_not_allow_is_a_fault(message: dict[str, Any]) -> None:
    assert faults(FRESH) == []
    assert faults(message)


def frames_of_the_page() -> list[dict[str, Any]]:
    """Every frame that the page shows: the lines of its JSON blocks and of the session at its end."""
    lines = re.findall(r"^(?:[→←] )?(\{\"op\".*\})$", PAGE, re.MULTILINE)
    return [json.loads(line) for line in lines]


def test_frames_of_the_page_are_as_described_and_show_every_op() -> None:
    frames = frames_of_the_page()
    assert [fault for frame in frames for fault in faults(frame)] == []
    assert {frame["op"] for frame in frames} == set(MESSAGES)


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of each line of the tables in a text, without their heads."""
    lines = re.findall(r"^\| .* \|$", text, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_close_codes_of_the_page_are_the_registrys() -> None:
    told = {(int(code), name): [why, what] for code, name, why, what in rows(section("Close codes"))}
    assert told.pop((1000, "–")) and told.pop((1006, "–"))
    assert told == {
        (close.code, close.name): [close.why, registry.ADVICE[close.advice]] for close in registry.CLOSES.values()
    }


def test_errors_of_the_page_are_the_registrys() -> None:
    told = {code: registry.Refusal(why, what) for code, why, what in rows(section("Errors"))}
    assert told == registry.ERRORS


def test_reasons_of_resync_of_the_page_are_the_registrys() -> None:
    told = dict(rows(PAGE.split("\n### resync\n", 1)[1].split("\n### ", 1)[0]))
    assert told == registry.RESYNCS


def test_asyncapi_command_prints_the_document(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["asyncapi"])
    assert ended.value.code == 0
    assert json.loads(capfdbinary.readouterr().out) == DOCUMENT
