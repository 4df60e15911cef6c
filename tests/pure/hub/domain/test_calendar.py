"""Slots by examples from real nights, and by properties.

Fixed nights lie in the past, where no law can move them any more.
"""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import calendar
from hub.domain.calendar import Slot
from hub.domain.rules import Rules
from hub.errors import HubError, InThePast, NonexistentLocalTime, OutsideOpeningHours, TooFarAhead
from tests.pure.hub.domain.rules import DAY, HOUR, MINUTE, TICK, make_rules, outcome, utc

# ── One night at a time ─────────────────────────────────────────────────────────────────────────────────────────────

NIGHTS = [  # zone, calendar date, wall time, the instant, or what next_valid says
    ("Europe/Berlin", "2025-03-30", "01:59:59", utc("2025-03-30T00:59:59")),
    ("Europe/Berlin", "2025-03-30", "02:00:00", "03:00:00"),
    ("Europe/Berlin", "2025-03-30", "02:59:59.999999", "03:00:00"),
    ("Europe/Berlin", "2025-03-30", "03:00:00", utc("2025-03-30T01:00:00")),
    ("Europe/Berlin", "2025-10-26", "02:30:00", utc("2025-10-26T00:30:00")),
    ("Europe/Berlin", "2025-10-26", "02:30:00+01:00", utc("2025-10-26T01:30:00")),
    ("Europe/Berlin", "2025-10-26", "03:00:00", utc("2025-10-26T02:00:00")),
    ("America/New_York", "2025-03-09", "02:30:00", "03:00:00"),
    ("America/New_York", "2025-11-02", "01:30:00", utc("2025-11-02T05:30:00")),
    ("America/New_York", "2025-11-02", "01:30:00-05:00", utc("2025-11-02T06:30:00")),
    ("Australia/Lord_Howe", "2025-10-05", "02:15:00", "02:30:00"),
    ("Australia/Lord_Howe", "2025-10-05", "02:30:00", utc("2025-10-04T15:30:00")),
    ("Australia/Lord_Howe", "2025-04-06", "01:45:00", utc("2025-04-05T14:45:00")),
    ("Australia/Lord_Howe", "2025-04-06", "01:45:00+10:30", utc("2025-04-05T15:15:00")),
    ("Africa/Cairo", "2025-04-25", "00:00:00", "01:00:00"),
    ("Africa/Cairo", "2025-10-30", "23:30:00", utc("2025-10-30T20:30:00")),
    ("Africa/Cairo", "2025-10-31", "00:00:00", utc("2025-10-30T22:00:00")),
    ("America/Nuuk", "2025-03-29", "23:30:00", "00:00:00"),  # of the next day
    ("Pacific/Apia", "2011-12-30", "12:00:00", "00:00:00"),  # a day that never was
]


@pytest.mark.parametrize(("zone", "day", "at", "expected"), NIGHTS)
def test_instant_on_a_night_of_change(zone: str, day: str, at: str, expected: datetime | str) -> None:
    for fold in (0, 1):  # a client can't say fold, so a stray one means nothing
        call = functools.partial(calendar.instant, date.fromisoformat(day), time.fromisoformat(at).replace(fold=fold))
        if isinstance(expected, datetime):
            found = call(make_rules(zone))
            assert (found, found.tzinfo) == (expected, UTC)
        else:
            with pytest.raises(NonexistentLocalTime) as refused:
                call(make_rules(zone))
            assert refused.value.extra == {"next_valid": expected}


def test_instant_jump_into_the_next_day_names_it() -> None:
    with pytest.raises(NonexistentLocalTime, match="00:00:00 on 2025-03-30"):
        calendar.instant(date(2025, 3, 29), time(23, 30), make_rules("America/Nuuk"))


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "day", "expected"),
    [
        ("Europe/Berlin", 2, 10, "2025-03-30", ("2025-03-30T01:00:00", "2025-03-30T08:00:00")),
        (
            "Europe/Berlin",
            2 + 1e-6,
            10,
            "2025-03-30",
            ("2025-03-30T01:00:00", "2025-03-30T08:00:00"),
        ),  # a fraction of 1 s
        ("Europe/Berlin", 2, 10, "2025-10-26", ("2025-10-26T00:00:00", "2025-10-26T09:00:00")),
        ("America/New_York", 18, 26, "2025-03-08", ("2025-03-08T23:00:00", "2025-03-09T07:00:00")),
        ("America/New_York", 18, 25.5, "2025-11-01", ("2025-11-01T22:00:00", "2025-11-02T05:30:00")),
        ("Australia/Lord_Howe", 2, 10, "2025-10-05", ("2025-10-04T15:30:00", "2025-10-04T23:00:00")),
        ("Africa/Cairo", 0, 24, "2025-04-25", ("2025-04-24T22:00:00", "2025-04-25T21:00:00")),
        ("Africa/Cairo", 0, 24, "2025-10-30", ("2025-10-29T21:00:00", "2025-10-30T22:00:00")),
        ("America/Nuuk", 23, 24, "2025-03-29", ("2025-03-30T01:00:00", "2025-03-30T01:00:00")),  # all of it jumped over
    ],
)
def test_opening_on_a_night_of_change(zone: str, opens: float, closes: float, day: str, expected: list[str]) -> None:
    rules = make_rules(zone, opens, closes)
    assert calendar.opening(date.fromisoformat(day), rules) == tuple(map(utc, expected))


