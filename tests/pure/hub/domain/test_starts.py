"""hub.domain.starts: a start is free for a size just where a guest's booking would be taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import calendar, decisions, starts
from hub.domain.allocation import Day
from hub.domain.calendar import Slot
from hub.domain.day import DayView
from hub.domain.events import MAIN
from hub.domain.floor import Area, Combination, FloorView, Table
from hub.domain.rules import Rules
from hub.domain.starts import DayStarts, Offer
from hub.errors import SlotTaken, TableTooSmall
from tests.pure.hub.domain.day_model import CHANGES, DAY, OPENS, QUARTER, ROOM, entry_of, live, moved, other_of
from tests.pure.hub.domain.floors import floors
from tests.pure.hub.domain.house import ADA
from tests.pure.hub.domain.rules import HOUR, make_rules

EARLIER = OPENS - timedelta(days=2)
AROUND_THE_CLOCK = make_rules(opens=0, closes=24)
OVERSIZE = st.sampled_from([None, 0, 1, 3])
SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=4, unique=True)
SLOTS = st.sampled_from([2, 4, 8]).map(lambda quarters: quarters * QUARTER)


def is_taken(day: Day, floor: FloorView, slot: Slot, guests: int, rules: Rules) -> bool:
    """Whether the hub would take the booking of a guest who names no table."""
    try:
        decisions.book(
            day, floor, slot, venue_id=MAIN, party=ADA, guests=guests, table_ids=None, rules=rules, now=EARLIER
        )
    except (SlotTaken, TableTooSmall):
        return False
    return True


def offer_of(day: date, floor: FloorView, rules: Rules, beside: Sequence[DayView] = ()) -> Offer:
    return starts.offer(starts.slots_of(day, rules), starts.served(floor, rules), beside)


def agree(view: DayView, floor: FloorView, rules: Rules, sizes: list[int], *beside: DayView) -> None:
    """What is said of each start is what would be decided there."""
    offer = offer_of(view.day, floor, rules, beside)
    found = starts.free(offer, view)
    assert list(found) == list(offer.slots)
    assert list(offer.slots.values()) == list(calendar.grid(view.day, rules))
    day = Day(view, beside)
    for start, slot in offer.slots.items():
        wanted = [guests for guests in sorted(sizes) if is_taken(day, floor, slot, guests, rules)]
        assert [guests for guests in found[start] if guests in sizes] == wanted, start


@given(CHANGES, SIZES, OVERSIZE, SLOTS)
def test_a_start_is_free_just_where_a_booking_is_taken(
    changes: list[Any], sizes: list[int], oversize: int | None, slot: timedelta
) -> None:
    """On days with bookings, moves, joined tables, blocks, holds and parties that wait; with areas and combinations."""
    agree(live(changes).view(), ROOM, make_rules(slot=slot, oversize=oversize), sizes)


@given(floors(), CHANGES, SIZES, OVERSIZE)
def test_so_it_is_on_every_floor(floor: FloorView, changes: list[Any], sizes: list[int], oversize: int | None) -> None:
    agree(live(changes).view(), floor, make_rules(oversize=oversize), sizes)


@given(CHANGES, CHANGES, st.integers(13, 21), SIZES)
def test_bookings_that_reach_over_a_days_end_count(
    changes: list[Any], others: list[Any], shift: int, sizes: list[int]
) -> None:
    """The day before has bookings that are over before the first of this one, and some reach into its first hours."""
    before = live(others)
    by = timedelta(hours=-shift)
    for entry in before.entries.values():
        entry["occupied"] = [
            [table, *((datetime.fromisoformat(at) + by).isoformat() for at in times)]
            for table, *times in entry["occupied"]
        ]
    beside = DayView(DAY - timedelta(days=1), 1, before.entries)
    agree(live(changes).view(), ROOM, AROUND_THE_CLOCK, sizes, beside)


@given(floors(), floors(), OVERSIZE, OVERSIZE, st.sampled_from([DAY, DAY + timedelta(days=1)]))
def test_the_digest_tells_apart_just_what_decides_otherwise(
    one: FloorView, other: FloorView, few: int | None, many: int | None, day: date
) -> None:
    first = offer_of(DAY, one, make_rules(oversize=few))
    second = offer_of(day, other, make_rules(oversize=many))
    alike = (first.slots, first.served.units) == (second.slots, second.served.units)
    assert (first.digest == second.digest) is alike


def test_a_name_a_place_and_an_area_decide_nothing() -> None:
    floor = FloorView(1, [Table(1, "T1", 2), Table(2, "T2", 4)], combinations=[Combination(1, "Both", (1, 2), 5, 6)])
    renamed = FloorView(
        9, [Table(1, "Window", 2, area_id=3), Table(2, "T2", 4, revision=7)], areas=[Area(3, "Hall")],
        combinations=[Combination(8, "T1 + T2", (1, 2), 5, 6), Combination(9, "Again", (1, 2), 6, 6)],
    )  # fmt: skip
    digest = offer_of(DAY, floor, make_rules()).digest
    assert offer_of(DAY, renamed, make_rules()).digest == digest
    for others in (
        FloorView(1, [Table(1, "T1", 2)]),
        FloorView(1, [Table(1, "T1", 3), Table(2, "T2", 4)], combinations=floor.combinations.values()),
        FloorView(1, floor.tables.values(), combinations=[Combination(1, "Both", (1, 2), 5, 5)]),
        FloorView(1, floor.tables.values()),
    ):
        assert offer_of(DAY, others, make_rules()).digest != digest
    for rules in (make_rules(opens=13), make_rules("Europe/Berlin"), make_rules(slot=HOUR), make_rules(oversize=1)):
        assert offer_of(DAY, floor, rules).digest != digest
    assert offer_of(DAY, floor, replace(make_rules(), days_ahead=1, cancel_deadline=3 * HOUR)).digest == digest


def test_what_reaches_into_the_day_decides_and_what_does_not_does_not() -> None:
    floor, rules = FloorView(1, [Table(1, "T1", 2)]), make_rules(opens=0, closes=24)

    def digest(table: int, since: datetime) -> str:
        entry = entry_of(None, [(table, 0, 8)], 2, "booked")
        entry["occupied"] = [[table, since.isoformat(), (since + 2 * HOUR).isoformat()]]
        return offer_of(DAY, floor, rules, [DayView(DAY - timedelta(days=1), 1, {1: entry})]).digest

    midnight = datetime.combine(DAY, time(), OPENS.tzinfo)
    alone = offer_of(DAY, floor, rules).digest
    assert digest(1, midnight - 2 * HOUR) == digest(2, midnight - HOUR) == alone
    assert digest(1, midnight - HOUR) != alone
    assert digest(1, midnight - HOUR) != digest(1, midnight - HOUR / 2)


NIGHTS = [
    ("Europe/Berlin", date(2026, 3, 29), 0, 12),  # 02:00 to 03:00 is jumped over
    ("Europe/Berlin", date(2026, 10, 25), 0, 24),  # 02:00 to 03:00 comes twice
    ("Europe/Berlin", date(2026, 10, 24), 18, 28),  # and so it does at the end of the evening before
    ("America/Nuuk", date(2026, 3, 28), 12, 26),  # 22:00 jumps to 23:00
    ("America/St_Johns", date(2010, 11, 6), 12, 26),  # 00:01 goes back to 23:01 of the day before
    ("Australia/Lord_Howe", date(2026, 4, 5), 0, 24),  # by half an hour
    ("Pacific/Apia", date(2011, 12, 29), 12, 36),  # the next date does not exist
    ("Europe/Istanbul", date(2026, 11, 24), 20, 44),
]


@pytest.mark.parametrize(("zone", "day", "opens", "closes"), NIGHTS)
def test_a_start_is_the_time_by_which_it_is_booked(zone: str, day: date, opens: int, closes: int) -> None:
    """On the day's date, or, before the hour of opening, on the next; each key once, and the clock shows it."""
    rules = make_rules(zone, opens, closes)
    offer = offer_of(day, FloorView(1, [Table(1, "T1", 2)]), rules)
    assert list(offer.slots.values()) == list(calendar.grid(day, rules)) != []
    for start, slot in offer.slots.items():
        at = time.fromisoformat(start)
        on = day if timedelta(hours=at.hour, minutes=at.minute) >= rules.opens else day + timedelta(days=1)
        assert calendar.slot_at(on, at, rules) == slot
        assert calendar.local_text(slot.starts_at, rules)[:16] == f"{on}T{start}"


