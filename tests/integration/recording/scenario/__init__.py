"""What the hub is asked, capability by capability. Each plays by itself, with people and days of its own."""

from tests.integration.recording.scenario import (
    account_life,
    accounts,
    availability,
    bookings,
    floor,
    history,
    live,
    live_sessions,
    pages,
    strict,
    tables,
    venue,
)

CAPABILITIES = [
    venue.CAPABILITY,  # the first, since what it counts is least then
    pages.CAPABILITY,
    accounts.CAPABILITY,
    availability.CAPABILITY,
    bookings.CAPABILITY,
    tables.CAPABILITY,
    live.CAPABILITY,
    live_sessions.CAPABILITY,
    account_life.CAPABILITY,  # late, since it waits for mail: the worker starts meanwhile
    history.CAPABILITY,
    strict.REST,
    strict.LIVE,
    floor.CAPABILITY,
]