def test_service_day_after_midnight_is_the_day_before() -> None:
    rules = make_rules("Europe/Moscow", 18, 26)
    late = calendar.slot_at(date(2026, 11, 25), time(0, 0), rules)
    assert late == Slot(utc("2026-11-24T21:00:00"), utc("2026-11-24T23:00:00"), date(2026, 11, 24))
    assert calendar.service_day(utc("2026-11-24T22:59:59"), rules) == date(2026, 11, 24)
    assert calendar.service_day(utc("2026-11-24T23:00:00"), rules) == date(2026, 11, 25)  # closed: the calendar date
    assert outcome(calendar.slot_at, date(2026, 11, 25), time(0, 0, 1), rules) is OutsideOpeningHours


def test_service_day_clock_set_back_across_midnight_belongs_to_the_day_that_opened() -> None:
    rules = make_rules("America/St_Johns", 0, 24)  # on 2010-11-07 from 00:01 back to 23:01 of the 6th
    starts_at = utc("2010-11-07T03:00:00")
    assert calendar.local_date_time(starts_at, rules)[0] == date(2010, 11, 6)
    assert calendar.slot_from(starts_at, rules).day == date(2010, 11, 7)


@pytest.mark.parametrize(
    ("at", "fits"),
    [("11:59:59", False), ("12:00", True), ("20:00", True), ("20:00:00.000001", False), ("22:00", False)],
)
def test_slot_at_the_edges_of_the_opening(at: str, fits: bool) -> None:
    found = outcome(calendar.slot_at, date(2026, 11, 24), time.fromisoformat(at), make_rules())
    assert (found is not OutsideOpeningHours) == fits


def test_grid_on_ordinary_and_changed_days() -> None:
    rules = make_rules("Europe/Berlin", 0, 6)
    walls = {
        day: [
            calendar.local_date_time(slot.starts_at, rules)[1] for slot in calendar.grid(date.fromisoformat(day), rules)
        ]
        for day in ("2025-03-29", "2025-03-30", "2025-10-26")
    }
    quarters = [time(hour, minute) for hour in range(5) for minute in (0, 15, 30, 45)]
    assert walls["2025-03-29"] == walls["2025-10-26"] == quarters[:17]
    assert walls["2025-03-30"] == quarters[:8] + quarters[12:17]
    halves = calendar.grid(date(2025, 3, 29), make_rules(opens=12.1, closes=15), step=30 * MINUTE)
    assert [slot.starts_at.time() for slot in halves] == [
        time(12, 30),
        time(13),
    ]  # on the clock's grid, not the opening's


def test_local_text_forms() -> None:
    assert (
        calendar.local_text(utc("2026-11-24T15:00:00.999"), make_rules("Europe/Moscow")) == "2026-11-24T18:00:00+03:00"
    )
    assert calendar.local_text(utc("2026-11-24T15:00:00"), make_rules()) == "2026-11-24T15:00:00+00:00"
    assert (
        calendar.local_text(utc("1850-01-01T00:00:00"), make_rules("Europe/Berlin")) == "1850-01-01T00:53:28+00:53:28"
    )


# ── What may be asked for ───────────────────────────────────────────────────────────────────────────────────────────


