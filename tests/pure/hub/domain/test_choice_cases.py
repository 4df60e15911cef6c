"""The hub gives a party the tables that the pages say it would get: all of them are held against one list of cases."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.domain.allocation import Day, choose
from hub.domain.calendar import Slot
from hub.domain.day import DayView
from hub.domain.floor import Combination, FloorView, Table
from hub.errors import SlotTaken, TableTooSmall
from tests.pure.hub.domain.rules import make_rules

CASES = json.loads((Path(__file__).parents[2] / "choice_cases" / "free.json").read_text())
LENGTH = timedelta(minutes=CASES["minutes"])
TAKEN = [(int(table), *span) for table, spans in CASES["taken"].items() for span in spans]
FLOOR = FloorView(
    1,
    [Table(int(id), f"T{id}", seats) for id, seats in CASES["tables"].items()],
    combinations=[
        Combination(each["id"], "", tuple(each["tables"]), each["min"], each["max"]) for each in CASES["combinations"]
    ],
)


def text(clock: str) -> str:
    return f"{CASES['date']}T{clock}:00Z"


def at(clock: str) -> datetime:
    return datetime.fromisoformat(text(clock))


def entry(table: int, start: str, end: str) -> dict[str, Any]:
    return {
        "guest_id": 1, "user_id": None, "table_id": table, "guests": 1, "starts_at": text(start), "ends_at": text(end),
        "status": "booked", "revision": 1, "occupied": [[table, text(start), text(end)]],
    }  # fmt: skip


VIEW = DayView(at("18:00").date(), 1, {id: entry(*each) for id, each in enumerate(TAKEN, 1)})


def chosen(guests: int, oversize: int | None, clock: str) -> list[int] | None:
    slot = Slot(at(clock), at(clock) + LENGTH, VIEW.day)
    try:
        unit = choose(
            Day(VIEW), FLOOR, slot, guests=guests, table_ids=None, rules=make_rules(slot=LENGTH), now=at("12:00"),
            oversize=oversize,
        )  # fmt: skip
    except (SlotTaken, TableTooSmall):
        return None
    return list(unit.ids)


@pytest.mark.parametrize("row", CASES["rows"], ids=lambda row: f"{row['guests']} guests, oversize {row['oversize']}")
def test_hub_chooses_what_the_pages_show(row: dict[str, Any]) -> None:
    assert [chosen(row["guests"], row["oversize"], clock) for clock in CASES["starts"]] == row["units"]
