"""A start looks at the bookings of those venues alone whose rules have changed, or did not fit before."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from hub.commands import bookings, stranded, venues
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import MAIN
from hub.domain.rules import Rules
from hub.domain.venue import VenueProfile
from hub.security import Identity
from hub.store import database
from hub.store import stranded as stored
from hub.store.venues import read
from tests.process import make_user
from tests.writing import writing_context

DAY = datetime.now(UTC).date() + timedelta(days=20)


async def add(settings: Settings, slug: str, zone: str = "UTC") -> int:
    return await venues.add(settings, venues.NewVenue(VenueProfile(slug=slug, name=slug), zone, {}, None, ((2, 2),)))


async def rules_of(settings: Settings) -> dict[int, Rules]:
    return {MAIN: settings.rules} | {venue.id: rules for venue, rules in await read(settings)}


async def book(settings: Settings, venue_id: int, day: date, at: time) -> None:
    context = writing_context(settings, lambda events: None).shared
    context.learn(await read(settings))
    venue = context.venue(venue_id)
    assert venue is not None
    user = await make_user(f"guest-{venue_id}")
    await bookings.book(venue, Call(Identity(user, "user", 0, 0.0)), BookingRequest(day, at, 2))


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The venues whose bookings were read, in order."""
    found: list[int] = []
    fetch = database.fetch

    async def noting(query: str, *args: Any) -> list[Any]:
        if query == stored.TO_COME:
            found.append(args[0])
        return await fetch(query, *args)

    monkeypatch.setattr(database, "fetch", noting)
    return found


async def test_start_looks_at_venues_whose_rules_changed_alone(connected: Settings, looked_at: list[int]) -> None:
    one, two, three = [await add(connected, slug) for slug in ("one", "two", "three")]
    for venue_id in (one, two):
        await book(connected, venue_id, DAY, time(20))
    assert await stranded.settle_all(await rules_of(connected)) == set()
    assert sorted(looked_at) == [MAIN, one, two, three]
    looked_at.clear()
    assert await stranded.settle_all(await rules_of(connected)) == set()
    assert looked_at == [MAIN]  # whose rules are settings, which another process may have otherwise

    # Nor does newer time-zone data that say the same of them.
    looked_at.clear()
    await database.fetch('UPDATE venues SET rules = rules || \'{"zone_data": "1999a"}\'')
    assert await stranded.settle_all(await rules_of(connected)) == set()
    assert looked_at == [MAIN]
    kept = await database.fetch("SELECT rules ->> 'zone_data' AS zone_data FROM venues")
    assert [row["zone_data"] for row in kept] == [stranded.zone_data()] * 4

    looked_at.clear()
    await database.fetch("UPDATE venues SET zone = 'Asia/Tokyo' WHERE id = $1", two)
    await stranded.settle_all(await rules_of(connected))
    assert looked_at == [MAIN, two]
    # Its booking fits no more, which every start says until it is over.
    [row] = await database.fetch("SELECT service_date FROM bookings WHERE venue_id = $1", two)
    assert row["service_date"] == DAY + timedelta(days=1)
    looked_at.clear()
    await stranded.settle_all(await rules_of(connected))
    assert looked_at == [MAIN, two]


async def test_venue_in_which_a_booking_reaches_into_the_next_day_is_looked_at_each_time(
    connected: Settings, looked_at: list[int]
) -> None:
    late = await add(connected, "late")
    await book(connected, late, DAY, time(20))
    await stranded.settle_all(await rules_of(connected))
    # Earlier hours: the guest's end is after the closing.
    await database.fetch("UPDATE venues SET settings = '{\"closes\": 1260}' WHERE id = $1", late)
    for _ in range(2):
        looked_at.clear()
        assert await stranded.settle_all(await rules_of(connected)) == {late}
        assert looked_at == [MAIN, late]
