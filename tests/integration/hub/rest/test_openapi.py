"""hub.rest.openapi: the document says what the types and the endpoints say."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from hub.rest import account_bodies, bodies, floor_bodies, openapi, waitlist_bodies
from hub.rest.contract import ENDPOINTS
from hub.rest.endpoint import ANYONE, MANAGER, ROLES, STAFF, VIEWER, Endpoint
from hub.rest.repeats import COMMIT, KEPT, REPEATABLE
from hub.rest.statuses import status_of

BODIES = vars(bodies) | vars(account_bodies) | vars(floor_bodies) | vars(waitlist_bodies)
DOCUMENT = openapi.document()
PATHS = DOCUMENT["paths"]
PROBLEM = "application/problem+json"


def operation(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for item in PATHS.values() for each in item.values() if each["operationId"] == endpoint.name
    )
    return found


def schema(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}


def test_document_is_json_and_the_same_each_time() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == openapi.document() == DOCUMENT


def test_operation_names_each_status_that_its_codes_have() -> None:
    for endpoint in ENDPOINTS:
        name, made = endpoint.name, operation(endpoint)
        statuses = {str(status) for status in endpoint.answers} | {str(status_of(error)) for error in endpoint.codes}
        if endpoint.who != ANYONE:
            statuses.add("401")
        assert made["security"] == ([] if endpoint.who == ANYONE else [{"bearer": []}]), name
        if endpoint.who in ROLES:
            statuses.add("403")
            assert made["description"].startswith(
                {MANAGER: "For managers ", STAFF: "For staff ", VIEWER: "For members "}[endpoint.who]
            ), name
        assert statuses <= set(made["responses"]), name
        for error in endpoint.codes:
            assert error.code in made["responses"][str(status_of(error))]["description"], name
            assert list(made["responses"][str(status_of(error))]["content"]) == [PROBLEM], name
        assert ("requestBody" in made) == (endpoint.body is not None), name


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.query], ids=lambda endpoint: endpoint.name)
def test_operation_describes_its_query(endpoint: Endpoint) -> None:
    assert endpoint.query is not None
    found = {each["name"]: each for each in operation(endpoint)["parameters"] if each["in"] == "query"}
    fields = {field.alias or name: field for name, field in endpoint.query.model_fields.items()}
    assert set(found) == set(fields)
    for name, field in fields.items():
        assert found[name]["required"] == field.is_required()
        assert "null" not in json.dumps(found[name]["schema"])


PROBLEM_BODY = {
    "type": "about:blank",
    "title": "Conflict",
    "status": 409,
    "detail": "No.",
    "error_code": "slot_taken",
    "request_id": "a",
}
BOOKING_BODY = {
    "id": 1, "start_at": "2026-11-24T18:00:00+03:00", "end_at": "2026-11-24T20:00:00+03:00", "canceled_at": None,
    "created_at": "2026-11-01T18:00:00+03:00", "guests": 2, "status": "booked", "revision": 1,
    "service_date": "2026-11-24", "position": "k3v9x0ab:17", "table": {"id": 1, "name": "T2-1", "seats": 2},
    "tables": [{"id": 1, "name": "T2-1", "seats": 2}], "pinned": False, "arrived_at": None, "seated_at": None,
    "left_at": None,
    "venue": "main", "reference": "2A3B4C5D", "channel": "account",
    "guest": {"id": 1, "name": "Ada", "phone": None, "email": None}, "note": None, "occasion": None, "needs": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "body", "extra"),
    [
        ("Problem", PROBLEM_BODY, {"errors": [{"field": "a", "message": "b"}]}),
        ("Problem", PROBLEM_BODY, {"alternatives": []}),
        ("BookingAnswer", BOOKING_BODY, {"house_note": None, "undo": None}),
        ("BookingAnswer", BOOKING_BODY, {"left": {"service_date": "2026-11-23", "position": "k3v9x0ab:2"}}),
    ],
)
def test_member_that_comes_only_sometimes_is_not_required(
    name: str, body: dict[str, Any], extra: dict[str, Any]
) -> None:
    validator = jsonschema.Draft202012Validator(schema(name))
    validator.validate(body)
    validator.validate(body | extra)
    for missing in body:
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({key: value for key, value in body.items() if key != missing})


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("NewBooking", {"date": "2026-11-24", "time": "18:00"}),
        ("NewBooking", {"date": "2026-11-24", "time": "18:00:00+03:00", "guests": 20, "table_id": None}),
        ("BookingChange", {}),
        ("BookingChange", {"table_id": None}),
        ("TableChange", {"seats": 2}),
        ("TableChange", {"area_id": None, "place": None}),
        ("NewTable", {"name": "A", "seats": 2, "place": {"x": 0, "y": 1000, "width": 1, "height": 1000, "turn": 135}}),
        ("AreaChange", {"rank": 0}),
        ("NewCombination", {"table_ids": [1, 2], "min_guests": 1, "max_guests": 60, "name": None}),
        ("CombinationPatch", {"name": None}),
        ("LogOut", {}),
    ],
)
def test_body_that_the_type_takes_the_schema_takes(name: str, body: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(schema(name)).validate(body)
    BODIES[name].model_validate_json(json.dumps(body))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("NewBooking", {"date": "2026-11-24", "time": "18:00", "guests": 0}),
        ("NewBooking", {"date": "2026-11-24", "time": "18:00", "guests": "2"}),
        ("NewBooking", {"date": "2026-13-24", "time": "18:00"}),
        ("NewBooking", {"date": "2026-11-24", "time": "24:00"}),
        ("NewBooking", {"date": "2026-11-24", "time": "18:00", "user_id": 1}),
        ("BookingChange", {"guests": None}),
        ("TableChange", {"name": None}),
        ("TableChange", {"place": {"x": 0, "y": 0, "width": 0, "height": 1}}),
        ("NewTable", {"name": "A", "seats": 2, "place": {"x": 0, "y": 0, "width": 1, "height": 1, "turn": 46}}),
        ("AreaChange", {"name": None}),
        ("NewArea", {"name": "x" * 41}),
        ("NewCombination", {"table_ids": [], "min_guests": 1, "max_guests": 4}),
        ("CombinationPatch", {"table_ids": None}),
        ("NewTable", {"name": "a\0b", "seats": 2}),
        (
            "Registration",
            {"email": "a@example.com", "password": "1234567", "phone_number": "12345", "full_name": "Ada"},
        ),
    ],
)
def test_body_that_the_type_refuses_the_schema_refuses(name: str, body: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema(name)).validate(body)
    with pytest.raises(ValueError):
        BODIES[name].model_validate_json(json.dumps(body))


WRITES = [each for each in ENDPOINTS if each.method != "GET"]


def test_every_write_takes_an_idempotency_key() -> None:
    for endpoint in WRITES:
        name, made = endpoint.name, operation(endpoint)
        assert [each["name"] for each in made["parameters"]].count("Idempotency-Key") == 1, name
        assert endpoint.keyed in (COMMIT, KEPT, REPEATABLE), name
        if endpoint.keyed != REPEATABLE:
            assert endpoint.repeat is not None or endpoint.path.startswith("/admin/"), name
            codes = {code for each in made["responses"].values() for code in each["description"].split(" or ")}
            assert {"in_progress", "idempotency_mismatch"} <= codes, name
            headers = made["responses"][str(min(endpoint.answers))]["headers"]
            assert headers["Idempotency-Replayed"]["schema"]["enum"] == ["true"], name
        if endpoint.who == ANYONE:
            assert endpoint.body is not None and endpoint.body.CALLER, name


def test_every_change_of_one_thing_takes_if_match() -> None:
    for endpoint in WRITES:
        made = operation(endpoint)
        # A hold has no revision: it is there or not.
        of_one = ("<" in endpoint.path and "<token" not in endpoint.path) or endpoint.path == "/auth/me"
        assert ("If-Match" in [each["name"] for each in made["parameters"]]) == of_one, endpoint.name
        assert ("412" in made["responses"]) == of_one, endpoint.name


@pytest.mark.parametrize("name", ["read_booking", "read_guest", "who_am_i", "change_guest", "change_profile", "book"])
def test_answer_about_one_thing_has_its_etag(name: str) -> None:
    [endpoint] = [each for each in ENDPOINTS if each.name == name]
    assert "ETag" in operation(endpoint)["responses"][str(min(endpoint.answers))]["headers"]