def test_check_range_at_its_edges() -> None:
    rules, today = make_rules(), date(2026, 11, 24)
    expected = {-31: InThePast, -30: None, 0: None, 400: None, 401: TooFarAhead}
    by_day = {today + timedelta(days): refusal for days, refusal in expected.items()}
    for day, refusal in (by_day | {date.min: InThePast, date.max: TooFarAhead}).items():
        assert outcome(calendar.check_range, day, today, rules) is refusal, day


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize(("day", "refusal"), [(date.min, InThePast), (date.max, TooFarAhead)])
def test_ends_of_the_calendar_are_refused(zone: str, day: date, refusal: type[HubError]) -> None:
    rules = make_rules(zone, 23, 47)
    far = datetime.combine(day, time.max, UTC)
    for at in (time.min, time.max, *(time(0, tzinfo=timezone(sign * 23 * HOUR)) for sign in (-1, 1))):
        assert outcome(calendar.slot_at, day, at, rules) is refusal
    for by_day in (calendar.opening, calendar.grid):
        assert outcome(by_day, day, rules) is refusal
    for by_instant in (calendar.slot_from, calendar.service_day, calendar.today, calendar.local_text):
        assert outcome(by_instant, far, rules) is refusal
    assert outcome(calendar.changeable_until, far, far, rules) is refusal


@given(st.dates(), st.times(timezones=st.none() | st.timedeltas(-23 * HOUR, 23 * HOUR).map(timezone)))
def test_slot_at_any_date_and_time_is_a_slot_or_a_refusal(day: date, at: time) -> None:
    found = outcome(calendar.slot_at, day, at, make_rules("Europe/Berlin", 23, 47))
    assert isinstance(found, Slot) or issubclass(found, HubError)


def test_instant_naive_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="aware"):
        calendar.slot_from(utc("2026-11-24T18:00:00").replace(tzinfo=None), make_rules())


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Africa/Cairo", "America/Nuuk", "Australia/Lord_Howe", "Asia/Beirut"])
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds are naive)


@given(ZONES, INSTANTS, st.integers(0, 3650), st.timedeltas(-DAY, DAY))
def test_bookable_between_is_when_check_bookable_passes(
    zone: str, starts_at: datetime, ahead: int, off: timedelta
) -> None:
    rules = make_rules(zone, days_ahead=ahead)
    slot = Slot(starts_at, starts_at + rules.slot, calendar.today(starts_at, rules))
    since, until = calendar.bookable_between(slot, rules)
    for now in (since, since - TICK, until, until - TICK, since + off, until + off):
        too_far = calendar.today(starts_at, rules) > calendar.today(now, rules) + timedelta(ahead)
        refusal = InThePast if starts_at <= now else TooFarAhead if too_far else None
        assert outcome(calendar.check_bookable, slot, now, rules) is refusal
        assert (refusal is None) == (since <= now < until)


def test_bookable_between_long_ago_does_not_underflow() -> None:
    early = utc("0002-06-01T12:00:00")
    found = calendar.bookable_between(Slot(early, early + HOUR, early.date()), make_rules(days_ahead=3650))
    assert found == (utc("0002-01-01T00:00:00"), early)


def test_changeable_until_counts_elapsed_time() -> None:
    rules = make_rules("Europe/Berlin", cancel_deadline=24 * HOUR)
    starts_at = calendar.instant(date(2025, 3, 30), time(18), rules)
    made_at = starts_at - 30 * DAY
    assert (
        calendar.local_text(calendar.changeable_until(starts_at, made_at, rules), rules) == "2025-03-29T17:00:00+01:00"
    )


def test_who_booked_by_mistake_has_ten_minutes_inside_the_deadline() -> None:
    rules = make_rules(cancel_deadline=24 * HOUR)
    starts_at = utc("2026-11-24T18:00:00")
    made_at = starts_at - 3 * HOUR
    assert calendar.changeable_until(starts_at, made_at, rules) == made_at + 10 * MINUTE
    deadline = starts_at - 24 * HOUR
    assert calendar.changeable_until(starts_at, deadline - 5 * MINUTE, rules) == deadline + 5 * MINUTE


# ── A change of a booking's date or time ────────────────────────────────────────────────────────────────────────────

NIGHT = make_rules("Europe/London", 18, 27)


