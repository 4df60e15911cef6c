"""Bodies and queries of any shape are read at a bounded cost, and the answer about them is small."""

from __future__ import annotations

import json
import re
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sanic import HTTPResponse

from hub.errors import HubError, Malformed, ValidationFailed
from hub.rest import bodies, reading
from hub.rest.contract import ENDPOINTS
from hub.rest.errors import problem
from hub.rest.reading import MOST_ITEMS, MOST_NAMES
from hub.views.context import Context
from tests.conftest import make_settings

BIG = 60_000
MOST_ERRORS, NAME_CHARACTERS = 20, 64
SETTINGS = make_settings("postgresql://h/d", "redis://h", Path("none"))
ANSWER_BYTES = 4096
MODELS = list(dict.fromkeys(each.body for each in ENDPOINTS if each.body is not None and each.body.model_fields))
"""The bodies of all calls."""
ESCAPE = re.compile(r"\\u[0-9a-f]{4}")


def refusal(data: bytes, model: type[bodies.Body] = bodies.NewBooking) -> HubError:
    with pytest.raises(HubError) as caught:
        reading.body(data, model)
    return caught.value


def answer_to(error: HubError) -> HTTPResponse:
    made = problem(error, context=Context(SETTINGS, lambda events: None).main, request_id="x" * 64)
    assert made.body is not None and len(made.body) <= ANSWER_BYTES
    return made


HUGE = {
    "7,000 unknown names": b"{" + b",".join(b'"k%d":1' % n for n in range(7000)) + b"}",
    "a name of 60 KB": b'{"' + b"k" * BIG + b'":1}',
    "a name of lone surrogates": b'{"' + b"\\ud800" * (BIG // 6) + b'":1}',
    "one name 5,000 times": b"{" + b",".join([b'"guests":1'] * 5000) + b"}",
    "an array in the middle": b'{"date":' + b"[" * (BIG // 2) + b"]" * (BIG // 2) + b"}",
    "900 objects within each other": b'{"date":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    "an integer of 60,000 digits": b'{"guests":' + b"9" * BIG + b"}",
    "a text of 60 KB": b'{"date":"' + b"x" * BIG + b'"}',
    "an array of 30,000": b'{"date":[' + b",".join([b"1"] * (BIG // 2)) + b"]}",
    "an array in place of the object": b"[" + b",".join([b"{}"] * (BIG // 3)) + b"]",
    "e-mail": b'{"email":"' + b"@" * BIG + b'","password":"x","full_name":1,"phone_number":[]}',
}


@pytest.mark.parametrize("name", HUGE)
def test_body_of_any_shape_is_refused_in_a_small_answer(name: str) -> None:
    for model in MODELS:
        error = refusal(HUGE[name], model)
        assert isinstance(error, Malformed | ValidationFailed), model
        answer_to(error)
        if isinstance(error, ValidationFailed):
            assert 1 <= len(error.errors) <= MOST_ERRORS, model
            for each in error.errors:  # an invisible character is written as an escape of six
                assert len(ESCAPE.sub("x", each["field"])) <= NAME_CHARACTERS, model


LONG = {
    "lists": b"[" + b",".join([b"[]"] * (MOST_ITEMS + 1)) + b"]",
    "lists within a list": b"[[" + b",".join([b"[]"] * (MOST_ITEMS + 1)) + b"]]",
    "names": b"{" + b",".join(b'"k%d":1' % n for n in range(MOST_NAMES + 1)) + b"}",
    "names within a list": b"[{" + b",".join(b'"k%d":1' % n for n in range(MOST_NAMES + 1)) + b"}]",
}
"""One more than is read, which is enough: it is refused by its length."""


@pytest.mark.parametrize("name", LONG)
def test_what_is_longer_than_any_field_is_refused_before_its_items_are_looked_at(name: str) -> None:
    """pydantic would make an error for each item, whatever length the field allows."""
    for model in MODELS:
        for field, about in model.model_fields.items():
            error = refusal(b'{"%s":%s}' % ((about.alias or field).encode(), LONG[name]), model)
            assert isinstance(error, ValidationFailed), (model, field)
            assert len(error.errors) == 1 and "at most" in error.errors[0]["message"], (model, field)


def test_unknown_names_are_refused_at_the_first_without_a_look_at_the_rest() -> None:
    looked = []

    class Watched(dict[str, int]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for name in super().__iter__():
                looked.append(name)
                yield name

    with pytest.raises(ValidationFailed) as caught:
        reading._refuse_unknown(Watched({"guests": 1, **{f"k{n}": n for n in range(7000)}}), bodies.NewBooking)
    assert caught.value.errors == [{"field": "k0", "message": "Extra inputs are not permitted"}]
    assert looked == ["guests", "k0"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"date":"2027-01-01","time":"18:00","guests":2,"guests":3}',
        b'{"guests":2,"date":"2027-01-01","time":"18:00","\\u0067uests":2}',
        b'{"date":{"a":1,"a":2},"time":"18:00"}',
        b'{"date":[{"a":{"b":1,"b":1}}],"time":"18:00"}',
    ],
)
def test_name_that_comes_twice_is_malformed_at_any_depth(data: bytes) -> None:
    assert isinstance(refusal(data), Malformed)


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
)


@given(st.lists(st.tuples(names, values), min_size=1, max_size=5))
def test_names_that_come_once_are_never_called_twice(pairs: list[tuple[str, object]]) -> None:
    text = "{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}"
    twice = len({name for name, _ in pairs}) != len(pairs)
    try:
        reading._refuse_twice(text.encode())
    except Malformed:
        assert twice
    else:
        assert not twice


@pytest.mark.parametrize(
    "query", ["&".join(f"k{n}=1" for n in range(900)), "k" * 8000 + "=1", "date=1&" * 31, "&" * 900]
)
def test_query_of_any_shape_is_refused_in_a_small_answer(query: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        reading.query(query, bodies.AvailabilityQuery)
    answer_to(caught.value)


@pytest.mark.parametrize(("guests", "read"), [("18.0", 18), ("1e1", 10), ("2", 2)])
def test_integers_are_those_of_json_schema(guests: str, read: int) -> None:
    body = reading.body(b'{"date":"2027-01-01","time":"18:00","guests":%s}' % guests.encode(), bodies.NewBooking)
    assert (body.guests, type(body.guests)) == (read, int)


@pytest.mark.parametrize("guests", ["18.5", '"18"', "true", "1e400", "null", "[2]"])
def test_what_is_no_integer_is_refused(guests: str) -> None:
    error = refusal(b'{"date":"2027-01-01","time":"18:00","guests":%s}' % guests.encode())
    assert isinstance(error, Malformed) if guests == "1e400" else isinstance(error, ValidationFailed)


@pytest.mark.parametrize("time", ["19:07:30", "19:07:01", "19:00:59Z", "19:07:30+02:00", "19:07:00.5"])
def test_seconds_are_refused(time: str) -> None:
    error = refusal(orjson.dumps({"date": "2027-01-01", "time": time}))
    assert isinstance(error, ValidationFailed) and [each["field"] for each in error.errors] == ["time"]
    with pytest.raises(ValidationFailed):
        reading.query(f"date=2027-01-01&time={time.replace('+', '%2B')}", bodies.AvailabilityQuery)


@pytest.mark.parametrize("time", ["19:07", "19:07:00", "19:07Z", "19:07:00+02:00"])
def test_minutes_off_the_grid_are_read(time: str) -> None:
    body = reading.body(orjson.dumps({"date": "2027-01-01", "time": time}), bodies.NewBooking)
    assert (body.time.hour, body.time.minute, body.time.second) == (19, 7, 0)
