"""What the choice of tables costs, where some of them are combined: pure functions, no server and no database.

A room of 60 tables and 24 combinations, and an evening that fills up. Each figure is of one call, in microseconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter_ns
from typing import Any
from zoneinfo import ZoneInfo

from bench import report
from hub.domain.allocation import Day, choose, free_combinations, free_tables
from hub.domain.calendar import Slot, grid
from hub.domain.change import instant_text
from hub.domain.day import DayView
from hub.domain.floor import Combination, FloorView, Table
from hub.domain.rules import Rules
from hub.errors import SlotTaken

SEATS = [2] * 24 + [4] * 24 + [6] * 12
COMBINATIONS = 24
DAY = datetime(2026, 11, 24, tzinfo=UTC)
EARLIER = DAY - timedelta(days=1)
RULES = Rules(ZoneInfo("UTC"), timedelta(hours=12), timedelta(hours=22), timedelta(hours=2), timedelta(hours=1), 400)
STARTS = grid(DAY.date(), RULES)
ASKED = 20_000
"""Calls that are measured, of each kind."""


def a_floor() -> FloorView:
    """Neighbours of one size are combined: pairs, and some threes."""
    tables = [Table(id, f"T{id}", seats) for id, seats in enumerate(SEATS, 1)]
    combined = []
    for number in range(COMBINATIONS):
        first, size = 1 + 2 * number + number // 12 * 2, 3 if number % 6 == 5 else 2
        ids = tuple(range(first, first + size))
        seats = sum(SEATS[id - 1] for id in ids)
        combined.append(Combination(number + 1, "", ids, max(SEATS[id - 1] for id in ids) + 1, seats))
    return FloorView(1, tables, combinations=combined)


def an_evening(floor: FloorView, parties: int) -> DayView:
    """So many parties of chance ask for chance times; each that finds a place is there."""
    chance, view = random.Random(7), DayView(DAY.date(), 1, {})
    for id in range(1, parties + 1):
        slot, guests = chance.choice(STARTS), chance.choice((1, 2, 2, 2, 3, 4, 4, 5, 6, 8))
        try:
            unit = choose(Day(view), floor, slot, guests=guests, table_ids=None, rules=RULES, now=EARLIER)
        except SlotTaken:
            continue
        since, until = instant_text(slot.starts_at), instant_text(slot.ends_at)
        view.put(id, {
            "guest_id": 1, "user_id": None, "table_id": unit.ids[0], "tables": list(unit.ids), "guests": guests,
            "starts_at": since, "ends_at": until, "status": "booked", "revision": 1,
            "occupied": [[table, since, until] for table in unit.ids],
        })  # fmt: skip
    return view


def took(calls: Callable[[Slot, int], Any], view: DayView, *, remembered: bool) -> list[float]:
    """The microseconds of each call. Unless it is ``remembered``, nothing is kept of what was asked before."""
    chance, found = random.Random(11), []
    asked = [(chance.choice(STARTS), chance.choice((1, 2, 2, 2, 3, 4, 4, 5, 6, 8, 10, 12))) for _ in range(ASKED)]
    for slot, guests in asked:
        if not remembered:
            view.answers.clear()
        began = perf_counter_ns()
        calls(slot, guests)
        found.append((perf_counter_ns() - began) / 1000)
    return found


def measure() -> str:
    floor, rows = a_floor(), []
    for name, parties in (("empty", 0), ("half full", 120), ("full", 400)):
        view = an_evening(floor, parties)
        day = Day(view)
        refused = 0

        def chosen(slot: Slot, guests: int, day: Day = day) -> None:
            nonlocal refused
            try:
                choose(day, floor, slot, guests=guests, table_ids=None, rules=RULES, now=EARLIER)
            except SlotTaken:
                refused += 1

        def offered(slot: Slot, guests: int, view: DayView = view) -> None:
            free_tables(floor, slot, guests, [view])
            free_combinations(floor, slot, guests, [view])

        for what, calls, remembered in (
            ("chosen", chosen, False), ("chosen, with what is kept of the day", chosen, True),
            ("all that are free", offered, True),
        ):  # fmt: skip
            refused = 0
            micros = took(calls, view, remembered=remembered)
            share = f"{refused / len(micros):.0%}" if calls is chosen else ""
            figures = [f"{report.percentile(micros, part):.1f}" for part in (0.5, 0.99)]
            rows.append([f"{name}: {what}", f"{len(view.entries)}", share, *figures])
    head = ("evening", "parties", "refused, with other starts", "p50, µs", "p99, µs")
    return report.table("Choosing among 60 tables and 24 combinations", head, rows)
