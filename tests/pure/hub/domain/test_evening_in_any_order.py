"""No order of what happens on an evening breaks a rule.

Two parties never hold a table at a time, nor sit at one; who is expected or here has a table; a refusal changes
nothing; each day shows what the rows say; and undo is the inverse of the last step.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import lifecycle
from hub.domain.change import Change
from hub.domain.day import Entry
from hub.errors import HubError, SlotTaken
from tests.pure.hub.domain.house import AROUND_THE_CLOCK, TUESDAY, WEDNESDAY, slot
from tests.pure.hub.domain.rules import make_rules
from tests.pure.hub.domain.service_evening import Evening

UNDONE = ("arrive", "seat", "finish", "no_show", "extend", "cancel")
STEPS = (*UNDONE, "undo")
VERB = st.tuples(
    st.sampled_from(
        ["book"] * 4
        + ["walk_in"] * 2
        + [*STEPS, "seat", "seat", "undo", "move", "move", "swap"]
        + ["other_time"] * 3
        + ["wait"] * 6
    ),
    st.integers(0, 30),  # which booking
    st.integers(0, 30),  # and another one
    st.integers(0, 15),  # how many quarters of an hour
    st.integers(1, 6),  # guests
    st.sampled_from([None, None, (1,), (2,), (3,), (4,), (1, 2), (2, 3)]),
)
Verb = tuple[str, int, int, int, int, Any]
HOUSES = {
    "closes": (make_rules(opens=6, closes=24), datetime(2026, 11, 24, 16, tzinfo=UTC)),
    "never closes": (AROUND_THE_CLOCK, datetime(2026, 11, 24, 20, tzinfo=UTC)),
}


def attempt(house: Evening, verb: Verb) -> Callable[[], Change] | None:
    """The verb as a call; None when there is nothing to do it to."""
    what, which, other, quarters, guests, tables = verb
    if what == "wait":
        house.now += timedelta(minutes=quarters * 5, seconds=which)
        return None
    if what == "walk_in":
        return lambda: house.walk_in(guests, tables, 15 * quarters or None)
    if what == "book":
        start = house.now.replace(second=0, microsecond=0) + timedelta(minutes=15 * (quarters + 1))
        if start.date() not in (TUESDAY, WEDNESDAY):
            return None
        return lambda: house.book(slot(f"{start:%H:%M}", start.date(), house.rules), guests, tables)
    if not house.seen:
        return None
    ids = sorted(house.seen)
    booking, another = ids[which % len(ids)], ids[other % len(ids)]
    if what == "other_time":
        start = house.now.replace(second=0, microsecond=0) + timedelta(minutes=15 * (quarters + 1), days=other % 2)
        if start.date() not in (TUESDAY, WEDNESDAY):
            return None
        time, day = f"{start:%H:%M}", start.date()
        return lambda: house.move(booking, slot(time, day, house.rules), guests, tables, staff=True)
    if what == "swap":
        return lambda: house.swap(booking, another)
    if what == "move":
        return lambda: house.at_tables(booking, tables, None if tables else bool(quarters % 2))
    return lambda: house.step(what, booking, tables, 15 * quarters + 1)


def entries(house: Evening) -> dict[int, Entry]:
    return {id: entry for view in house.days.values() for id, entry in view.entries.items()}


def judge(house: Evening) -> None:
    taken: dict[int, list[Any]] = {}
    sitting: list[int] = []
    for id, entry in entries(house).items():
        for table, since, until in entry.occupied:
            taken.setdefault(table, []).append((since, until, id))
        if entry.status in lifecycle.ACTIVE:
            assert {table for table, *_ in entry.occupied} == set(entry.tables), (id, entry)
            assert all(since < until for _, since, until in entry.occupied)
        if entry.status == "seated":
            sitting += entry.tables
            assert entry.seated_at is not None and entry.ends_at > entry.seated_at
    for table, held in taken.items():
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(held))), (table, held)
    assert len(sitting) == len(set(sitting)), sitting


def undone(house: Evening, booking: int, before: Any) -> None:
    """Take the step back at once, decided and not written: all is as it was, but for the revision."""
    row = house.step("undo", booking).booking
    assert row is not None
    day, shown = before
    assert row.service_date == day

    def rest(entry: Any) -> Any:
        return (
            None
            if entry is None
            else {name: value for name, value in entry.items() if name not in ("revision", "undo")}
        )

    assert rest(row.entry()) == rest(shown)


def check(rules: Any, now: datetime, verbs: list[Verb]) -> None:
    house = Evening(rules=rules, now=now)
    for verb in verbs:
        call = attempt(house, verb)
        if call is None:
            continue
        before, stood = house.state(), {id: seen.service_date for id, seen in house.seen.items()}
        raw = {id: view.raw[id] for view in house.days.values() for id in view.entries}
        try:
            change = call()
        except HubError as error:
            assert house.state() == before
            assert not isinstance(error, SlotTaken) or error.extra.get("in_the_way", True)
            continue
        assert house.state() == before  # a decision writes nothing
        assert change.window.holds(house.now)
        if not change.events:
            continue
        booking = house.commit(change)  # which compares the rows with what their day shows
        judge(house)
        if verb[0] in (*UNDONE, "walk_in", "move", "swap", "other_time"):
            day = stood.get(booking, house.seen[booking].service_date)
            undone(house, booking, (day, raw.get(booking)))


@pytest.mark.parametrize("kind", HOUSES)
@given(st.lists(VERB, max_size=40))
def test_no_order_of_verbs_breaks_a_rule(kind: str, verbs: list[Verb]) -> None:
    check(*HOUSES[kind], verbs)


SAT = [("walk_in", 0, 0, 0, 2, (1,)), ("walk_in", 0, 0, 0, 2, (1,))]
LATE = [
    ("book", 0, 0, 7, 2, (1,)), ("walk_in", 0, 0, 0, 2, (1,)), ("wait", 0, 0, 15, 2, None),
    ("wait", 0, 0, 15, 2, None), ("seat", 0, 0, 0, 2, None), ("finish", 1, 0, 0, 2, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "verbs"),
    [
        (("hub.domain.room.Room.free_until", lambda _, __, ___, wanted: wanted), SAT),
        (("hub.domain.room._held", lambda entry, now: entry.occupied), LATE),
        (("hub.domain.service.undo_of", lambda *_: None), [("book", 0, 0, 0, 2, None), ("arrive", 0, 0, 0, 2, None)]),
    ],
)
def test_judge_sees_a_rule_that_is_broken(
    monkeypatch: pytest.MonkeyPatch, fault: tuple[str, Any], verbs: list[Verb]
) -> None:
    check(*HOUSES["closes"], verbs)
    monkeypatch.setattr(*fault)
    with pytest.raises((AssertionError, HubError)):
        check(*HOUSES["closes"], verbs)
