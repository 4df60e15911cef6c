"""What the hub asks of PostgreSQL: version, settings, schema, role, bookings that fit the rules, clock, connections."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import asyncpg

from hub.commands import stranded
from hub.config import Settings
from hub.errors import Unavailable
from hub.process.doctor.findings import NOTE, WELL, WRONG, Finding, Findings
from hub.store import database, main_venue, migration, postgres, roles, venues

OLDEST = 140000
"""The first version that has all that is asked of it, as server_version_num."""
MOST_DRIFT_SECONDS = 0.25
"""Between the database's clock and this machine's: tokens are judged by the one, deadlines by the other."""
WORKER_CONNECTIONS = 6
MOST_NAMED = 5


async def check_postgresql(settings: Settings, learn: Callable[[Settings], object] = lambda served: None) -> Findings:
    """``learn`` is given the settings with venue 1 as the hub has it."""
    connection = await postgres.connect(settings.database_url, prepared=settings.prepared_statements)
    try:
        served, otherwise = await _as_served(connection, settings)
        learn(served)
        return [
            *await _version(connection),
            *await _encoding(connection),
            *await _durability(connection),
            *await _migrations(connection),
            *await _role(connection, settings),
            *otherwise,
            *await _stranded(connection, served),
            *await check_clock(connection),
            *await _connections(connection, settings),
        ]
    finally:
        connection.terminate()


async def _as_served(connection: Any, settings: Settings) -> tuple[Settings, Findings]:
    """The settings with venue 1 as the hub has it, and what this shell says otherwise."""
    try:
        served = await main_venue.as_served(settings, connection.fetch)
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return settings, []  # the missing migrations are said beside it
    except ValueError as error:
        return settings, [Finding(WRONG, f"{error}: install its time-zone data")]
    return served, [Finding(NOTE, line) for line in main_venue.overruled(settings, served)]


async def _version(connection: Any) -> Findings:
    version = (await connection.fetchval("SHOW server_version")).split()[0]
    if int(await connection.fetchval("SHOW server_version_num")) < OLDEST:
        return [Finding(WRONG, f"PostgreSQL {version} is too old: upgrade it to {OLDEST // 10000} or later")]
    return [Finding(WELL, f"PostgreSQL {version}")]


async def _encoding(connection: Any) -> Findings:
    try:
        database.check_encoding(await connection.fetchval("SHOW server_encoding"))
    except Unavailable as error:
        return [Finding(WRONG, error.message.rstrip("."))]
    return []


async def _durability(connection: Any) -> Findings:
    """What an acknowledged booking needs to be there after a crash."""
    costs = {
        "fsync": "a crash of the machine may destroy the database",
        "full_page_writes": "a crash of the machine may destroy pages of the database",
        "synchronous_commit": "a crash may lose bookings of the last second that were acknowledged",
    }
    off = [name for name in costs if await connection.fetchval(f"SHOW {name}") == "off"]
    if not off:
        return [Finding(WELL, f"PostgreSQL keeps what it acknowledges: {', '.join(costs)} are not off")]
    return [
        Finding(WRONG, f"{name} is off: {costs[name]}: set {name} = on in postgresql.conf, or for this role")
        for name in off
    ]


async def _migrations(connection: Any) -> Findings:
    try:
        rows = await connection.fetch("SELECT version FROM aerich WHERE app = 'models'")
    except asyncpg.UndefinedTableError:
        rows = []
    applied, known = {row["version"] for row in rows}, migration.known()
    if missing := sorted(known - applied):
        return [Finding(WRONG, f"migrations are missing ({', '.join(missing)}): run hub migrate")]
    if newer := sorted(applied - known):
        return [Finding(NOTE, f"the database is newer than this hub ({', '.join(newer)}): start the newer version")]
    return [Finding(WELL, f"all {len(known)} migrations are applied")]


async def _role(connection: Any, settings: Settings) -> Findings:
    """What the serving role may do, and what its sessions are set to."""
    name, mighty, creates = await connection.fetchrow(
        "SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), "
        "has_schema_privilege(current_schema(), 'CREATE')"
    )
    findings: Findings = []
    if mighty or creates:
        may = "is a superuser" if mighty else "may change tables"
        do = "give the hub a role of its own: MIGRATION_DATABASE_URL is for the owner"
        findings.append(Finding(NOTE, f"the role {name}, which serves, {may}: {do}"))
    lacking = [
        row["relname"]
        for row in await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' "
            "AND NOT has_table_privilege(oid, CASE relname WHEN 'aerich' THEN 'SELECT' ELSE 'INSERT' END) ORDER BY 1"
        )
    ]
    if lacking:
        findings.append(Finding(WRONG, f"the role {name} may not write {', '.join(lacking)}: run hub migrate"))
    isolation = await connection.fetchval("SHOW default_transaction_isolation")
    if isolation != "read committed":
        findings.append(Finding(WRONG, f"the isolation of {name}'s sessions is {isolation}: run hub migrate"))
    unbounded = [each for each in roles.SETTINGS if await connection.fetchval(f"SHOW {each}") == "0"]
    if unbounded:
        findings.append(Finding(NOTE, f"no bound for {name}: {', '.join(unbounded)} is 0: run hub migrate"))
    return findings or [Finding(WELL, f"the role {name} reads and writes rows, and may do nothing else")]


async def _stranded(connection: Any, settings: Settings) -> Findings:
    """Bookings to come that the zone and the hours, as they are set now, do not fit."""
    try:
        open_venues = await venues.read(settings, connection.fetch)
        found = [
            each
            for venue, rules in [(settings.venue, settings.rules), *open_venues]
            for each in await stranded.find(connection, venue.id, rules)
        ]
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return []  # the missing migrations are said already
    if not found:
        return [Finding(WELL, "every booking to come fits the opening hours and the zone")]
    named = ", ".join(map(str, found[:MOST_NAMED])) + (", …" if len(found) > MOST_NAMED else "")
    return [
        Finding(
            WRONG,
            f"bookings to come that do not fit the opening hours or the zone: {len(found)} ({named}): move or "
            "cancel them, or set the rules back",
        )
    ]


async def check_clock(connection: Any) -> Findings:
    began, running = time.time(), time.monotonic()
    there = await connection.fetchval("SELECT clock_timestamp()")
    round_trip = time.monotonic() - running
    ahead = there.timestamp() - (
        began + round_trip / 2
    )  # asked in the middle of the round trip, half of it at most off
    said = f"PostgreSQL's clock is {abs(ahead) * 1000:.0f} ms {'ahead of' if ahead > 0 else 'behind'} this machine's"
    if abs(ahead) > MOST_DRIFT_SECONDS + round_trip / 2:
        return [Finding(WRONG, f"{said}: let both follow the same time server (NTP)")]
    return [Finding(WELL, f"{said} (± {round_trip * 500:.0f} ms)")]


async def _connections(connection: Any, settings: Settings) -> Findings:
    most = int(await connection.fetchval("SHOW max_connections"))
    kept = int(await connection.fetchval("SHOW superuser_reserved_connections"))
    wanted = settings.workers * (database.POOL_SIZE + database.APART + database.MODELS_POOL_SIZE) + WORKER_CONNECTIONS
    said = (
        f"PostgreSQL takes {most - kept} connections; one hub (WORKERS={settings.workers}) and a worker want {wanted}"
    )
    if wanted > most - kept:
        return [Finding(NOTE, f"{said}: raise max_connections, or lower WORKERS")]
    return [Finding(WELL, said)]