def test_a_day_that_the_clock_swallows_has_no_starts() -> None:
    offer = offer_of(date(2011, 12, 30), FloorView(1, [Table(1, "T1", 2)]), make_rules("Pacific/Apia"))
    assert starts.free(offer, DayView(date(2011, 12, 30), 0, {})) == {}


@given(CHANGES, st.lists(st.booleans(), min_size=40, max_size=40))
def test_what_is_told_of_each_change_adds_up_to_what_is_free(changes: list[Any], pauses: list[bool]) -> None:
    """However many changes are told together, also to one who remembers nothing of the version before; and who was
    told of it before is told of nothing that is as it was."""
    day = live(changes)
    offer = offer_of(DAY, ROOM, make_rules(oversize=1))
    view = moved(day, 0)
    shown, held, told, touched = DayStarts(view, offer), {}, 0, False
    held = dict(shown.free())
    for event, pause in zip(day.events, pauses, strict=False):
        touched |= bool(view.touched(event)[2])
        view.apply(replace(event, id=view.head + 1, previous=view.head))
        if pause:
            continue
        changed = shown.changed_since(told, touched=touched)
        assert all(held[start] != sizes for start, sizes in changed.items())
        held |= changed
        assert held == starts.free(offer, view) == dict(shown.free())
        late = DayStarts(view, offer).changed_since(told, touched=touched)
        assert late in ({}, held) and bool(late) is touched
        told, touched = view.version, False


def test_what_was_free_at_each_version_is_remembered_for_a_while_and_worked_out_once() -> None:
    view = DayView(DAY, 0, {})
    shown = DayStarts(view, offer_of(DAY, ROOM, make_rules()))
    first = shown.free()
    assert shown.free() is first
    for number in range(1, 2 * starts.VERSIONS_KEPT):
        view.put(number, other_of("wait", [], 2), "wait")
        view.version = number
        assert shown.changed_since(number - 1, touched=False) == {}
        assert shown.free() is first  # nobody worked it out again: no table was taken
    assert shown.changed_since(view.version - 1, touched=True) == {}
    assert shown.changed_since(view.version - starts.VERSIONS_KEPT, touched=True) == first
