"""The acts of a booking, from events as the verbs write them: each begins where the one before ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.day import NOTED, OF_BOOKINGS
from hub.domain.events import MAIN, TABLES, stream_of
from hub.domain.history import EVENTS_BEFORE, Act, BookingRevision, Recorded, acts

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRST = BookingRevision(date(2026, 11, 24), 1, 2, NOON, NOON + timedelta(hours=2), "booked", 1, (1,))


def entry(state: BookingRevision) -> dict[str, Any]:
    at = [f"{instant:%Y-%m-%dT%H:%M:%SZ}" for instant in (state.starts_at, state.ends_at)]
    return {
        "guest_id": 70,
        "user_id": 7,
        "table_id": state.table_id,
        "guests": state.guests,
        "starts_at": at[0],
        "ends_at": at[1],
        "status": state.status,
        "revision": state.revision,
        "occupied": [[state.table_id, *at]],
    }


HERE, AWAY = "moved_here", "moved_away"
"""The event on a booking's new day, and the one on the day before."""
IN_THE_ROOM = {"arrived", "seated", "reseated", "extended", "finished", "no_show", "undone"}


@dataclass
class Written:
    """A booking's row, the events that its changes wrote, and what was done."""

    row: BookingRevision = FIRST
    events: list[Recorded] = field(default_factory=list)
    done: list[tuple[str, int | None, BookingRevision]] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """When the booking was made."""
        return self.events[0].at

    def write(self, kind: str, day: date, shown: BookingRevision | None, actor: int | None) -> None:
        id = 10 * len(self.events) + 5
        shows = None if shown is None else entry(shown)
        at, request = NOON + timedelta(seconds=id), None if actor is None else f"request-{id}"
        self.events.append(Recorded(id, stream_of(MAIN, day), kind, shows, at, actor, request))

    def change(self, action: str, kind: str, actor: int | None, **fields: Any) -> None:
        old, self.row = self.row, replace(self.row, **fields, revision=self.row.revision + 1)
        if kind == HERE:
            self.write(AWAY, old.service_date, None, actor)
        self.write(kind, self.row.service_date, None if kind == "canceled" else self.row, actor)
        self.done.append((action, actor, self.row))


@st.composite
def written(draw: st.DrawFn) -> Written:
    made = Written()
    who = st.sampled_from([7, 8])
    made.write("booked", FIRST.service_date, FIRST, actor := draw(who))
    made.done.append(("booked", actor, FIRST))
    steps = draw(st.lists(st.sampled_from(["time", "party", "day", "rules", "name", "room"]), max_size=12))
    for step in [*steps, *draw(st.sampled_from([[], ["cancel"], ["never came"], ["cancel", "undo"]]))]:
        hour, number = timedelta(hours=draw(st.integers(1, 3))), draw(st.integers(1, 20))
        row, actor = made.row, draw(who)
        match step:
            case "time":
                later = {"starts_at": row.starts_at + hour, "ends_at": row.ends_at + hour}
                made.change("rescheduled", "rescheduled", actor, **later)
            case "party":
                made.change("rescheduled", "rescheduled", actor, guests=number, table_id=number, tables=(number,))
            case "day":
                day = row.service_date + timedelta(days=number)
                made.change("rescheduled", HERE, actor, service_date=day, starts_at=row.starts_at + 24 * hour)
            case "rules":
                made.change("refiled", HERE, None, service_date=row.service_date - timedelta(days=1))
            case "name":
                made.write("renamed", row.service_date, row, actor)
            case "room":
                kind = draw(st.sampled_from(sorted(IN_THE_ROOM)))
                made.change(kind, kind, actor, status=draw(st.sampled_from(["arrived", "seated", "booked"])))
            case "undo":
                made.change("undone", "undone", actor, status="booked")
            case "never came":
                made.change("undone", "undone", actor, status="canceled")
            case "cancel":
                made.change("canceled", "canceled", actor, status="canceled")
    return made


def chained(found: list[Act]) -> bool:
    return all(one.after == two.before for one, two in pairwise(found))


@given(written())
def test_each_act_begins_where_the_one_before_ended_and_the_last_ends_at_the_row(made: Written) -> None:
    found = acts(made.events, made.at)
    assert [(act.action, act.actor, act.after) for act in found] == made.done
    assert not any(act.forgotten for act in found)
    assert found[0].before is None and chained(found) and found[-1].after == made.row
    by_id = {event.id: event for event in made.events}
    for act in found:
        assert (act.at, act.request_id) == (by_id[act.id].at, by_id[act.id].request_id)


@given(written(), st.data())
def test_the_last_acts_are_the_same_when_they_are_read_with_a_few_events_more(
    made: Written, data: st.DataObject
) -> None:
    whole = acts(made.events, made.at)
    shown = data.draw(st.integers(1, len(whole)))
    first = len(whole) - shown - EVENTS_BEFORE
    begin = whole[first].id if first > 0 else 0
    read = (event for event in made.events if event.id >= begin)
    assert acts(read, made.at)[-shown:] == whole[-shown:]


@given(written(), st.data())
def test_the_first_act_that_is_kept_says_that_others_were_before_it(made: Written, data: st.DataObject) -> None:
    kept = made.events[data.draw(st.integers(1, len(made.events))) :]
    found = acts(kept, made.at)
    assert [act.forgotten for act in found] == [number == 0 for number in range(len(found))]
    whole = acts(made.events, made.at)
    assert [(act.id, act.action) for act in found] == [(act.id, act.action) for act in whole][len(whole) - len(found) :]


def test_what_this_release_cannot_read_is_shown_without_its_states() -> None:
    made = Written()
    made.write("booked", FIRST.service_date, FIRST, 7)
    made.write("merged", FIRST.service_date, None, 8)
    unreadable = Recorded(99, TABLES, "booked", entry(FIRST), NOON, 8, None)
    odd = [replace(unreadable, id=100 + n, stream="day:2026-11-24", entry=broken) for n, broken in enumerate(BROKEN)]
    made.events += [unreadable, *odd]
    made.write("canceled", FIRST.service_date, None, 7)  # after what is not known
    made.write("rescheduled", FIRST.service_date, FIRST, 7)
    found = acts(made.events, made.at)
    assert [act.after for act in found] == [FIRST, *[None] * (len(found) - 2), FIRST] and chained(found)
    assert [act.action for act in found[1:3]] == ["merged", "booked"]


BROKEN: list[Any] = [
    {},
    [],
    "entry",
    entry(FIRST) | {"starts_at": 7},
    entry(FIRST) | {"ends_at": "noon"},
    entry(FIRST) | {"occupied": 3},
]


def test_every_kind_of_a_booking_that_views_know_has_an_action() -> None:
    """A new kind must be thought of here too: what it does to a booking, and what is shown of it."""
    assert {"booked", "rescheduled", "canceled", HERE, NOTED, "walked_in", "renamed", AWAY} | IN_THE_ROOM == OF_BOOKINGS