@pytest.mark.parametrize(
    ("old", "day", "at", "expected"),
    [
        ("2026-11-24T23:30", None, "00:30", "2026-11-25T00:30"),  # later the same night, not the evening before
        ("2026-11-25T00:00", None, "23:30", "2026-11-24T23:30"),
        ("2026-11-25T00:00", None, "18:00", "2026-11-24T18:00"),
        ("2026-11-24T18:00", None, "19:00", "2026-11-24T19:00"),
        ("2026-11-24T23:30", None, "23:30Z", "2026-11-24T23:30"),  # the same instant
        ("2026-11-25T00:00", None, "23:30Z", "2026-11-24T23:30"),
        ("2026-11-24T23:30", None, "01:00+01:00", "2026-11-25T00:00"),
        ("2026-11-24T23:30", "2026-11-26", None, "2026-11-26T23:30"),
        ("2026-11-24T23:30", "2026-11-26", "00:00", "2026-11-26T00:00"),  # with a date the calendar counts
        ("2026-11-24T23:30", None, None, "2026-11-24T23:30"),
        ("2026-11-24T23:30", "2026-11-24", "23:30", "2026-11-24T23:30"),
    ],
)
def test_changed_slot(old: str, day: str | None, at: str | None, expected: str) -> None:
    found = calendar.changed_slot(
        calendar.slot_from(utc(old), NIGHT),
        date.fromisoformat(day) if day else None,
        time.fromisoformat(at) if at else None,
        NIGHT,
    )
    assert found == calendar.slot_from(utc(expected), NIGHT)


@pytest.mark.parametrize("at", ["03:00", "12:00", "17:59"])
def test_changed_slot_to_a_time_at_which_the_day_is_closed(at: str) -> None:
    held = calendar.slot_from(utc("2026-11-24T23:30"), NIGHT)
    assert outcome(calendar.changed_slot, held, None, time.fromisoformat(at), NIGHT) is OutsideOpeningHours


@given(
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (bounds are naive)
    st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]),
    st.integers(-12, 12),
)
def test_changed_slot_by_the_same_instant_in_any_offset_changes_nothing(at: datetime, zone: str, hours: int) -> None:
    rules = make_rules(zone, 0, 24)
    held = calendar.slot_from(at.replace(second=0, microsecond=0), rules)
    same = held.starts_at.astimezone(timezone(hours * HOUR)).timetz()
    assert calendar.changed_slot(held, None, same, rules) == held


# ── Open around the clock ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("opens", "closes"), [(0, 24), (6, 30)])
def test_around_the_clock_there_is_no_seam_between_two_days(opens: int, closes: int) -> None:
    rules = make_rules("Europe/Berlin", opens, closes)
    day = date(2026, 11, 24)
    last = calendar.slot_at(day + DAY if closes > 24 else day, time((closes - 1) % 24), rules)
    assert (last.ends_at - last.starts_at, last.day) == (2 * HOUR, day)
    assert calendar.occupied_range(day, rules)[1] == calendar.opening(day, rules)[1] + 2 * HOUR
    marks = [slot.starts_at for shift in (0, 1) for slot in calendar.grid(day + shift * DAY, rules)]
    assert marks == [marks[0] + number * 15 * MINUTE for number in range(2 * 96)]


def test_a_house_that_closes_has_its_last_slot_before_the_closing() -> None:
    rules = make_rules(opens=0.5, closes=24)
    assert outcome(calendar.slot_at, date(2026, 11, 24), time(23), rules) is OutsideOpeningHours
    assert calendar.occupied_range(date(2026, 11, 24), rules) == calendar.opening(date(2026, 11, 24), rules)


@pytest.mark.parametrize(
    ("start", "minutes", "rules", "ends"),
    [
        ("20:30", 60, make_rules(), "21:30"),
        ("20:30", 90, make_rules(), "22:00"),
        ("20:30", 91, make_rules(), None),
        ("22:00", 5, make_rules(), None),
        ("12:00", 180, make_rules(), "15:00"),
        ("23:00", 180, make_rules(opens=0, closes=24), "02:00"),
        ("23:00", 181, make_rules(opens=0, closes=24), None),
    ],
)
def test_slot_of_another_length_ends_with_its_day(start: str, minutes: int, rules: Rules, ends: str | None) -> None:
    day, length = date(2026, 11, 24), timedelta(minutes=minutes)
    found = outcome(calendar.slot_at, day, time.fromisoformat(start), rules, length)
    if ends is None:
        assert found is OutsideOpeningHours
        return
    assert (found.day, f"{found.ends_at:%H:%M}", found.ends_at - found.starts_at) == (day, ends, length)
    later = calendar.changed_slot(found, day + timedelta(days=1), None, rules)
    assert later.ends_at - later.starts_at == length, "a booking that moves keeps its length"


def test_stay_until_the_next_day_opens() -> None:
    day = date(2026, 11, 24)
    assert calendar.stay_until(day, make_rules()) == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert calendar.stay_until(day, make_rules(opens=0, closes=24)) == datetime(2026, 11, 25, 2, tzinfo=UTC)
