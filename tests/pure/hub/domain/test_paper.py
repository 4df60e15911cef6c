"""The paper: who comes by time and by table, and what changed since another paper."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.domain import paper
from hub.domain.day import DayView
from hub.domain.floor import FloorView, Table
from hub.domain.paper import Closed, Differing, PaperLine, Sheet, Waits
from hub.domain.shown import BookingTexts, Texts

FLOOR = FloorView(1, [Table(1, "T2-10", 2), Table(2, "T2-9", 2), Table(3, "Bar", 4)])
NAMES = {7: ("Ida", "+49301"), 8: ("Bob", None), 9: ("", None)}


def entry(guest: int, at: int, tables: list[int], status: str = "booked") -> dict[str, object]:
    starts, ends = f"2026-11-24T{at}:00:00Z", f"2026-11-24T{at + 2}:00:00Z"
    return {
        "guest_id": guest, "user_id": None, "table_id": tables[0], "tables": tables, "guests": 2, "starts_at": starts,
        "ends_at": ends, "status": status, "revision": 1, "occupied": [[table, starts, ends] for table in tables],
    }  # fmt: skip


BLOCK = {"tables": [3, 99], "starts_at": "2026-11-24T17:00:00Z", "ends_at": "2026-11-24T18:00:00Z", "revision": 1}
WAIT = {
    "guest_id": 8, "guests": 4, "status": "here", "place": 2, "joined_at": "2026-11-24T17:00:00Z", "quoted_from": None,
    "quoted_until": None, "promised_until": None, "area_id": None, "revision": 1,
}  # fmt: skip
NOW = datetime(2026, 11, 24, 18, 20, tzinfo=UTC)


PHASES = json.loads((Path(__file__).parents[2] / "stand_cases" / "phases.json").read_text())


def at(hour: int) -> datetime:
    return datetime(2026, 11, 24, hour, tzinfo=UTC)


@pytest.mark.parametrize("case", PHASES["cases"], ids=lambda case: f"{case['status']} {case['now'][11:19]}")
def test_paper_says_of_the_clock_what_the_stand_says(case: dict[str, Any]) -> None:
    """So that hub/web/src/stand/model/phase.ts, which has the same table, can't differ."""
    shown = {**entry(7, 19, [1], case["status"]), "starts_at": PHASES["start"], "ends_at": PHASES["end"]}
    day = DayView(NOW.date(), 1, {1: {**shown, "occupied": []}})
    [line] = paper.sheet(day, FLOOR, NAMES, Texts(), datetime.fromisoformat(case["now"])).parties
    assert line.state == case["phase"]


@pytest.mark.parametrize("case", PHASES["stays"], ids=lambda case: case["said"])
def test_paper_says_when_a_party_was_there_as_the_stand_does(case: dict[str, Any]) -> None:
    clock = {
        name: f"2026-11-28T{case[name]}:00Z" for name in ("arrived", "seated", "left", "from", "until") if case[name]
    }
    shown = {f"{name}_at": clock[name] for name in ("arrived", "seated", "left") if name in clock}
    planned = {"starts_at": PHASES["start"], "ends_at": PHASES["end"], "occupied": []}
    day = DayView(NOW.date(), 1, {1: {**entry(7, 19, [1], "finished"), **planned, **shown}})
    [line] = paper.sheet(day, FLOOR, NAMES, Texts(), NOW).parties
    assert (line.since, line.until) == (datetime.fromisoformat(clock["from"]), datetime.fromisoformat(clock["until"]))
    assert line.starts_at == datetime.fromisoformat(PHASES["start"])


