"""What race tests share: people with tokens, bare HTTP connections, and judges that don't ask the code they judge.

The judges read PostgreSQL's rows with plain comparisons (no range operator, no function of ours), so a fault in a
constraint or in a function can't hide itself. The log of the server says whether a deadlock happened and was repeated.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import orjson
import psutil

from hub.config import Settings
from hub.domain.day import DayView
from hub.domain.events import MAIN, TABLES, ApplyResult, Event, day_of
from hub.domain.floor import FloorView
from hub.security import Identity, Tokens
from hub.store import days, floors
from tests import event_data
from tests.servers import HubServer, Servers

# -- people


@dataclass(frozen=True, slots=True)
class Person:
    """An account with an open session, and a token of it."""

    id: int
    identity: Identity
    token: str


async def make_people(connection: Any, settings: Settings, count: int, role: str = "user") -> list[Person]:
    """Accounts made by their rows: no password is hashed, as nobody logs in with one."""
    tokens = Tokens(settings)
    rows = await connection.fetch(
        "WITH u AS (INSERT INTO users (email, full_name, password_hash, role, language) "
        "SELECT $1 || n || '@example.com', 'Ada Guest', 'none', $2, 'en' FROM generate_series(1, $3) n RETURNING id), "
        "s AS (INSERT INTO sessions (user_id) SELECT id FROM u RETURNING id, user_id) "
        "SELECT user_id, id FROM s ORDER BY user_id",
        f"{role}-{secrets.token_hex(4)}-",
        role,
        count,
    )
    ends = datetime.now(UTC).timestamp() + 3600
    people = []
    for user, session in rows:
        token, _ = tokens.make(user_id=user, role=role, session_id=session)
        people.append(Person(user, Identity(user, role, session, ends), token))
    return people


def day_ahead(days: int) -> date:
    """A service day so far ahead that no deadline and no midnight comes near it."""
    return datetime.now(UTC).date() + timedelta(days=days)


# -- bare HTTP


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any

    @property
    def code(self) -> str:
        """The error's slug; the status as text where it is no error."""
        return str(self.body["error_code"]) if self.status >= 400 else str(self.status)


class Line:
    """One kept-alive connection of one person. :meth:`ask` writes before it first waits, so many lines that are asked
    in one go have all their requests on the wire within a millisecond or two."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader = reader
        self._writer = writer
        self._token = token

    @property
    def port(self) -> int:
        return int(self._writer.get_extra_info("sockname")[1])

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        payload = b"" if body is None else orjson.dumps(body)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        self._writer.write(head.encode() + payload)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = int(lines[0].split()[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        content = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(status, orjson.loads(content) if content else None)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def lines(server: HubServer, people: Iterable[Person]) -> AsyncIterator[list[Line]]:
    """One line a person, all open, with some at each worker process: or there would be no race of processes."""
    tokens = [person.token for person in people]
    opened = chosen = await _open(server, tokens)
    try:
        accepted = await asyncio.to_thread(_accepted, server)
        if len(tokens) > 1 and len(set(accepted.values())) == 1:
            # Both wait at one socket, and an idle one may take all that comes: half of them again, from the other.
            [busy] = set(accepted.values())
            os.kill(busy, signal.SIGSTOP)
            try:
                again = await _open(server, tokens[::2])
            finally:
                os.kill(busy, signal.SIGCONT)
            opened = opened + again
            chosen = [again[i // 2] if i % 2 == 0 else line for i, line in enumerate(chosen)]
            accepted = await asyncio.to_thread(_accepted, server)
            assert len({accepted[line.port] for line in chosen}) > 1
        yield chosen
    finally:
        await asyncio.gather(*(line.close() for line in opened), return_exceptions=True)


async def _open(server: HubServer, tokens: Iterable[str]) -> list[Line]:
    where = urlsplit(server.url)
    lines = [Line(*await asyncio.open_connection(where.hostname, where.port), token) for token in tokens]
    # An answer on each: only then it is accepted, and it is known by whom.
    async with asyncio.timeout(10):
        await asyncio.gather(*(line.ask("GET", "/health/live") for line in lines))
    return lines


def _accepted(server: HubServer) -> dict[int, int]:
    """By the client's port: the process that accepted the connection."""
    port = urlsplit(server.url).port
    return {
        connection.raddr.port: process.pid
        for process in psutil.Process(server.process.pid).children(recursive=True)
        for connection in process.net_connections("tcp")
        if connection.laddr.port == port and connection.raddr
    }


