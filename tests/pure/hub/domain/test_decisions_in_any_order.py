"""No order of verbs breaks a rule: no two parties overlap at a table, a refusal changes nothing, and what is offered in
its place can be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import floor_decisions
from hub.domain.calendar import Slot
from hub.domain.change import Change
from hub.domain.day import Entry
from hub.domain.events import MAIN
from hub.domain.floor import Combination, FloorView, Unit
from hub.errors import HubError, SlotTaken
from tests.pure.hub.domain.house import (
    AROUND_THE_CLOCK,
    PLAN,
    TUESDAY,
    WEDNESDAY,
    House,
    Tables,
    slot,
)

VERB = st.tuples(
    st.sampled_from(["book"] * 4 + ["move"] * 3 + ["cancel", "wait", "add", "change", "remove"]),
    st.integers(0, 30),  # which booking or table
    st.sampled_from([TUESDAY, WEDNESDAY]),
    st.integers(0, 95),  # the quarter of the day at which it starts
    st.integers(1, 7),  # guests or seats
    st.sampled_from([None, None, 1, 2, 3, (1, 2), (2, 1), (3, 1)]),
    st.booleans(),
)


PAIR = Combination(4, "Both", (1, 2), 3, 4)


def attempt(house: House, verb: tuple[Any, ...]) -> Callable[[Slot | None, Tables], Change] | None:
    """The verb as a call; its slot and tables may be given again. None when there is nothing to do it to."""
    what, which, day, quarter, number, table, staff = verb
    one = table if isinstance(table, int) else 3
    wanted = slot(f"{quarter // 4:02}:{quarter % 4 * 15:02}", day, house.rules)
    if what == "book":
        return lambda other, at: house.book(other or wanted, number, at or table)
    if what in ("move", "cancel"):
        if not house.seen:
            return None
        booking = sorted(house.seen)[which % len(house.seen)]
        if what == "move":
            return lambda other, at: house.move(booking, other or wanted, number, at or table, staff=staff)
        return lambda _, __: house.cancel(booking, staff=staff)
    if what == "add":
        return lambda _, __: floor_decisions.add_table(house.room, MAIN, name=f"T{which}", seats=number)
    if what == "change":
        return lambda _, __: floor_decisions.change_table(house.room, MAIN, one, name=f"T{which}", seats=number)
    if what == "remove":
        return lambda _, __: floor_decisions.remove_table(house.room, MAIN, table or 3)
    house.now += timedelta(minutes=15 * quarter)
    return None


def held(house: House) -> Iterator[tuple[int, Entry]]:
    for view in house.days.values():
        for entry in view.entries.values():
            for table, *_ in entry.occupied:
                yield table, entry


def is_allowed(house: House, change: Change) -> bool:
    """The condition that the commit judges."""
    if change.free is None:
        return True
    table, most = change.free
    return not any(at == table and entry.guests > most and entry.ends_at > house.now for at, entry in held(house))


def check(verbs: list[tuple[Any, ...]]) -> None:
    """Carry them out, and judge after each. AssertionError for a rule that is broken."""
    room = FloorView(len(PLAN) + 1, PLAN, combinations=[PAIR])
    house = House(rules=AROUND_THE_CLOCK, now=datetime(2026, 11, 23, 22, tzinfo=UTC), room=room)
    for verb in verbs:
        call = attempt(house, verb)
        if call is None:
            continue
        before = house.state()
        try:
            change = call(None, None)
        except SlotTaken as refused:
            assert house.state() == before
            for other, unit in refused.extra["alternatives"]:  # each can really be had
                taken = call(other, unit.ids).booking
                assert taken is not None and (taken.tables, taken.starts_at) == (unit.tables, other.starts_at)
            continue
        except HubError:
            assert house.state() == before
            continue
        assert house.state() == before  # a decision writes nothing
        assert change.window.holds(house.now)
        if change.events and is_allowed(house, change):
            house.commit(change)  # which compares the row with what its day shows
        for table in {at for at, _ in held(house)}:
            entries = (entry for at, entry in held(house) if at == table)
            taken = sorted((entry.starts_at, entry.ends_at) for entry in entries)
            assert all(one[1] <= other[0] for one, other in pairwise(taken)), (table, taken)


@given(st.lists(VERB, max_size=30))
def test_no_order_of_verbs_breaks_a_rule(verbs: list[tuple[Any, ...]]) -> None:
    check(verbs)


TWICE = [("book", 0, TUESDAY, 72, 2, 1, False), ("book", 0, TUESDAY, 76, 2, 1, False)]
MOVED = [("book", 0, TUESDAY, 72, 2, 1, False), ("move", 0, TUESDAY, 76, 2, 1, True)]


@pytest.mark.parametrize(
    ("fault", "verbs"),
    [
        (("hub.domain.allocation.is_free", lambda *_: True), TWICE),
        (("hub.domain.allocation.alternatives", lambda wanted, **_: [(wanted, Unit(tuple(PLAN[:1]), 2))]), TWICE),
        (("hub.domain.change.BookingRow.entry", lambda row: None), MOVED),
    ],
)
def test_judge_sees_a_rule_that_is_broken(
    monkeypatch: pytest.MonkeyPatch, fault: tuple[str, Any], verbs: list[tuple[Any, ...]]
) -> None:
    check(verbs)
    monkeypatch.setattr(*fault)
    with pytest.raises((AssertionError, HubError, KeyError)):
        check(verbs)