def test_sheet_says_who_is_expected_here_or_has_left_what_is_closed_and_who_waits() -> None:
    shown = {
        1: entry(7, 19, [1]), 2: entry(8, 18, [2, 3], "seated"), 3: entry(9, 18, [3], "arrived"),
        4: entry(7, 17, [99], "no_show"), 5: entry(7, 16, [1], "finished"), 6: entry(7, 20, [99]),
        7: entry(7, 18, [1]), 8: entry(7, 15, [2], "seated"),
    }  # fmt: skip
    texts = Texts(bookings={1: BookingTexts("2A", note="Window")}, blocks={1: "Painting"})
    # An overlap of tables is for the test alone: a sheet does not look at it.
    entries = {id: {**each, "occupied": []} for id, each in shown.items()}
    others = {"block": {1: BLOCK}, "wait": {5: WAIT, 4: {**WAIT, "guest_id": 9, "place": 1}}}
    found = paper.sheet(DayView(NOW.date(), 1, entries, others=others), FLOOR, NAMES, texts, NOW)
    assert [(line.booking_id, line.name, line.tables, line.state) for line in found.lines] == [
        (8, "Ida", ("T2-9",), "overdue"), (5, "Ida", ("T2-10",), "finished"), (3, "", ("Bar",), "arrived"),
        (2, "Bob", ("T2-9", "Bar"), "seated"), (7, "Ida", ("T2-10",), "late"), (1, "Ida", ("T2-10",), "booked"),
        (6, "Ida", (), "booked"),
    ]  # fmt: skip
    assert [line.booking_id for line in found.parties if line not in found.lines] == [4]
    assert found.lines[5].texts.note == "Window" and found.lines[0].texts.note is None
    assert found.closed == [Closed(1, at(17), at(18), ("Bar",), "Painting")]
    assert [(each.place, each.name, each.phone, each.guests) for each in found.waits] == [
        (1, "", None, 4), (2, "Bob", None, 4),
    ]  # fmt: skip
    rows = {name: (seats, there) for name, seats, there in paper.by_table(found, FLOOR)}
    assert list(rows) == ["Bar", "T2-9", "T2-10"]  # numbers by their size
    assert rows["Bar"] == (4, [found.closed[0], found.lines[2], found.lines[3]])
    retired = replace(found, parties=[replace(found.lines[0], tables=("Gone",))])
    assert paper.by_table(retired, FLOOR)[-1] == ("Gone", 0, retired.parties)


def test_who_has_left_was_there_until_then() -> None:
    left = {**entry(7, 17, [1], "finished"), "left_at": "2026-11-24T17:40:00Z"}
    unknown = entry(8, 17, [2], "finished")  # when the day ended, nobody had said
    found = paper.sheet(DayView(NOW.date(), 1, {1: left, 2: unknown}), FLOOR, NAMES, Texts(), NOW)
    assert {line.booking_id: line.until for line in found.lines} == {1: at(17).replace(minute=40), 2: at(19)}


def test_differences_of_parties_are_what_another_paper_says_otherwise() -> None:
    ida, bob, eve = (line(id) for id in (1, 2, 3))
    moved, new = replace(bob, tables=("T2-10",)), replace(line(4), starts_at=eve.starts_at.replace(hour=9))
    assert parties([ida, bob, eve], [ida, moved, new]) == [
        Differing("new", new, None), Differing("changed", moved, bob), Differing("gone", None, eve),
    ]  # fmt: skip
    assert parties([ida], [replace(ida, state="late")]) == []
    for status in ("arrived", "seated", "finished", "no_show"):
        came = replace(ida, status=status)
        assert parties([ida], [came]) == [Differing(status, came, ida)]
        assert parties([came], [ida]) == [Differing("booked", ida, came)]


def test_differences_tell_of_closed_tables_and_of_who_waits() -> None:
    block = Closed(1, at(17), at(18), ("Bar",), "")
    first, second = (Waits(id, id, id, 2, f"Guest {id}", None, "waiting") for id in (1, 2))
    changes = paper.differences(Sheet([], [block], [first, second]), Sheet([], [], [replace(first, place=9)]))
    assert changes
    assert (changes.closed, changes.waits) == ([Differing("gone", None, block)], [Differing("gone", None, second)])
    more, here = replace(first, guests=3), replace(first, status="here")
    changes = paper.differences(Sheet([], [], [first]), Sheet([], [block], [more]))
    assert (changes.closed, changes.waits) == ([Differing("new", block, None)], [Differing("changed", more, first)])
    assert paper.differences(Sheet([], [], [first]), Sheet([], [], [here])).waits == [Differing("here", here, first)]
    assert not paper.differences(Sheet([], [block], [first]), Sheet([], [block], [first]))


def parties(before: list[PaperLine], now: list[PaperLine]) -> object:
    return paper.differences(Sheet(before, [], []), Sheet(now, [], [])).parties


def line(id: int) -> PaperLine:
    since, until = at(10 + id), at(12 + id)
    return PaperLine(
        id, id, since, since, until, 2, f"Guest {id}", None, ("Bar",), "booked", "booked", BookingTexts()
    )  # fmt: skip
