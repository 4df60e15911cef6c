"""hub.domain.venue: the service day that is on, the shifts, and the facts of the venue."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import calendar, venue
from hub.domain.rules import Rules
from hub.domain.venue import VenueProfile


def rules(zone: str = "UTC", opens: int = 12, closes: int = 22, slot: float = 2) -> Rules:
    return Rules(
        zone=ZoneInfo(zone),
        opens=timedelta(hours=opens),
        closes=timedelta(hours=closes),
        slot=timedelta(hours=slot),
        cancel_deadline=timedelta(minutes=60),
        days_ahead=400,
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "closes", "day", "ends_at"),
    [
        ("2026-11-24T18:00+03:00", 22, "2026-11-24", "2026-11-25T00:00+03:00"),
        ("2026-11-24T23:59+03:00", 22, "2026-11-24", "2026-11-25T00:00+03:00"),
        ("2026-11-25T00:00+03:00", 22, "2026-11-25", "2026-11-26T00:00+03:00"),
        ("2026-11-25T00:30+03:00", 26, "2026-11-24", "2026-11-25T02:00+03:00"),
        ("2026-11-25T01:59+03:00", 26, "2026-11-24", "2026-11-25T02:00+03:00"),
        ("2026-11-25T02:00+03:00", 26, "2026-11-25", "2026-11-26T02:00+03:00"),
        ("2026-11-25T11:00+03:00", 36, "2026-11-24", "2026-11-25T12:00+03:00"),
    ],
)
def test_service_day_lasts_until_closing_or_midnight(now: str, closes: int, day: str, ends_at: str) -> None:
    found = venue.current_day(at(now), rules("Europe/Istanbul", closes=closes))
    assert found == (date.fromisoformat(day), at(ends_at))


ZONES = st.sampled_from(["UTC", "Europe/Lisbon", "America/St_Johns", "America/Nuuk", "Asia/Beirut", "Africa/Cairo"])


@given(
    ZONES,
    st.integers(0, 23),
    st.integers(1, 24),
    st.integers(946_684_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.timedeltas(timedelta(0), timedelta(hours=30)),
)
def test_service_day_never_goes_back_and_holds_every_slot_under_way(
    zone: str, opens: int, length: int, now: datetime, later: timedelta
) -> None:
    house = rules(zone, opens, opens + length, 1)
    day, ends_at = venue.current_day(now, house)
    following, _ = venue.current_day(now + later, house)
    assert now < ends_at
    assert following >= day
    assert venue.current_day(ends_at, house)[0] == day + timedelta(days=1)
    start, end = calendar.opening(day, house)
    assert end <= ends_at
    if start <= now < end:
        assert calendar.service_day(now, house) == day
    # Who sits on does so for as long as the day is on, and is in nobody's way on the next one.
    opens_next = calendar.opening(day + timedelta(days=1), house)[0]
    assert ends_at <= calendar.sits_until(day, house) <= calendar.stay_until(day, house)
    if not calendar.is_around_the_clock(house):
        assert calendar.sits_until(day, house) == ends_at <= opens_next


def test_shifts_leave_out_a_day_that_the_clock_swallows() -> None:
    # 26 March 2000, Europe/Lisbon: the clock jumps from 01:00 to 02:00.
    house = rules("Europe/Lisbon", 1, 2, 1)
    days = [shift["date"] for shift in venue.shifts(date(2000, 3, 24), house)]
    assert days == ["2000-03-24", "2000-03-25", "2000-03-27", "2000-03-28", "2000-03-29", "2000-03-30"]


def test_facts_say_what_the_settings_say() -> None:
    house = rules("Europe/Istanbul", closes=26)
    told = venue.facts(
        VenueProfile(
            2, 1, "moda", "Moda Meyhanesi", "Moda Cd. 1", "+90 216 555 01 00", "TR", "ru", "https://moda.example"
        ),
        house,
        at("2026-11-25T00:30+03:00"),
    )
    assert (told["slug"], told["name"], told["country"]) == ("moda", "Moda Meyhanesi", "TR")
    assert told["languages"] == ["ru", "en"]
    assert (told["service_day"], told["day_ends_at"]) == ("2026-11-24", "2026-11-25T02:00:00+03:00")
    assert told["shifts"][0] == {
        "date": "2026-11-24",
        "id": 1,
        "name": "All day",
        "opens": "2026-11-24T12:00:00+03:00",
        "last_seating": "2026-11-25T00:00:00+03:00",
        "closes": "2026-11-25T02:00:00+03:00",
    }
    assert told["rules"]["turns"] == [{"guests_up_to": 20, "minutes": 120}]
    assert (told["address"], told["phone"]) == ("Moda Cd. 1", "+90 216 555 01 00")
    assert told["website"] == "https://moda.example"
    assert told["contact"] == {"phone": "+90 216 555 01 00", "website": "https://moda.example"}
    assert "now" not in told
    assert {"slug", "name", "zone", "service_day", "day_ends_at"} == set(
        venue.summary(
            VenueProfile(),
            house,
            at("2026-11-25T00:30+03:00"),
        )
    )