# -- judges


class PostgresLog:
    """What the session's PostgreSQL has logged since this was made."""

    def __init__(self, servers: Servers) -> None:
        self._path = servers.folder / "run" / "postgres.log"
        self._from = self._path.stat().st_size

    def deadlocks(self) -> list[str]:
        """The lines that tell of a deadlock: the hub repeats such a transaction, so its answers would not show it."""
        with self._path.open("rb") as log:
            log.seek(self._from)
            return [line for line in log.read().decode(errors="replace").splitlines() if "deadlock detected" in line]


async def overlaps(connection: Any) -> list[Any]:
    """Pairs of active bookings at one table whose times overlap, judged by the bookings and not by the occupancies."""
    found: list[Any] = await connection.fetch(
        "SELECT a.id, b.id, a.table_id, a.starts_at FROM bookings a JOIN bookings b ON a.table_id = b.table_id "
        "AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at "
        "WHERE a.status <> 'canceled' AND b.status <> 'canceled'"
    )
    return found


async def busiest(connection: Any) -> int:
    """The most bookings that are active at one instant. It can only grow at a start, so starts are where to count."""
    return int(
        await connection.fetchval(
            "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM (SELECT DISTINCT starts_at FROM bookings) s "
            "JOIN bookings b ON b.starts_at <= s.starts_at AND s.starts_at < b.ends_at AND b.status <> 'canceled' "
            "GROUP BY s.starts_at) t"
        )
    )


