"""What anybody may know of the venue, as GET /venue and the channel ``venue`` say it. Pure.

The service day that is on, too: it is what "today" means on every page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hub.domain import calendar
from hub.domain.events import MAIN
from hub.domain.rules import Rules

SHIFT_DAYS = 7
STEP = timedelta(minutes=15)
GUESTS_MIN, GUESTS_MAX = 1, 20
SHIFT_ID, SHIFT_NAME = 1, "All day"
"""The one shift that a day has: from opening to closing."""
LANGUAGES = ("en", "ru")
"""What guests can be written to in."""


@dataclass(frozen=True, slots=True)
class VenueProfile:
    """What a restaurant is called and where it is found, as guests read it. Venues of one group share their guests."""

    id: int = MAIN
    group_id: int = 1
    slug: str = "main"
    """Its name in paths and channels."""
    name: str = "Restaurant"
    address: str | None = None
    phone: str | None = None
    country: str | None = None
    """Two letters (ISO 3166-1)."""
    language: str = "en"
    """In which guests are written to who have not chosen another."""
    website: str | None = None


def current_day(now: datetime, rules: Rules) -> tuple[date, datetime]:
    """The service day that is on at ``now``, and when it ends (UTC).

    It ends as calendar.day_end says: at 00:30 of a night that closes at 02:00 it is still the day before. It never
    goes back, also where the clock is set back across midnight.
    """
    day = calendar.today(now, rules) - timedelta(days=1)
    while (end := calendar.day_end(day, rules)) <= now:
        day += timedelta(days=1)
    return day, end


def shifts(first: date, rules: Rules, *, days: int = SHIFT_DAYS) -> list[dict[str, Any]]:
    """The shifts of ``days`` service days from ``first`` on: {date, id, name, opens, last_seating, closes}, by time.

    A day that the clock jumps over has none, as has one that is too short for a single slot.
    """
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        opens, closes = calendar.opening(day, rules)
        starts = calendar.grid(day, rules)
        if not starts:
            continue
        shown = {"opens": opens, "last_seating": starts[-1].starts_at, "closes": closes}
        found.append(
            {
                "date": day.isoformat(),
                "id": SHIFT_ID,
                "name": SHIFT_NAME,
                **{name: calendar.local_text(at, rules) for name, at in shown.items()},
            }
        )
    return found


def facts(venue: VenueProfile, rules: Rules, now: datetime) -> dict[str, Any]:
    """All that is said of the venue, JSON-ready, but for ``now`` itself.

    Lengths of time are whole minutes; instants are RFC 3339 in the restaurant's local time.
    """
    day, ends_at = current_day(now, rules)
    languages = [venue.language, *(each for each in LANGUAGES if each != venue.language)]
    return {
        "slug": venue.slug,
        "name": venue.name,
        "phone": venue.phone,
        "address": venue.address,
        "website": venue.website,
        "zone": rules.zone.key,
        "country": venue.country,
        "languages": languages,
        "service_day": day.isoformat(),
        "day_ends_at": calendar.local_text(ends_at, rules),
        "shifts": shifts(day, rules),
        "rules": {
            "step": _minutes(STEP),
            "turns": [{"guests_up_to": GUESTS_MAX, "minutes": _minutes(rules.slot)}],
            "guests_min": GUESTS_MIN,
            "guests_max_online": GUESTS_MAX,
            "oversize": rules.oversize,
            "days_ahead": rules.days_ahead,
            "notice": 0,
            "cancel_deadline_minutes": _minutes(rules.cancel_deadline),
            "cancel_grace_minutes": _minutes(calendar.GRACE),
        },
        "contact": {"phone": venue.phone, "website": venue.website},
        "online_booking": {"open": True, "paused_until": None},
    }


def summary(venue: VenueProfile, rules: Rules, now: datetime) -> dict[str, Any]:
    """What ``connected`` says of the venue."""
    day, ends_at = current_day(now, rules)
    return {
        "slug": venue.slug,
        "name": venue.name,
        "zone": rules.zone.key,
        "service_day": day.isoformat(),
        "day_ends_at": calendar.local_text(ends_at, rules),
    }


def _minutes(length: timedelta) -> int:
    return round(length.total_seconds() / 60)
