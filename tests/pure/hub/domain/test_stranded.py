"""Bookings under rules that changed after they were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import calendar
from hub.domain.rules import Rules
from hub.domain.stranded import Kept, difference, fingerprint, is_same, judge, promise, promised_by
from hub.errors import OutsideOpeningHours

HOUR = timedelta(hours=1)


def make_rules(zone: str = "Europe/Berlin", opens: float = 12, closes: float = 22, slot: float = 2) -> Rules:
    return Rules(ZoneInfo(zone), opens * HOUR, closes * HOUR, slot * HOUR, HOUR, 400)


MADE = make_rules()
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "Africa/Cairo", "America/Nuuk", "Australia/Lord_Howe", "Africa/Casablanca"]


def booking(at: str, rules: Rules = MADE, length: timedelta = 2 * HOUR) -> Kept:
    starts_at = datetime.fromisoformat(at).replace(tzinfo=rules.zone).astimezone(UTC)
    return Kept(
        7, starts_at, starts_at + length, calendar.service_day(starts_at, rules), promise(starts_at, rules.zone)
    )


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (MADE, None),
        (make_rules("Asia/Tokyo"), "2026-11-24 19:00 was promised, the same instant is now 2026-11-25 03:00"),
        (make_rules("Europe/Paris"), None),  # the same clock
        (make_rules(closes=20), "2026-11-24 19:00 is outside the opening hours"),
        (make_rules(opens=20, closes=24), "2026-11-24 19:00 is outside the opening hours"),
        (make_rules(closes=20.5, slot=1), "it ends at 2026-11-24 21:00, after the closing"),
        (make_rules(slot=1), None),
        (make_rules(opens=0, closes=24), None),
    ],
)
def test_judge(rules: Rules, why: str | None) -> None:
    found = judge(booking("2026-11-24T19:00"), rules)
    assert (found.why if found else None) == why
    assert found is None or str(found) == f"7 ({why})"


def test_a_booking_without_a_promise_is_judged_by_the_hours_alone() -> None:
    kept = booking("2026-11-24T19:00")
    unknown = Kept(kept.id, kept.starts_at, kept.ends_at, kept.service_date, None)
    found = judge(unknown, make_rules("Asia/Tokyo"))
    assert found is not None and found.why == "2026-11-25 03:00 is outside the opening hours"


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 (bounds are naive)
def test_what_can_be_booked_is_never_stranded(at: datetime) -> None:
    for rules in (MADE, make_rules(opens=18, closes=26), make_rules(opens=0, closes=24)):
        try:
            slot = calendar.slot_from(at.replace(second=0, microsecond=0), rules)
        except OutsideOpeningHours:
            continue
        kept = Kept(1, slot.starts_at, slot.ends_at, slot.day, promise(slot.starts_at, rules.zone))
        assert judge(kept, rules) is None


def test_what_changed_is_named() -> None:
    before = fingerprint(MADE, "2026a", NOW)
    assert difference(before, fingerprint(MADE, "2026a", NOW + timedelta(days=365))) == {}
    after = fingerprint(make_rules("Asia/Tokyo", closes=23), "2026b", NOW)
    assert difference(before, after) == {
        "zone": "Europe/Berlin → Asia/Tokyo", "zone_data": "2026a → 2026b", "closes": "1320 → 1380",
    }  # fmt: skip
    assert difference({}, before)["slot"] == "None → 120"


def test_newer_data_for_the_same_zone_and_a_later_year_say_the_same() -> None:
    before = fingerprint(MADE, "2026a", NOW)
    for years in (0, 1, 2):
        assert is_same(before, fingerprint(MADE, "2026b", NOW + timedelta(days=365 * years)))
    for other in (make_rules(closes=23), make_rules(slot=1), make_rules("Europe/Paris")):
        assert not is_same(before, fingerprint(other, "2026a", NOW))
    # The zone gives up summer time from 2027 on, or had another one before.
    after = fingerprint(MADE, "2026b", NOW)
    for offsets in (after["offsets"][:5], [[after["offsets"][0][0], 0], *after["offsets"][1:]]):
        assert not is_same(before, after | {"offsets": offsets})
    with pytest.raises(IndexError):  # too long ago to say anything
        is_same(before, fingerprint(MADE, "2026a", NOW + timedelta(days=3650)))


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (bounds are naive)
)
def test_a_fingerprint_tells_what_was_promised(zone: str, at: datetime) -> None:
    rules = make_rules(zone)
    assert promised_by(fingerprint(rules, "", NOW), at) == promise(at, rules.zone)


@pytest.mark.parametrize("before", [{}, {"offsets": []}, {"offsets": None}, {"offsets": [["x", "y"]]}])
def test_what_is_no_fingerprint_tells_nothing(before: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError, TypeError, IndexError)):
        promised_by(before, NOW)
