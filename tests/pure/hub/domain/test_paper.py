"""The paper: who comes by time and by table, and what changed since another paper."""

from __future__ import annotations

from dataclasses import replace

from hub.domain import paper
from hub.domain.day import DayView
from hub.domain.floor import FloorView, Table
from hub.domain.paper import Difference, PaperLine
from hub.domain.shown import BookingTexts, Texts

FLOOR = FloorView(1, [Table(1, "T2-10", 2), Table(2, "T2-9", 2), Table(3, "Bar", 4)])
NAMES = {7: ("Ida", "+49301"), 8: ("Bob", None), 9: ("", None)}


def entry(guest: int, at: int, tables: list[int], status: str = "booked") -> dict[str, object]:
    starts, ends = f"2026-11-24T{at}:00:00Z", f"2026-11-24T{at + 2}:00:00Z"
    return {
        "guest_id": guest, "user_id": None, "table_id": tables[0], "tables": tables, "guests": 2, "starts_at": starts,
        "ends_at": ends, "status": status, "revision": 1, "occupied": [[table, starts, ends] for table in tables],
    }  # fmt: skip


def day(entries: dict[int, dict[str, object]]) -> DayView:
    return DayView(paper.datetime(2026, 11, 24).date(), 1, entries)


def test_lines_are_those_who_are_expected_or_here_by_time() -> None:
    shown = {
        1: entry(7, 19, [1]), 2: entry(8, 18, [2, 3], "seated"), 3: entry(9, 18, [3], "arrived"),
        4: entry(7, 17, [99], "no_show"), 5: entry(7, 16, [1], "finished"), 6: entry(7, 20, [99]),
    }  # fmt: skip
    texts = Texts(bookings={1: BookingTexts("2A", note="Window")})
    # An overlap of tables is for the test alone: lines do not look at it.
    view = day({id: {**each, "occupied": []} for id, each in shown.items()})
    found = paper.lines(view, FLOOR, NAMES, texts)
    assert [(line.booking_id, line.name, line.tables) for line in found] == [
        (3, "", ("Bar",)), (2, "Bob", ("T2-9", "Bar")), (1, "Ida", ("T2-10",)), (6, "Ida", ()),
    ]  # fmt: skip
    assert [line.texts.note for line in found] == [None, None, "Window", None]
    by_table = paper.by_table(found, FLOOR)
    assert list(by_table) == ["Bar", "T2-9", "T2-10"]  # numbers by their size
    assert [line.booking_id for line in by_table["Bar"]] == [3, 2]
    retired = [replace(found[0], tables=("Gone",))]
    assert [line.booking_id for line in paper.by_table(retired, FLOOR)["Gone"]] == [3]


def test_differences_are_what_another_paper_says_otherwise() -> None:
    ida, bob, eve = (line(id) for id in (1, 2, 3))
    before = [ida, bob, eve]
    assert paper.differences(before, [replace(ida, status="seated"), bob, eve]) == []
    moved, new = replace(bob, tables=("T2-10",)), replace(line(4), starts_at=eve.starts_at.replace(hour=9))
    assert paper.differences(before, [ida, moved, new]) == [
        Difference(new, None), Difference(moved, bob), Difference(None, eve),
    ]  # fmt: skip


def line(id: int) -> PaperLine:
    at = paper.datetime(2026, 11, 24, 10 + id)
    return PaperLine(id, at, at.replace(hour=12 + id), 2, f"Guest {id}", None, ("Bar",), "booked", BookingTexts())
