"""hub.domain.blocks: which part of which day is closed, and what is in the way."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import blocks, calendar
from hub.domain.calendar import Slot
from hub.domain.change import BlockRow, Change, Window
from hub.domain.events import MAIN
from hub.domain.rules import Rules
from hub.errors import HubError, InThePast, NotFound, OutsideOpeningHours, SlotTaken, ValidationFailed
from tests.pure.hub.domain.evening import RULES, TUESDAY, Evening, at
from tests.pure.hub.domain.rules import DAY, HOUR, MINUTE, make_rules

EARLY = at("9:00")


def close(
    evening: Evening, since: str, until: str, *tables: int, area: int | None = None, now: datetime = EARLY
) -> Change:
    part = blocks.part_of_day(at(since), at(until), evening.rules)
    return blocks.block(
        evening.shown, evening.floor, part, venue_id=MAIN, table_ids=tables or None, area_id=area, reason="Leak",
        now=now,
    )  # fmt: skip


# -- its service day


@pytest.mark.parametrize(
    ("since", "until", "closed"),
    [
        ("13:00", "14:00", ("13:00", "14:00")),
        ("9:00", "14:00", ("12:00", "14:00")),
        ("21:00", "30:00", ("21:00", "22:00")),
        ("0:00", "24:00", ("12:00", "22:00")),
    ],
)
def test_block_is_cut_at_the_opening_and_the_closing(since: str, until: str, closed: tuple[str, str]) -> None:
    assert blocks.part_of_day(at(since), at(until), RULES) == Slot(at(closed[0]), at(closed[1]), TUESDAY)


@pytest.mark.parametrize(
    ("since", "until", "error"),
    [
        ("13:00", "13:00", ValidationFailed),
        ("14:00", "13:00", ValidationFailed),
        ("22:00", "36:00", OutsideOpeningHours),
        ("21:00", "37:00", ValidationFailed),  # into Wednesday's lunch
        ("12:00", "20000:00", ValidationFailed),
    ],
)
def test_block_of_no_day_or_of_several_is_refused(since: str, until: str, error: type[HubError]) -> None:
    with pytest.raises(error):
        blocks.part_of_day(at(since), at(until), RULES)


def test_block_after_midnight_is_of_the_day_that_is_open() -> None:
    rules = make_rules(opens=18, closes=26)
    assert blocks.part_of_day(at("24:30"), at("25:00"), rules) == Slot(at("24:30"), at("25:00"), TUESDAY)


@given(
    st.integers(0, 3000), st.integers(1, 3000),
    st.sampled_from([RULES, make_rules("Europe/Berlin", 18, 26), make_rules("America/New_York", 0, 24)]),
)  # fmt: skip
def test_no_part_of_a_block_lies_outside_its_day(start: int, length: int, rules: Rules) -> None:
    since = at("0:00", TUESDAY - DAY) + start * MINUTE
    try:
        part = blocks.part_of_day(since, since + length * MINUTE, rules)
    except (OutsideOpeningHours, ValidationFailed):
        return
    opens, closes = calendar.opening(part.day, rules)
    assert max(opens, since) == part.starts_at < part.ends_at == min(closes, since + length * MINUTE)


# -- what is closed


def test_block_is_a_row_and_an_event() -> None:
    evening = Evening()
    change = close(evening, "18:00", "20:00", 3, 1, 3)
    assert change.block == BlockRow(0, MAIN, TUESDAY, (1, 3), at("18:00"), at("20:00"), "Leak")
    assert [(event.kind, event.data["block"]) for event in change.events] == [("blocked", None)]
    assert change.window == Window(until=at("20:00")) and change.mail is None
    evening.write(change, EARLY)
    assert set(evening.view.taken) == {1, 3}


def test_block_of_an_area_is_of_all_its_tables() -> None:
    change = close(Evening(), "18:00", "20:00", area=1)
    assert change.block is not None and change.block.tables == (1, 2)


@pytest.mark.parametrize(("tables", "area"), [((1, 9), None), ((), 2), ((), 9)])
def test_what_is_not_there_is_not_closed(tables: tuple[int, ...], area: int | None) -> None:
    with pytest.raises(NotFound):
        close(Evening(), "18:00", "20:00", *tables, area=area)


def test_block_that_has_begun_is_of_what_is_left() -> None:
    now = at("18:30") + timedelta(seconds=7, microseconds=5)
    change = close(Evening(), "18:00", "20:00", 1, now=now)
    assert change.block is not None and change.block.starts_at == at("18:30") + timedelta(seconds=7)
    with pytest.raises(InThePast):
        close(Evening(), "18:00", "20:00", 1, now=at("20:00"))


def test_block_over_bookings_is_refused_and_names_what_is_in_the_way() -> None:
    evening = Evening()
    later = evening.book("19:30", "21:00", 1)
    sooner = evening.book("17:00", "18:30", 2, guests=1)
    block = evening.block("18:30", "19:30", 1)
    evening.book("20:00", "22:00", 2)  # begins when the block ends
    evening.book("16:00", "22:00", 3)
    with pytest.raises(SlotTaken) as refused:
        close(evening, "18:00", "20:00", 1, 2)
    assert refused.value.extra["in_the_way"] == [("booking", sooner), ("block", block), ("booking", later)]
    assert [(id, entry.guests) for id, entry in refused.value.extra["bookings"]] == [(sooner, 1), (later, 2)]
    assert "alternatives" not in refused.value.extra and refused.value.extra["free_tables"] == []


def test_refusal_names_the_tables_that_could_be_closed_without_the_others() -> None:
    evening = Evening()
    evening.book("19:00", "21:00", 1)
    with pytest.raises(SlotTaken) as refused:
        close(evening, "18:00", "20:00", area=1)
    assert refused.value.extra["free_tables"] == [2]
    change = close(evening, "18:00", "20:00", *refused.value.extra["free_tables"])
    assert change.block is not None and change.block.tables == (2,)


def test_block_is_removed_once() -> None:
    evening = Evening()
    made = close(evening, "18:00", "20:00", 1)
    id = evening.write(made)
    seen = BlockRow(id, MAIN, TUESDAY, (1,), at("18:00"), at("20:00"), "Leak")
    opened = blocks.unblock(evening.view, seen)
    assert opened.block == BlockRow(id, MAIN, TUESDAY, (1,), at("18:00"), at("20:00"), "Leak", 2, removed=True)
    evening.write(opened)
    assert evening.view.taken == {} and evening.kinds == ["blocked", "unblocked"]
    with pytest.raises(NotFound):
        blocks.unblock(evening.view, seen)


@given(st.data())
def test_a_block_is_made_exactly_where_nothing_is_taken(data: st.DataObject) -> None:
    evening = Evening()
    for table in (1, 2):
        since = data.draw(st.integers(12, 20))
        evening.book(f"{since}:00", f"{since + 2}:00", table, status=data.draw(st.sampled_from(["booked", "no_show"])))
    start, length = data.draw(st.integers(12, 21)), data.draw(st.integers(1, 6))
    tables = data.draw(st.sampled_from([(1,), (2,), (1, 2)]))
    until = min(at(f"{start}:00") + length * HOUR, at("22:00"))
    free = all(e <= at(f"{start}:00") or s >= until for t in tables for s, e in evening.view.taken.get(t, ()))
    try:
        change = close(evening, f"{start}:00", f"{start + length}:00", *tables)
    except SlotTaken as refused:
        assert not free and refused.extra["in_the_way"]
        return
    assert free
    evening.write(change)
    evening.check()
