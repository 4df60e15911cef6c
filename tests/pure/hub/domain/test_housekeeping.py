"""hub.domain.housekeeping: what is due, when, and that nothing else is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import calendar, housekeeping
from hub.domain.allocation import Day
from hub.domain.change import Change
from hub.domain.day import DayView
from hub.domain.events import MAIN
from hub.domain.rules import Rules
from tests.pure.hub.domain.evening import RULES, TUESDAY, Evening, at
from tests.pure.hub.domain.rules import DAY, MINUTE, TICK, make_rules

SECOND = timedelta(seconds=1)


# -- holds


def test_a_hold_ends_when_its_time_is_over_and_not_before() -> None:
    evening = Evening()
    evening.hold("18:00", "20:00", 1, expires=at("17:05"))
    assert evening.keep(at("17:05") - TICK) == []
    assert evening.keep(at("17:05")) == ["released"]
    assert evening.view.taken == {} and evening.keep(at("17:06")) == []


def test_holds_end_in_the_order_of_their_ends() -> None:
    evening = Evening()
    later = evening.hold("18:00", "20:00", 1, expires=at("17:05"))
    sooner = evening.hold("18:00", "20:00", 2, expires=at("17:04"))
    changes = housekeeping.due(evening.shown, MAIN, RULES, at("17:10"))
    assert [change.hold.id for change in changes if change.hold] == [sooner, later]
    assert [change.window.since for change in changes] == [at("17:04"), at("17:05")]
    assert all(change.hold is not None and change.hold.released for change in changes)


def test_whether_a_hold_ended_between_two_looks() -> None:
    evening = Evening()
    evening.hold("18:00", "20:00", 1, expires=at("17:05"))
    ends = at("17:05")
    assert housekeeping.a_hold_ended([evening.view], ends - TICK, ends)
    assert not housekeeping.a_hold_ended([evening.view], ends, ends + MINUTE)  # the decision knew it
    assert not housekeeping.a_hold_ended([evening.view], ends - MINUTE, ends - TICK)


# -- parties that sit on


def ends(evening: Evening, id: int) -> datetime:
    return evening.view.entries[id].ends_at


def test_a_party_keeps_its_table_by_quarters_of_an_hour() -> None:
    evening = Evening()
    id = evening.book("18:00", "20:00", status="seated", revision=4)
    assert evening.keep(at("20:00") - TICK) == []
    assert evening.keep(at("20:00")) == ["extended"]
    assert (ends(evening, id), evening.view.entries[id].revision) == (at("20:15"), 5)
    assert evening.keep(at("20:14")) == []
    assert evening.keep(at("20:50")) == ["extended"]  # nobody looked for a while
    assert ends(evening, id) == at("21:00")
    assert evening.view.taken == {1: [(at("18:00"), at("21:00"))]}


def test_a_party_keeps_its_table_until_the_next_begins_and_no_longer() -> None:
    evening = Evening()
    id = evening.book("18:00", "20:00", 1, status="seated")
    evening.book("20:10", "22:00", 1)
    assert evening.keep(at("20:01")) == ["extended"]
    assert ends(evening, id) == at("20:10")
    assert evening.keep(at("20:30")) == []
    evening.check()


@pytest.mark.parametrize("what", ["booking", "block", "hold"])
def test_nothing_is_written_when_somebody_follows_at_once(what: str) -> None:
    evening = Evening()
    evening.book("18:00", "20:00", 1, 3, status="seated")
    if what == "booking":
        evening.book("20:00", "22:00", 3)
    elif what == "block":
        evening.block("20:00", "22:00", 3)
    else:
        evening.hold("20:00", "22:00", 3, expires=at("20:05"))
    assert evening.keep(at("20:01")) == []
    assert evening.keep(at("20:05")) == (["released", "extended"] if what == "hold" else [])


def test_of_two_who_stay_at_one_table_the_last_keeps_it() -> None:
    evening = Evening()
    first = evening.book("16:00", "18:00", 1, status="seated")
    last = evening.book("18:00", "20:00", 1, status="seated")
    assert evening.keep(at("20:00")) == ["extended"]
    assert (ends(evening, first), ends(evening, last)) == (at("18:00"), at("20:15"))


def test_a_party_does_not_sit_into_what_begins_the_next_day() -> None:
    rules = make_rules(opens=0, closes=24)
    evening = Evening(rules)
    id = evening.book("22:00", "24:00", 1, status="seated")
    tomorrow = DayView(TUESDAY + DAY, 0, {})
    other = Evening(rules)
    other.book("24:05", "26:00", 1)
    tomorrow.put(5, other.view.raw[other.ids])
    changes = housekeeping.due(Day(evening.view, [tomorrow]), MAIN, rules, at("24:00"))
    assert [change.booking.ends_at for change in changes if change.booking] == [at("24:05")]
    assert ends(evening, id) == at("24:00")


def test_what_staff_may_undo_stays_when_a_party_sits_on() -> None:
    evening = Evening()
    id = evening.book("18:00", "20:00", status="seated")
    undo = {"action": "seat", "until": "2026-11-24T20:10:00Z", "before": {}}
    evening.view.put(id, {**evening.view.raw[id], "undo": undo, "pinned": True})
    assert evening.keep(at("20:00")) == ["extended"]
    assert (evening.view.raw[id]["undo"], evening.view.raw[id]["pinned"]) == (undo, True)


@pytest.mark.parametrize("status", ["booked", "arrived", "finished", "no_show"])
def test_who_does_not_sit_is_left_alone(status: str) -> None:
    evening = Evening()
    evening.book("18:00", "20:00", status=status)
    assert evening.keep(at("23:00")) == []


# -- the end of the service day


def test_a_party_sits_on_after_the_closing_until_the_day_ends() -> None:
    evening = Evening()
    id = evening.book("18:00", "20:00", 1, status="seated", revision=2)
    for now in (at("20:00"), at("22:00"), at("23:50")):
        assert evening.keep(now) == ["extended"]
        assert evening.view.entries[id].status == "seated"
    assert ends(evening, id) == at("24:00")  # no later than the day
    assert evening.keep(at("24:00") - TICK) == []
    assert evening.keep(at("24:00")) == ["finished"]
    entry = evening.view.entries[id]
    assert (entry.status, entry.left_at, entry.undo) == ("finished", None, None)
    assert entry.occupied == ((1, at("18:00"), at("24:00")),)
    assert evening.keep(at("25:00")) == []


def test_where_it_closes_after_midnight_the_day_ends_then() -> None:
    evening = Evening(make_rules(opens=18, closes=26))
    id = evening.book("22:00", "24:00", 1, status="seated")
    assert evening.keep(at("25:59")) == ["extended"]
    assert (ends(evening, id), evening.keep(at("26:00"))) == (at("26:00"), ["finished"])


def test_a_party_that_was_overtaken_has_left_too_and_takes_nothing_more() -> None:
    evening = Evening()
    evening.book("18:00", "20:00", 1, status="seated")
    evening.book("20:00", "22:00", 1)
    assert evening.keep(at("23:59")) == []
    assert evening.keep(at("24:30")) == ["finished"]
    evening.check()


def test_a_party_whose_time_is_longer_than_the_day_has_it() -> None:
    evening = Evening()
    evening.book("21:00", "25:00", 1, status="seated")  # the staff gave them longer
    assert evening.keep(at("24:30")) == []
    [change] = housekeeping.due(evening.shown, MAIN, RULES, at("25:00"))
    assert change.window.since == at("25:00") and evening.keep(at("25:00")) == ["finished"]


def test_nobody_waits_when_it_is_closed() -> None:
    evening = Evening()
    second, first = evening.wait(2, "here"), evening.wait(1)
    assert evening.keep(at("22:00") - SECOND) == []
    changes = housekeeping.due(evening.shown, MAIN, RULES, at("22:00"))
    assert [(change.wait.id, change.wait.status, change.wait.revision) for change in changes if change.wait] == [
        (first, "left", 4), (second, "left", 4),
    ]  # fmt: skip
    assert evening.keep(at("22:00")) == ["queue_left"] * 2 and evening.view.waitlist == {}


@given(
    st.integers(-200_000, 200_000),
    st.sampled_from([RULES, make_rules("America/St_Johns", 18, 26), make_rules("Europe/Berlin", 0, 24)]),
)
def test_the_last_day_that_is_over(minutes: int, rules: Rules) -> None:
    now = at("0:00") + minutes * MINUTE
    seated, waiting, until = housekeeping.last_over(now, rules)
    ends = []
    for day, over_at in ((seated, calendar.sits_until), (waiting, lambda *of: calendar.occupied_range(*of)[1])):
        assert over_at(day, rules) <= now < over_at(day + DAY, rules)
        ends.append(over_at(day + DAY, rules))
    assert until == min(ends)


# -- all of it


@st.composite
def evenings(draw: st.DrawFn) -> Evening:
    """Bookings, holds and blocks that do not overlap at any table, and people who wait."""
    evening = Evening()
    for table in (1, 2, 3):
        free = 12 * 4
        for _ in range(draw(st.integers(0, 5))):
            since = free + draw(st.integers(0, 4))
            until = since + draw(st.integers(1, 8))
            if until > 22 * 4:
                break
            times = f"{since // 4}:{since % 4 * 15:02}", f"{until // 4}:{until % 4 * 15:02}"
            kind = draw(st.sampled_from(["seated", "booked", "no_show", "hold", "block"]))
            if kind == "hold":
                evening.hold(*times, table, expires=at("12:00") + draw(st.integers(0, 700)) * MINUTE)
            elif kind == "block":
                evening.block(*times, table)
            else:
                evening.book(*times, table, status=kind)
            free = until
    for place in range(draw(st.integers(0, 2))):
        evening.wait(place + 1)
    return evening


@given(evenings(), st.lists(st.integers(0, 800), min_size=1, max_size=6))
def test_whenever_somebody_looks_nothing_is_taken_twice_and_nothing_stays_due(
    evening: Evening, looks: list[int]
) -> None:
    for minutes in sorted(looks):
        now = at("12:00") + minutes * MINUTE
        sitting = {id: entry for id, entry in evening.view.entries.items() if entry.status == "seated"}
        evening.keep(now)
        evening.check()
        assert evening.keep(now) == []  # a second one who looks finds nothing
        assert all(hold.expires_at > now for hold in evening.view.holds.values())
        for id, before in sitting.items():
            after = evening.view.entries[id]
            assert after.ends_at >= before.ends_at and after.starts_at == before.starts_at
            if after.status == "seated" and after.ends_at <= now:  # left alone: somebody follows at once
                assert any(since <= after.ends_at < until
                           for table in after.tables for since, until in evening.view.taken[table])  # fmt: skip
        if now >= at("22:00"):
            assert not evening.view.waitlist
        if now >= at("24:00"):
            assert all(entry.status != "seated" for entry in evening.view.entries.values())


@given(evenings(), st.integers(0, 800))
def test_what_is_due_is_decided_for_one_look_or_for_many(evening: Evening, minutes: int) -> None:
    """No view is changed by the question, and every change holds from its own time on."""
    now = at("12:00") + minutes * MINUTE
    before = evening.view.checkpoint()
    changes: list[Change] = housekeeping.due(evening.shown, MAIN, RULES, now)
    assert evening.view.checkpoint() == before
    for change in changes:
        assert change.window.since is not None and change.window.since <= now and change.window.until is None
        assert change.mail is None
