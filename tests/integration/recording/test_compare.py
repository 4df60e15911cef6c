"""What the comparison of recorded answers lets pass, and what not; and the words that stand for what differs by run."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.integration.recording.compare import differences, folded, pretty, unfolded
from tests.integration.recording.days import some_days
from tests.integration.recording.masks import Masks

RECORDED = {"id": "booking 1", "table": {"id": 1, "seats": 2}, "items": [{"a": 1}], "bookings": {"booking 1": {"a": 1}}}


@pytest.mark.parametrize(
    "added",
    [
        {"more": 1},
        {"table": {"id": 1, "seats": 2, "area": "garden"}},
        {"items": [{"a": 1, "b": 2}]},
        {"bookings": {"booking 1": {"a": 1, "note": ""}}},
    ],
)
def test_fields_may_be_added(added: dict[str, Any]) -> None:
    assert list(differences(RECORDED, RECORDED | added)) == []


@pytest.mark.parametrize(
    "other",
    [
        {"id": "booking 2"},
        {"table": {"id": 1}},
        {"table": {"id": 1, "size": 2}},
        {"table": {"id": True, "seats": 2}},
        {"table": {"id": "1", "seats": 2}},
        {"table": None},
        {"items": []},
        {"items": [{"a": 1}, {"a": 1}]},
        {"bookings": {}},
        {"bookings": {"booking 1": {"a": 1}, "booking 2": {"a": 1}}},
    ],
)
def test_nothing_else_may_differ(other: dict[str, Any]) -> None:
    assert len(list(differences(RECORDED, RECORDED | other))) == 1
    assert list(differences({name: item for name, item in RECORDED.items() if name != "id"}, RECORDED)) == []
    assert list(differences(RECORDED, {name: item for name, item in RECORDED.items() if name != "id"})) != []


def test_nothing_may_come_where_there_was_nothing() -> None:
    assert list(differences({"data": {}}, {"data": {"tables": {"1": []}}})) != []


def test_a_file_holds_what_was_seen() -> None:
    seen = {
        str(n): {"status": 200, "headers": {"etag": '"1"', "n": str(n % 2)}, "body": [1, "x" * 200]} for n in range(9)
    }
    file = folded(seen)
    assert len(file["heads"]) == 2
    assert unfolded(json.loads(pretty(file))) == seen


def masks(zone: str = "Europe/Istanbul") -> Masks:
    return Masks({date(2026, 12, 30): "day"}, ZoneInfo(zone), "127.0.0.1:8000")


def test_equal_values_get_equal_words() -> None:
    booking = {
        "id": 71,
        "start_at": "2026-12-30T18:00:00+03:00",
        "table": {"id": 3, "seats": 2},
        "position": "k3v9x0ab:4",
    }
    first, of_tables = masks(), masks()
    shown = first.body(booking)
    assert shown == {
        "id": "booking 1", "start_at": "<day>T18:00:00+03:00", "table": {"id": 3, "seats": 2}, "position": "epoch 1:4",
    }  # fmt: skip
    assert first.body(booking | {"id": 72})["id"] == "booking 2"
    assert first.body({"bookings": {"71": {}, "73": {}}}) == {"bookings": {"booking 1": {}, "booking 3": {}}}
    assert first.body({"position": "k3v9x0ab:5"}) == {"position": "epoch 1:5"}
    assert first.body({"position": "other000:5"}) == {"position": "epoch 2:5"}
    frame = {"op": "update", "channel": "tables", "previous": "k3v9x0ab:16", "position": "k3v9x0ab:17"}
    assert of_tables.body(frame) == frame | {"previous": "epoch 1:tables+0", "position": "epoch 1:tables+1"}


def test_instants_keep_their_form() -> None:
    assert masks().body({"created_at": "2026-11-29T16:00:01+03:00"}) == {"created_at": "<instant>+03:00"}
    assert masks().body({"at": "2026-11-29T16:00:01.123+03:00"}) == {"at": "<instant.fff>+03:00"}
    berlin = masks("Europe/Berlin")
    assert berlin.body({"start_at": "2026-12-30T18:00:00+01:00"}) == {"start_at": "<day>T18:00:00[Europe/Berlin]"}
    assert berlin.body({"start_at": "2026-12-30T18:00:00+02:00"}) == {"start_at": "<day>T18:00:00+02:00"}
    assert masks().header("etag", 'W/"k3v9x0ab:4"') == 'W/"epoch 1:4"'


def test_what_is_reckoned_from_a_day_is_said_by_it() -> None:
    assert masks().body({"keep_until": "2027-01-06"}) == {"keep_until": "<day+7>"}


def test_tonight_all_instants_are_of_the_clock_and_lengths_stay() -> None:
    noon = Masks({}, ZoneInfo("Etc/GMT+3"), "127.0.0.1:8000", tonight=True)
    seated = {"start_at": "2026-12-30T12:03:09-03:00", "end_at": "2026-12-30T14:18:09-03:00", "position": "k3v9x0ab:4"}
    assert noon.body(seated) == {
        "start_at": "<instant>[here]", "end_at": "<start_at + 135 min>", "position": "epoch 1:<version>",
    }  # fmt: skip


def test_things_are_known_by_what_they_hold() -> None:
    found = masks().body({
        "in_the_way": [{"what": "hold", "id": 7}, {"what": "booking", "id": 7}], "swap_with": 7,
        "people": {"00000000000000ff": {"card": 7}}, "link": "/wait#" + "x" * 36, "token": "secret",
    })  # fmt: skip
    assert found == {
        "in_the_way": [{"what": "hold", "id": "hold 1"}, {"what": "booking", "id": "booking 1"}],
        "swap_with": "booking 1", "people": {"session 1": {"card": "booking 1"}},
        "link": "/wait#<secret 1>", "token": "<secret 2>",
    }  # fmt: skip


@pytest.mark.parametrize("today", [date(2026, 11, 29), date(2027, 1, 31), date(2027, 3, 28), date(2028, 2, 29)])
def test_days_are_apart_whatever_day_it_is(today: date) -> None:
    taken = [day for number in range(9) for day, name in some_days(today, number).items() if name.endswith("day")]
    assert len(set(taken)) == len(taken) == 4 * 9
    assert all(28 <= (day - today).days < 400 for day in taken)
    changes = {name: day for day, name in some_days(today, 0).items() if not name.endswith("day")}
    assert changes.keys() == {"spring", "autumn"}
    assert all(day.weekday() == 6 and 1 < (day - today).days < 400 for day in changes.values())