BROKEN = {
    "two occupancies of a table overlap": """
        SELECT a.id FROM occupancies a JOIN occupancies b ON a.table_id = b.table_id AND a.id < b.id
        AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at""",
    "a retired table has a future occupancy": """
        SELECT o.id FROM occupancies o JOIN tables t ON t.id = o.table_id
        WHERE t.retired_at IS NOT NULL AND o.ends_at > t.retired_at""",
    "more guests than seats": """
        SELECT b.id FROM occupancies o JOIN bookings b ON b.id = o.booking_id JOIN tables t ON t.id = o.table_id
        GROUP BY b.id HAVING b.guests > sum(t.seats)""",
    "an active booking does not hold exactly its tables at its time": """
        SELECT b.id FROM bookings b WHERE b.status IN ('booked', 'arrived', 'seated') AND
            (SELECT array_agg(o.table_id || ' ' || o.starts_at || ' ' || o.ends_at ORDER BY o.table_id)
             FROM occupancies o WHERE o.booking_id = b.id)
            IS DISTINCT FROM
            (SELECT array_agg(
                 t || ' ' || coalesce(b.table_since, b.seated_at, b.starts_at) || ' ' || b.ends_at ORDER BY t::bigint)
             FROM jsonb_array_elements_text(coalesce(b.table_ids, jsonb_build_array(b.table_id))) AS t)""",
    "the first of several tables is not the booking's table": """
        SELECT id FROM bookings WHERE table_ids IS NOT NULL AND table_id::text <> table_ids->>0""",
    "a combination breaks a rule": """
        SELECT c.id FROM combinations c JOIN combination_tables m ON m.combination_id = c.id
        JOIN tables t ON t.id = m.table_id WHERE c.retired_at IS NULL GROUP BY c.id
        HAVING count(*) NOT BETWEEN 2 AND 8 OR bool_or(t.retired_at IS NOT NULL)
            OR count(DISTINCT coalesce(t.area_id, 0)) > 1
            OR c.max_guests > sum(t.seats) OR c.max_guests <= max(t.seats)""",
    "two combinations are of the same tables": """
        SELECT array_agg(id) FROM (
            SELECT c.id, array_agg(m.table_id ORDER BY m.table_id) AS tables FROM combinations c
            JOIN combination_tables m ON m.combination_id = c.id WHERE c.retired_at IS NULL GROUP BY c.id) s
        GROUP BY tables HAVING count(*) > 1""",
    "a table stands in an area that is gone": """
        SELECT t.id FROM tables t JOIN areas a ON a.id = t.area_id
        WHERE t.retired_at IS NULL AND a.retired_at IS NOT NULL""",
    "a canceled booking holds a table": """
        SELECT b.id FROM bookings b JOIN occupancies o ON o.booking_id = b.id WHERE b.status = 'canceled'""",
    "canceled and canceled_at disagree": """
        SELECT id FROM bookings WHERE (status = 'canceled') <> (canceled_at IS NOT NULL)""",
    "a stream's versions are not 1 … its head": """
        SELECT s.name FROM streams s LEFT JOIN events e ON e.stream = s.name GROUP BY s.name, s.version
        HAVING count(e.id) <> s.version OR coalesce(max(e.version), 0) <> s.version
            OR coalesce(min(e.version), 1) <> 1""",
    "an event has no stream": "SELECT e.id FROM events e WHERE e.stream NOT IN (SELECT name FROM streams)",
    "not one notice to the guest for each change of what was told": """
        WITH reached AS (
            SELECT b.id, b.status, b.revision FROM bookings b JOIN guests g ON g.id = b.guest_id
            WHERE g.email IS NOT NULL AND b.channel <> 'walk-in'
        ), entries AS (
            SELECT r.id AS booking, e.data->'entry' AS entry,
                   lag(e.data->'entry') OVER (PARTITION BY r.id ORDER BY e.id) AS before
            FROM events e JOIN reached r ON r.id = (e.data->>'booking')::bigint
            WHERE e.stream LIKE 'day:%' AND e.data->>'entry' IS NOT NULL
        ), told AS (
            SELECT booking, (entry->>'revision')::integer AS revision FROM entries
            WHERE before IS NULL OR entry->>'status' = 'booked'
                AND (before->>'starts_at', before->>'guests') <> (entry->>'starts_at', entry->>'guests')
            UNION ALL SELECT id, revision FROM reached WHERE status = 'canceled'
        ), sent AS (
            SELECT booking_id, (payload->>'revision')::integer FROM outbox
            WHERE topic <> 'reminder' AND payload->>'audience' = 'guest' AND booking_id IS NOT NULL
        )
        (SELECT * FROM told EXCEPT ALL SELECT * FROM sent)
        UNION ALL (SELECT * FROM sent EXCEPT ALL SELECT * FROM told)""",
}
"""What must never be: for each rule a query that finds what breaks it."""


async def check_rules(connection: Any) -> None:
    """AssertionError when any rule of the house is broken by what is committed now. Run it when nobody writes."""
    broken = {
        rule: [tuple(row) for row in rows] for rule, query in BROKEN.items() if (rows := await connection.fetch(query))
    }
    assert not broken, broken
    await event_data.check_all(connection)
    await _check_replay(connection)


