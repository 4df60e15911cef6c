"""Rows as they are to be written: what their day shows of each is read back as the same, and shown to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import shown
from hub.domain.change import (
    BlockRow,
    BookingRow,
    Change,
    HoldRow,
    Party,
    Seen,
    WaitRow,
    instant_text,
)
from hub.domain.day import DayView, Entry, Undo
from hub.domain.events import stream_of
from hub.domain.floor import Table
from hub.domain.held import Block, Hold, Waiting, subject_of
from hub.domain.shown import BookingTexts, Texts

DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TABLES = [Table(id, f"T{id}", 2) for id in range(1, 5)]
PARTY = Party(70, 7, "2A3B4C5D")
ROW = BookingRow(5, 17, PARTY, TABLES[0], 2, NOON, NOON + 2 * HOUR, DAY, "booked", 3, NOON - HOUR)
BEFORE = {"status": "booked", "tables": [1], "starts_at": None}
BLOCK = BlockRow(6, 17, DAY, (2, 1), NOON, NOON + HOUR, "A leak")
HOLD = HoldRow(7, 17, DAY, (3,), NOON, NOON + HOUR, 2, NOON - MINUTE, "ab" * 32, made_by=8)
WAIT = WaitRow(8, 17, DAY, 71, 3, "waiting", 2, NOON, quoted_from=NOON + HOUR, promised_until=NOON + 2 * HOUR)


def render(instant: datetime) -> str:
    return instant.isoformat()


SOMETIMES = st.none() | st.integers(0, 100).map(lambda minutes: NOON + minutes * MINUTE)
ROWS = st.builds(
    replace,
    st.just(ROW),
    table=st.just(TABLES[1]),
    more_tables=st.sampled_from([(), (TABLES[0],), (TABLES[3], TABLES[2])]),
    guests=st.integers(1, 20),
    status=st.sampled_from(["booked", "arrived", "seated", "finished", "no_show"]),
    pinned=st.booleans(),
    arrived_at=SOMETIMES,
    seated_at=SOMETIMES,
    table_since=SOMETIMES,
    left_at=SOMETIMES,
    undo=st.none()
    | st.builds(Undo, st.just("seat"), st.just(NOON + HOUR), st.just(BEFORE), swap_with=st.none() | st.just(8)),
)


def seen(row: BookingRow) -> Seen:
    assert row.created_at is not None
    return Seen(
        row.id, row.venue_id, row.party, row.service_date, row.status, row.revision, row.table, row.created_at,
        more_tables=row.more_tables,
    )  # fmt: skip


@given(ROWS)
def test_a_booking_is_read_back_from_what_its_day_shows(row: BookingRow) -> None:
    entry = row.entry()
    assert entry is not None
    assert BookingRow.of(seen(row), Entry.parse(entry)) == row
    held = row.occupied_from_until()
    taken = [] if held is None else sorted(table.id for table in row.tables)
    assert Entry.parse(entry).occupied == tuple((id, *(held or ())) for id in taken)
    assert not held or held[0] < held[1]


def test_what_few_bookings_have_is_said_only_of_them() -> None:
    plain = ROW.entry()
    assert plain is not None
    assert not plain.keys() & {"tables", "pinned", "arrived_at", "seated_at", "table_since", "left_at", "undo"}
    full = replace(ROW, more_tables=(TABLES[1],), pinned=True, arrived_at=NOON, undo=Undo("arrive", NOON, BEFORE))
    assert full.entry() == plain | {
        "tables": [1, 2], "pinned": True, "arrived_at": "2026-11-24T12:00:00Z",
        "undo": {"action": "arrive", "until": "2026-11-24T12:00:00Z", "before": BEFORE},
        "occupied": [[id, "2026-11-24T12:00:00Z", "2026-11-24T14:00:00Z"] for id in (1, 2)],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("what", "held"),
    [
        ({}, (0, 120)),
        ({"status": "arrived", "arrived_at": NOON - 5 * MINUTE}, (0, 120)),
        ({"status": "seated", "seated_at": NOON - 5 * MINUTE}, (-5, 120)),
        ({"status": "seated", "seated_at": NOON + 5 * MINUTE, "ends_at": NOON + 3 * HOUR}, (5, 180)),
        ({"status": "seated", "seated_at": NOON, "table_since": NOON + HOUR}, (60, 120)),
        ({"status": "finished", "seated_at": NOON, "left_at": NOON + HOUR}, (0, 60)),
        ({"status": "finished", "seated_at": NOON, "left_at": NOON}, None),
        ({"status": "no_show"}, None),
        ({"status": "canceled"}, None),
    ],
)
def test_what_a_booking_takes_follows_its_party(what: dict[str, Any], held: tuple[int, int] | None) -> None:
    expected = None if held is None else tuple(NOON + minutes * MINUTE for minutes in held)
    assert replace(ROW, **what).occupied_from_until() == expected


def test_a_table_that_was_not_read_with_the_booking_has_its_id() -> None:
    entry = Entry.parse({**(ROW.entry() or {}), "table_id": 9, "tables": [9, 1]})
    assert BookingRow.of(seen(ROW), entry).tables == (Table(9, "", 0), TABLES[0])


@pytest.mark.parametrize(
    ("subject", "row", "parsed"),
    [
        ("block", BLOCK, Block((2, 1), NOON, NOON + HOUR, 1)),
        ("hold", HOLD, Hold((3,), NOON, NOON + HOUR, 2, NOON - MINUTE, 8)),
        ("wait", WAIT, Waiting(71, 3, "waiting", 2, NOON, NOON + HOUR, None, NOON + 2 * HOUR, None, 1)),
    ],
)
def test_what_else_stands_on_a_day_is_read_back(subject: str, row: BlockRow | HoldRow | WaitRow, parsed: Any) -> None:
    entry = row.entry()
    assert entry is not None and row.stream == stream_of(17, DAY)
    assert subject_of({subject: row.id, "entry": entry}) == subject
    view = DayView(DAY, 0, {}, others={subject: {row.id: entry}})
    assert view.others[subject] == {row.id: parsed}
    assert {"block": view.blocks, "hold": view.holds, "wait": view.waitlist}[subject] == {row.id: parsed}
    tables = () if isinstance(row, WaitRow) else row.tables
    assert view.taken == {table: [(NOON, NOON + HOUR)] for table in tables}


@pytest.mark.parametrize(
    "row",
    [
        replace(BLOCK, removed=True),
        replace(HOLD, released=True),
        replace(WAIT, status="seated"),
        replace(WAIT, status="left"),
    ],
)
def test_what_has_ended_is_not_on_the_day(row: BlockRow | HoldRow | WaitRow) -> None:
    assert row.entry() is None


@pytest.mark.parametrize("status", ["waiting", "ready", "here"])
def test_who_waits_is_on_the_day_until_they_sit_or_leave(status: str) -> None:
    entry = replace(WAIT, status=status).entry()
    assert entry is not None and entry["status"] == status


def test_what_an_event_is_about_must_be_named() -> None:
    with pytest.raises(KeyError):
        subject_of({"entry": None})


def test_an_instant_is_written_in_utc_to_the_second() -> None:
    assert instant_text(NOON.replace(microsecond=999_999)) == "2026-11-24T12:00:00Z"
    assert instant_text(datetime.fromisoformat("2026-11-24T15:00:00+03:00")) == "2026-11-24T12:00:00Z"


def test_a_change_without_events_wants_nothing() -> None:
    assert (Change().events, Change().more_bookings, Change().combinations) == ((), (), ())


# ── as people see it ────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = {70: ("Ada Guest", "+902125550100"), 71: ("", None)}
SAID = Texts(
    {5: BookingTexts("2A3B4C5D", "phone", "By the window", "Pays cash", "birthday", ("quiet",))}, {6: "A leak"},
    {7: "Host"}, {70: ((9, "dietary"),), 71: ((4, "access"),)},
)  # fmt: skip


def view_of(row: BookingRow = ROW) -> DayView:
    return DayView(
        DAY, 0, {5: row.entry() or {}},
        others={"block": {6: BLOCK.entry() or {}}, "hold": {7: HOLD.entry() or {}}, "wait": {8: WAIT.entry() or {}}},
    )  # fmt: skip


def test_a_day_is_shown_with_names_and_what_was_said() -> None:
    row = replace(
        ROW, status="seated", more_tables=(TABLES[1],), pinned=True, arrived_at=NOON, seated_at=NOON + MINUTE,
        undo=Undo("seat", NOON + HOUR, BEFORE),
    )  # fmt: skip
    noon, one, two = (render(NOON + hours * HOUR) for hours in range(3))
    assert view_of(row).floor(render, NAMES, texts=SAID) == {
        "bookings": {
            "5": {
                "table_id": 1, "tables": [1, 2], "start_at": noon, "end_at": two, "guests": 2, "status": "seated",
                "guest_id": 70, "guest_name": "Ada Guest", "phone_number": "+902125550100",
                "guest_notes": [{"id": 9, "kind": "dietary"}], "reference": "2A3B4C5D",
                "channel": "phone", "note": "By the window", "house_note": "Pays cash", "occasion": "birthday",
                "needs": ["quiet"], "pinned": True, "arrived_at": noon, "seated_at": render(NOON + MINUTE),
                "left_at": None, "undo": {"action": "seat", "until": one, "swap_with": None, "service_date": None},
                    "revision": 3,
            }
        },
        "blocks": {"6": {"tables": [2, 1], "start_at": noon, "end_at": one, "reason": "A leak", "revision": 1}},
        "holds": {
            "7": {
                "tables": [3], "start_at": noon, "end_at": one, "guests": 2, "expires_at": render(NOON - MINUTE),
                "by": "Host",
            }
        },
        "waitlist": {
            "8": {
                "guests": 3, "guest_id": 71, "guest_name": "", "phone_number": None, "status": "waiting", "place": 2,
                "guest_notes": [{"id": 4, "kind": "access"}],
                "area_id": None, "joined_at": noon, "quoted_from": one, "quoted_until": None, "promised_until": two,
                "revision": 1,
            }
        },
    }  # fmt: skip


def test_what_nobody_has_read_is_shown_as_nothing() -> None:
    found = view_of().floor(render, NAMES)
    booking = found["bookings"]["5"]
    assert (booking["reference"], booking["channel"], booking["needs"], booking["undo"]) == ("", "account", [], None)
    assert (found["blocks"]["6"]["reason"], found["holds"]["7"]["by"]) == ("", None)


def test_a_part_of_which_nothing_is_named_has_no_key() -> None:
    found = view_of().floor(render, NAMES, [5, 9], others=[("wait", 8), ("block", 9)])
    assert {part: {id: bool(item) for id, item in items.items()} for part, items in found.items()} == {
        "bookings": {"5": True, "9": False}, "blocks": {"9": False}, "waitlist": {"8": True},
    }  # fmt: skip
    assert found.keys() - {"bookings"} < set(shown.PARTS.values())
    assert view_of().floor(render, NAMES, others=[("hold", 9)]) == {"holds": {"9": None}}


def test_a_party_that_waits_and_whose_name_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError):
        view_of().floor(render, {70: NAMES[70]})


def test_an_instant_is_written_in_utc_to_the_second_whatever_its_zone() -> None:
    at = datetime(2031, 1, 2, 3, 4, 5, 678_901, timezone(timedelta(hours=5, minutes=30)))
    assert instant_text(at) == "2031-01-01T21:34:05Z"
    assert instant_text(at.astimezone(UTC)) == "2031-01-01T21:34:05Z"
