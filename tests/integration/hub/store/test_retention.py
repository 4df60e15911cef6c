"""What is forgotten and what stays: to the day, in pieces, beside others who do the same, under its guard."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from hub.commands import accounts, staff
from hub.config import Settings
from hub.domain.events import MAIN, floor_of, stream_of
from hub.errors import AuthError
from hub.security import Identity, Tokens
from hub.store import database, retention
from tests.guests import make_context, make_guest

DAYS = 30
TODAY = datetime.now(UTC).date()
LONG_AGO = datetime.now(UTC) - timedelta(days=DAYS + 40)
EVENT = "INSERT INTO events (stream, version, kind, data, at) VALUES ($1, $2, 'booked', '{}', $3)"


async def write_events(stream: str, *times: datetime) -> None:
    for version, at in enumerate(times, 1):
        await database.write(EVENT, stream, version, at)
    await database.write(
        "INSERT INTO streams (name, version, head) "
        "SELECT $1::text, max(version), max(id) FROM events WHERE stream = $1 "
        "ON CONFLICT (name) DO UPDATE SET version = excluded.version, head = excluded.head",
        stream,
    )


async def kept() -> list[tuple[str, int]]:
    rows = await database.fetch('SELECT stream, version FROM events ORDER BY stream COLLATE "C", version')
    return [(row["stream"], row["version"]) for row in rows]


async def make_venue() -> int:
    [row] = await database.fetch(
        "INSERT INTO venues (group_id, slug, name, zone, language) VALUES (1, 'soho', 'Soho', 'UTC', 'en') RETURNING id"
    )
    number: int = row["id"]
    return number


def days_ago(number: int) -> date:
    return TODAY - timedelta(days=number)


async def test_events_of_days_long_past_go_and_versions_stay(connected: Settings) -> None:
    """A day past everywhere is one more than so many ago by UTC. What was written lately to an old day stays."""
    other, now = await make_venue(), datetime.now(UTC)
    floor_before = [row for row in await kept() if row[0] == floor_of(MAIN)]
    for venue in (MAIN, other):
        for ago in (DAYS + 300, DAYS + 2, DAYS + 1, DAYS, -DAYS):
            await write_events(stream_of(venue, days_ago(ago)), LONG_AGO, LONG_AGO, now)
    versions = await database.fetch("SELECT * FROM streams ORDER BY name")
    assert await retention.forget_events(DAYS) == 8  # two days of two venues, but for the last event of each
    assert await kept() == sorted(
        [
            *((stream_of(venue, days_ago(ago)), 3) for venue in (MAIN, other) for ago in (DAYS + 300, DAYS + 2)),
            *(
                (stream_of(venue, days_ago(ago)), version)
                for venue in (MAIN, other) for ago in (DAYS + 1, DAYS, -DAYS) for version in (1, 2, 3)
            ),
            *floor_before,
        ]
    )  # fmt: skip
    assert await database.fetch("SELECT * FROM streams ORDER BY name") == versions
    assert await retention.forget_events(DAYS) == 0


async def test_last_event_of_a_floor_stays_however_old(connected: Settings) -> None:
    other, now = await make_venue(), datetime.now(UTC)
    await database.write("INSERT INTO venues (group_id, slug, name, zone, language) VALUES (1, 'a', 'A', 'UTC', 'en')")
    await write_events(floor_of(other), LONG_AGO, LONG_AGO, LONG_AGO)
    assert await retention.forget_events(DAYS) == 2
    assert [row for row in await kept() if row[0] == floor_of(other)] == [(floor_of(other), 3)]
    await database.write(EVENT, floor_of(other), 4, now)
    await database.write("UPDATE streams SET version = 4 WHERE name = $1", floor_of(other))
    assert await retention.forget_events(DAYS) == 1
    assert [row for row in await kept() if row[0] == floor_of(other)] == [(floor_of(other), 4)]


async def test_pieces_are_bounded_and_several_workers_take_each_row_once(
    connected: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 3)
    for ago in (50, 51, 52):
        await write_events(stream_of(MAIN, days_ago(ago)), *[LONG_AGO] * 4)
    before = len(await kept())
    assert await retention.forget_events(DAYS) == 3
    assert {row for row in await kept() if row[0].startswith("day:")} == {
        *((stream_of(MAIN, days_ago(ago)), version) for ago in (50, 51) for version in (1, 2, 3, 4)),
        (stream_of(MAIN, days_ago(52)), 4),  # the oldest first
    }
    forgotten = 3
    while forgotten < 12:
        found = await asyncio.gather(*(retention.forget_events(DAYS) for _ in range(4)))
        assert max(found) > 0 and max(found) <= 3
        forgotten += sum(found)
    assert (forgotten, len(await kept())) == (12, before - 12)


async def test_guard_holds_for_whoever_does_not_say_that_time_is_over(connected: Settings) -> None:
    await write_events(stream_of(MAIN, days_ago(50)), LONG_AGO)

    async def change(connection: Any) -> None:
        await connection.execute(retention.FORGETTING)
        await connection.execute("UPDATE events SET kind = 'x'")

    assert await retention.forget_events(DAYS) == 1
    for refused in (database.write("DELETE FROM events"), database.transact(change)):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await refused


# -- sessions


async def make_session(user_id: int, ago: timedelta, *, ended: bool = False) -> int:
    [row] = await database.fetch(
        "INSERT INTO sessions (user_id, created_at, ended_at) "
        "VALUES ($1, statement_timestamp() - $2::interval, CASE WHEN $3 THEN statement_timestamp() END) RETURNING id",
        user_id,
        ago,
        ended,
    )
    number: int = row["id"]
    return number


async def test_sessions_go_a_month_after_their_end_and_the_last_log_in_is_still_known(connected: Settings) -> None:
    over = connected.session_length + timedelta(days=retention.SESSION_DAYS)
    back, dormant = (await make_guest()).by.user_id, (await make_guest()).by.user_id
    await database.write("DELETE FROM sessions")
    gone = [await make_session(user, over + timedelta(hours=hours)) for user in (back, dormant) for hours in (1, 400)]
    gone.append(await make_session(back, over + timedelta(hours=2), ended=True))
    stay = [await make_session(back, over - timedelta(hours=1), ended=True), await make_session(back, timedelta(0))]
    listed = await staff.listed(ZoneInfo("UTC"))
    last = await database.fetch("SELECT user_id, max(created_at) FROM sessions GROUP BY user_id ORDER BY user_id")
    assert await retention.forget_sessions(connected.session_length) == len(gone)
    assert [row["id"] for row in await database.fetch("SELECT id FROM sessions ORDER BY id")] == stay
    noted = await database.fetch("SELECT id, logged_in_at FROM users WHERE id = ANY($1) ORDER BY id", [back, dormant])
    assert noted[1]["logged_in_at"] == last[1]["max"] and noted[0]["logged_in_at"] < last[0]["max"]
    shown = await staff.listed(ZoneInfo("UTC"))
    assert [line.rpartition(",")[0] for line in shown] == [line.rpartition(",")[0] for line in listed]
    assert await retention.forget_sessions(connected.session_length) == 0


async def test_session_that_is_forgotten_is_not_refreshed(connected: Settings) -> None:
    guest = await make_guest()
    session = await make_session(guest.by.user_id, connected.session_length + timedelta(days=100))
    by = Identity(guest.by.user_id, "user", session, 0.0)
    await retention.forget_sessions(connected.session_length)
    with pytest.raises(AuthError):
        await accounts.refresh(make_context(connected), tokens=Tokens(connected), by=by)


async def test_account_that_somebody_else_holds_has_its_turn_later(connected: Settings) -> None:
    """Nobody waits for a log-in or an erasure that is under way."""
    one, two = (await make_guest()).by.user_id, (await make_guest()).by.user_id
    for user in (one, two):
        await make_session(user, timedelta(days=300))

    async def hold(connection: Any) -> None:
        await connection.execute("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", one)
        assert await retention.forget_sessions(connected.session_length) == 1

    await database.transact(hold)
    assert await retention.forget_sessions(connected.session_length) == 1


# -- the outbox


async def test_rows_that_were_sent_or_dropped_go_but_not_those_of_a_booking_to_come(connected: Settings) -> None:
    context, guest = make_context(connected), await make_guest()
    past, ahead = [await guest.book(context, day=TODAY + timedelta(days=9 + n)) for n in range(2)]
    await database.write("DELETE FROM outbox")
    ago = [timedelta(days=retention.OUTBOX_DAYS, hours=hours) for hours in (-1, 1)]
    rows = []
    for booking in (past, ahead, None):
        for state in ("sent_at", "dropped_at", "failed_at", "due_at"):
            for number, each in enumerate(ago):
                [row] = await database.fetch(
                    "INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, user_id, due_at) VALUES "
                    "('mail', $1, 'a@example.com', jsonb_build_object('revision', $2::int, 'lead_minutes', 0, "
                    "'audience', 'guest', 'language', $3::text), $4, $5, $6, now()) RETURNING id",
                    "verify" if booking is None else "confirmed",
                    10 * len(rows) + number,
                    state,
                    None if booking is None else MAIN,
                    None if booking is None else booking.id,
                    guest.by.user_id if booking is None else None,
                )
                await database.write(
                    f"UPDATE outbox SET {state} = statement_timestamp() - $2::interval WHERE id = $1", row["id"], each
                )
                rows.append((row["id"], booking is not ahead and state in ("sent_at", "dropped_at") and number == 1))
    await database.write("DELETE FROM occupancies")
    move = "UPDATE bookings SET starts_at = starts_at - $2::interval, ends_at = ends_at - $2::interval WHERE id = $1"
    await database.write(move, past.id, timedelta(days=200))
    assert await retention.forget_messages() == 4
    there = [row["id"] for row in await database.fetch("SELECT id FROM outbox ORDER BY id")]
    assert there == [id for id, is_gone in rows if not is_gone]
    assert await retention.forget_messages() == 0
