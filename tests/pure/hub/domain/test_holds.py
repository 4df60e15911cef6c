"""hub.domain.holds: who may hold what, and how a hold becomes a booking."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import calendar, decisions, holds
from hub.domain.change import Change, HoldRow, Party
from hub.domain.day import DayView
from hub.domain.events import MAIN
from hub.domain.floor import FloorView, Table
from hub.domain.holds import LIFE, Held
from hub.errors import Forbidden, HoldDiffers, HoldLimit, HoldOver, InThePast, NotFound, SlotTaken, TableTooSmall
from tests.pure.hub.domain.evening import RULES, TUESDAY, Evening, at
from tests.pure.hub.domain.rules import DAY, MINUTE, TICK

NOW = at("10:00")
SECOND = timedelta(seconds=1)


def slot(text: str = "18:00") -> calendar.Slot:
    return calendar.slot_at(TUESDAY, time.fromisoformat(text), RULES)


def ask(
    evening: Evening, text: str = "18:00", guests: int = 2, *, by: int = 7, staff: bool = False,
    now: datetime = NOW, **other: Any,
) -> Change:  # fmt: skip
    given: dict[str, Any] = {"table_ids": None, "area_id": None, "before": [], "of_staff": ()}
    return holds.hold(
        evening.shown, evening.floor, slot(text), venue_id=MAIN, guests=guests, digest="d" * 64, made_by=by,
        staff=staff, rules=RULES, now=now, **(given | other),
    )  # fmt: skip


# -- to hold


def test_hold_is_a_row_an_event_and_an_end() -> None:
    change = ask(Evening(), now=NOW + 7 * TICK)
    row = HoldRow(0, MAIN, TUESDAY, (1,), at("18:00"), at("20:00"), 2, NOW + LIFE, "d" * 64, 7)
    assert (change.hold, change.replaced, change.one_hold_of) == (row, [], 7)
    assert [(event.kind, event.data["hold"]) for event in change.events] == [("held", None)]
    # Written within a moment of its decision, or decided anew: its end counts from then.
    assert (change.window.since, change.window.until) == (NOW - SECOND, NOW + timedelta(seconds=30))
    assert change.mail is None


def test_hold_shortly_before_its_start_is_written_before_it() -> None:
    assert ask(Evening(), "12:00", now=at("12:00") - SECOND).window.until == at("12:00")


def test_guest_gets_what_a_booking_would_and_staff_may_name_it() -> None:
    evening = Evening()
    evening.book("18:00", "20:00", 1)
    chosen = ask(evening).hold
    named = ask(evening, staff=True, table_ids=[3]).hold
    in_area = ask(evening, area_id=1).hold
    assert chosen and named and in_area
    assert (chosen.tables, named.tables, in_area.tables) == ((2,), (3,), (2,))
    with pytest.raises(Forbidden):
        ask(evening, table_ids=[3])
    with pytest.raises(SlotTaken) as refused:
        ask(evening, staff=True, table_ids=[1])
    assert refused.value.extra["alternatives"]


@pytest.mark.parametrize(
    ("how", "error"),
    [({"guests": 9}, TableTooSmall), ({"now": at("18:00")}, InThePast), ({"staff": True, "table_ids": [9]}, NotFound)],
)
def test_hold_is_refused_as_a_booking_is(how: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(Evening(), **how)


def test_guests_hold_no_more_than_their_share_of_one_time() -> None:
    evening = Evening()
    evening.hold("17:00", "19:00", 3, expires=NOW + MINUTE, by=None)
    with pytest.raises(HoldLimit):
        ask(evening)
    assert ask(evening, "19:00").hold  # another time
    assert ask(evening, staff=True).hold  # the house knows what it does
    big = FloorView(1, [Table(id, f"T{id}", 2) for id in range(1, 11)])
    evening.floor = big
    assert ask(evening).hold  # two of ten
    evening.hold("19:00", "21:00", 4, expires=NOW + MINUTE)
    with pytest.raises(HoldLimit):
        ask(evening)


def test_what_staff_hold_is_not_of_the_guests_share() -> None:
    evening = Evening()
    held = evening.hold("18:00", "20:00", 3, expires=NOW + MINUTE, by=1)
    with pytest.raises(HoldLimit):
        ask(evening)
    assert ask(evening, of_staff={held}).hold
    evening.hold("18:00", "20:00", 2, expires=NOW + MINUTE)
    with pytest.raises(HoldLimit):
        ask(evening, of_staff={held})


def test_a_guests_next_hold_takes_the_place_of_the_one_before() -> None:
    evening = Evening()
    first = evening.write(ask(evening))
    change = ask(evening, "18:15", before=[(first, evening.view), (first + 50, evening.view)])
    assert change.hold is not None and change.hold.tables == (1,)  # as if the first were not there
    assert [(row.id, row.released) for row in change.replaced] == [(first, True)]
    evening.write(change, NOW)
    assert evening.kinds == ["held", "released", "held"] and len(evening.view.holds) == 1
    evening.check()


def test_a_hold_of_another_day_goes_with_it() -> None:
    other, evening = Evening(), Evening()
    first = other.write(ask(other))
    wednesday = DayView(TUESDAY + DAY, 0, {}, others={"hold": dict(other.view.raw_others["hold"])})
    change = ask(evening, before=[(first, wednesday)])
    assert [event.stream for event in change.events] == ["day:2026-11-25", "day:2026-11-24"]


def test_who_is_staff_may_hold_more() -> None:
    evening = Evening()
    for table in (1, 2, 3):
        change = ask(evening, staff=True)
        assert change.one_hold_of is None and change.hold is not None and change.hold.tables == (table,)
        evening.write(change, NOW)


# -- to book


def book(
    evening: Evening, held: Held | None, text: str = "18:00", guests: int = 2, now: datetime = NOW,
    until: datetime | None = None,
) -> Change:  # fmt: skip
    wanted = slot(text) if until is None else calendar.Slot(slot(text).starts_at, until, TUESDAY)
    return decisions.book(
        evening.shown, evening.floor, wanted, venue_id=MAIN, party=Party(70, 7, "2A3B4C5D"), guests=guests,
        table_ids=None, rules=RULES, now=now, of_hold=True, held=held,
    )  # fmt: skip


def test_hold_becomes_the_booking_of_its_tables_and_is_never_free_in_between() -> None:
    evening = Evening()
    evening.floor.tables.pop(1)
    evening.floor = FloorView(1, evening.floor.tables.values())
    id = evening.hold("18:00", "20:00", 3, expires=NOW + MINUTE)
    change = book(evening, Held(id, at("18:00"), 2, NOW), guests=1)  # table 2 would be smaller
    assert change.booking is not None and [table.id for table in change.booking.tables] == [3]
    assert change.hold is not None and (change.hold.id, change.hold.released) == (id, True)
    assert [event.kind for event in change.events] == ["booked", "released"] and change.mail == "confirmed"
    for event in change.events:  # one after the other, as who shows them may
        evening.write(Change(events=[event]))
        assert evening.view.taken[3]
    evening.check()


@pytest.mark.parametrize(("text", "guests"), [("18:15", 2), ("18:00", 3), ("17:00", 1)])
def test_other_times_and_more_guests_than_held_are_refused(text: str, guests: int) -> None:
    evening = Evening()
    id = evening.hold("18:00", "20:00", 3, expires=NOW + MINUTE)
    with pytest.raises(HoldDiffers):
        book(evening, Held(id, at("18:00"), 2, NOW), text, guests)


@pytest.mark.parametrize("known", [True, False])
def test_hold_that_is_over_books_what_is_still_free(known: bool) -> None:
    evening = Evening()
    held = Held(5, at("18:00"), 2, NOW) if known else None
    change = book(evening, held)
    assert change.hold is None and [event.kind for event in change.events] == ["booked"]
    for table in (1, 2, 3):
        evening.book("18:00", "20:00", table)
    with pytest.raises(HoldOver) as refused:
        book(evening, held)
    assert refused.value.extra["alternatives"]


def test_longer_than_held_needs_the_time_to_be_free() -> None:
    evening = Evening()
    id = evening.hold("18:00", "20:00", 1, expires=NOW + MINUTE)
    evening.book("20:00", "22:00", 1)
    with pytest.raises(SlotTaken):
        book(evening, Held(id, at("18:00"), 2, NOW), until=at("21:00"))
    assert book(evening, Held(id, at("18:00"), 2, NOW), until=at("19:00")).booking


def test_hold_is_let_go_once() -> None:
    evening = Evening()
    id = evening.hold("18:00", "20:00", 1, expires=NOW + MINUTE)
    evening.write(holds.release(MAIN, evening.view, id))
    assert evening.view.taken == {} and evening.kinds == ["released"]
    with pytest.raises(NotFound):
        holds.release(MAIN, evening.view, id)


# -- to hold for longer


def test_hold_is_extended_once_while_it_lasts() -> None:
    evening = Evening()
    id = evening.write(ask(evening, now=NOW + 7 * TICK), NOW)
    made = Held(id, at("18:00"), 2, NOW + 8 * TICK)
    change = holds.extend(MAIN, evening.view, made, "d" * 64)
    assert change.hold is not None and change.hold.expires_at == NOW + 2 * LIFE and change.window.until == NOW + LIFE
    evening.write(change, NOW + LIFE - SECOND)
    assert evening.kinds == ["held", "held"] and evening.view.holds[id].expires_at == NOW + 2 * LIFE
    with pytest.raises(HoldLimit) as refused:
        holds.extend(MAIN, evening.view, made, "d" * 64)
    assert (refused.value.retryable, refused.value.retry_after) == (False, None)
    assert evening.keep(NOW + 2 * LIFE) == ["released"]
    with pytest.raises(HoldOver):
        holds.extend(MAIN, evening.view, made, "d" * 64)


@pytest.mark.parametrize("late", [-SECOND, timedelta(0), holds.WRITTEN_WITHIN - TICK])
def test_whenever_a_hold_was_written_it_is_extended_once(late: timedelta) -> None:
    evening = Evening()
    id = evening.write(ask(evening))
    made = Held(id, at("18:00"), 2, NOW + late)
    evening.write(holds.extend(MAIN, evening.view, made, "d" * 64))
    with pytest.raises(HoldLimit):
        holds.extend(MAIN, evening.view, made, "d" * 64)


# -- to book in spite of holds


def over(
    evening: Evening, *table_ids: int, text: str = "18:00", guests: int = 2, staff: bool = True, exceed: bool = True
) -> Change:
    return decisions.book(
        evening.shown, evening.floor, slot(text), venue_id=MAIN, party=Party(70, 7, "2A3B4C5D"), guests=guests,
        table_ids=table_ids or None, rules=RULES, now=NOW, staff=staff, exceed=("hold",) if exceed else (),
    )  # fmt: skip


def test_a_refusal_says_to_staff_alone_that_holds_could_give_way() -> None:
    evening = Evening()
    evening.hold("18:00", "20:00", 1, expires=NOW + MINUTE)
    evening.book("18:00", "20:00", 2)
    for table, staff, told in ((1, True, ["hold"]), (1, False, None), (2, True, None)):
        with pytest.raises(SlotTaken) as refused:
            over(evening, table, staff=staff, exceed=False)
        assert refused.value.extra.get("exceed") == told


def test_only_the_holds_in_the_way_of_a_booking_give_way() -> None:
    evening = Evening()
    before = evening.hold("17:00", "19:00", 1, expires=NOW + MINUTE)
    after = evening.hold("19:00", "21:00", 1, expires=NOW + MINUTE)
    later = evening.hold("21:00", "22:00", 1, expires=NOW + MINUTE)
    other = evening.hold("18:00", "20:00", 2, expires=NOW + MINUTE)
    change = over(evening, 1)
    assert [(row.id, row.released) for row in change.replaced] == [(before, True), (after, True)]
    evening.write(change)
    assert evening.kinds == ["booked", "released", "released"] and set(evening.view.holds) == {later, other}
    evening.check()


def test_no_hold_gives_way_while_another_table_is_free() -> None:
    evening = Evening()
    for table in (1, 2):
        evening.hold("18:00", "20:00", table, expires=NOW + MINUTE)
    change = over(evening)
    assert change.booking is not None and change.booking.table.id == 3 and change.replaced == ()
    evening.write(change)
    assert [row.tables for row in over(evening).replaced] == [(1,)]


def test_a_booking_gives_way_to_none() -> None:
    evening = Evening()
    evening.book("18:00", "20:00", 3)
    evening.hold("20:00", "22:00", 3, expires=NOW + MINUTE)
    with pytest.raises(SlotTaken) as refused:
        over(evening, 3, text="19:00", guests=3)
    # What is offered instead is free: no time that somebody holds.
    assert {start.starts_at for start, _ in refused.value.extra["alternatives"]} <= {at("15:45"), at("16:00")} | {
        at(f"{hour}:{minute:02}") for hour in (12, 13, 14, 15) for minute in (0, 15, 30, 45)
    }


@given(st.data())
def test_in_any_order_holds_and_bookings_never_share_a_table(data: st.DataObject) -> None:
    """Ask, book with or without, let go, and time passes: each time is kept as it must be."""
    evening, now, mine = Evening(), NOW, dict[int, Held]()
    for _ in range(data.draw(st.integers(1, 14))):
        step = data.draw(st.sampled_from(["hold", "staff", "book", "with", "extend", "exceed", "release", "wait"]))
        text = f"{data.draw(st.integers(12, 20))}:00"
        id = data.draw(st.sampled_from(sorted(mine))) if mine else 1
        try:
            if step in ("hold", "staff"):
                change = ask(evening, text, staff=step == "staff", now=now)
                made = evening.write(change, now)
                mine[made] = Held(made, slot(text).starts_at, 2, now)
            elif step == "book":
                evening.write(book(evening, None, text, now=now), now)
            elif step == "with" and id in mine:
                live = id in evening.view.holds
                evening.write(book(evening, mine[id], f"{mine[id].starts_at:%H:%M}", now=now), now)
                assert id not in evening.view.holds and evening.kinds[-1] == ("released" if live else "booked")
            elif step == "extend" and id in mine:
                evening.write(holds.extend(MAIN, evening.view, mine[id], "d" * 64), now)
                assert evening.view.holds[id].expires_at == mine[id].made_at + 2 * LIFE
            elif step == "exceed":
                evening.write(over(evening, data.draw(st.sampled_from([1, 2, 3])), text=text), now)
            elif step == "release":
                evening.write(holds.release(MAIN, evening.view, id), now)
        except HoldOver:
            assert step == "book" or id not in evening.view.holds
        except (SlotTaken, HoldLimit, NotFound):
            pass
        if step == "wait":
            now += data.draw(st.integers(1, 6)) * MINUTE
        evening.keep(now)
        evening.check()
        assert all(now < hold.expires_at for hold in evening.view.holds.values())