async def _check_replay(connection: Any) -> None:
    """Each stream's events, applied one by one to nothing, end at the rows."""
    events: dict[str, list[Event]] = defaultdict(list)
    for row in await connection.fetch("SELECT * FROM events ORDER BY stream, version"):
        data = json.loads(row["data"])
        before = events[row["stream"]][-1].id if events[row["stream"]] else 0
        event = Event(row["stream"], row["version"], row["kind"], data, row["at"], row["id"], before)
        events[row["stream"]].append(event)
    shown: dict[int, tuple[Any, ...]] = {}
    for stream in events.keys() - {TABLES}:
        day = day_of(stream)
        assert day is not None
        day_view = DayView(day, 0, {})
        assert all(day_view.apply(event) is ApplyResult.APPLIED for event in events[stream])
        for booking, entry in day_view.entries.items():
            assert booking not in shown, "a booking is on two days"
            since = entry.table_since or entry.seated_at or entry.starts_at
            has_tables = entry.status in ("booked", "arrived", "seated")
            own = tuple((table, since, entry.ends_at) for table in sorted(entry.tables) if has_tables)
            holds_its_own = entry.occupied == own and entry.table_id == entry.tables[0]
            shown[booking] = (day, *_columns(entry), holds_its_own)
    stored = {
        row["id"]: (row["service_date"], *_columns(row), True)
        for row in await connection.fetch("SELECT * FROM bookings WHERE status <> 'canceled'")
    }
    assert shown == stored
    floor = FloorView(0, ())
    assert all(floor.apply(event) is ApplyResult.APPLIED for event in events[TABLES])
    tables, areas, combinations = [
        await connection.fetch(query)
        for query in (
            "SELECT id, name, seats, area_id FROM tables WHERE retired_at IS NULL ORDER BY id",
            "SELECT id, name, rank, revision FROM areas WHERE retired_at IS NULL ORDER BY id",
            "SELECT c.id, c.name, min_guests, max_guests, c.revision, array_agg(m.table_id ORDER BY m.table_id) "
            "FROM combinations c JOIN combination_tables m ON m.combination_id = c.id WHERE c.retired_at IS NULL "
            "GROUP BY c.id ORDER BY c.id",
        )
    ]
    assert [(id, t.name, t.seats, t.area_id) for id, t in sorted(floor.tables.items())] == [*map(tuple, tables)]
    assert [(id, a.name, a.rank, a.revision) for id, a in sorted(floor.areas.items())] == [*map(tuple, areas)]
    assert [
        (id, each.name, each.min_guests, each.max_guests, each.revision, list(each.tables))
        for id, each in sorted(floor.combinations.items())
    ] == [*map(tuple, combinations)]


def _columns(source: Any) -> tuple[Any, ...]:
    names = ("user_id", "table_id", "guests", "starts_at", "ends_at", "status", "revision")
    if isinstance(source, asyncpg.Record):
        return tuple(source[name] for name in names)
    return tuple(getattr(source, name) for name in names)


# -- views, read from the rows


async def load_day(day: date) -> DayView:
    """The view of a day as the rows have it now."""
    return (await days.read(MAIN, day))[0]


async def load_floor() -> FloorView:
    """The floor as the rows have it now."""
    return (await floors.read(MAIN))[0]


# -- what a negative control does


VERSIONS_NOT_COMPARED = {"IF (v_row.is_version, v_row.is_head) <> (v_row.version, v_row.head) THEN": "IF false THEN"}
"""``hub_commit`` as it must not be: it writes what was decided on whatever."""


async def mutate(connection: Any, function: str, changes: Mapping[str, str]) -> None:
    """Replace pieces of a function's text in this database; each piece must occur exactly once."""
    text = str(await connection.fetchval("SELECT pg_get_functiondef($1::text::regproc)", function))
    for old, new in changes.items():
        assert text.count(old) == 1, f"{function} no longer has exactly one: {old}"
        text = text.replace(old, new)
    await connection.execute(text)


async def until_waiting(connection: Any, count: int) -> None:
    """Wait until ``count`` other connections to this database wait for a lock."""
    async with asyncio.timeout(10):
        while count != await connection.fetchval(WAITING):
            # Within a transaction the answer would stay what it was the first time.
            await connection.execute("SELECT pg_stat_clear_snapshot()")
            await asyncio.sleep(0.005)


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
