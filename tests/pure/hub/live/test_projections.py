"""Projections: what is told of a change brings what was told before it up to date, and is as it is described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from hub.domain import starts
from hub.domain.day import DayView
from hub.domain.events import MAIN, Event, venue_of
from hub.domain.floor import Area, Combination, FloorView, Place, Table
from hub.domain.starts import DayStarts
from hub.live import channels
from hub.live.asyncapi import SCHEMAS
from hub.live.projections.projection import Projection, Rendering
from hub.views.step import Step, step_of
from tests.pure.hub.domain.rules import make_rules

DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAMES = {guest: (f"Guest {guest}", None) for guest in range(1, 4)}
RENDERING = Rendering(lambda at: at.isoformat(), NAMES)
NOTHING: frozenset[int] = frozenset()


@cache
def validators(kind: Projection[Any]) -> tuple[Draft7Validator, Draft7Validator]:
    """Of a channel's snapshots and of its updates."""
    data, changes = (
        Draft7Validator({"allOf": [schema], "components": {"schemas": SCHEMAS}}) for schema in (kind.data, kind.changes)
    )
    return data, changes


def is_told(kind: Projection[Any], before: dict[str, Any], update: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether a client that held ``before`` holds ``after`` once it took the update; gone is null, or [] of a table."""
    data, changes = validators(kind)
    assert data.is_valid(before) and changes.is_valid(update)
    merged = {key: {**whole, **update.get(key, {})} for key, whole in before.items()}
    return {key: {id: each for id, each in whole.items() if each} for key, whole in merged.items()} == after


def entry(guest: int, table: int, hour: int) -> dict[str, Any]:
    start, end = NOON + timedelta(hours=hour), NOON + timedelta(hours=hour + 2)
    return {
        "guest_id": guest, "user_id": None, "table_id": table, "guests": 2, "starts_at": start.isoformat(),
        "ends_at": end.isoformat(), "status": "booked", "revision": 1,
        "occupied": [[table, start.isoformat(), end.isoformat()]],
    }  # fmt: skip


def block(tables: list[int], hour: int) -> dict[str, Any]:
    start, end = NOON + timedelta(hours=hour), NOON + timedelta(hours=hour + 2)
    return {"tables": tables, "starts_at": start.isoformat(), "ends_at": end.isoformat(), "revision": 1}


def hold(tables: list[int], hour: int) -> dict[str, Any]:
    held = block(tables, hour) | {"guests": 2, "expires_at": NOON.isoformat(), "made_by": None}
    del held["revision"]
    return held


def waiting(guest: int, place: int, area: int | None) -> dict[str, Any]:
    return {
        "guest_id": guest, "guests": 2, "status": "waiting", "place": place, "joined_at": NOON.isoformat(),
        "quoted_from": None, "quoted_until": NOON.isoformat(), "promised_until": NOON.isoformat(), "area_id": area,
        "revision": 1,
    }  # fmt: skip


GUESTS, HOURS = st.integers(1, 3), st.integers(0, 5)
SOME_TABLES = st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True)
ENTRIES = {
    "booking": st.builds(entry, GUESTS, st.integers(1, 3), HOURS),
    "block": st.builds(block, SOME_TABLES, HOURS),
    "hold": st.builds(hold, SOME_TABLES, HOURS),
    "wait": st.builds(waiting, GUESTS, st.integers(1, 9), st.none() | st.integers(1, 3)),
}
KINDS = {
    "booking": ("booked", "canceled"), "block": ("blocked", "unblocked"), "hold": ("held", "released"),
    "wait": ("queued", "queue_left"),
}  # fmt: skip
"""The events of each subject: that it is there, and that it is gone."""
CHANGES = st.lists(
    st.sampled_from(list(ENTRIES)).flatmap(
        lambda subject: st.tuples(st.just(subject), st.integers(1, 4), st.none() | ENTRIES[subject])
    ),
    min_size=1,
    max_size=6,
)


RULES = make_rules(slot=timedelta(hours=4))
OFFER = starts.offer(
    starts.slots_of(DAY, RULES),
    starts.served(FloorView(1, [Table(id, f"T{id}", 2 * id) for id in (1, 2, 3)]), RULES),
)


def as_it_is(view: DayView) -> Any:
    return view


def as_starts(view: DayView) -> DayStarts:
    return DayStarts(view, OFFER)


@pytest.mark.parametrize(
    ("kind", "shown_of"),
    [
        (channels.AVAILABILITY, as_it_is),
        (channels.FLOOR, as_it_is),
        (channels.FLOOR.as_seen_by("viewer"), as_it_is),
        (channels.STARTS, as_starts),
    ],
    ids=["times", "floor", "less", "starts"],
)
@given(st.dictionaries(st.integers(1, 4), ENTRIES["booking"]), CHANGES)
def test_an_update_of_a_day_brings_its_snapshot_up_to_date_from_memory_and_from_the_events(
    kind: Projection[Any],
    shown_of: Callable[[DayView], Any],
    entries: dict[int, Any],
    changes: list[tuple[str, int, Any]],
) -> None:
    view = DayView(DAY, 1, entries, 1)
    own = shown_of(view)
    before, remembered, read = kind.snapshot(own, RENDERING), [], []
    for version, (subject, id, shown) in enumerate(changes, 2):
        kind_of_event = KINDS[subject][shown is None]
        event = Event("day", version, kind_of_event, {subject: id, "entry": shown}, NOON, version, version - 1)
        remembered.append(step_of(event, *view.touched(event)))
        step = kind.step_of(event, frozenset((1, 2, 3)))
        assert step is not None
        read.append(step)
        view.apply(event)
    other = shown_of(view)  # of a process that has not seen the version before
    for seen, steps in ((own, remembered), (own, read), (other, remembered), (other, read)):
        assert is_told(kind, before, kind.update(seen, steps, RENDERING), kind.snapshot(other, RENDERING))


PLACES = st.builds(Place, *[st.integers(0, 900)] * 2, *[st.integers(1, 100)] * 2, st.sampled_from(["rect", "round"]))
ITEMS: dict[str, st.SearchStrategy[Table | Area | Combination]] = {
    "table": st.builds(
        Table, st.integers(1, 4), st.just("T"), st.integers(1, 9), area_id=st.none() | st.just(2),
        place=st.none() | PLACES,
    ),
    "area": st.builds(Area, st.integers(1, 4), st.just("Terrace"), st.integers(0, 9)),
    "combination": st.builds(
        Combination, st.integers(1, 4), st.just("T1+T2"), st.just((1, 2)), st.integers(1, 4), st.integers(5, 9)
    ),
}  # fmt: skip
OF_THE_FLOOR = {
    "table": ("table_changed", "table_removed"), "area": ("area_changed", "area_removed"),
    "combination": ("combined", "combo_removed"),
}  # fmt: skip
FLOOR_CHANGES = st.lists(
    st.sampled_from(list(ITEMS)).flatmap(lambda what: st.tuples(st.just(what), ITEMS[what], st.booleans())), min_size=1
)


@given(st.sets(st.integers(1, 4)), FLOOR_CHANGES)
def test_an_update_of_the_tables_brings_their_snapshot_up_to_date(
    ids: set[int], changes: list[tuple[str, Any, bool]]
) -> None:
    kind, view, steps = channels.TABLES, FloorView(1, [Table(id, f"T{id}", 2) for id in ids], 1), []
    before = kind.snapshot(view, RENDERING)
    for version, (what, item, gone) in enumerate(changes, 2):
        data = {what: item.id, "entry": None if gone else item.entry()}
        event = Event("tables", version, OF_THE_FLOOR[what][gone], data, NOON, version, version - 1)
        step = kind.step_of(event, NOTHING)
        assert step is not None
        steps.append(step)
        view.apply(event)
    assert is_told(kind, before, kind.update(view, steps, RENDERING), kind.snapshot(view, RENDERING))


@pytest.mark.parametrize("kind", [kind for kind in channels.KINDS.values() if kind.resumable], ids=lambda k: k.name)
def test_an_event_of_another_release_is_no_step(kind: Projection[Any]) -> None:
    event = Event("day", 2, "merged", {"booking": 1, "table": 1, "entry": None}, NOON, 2, 1)
    assert kind.step_of(event, frozenset((1,))) is None


def test_a_change_that_does_not_show_on_a_channel_tells_nothing() -> None:
    view = DayView(DAY, 1, {1: entry(1, 1, 0)}, 1)
    renamed, moved = Step(2, NOON, frozenset((1,)), NOTHING), Step(2, NOON, NOTHING, frozenset((1,)))
    assert channels.AVAILABILITY.update(view, [renamed], RENDERING) == {}
    assert channels.FLOOR.update(view, [moved], RENDERING) == {}
    assert channels.MINE.update({}, [moved], RENDERING) == {}
    shown = as_starts(view)
    assert channels.STARTS.snapshot(shown, RENDERING)["starts"]["12:00"] == {
        "start_at": NOON.isoformat(), "guests": [1, 2, 3, 4, 5, 6], "state": "free",
    }  # fmt: skip
    assert channels.STARTS.update(as_starts(view), [renamed], RENDERING) == {}
    assert channels.STARTS.update(shown, [moved], RENDERING) == {}  # that table is not needed by anybody
    assert channels.STARTS.update(as_starts(view), [moved], RENDERING)["starts"].keys() == OFFER.slots.keys()


def test_own_bookings_are_told_by_their_ids_and_null_where_they_are_gone() -> None:
    view = {2: {"guests": 2}}
    assert channels.MINE.snapshot(view, RENDERING) == {"bookings": {"2": {"guests": 2}}}
    step = Step(9, NOON, frozenset((1, 2)), NOTHING)
    assert channels.MINE.update(view, [step], RENDERING) == {"bookings": {"1": None, "2": {"guests": 2}}}


def test_a_personal_channel_is_its_owners_under_one_name() -> None:
    ada, eve = (channels.MINE.channel().of_user(user) for user in (1, 2))
    assert ada.name == eve.name == "mine" and ada.key != eve.key and ada.stream != eve.stream
    assert channels.TABLES.channel().of_user(1) == channels.TABLES.channel()


@pytest.mark.parametrize("kind", channels.KINDS.values(), ids=lambda kind: kind.name)
def test_a_channel_of_one_name_differs_by_venue(kind: Projection[Any]) -> None:
    """At a venue's own address its channels have no prefix, so the name alone does not tell them apart."""
    here = kind.channel(DAY if kind.dated else None).of_user(1)
    there = replace(here, venue_id=17)
    assert here.name == there.name and here.key != there.key
    assert (venue_of(here.stream), venue_of(there.stream)) == (MAIN, 17)
    assert there.stream == f"17/{here.stream}"
