"""A hub with people and things that requests of every route name."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import orjson
from argon2 import PasswordHasher

from hub.config import Settings
from hub.security import Tokens
from hub.store import account_tokens
from tests.every_route import (
    EACH,
    EACH_TONIGHT,
    EACH_WAITING,
    USERS,
    Town,
    add_area,
    add_combination,
    add_note,
    add_table,
    book,
    close_tables,
    hold,
    wait,
    walk_in,
)
from tests.integration.http.conftest import connected, read_answer, send
from tests.servers import PASSWORD, HubServer
from tests.tonight import let_begin, soon

AT_ONCE = 20


async def answered(hub: HubServer | int, request: bytes) -> tuple[int, bytes]:
    end = await connected(hub)
    try:
        await send(end, request)
        status, _, body = await read_answer(end)
        return status, body
    finally:
        end.close()


async def settle(hub: HubServer, settings: Settings, connection: asyncpg.Connection[Any]) -> Town:
    hashed = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)
    rows = await connection.fetch(
        "INSERT INTO users (email, full_name, password_hash, role, language, verified_at) "
        "SELECT 'town-' || n || '@example.com', 'Ada Guest', $1, CASE n WHEN 0 THEN 'admin' ELSE 'user' END, 'en', "
        "clock_timestamp() FROM generate_series(0, $2) n RETURNING id, email",
        hashed,
        USERS,
    )
    ids, emails = [row["id"] for row in rows], [row["email"] for row in rows]
    # Of different people: a link that is taken uses up others of its account.
    of_links = {"verify": ids[2:EACH], "reset": ids[EACH : 2 * EACH]}
    links: dict[str, list[str]] = {kind: [] for kind in of_links}
    for kind, people in of_links.items():
        for user in people:
            links[kind].append(link := secrets.token_urlsafe(32))
            await connection.execute(
                "INSERT INTO account_tokens (user_id, kind, digest, expires_at) "
                "VALUES ($1, $2, $3, clock_timestamp() + interval '1 hour')",
                user,
                kind,
                account_tokens.digest(link),
            )
    session = await connection.fetchval("INSERT INTO sessions (user_id) VALUES ($1) RETURNING id", ids[1])
    zone = ZoneInfo(hub.environ.get("RESTAURANT_TIMEZONE", "UTC"))
    town = Town(Tokens(settings), ids[0], ids[1:], emails[1:], links, session, zone)

    await make(hub, (book(town, "14:00") for _ in range(EACH)), town.bookings)
    await make(hub, (add_table(town) for _ in range(EACH)), town.tables)
    await make(hub, (close_tables(town) for _ in range(EACH)), town.blocks)
    await make(hub, (hold(town) for _ in range(EACH)), town.holds, "token")
    await make(hub, (add_area(town) for _ in range(EACH)), town.areas)
    together: list[int] = []
    await make(hub, (add_table(town) for _ in range(20)), together)
    town.pairs += itertools.combinations(together, 2)
    await make(hub, (add_combination(town) for _ in range(EACH)), town.combinations)
    await _fill_tonight(hub, connection, town)
    for into in (town.guests, town.gone):
        made = await connection.fetch(
            "INSERT INTO guests (group_id, name, language) "
            "SELECT 1, 'Ida', 'en' FROM generate_series(1, $1) RETURNING id",
            EACH,
        )
        into += [row["id"] for row in made]
    for guest in town.guests:
        noted: list[int] = []
        await make(hub, [add_note(town, guest)], noted)
        town.notes.append((guest, *noted))
    return town


async def make(hub: HubServer, requests: Iterable[bytes], into: list[Any], what: str = "id") -> None:
    """Carry these out, AT_ONCE at a time, and note the ids of what they made, or ``what`` else their answers say."""
    left = iter(requests)

    async def some() -> None:
        for request in left:
            status, body = await answered(hub, request)
            assert status == 201, body
            into.append(orjson.loads(body)[what])

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _fill_tonight(hub: HubServer, connection: asyncpg.Connection[Any], town: Town) -> None:
    """Bookings of today at tables of their own, for what is done in the room."""
    seated = {"finish": EACH_TONIGHT, "extend": 1, "table": 1}
    booked = dict.fromkeys(("arrive", "seat", "no-show", "undo"), EACH_TONIGHT)
    count = 2 * EACH_TONIGHT + sum(seated.values()) + sum(booked.values())
    await make(hub, (add_table(town) for _ in range(count)), town.spare)
    for what, count in seated.items():
        await make(hub, (walk_in(town) for _ in range(count)), town.tonight.setdefault(what, []))
    at = soon(hub.environ["RESTAURANT_TIMEZONE"])
    for what, count in booked.items():
        bodies = ({**at, "guests": 1, "table_id": town.spare.pop()} for _ in range(count))
        requests = (town.request("POST", "/bookings", body, user=town.admin) for body in bodies)
        await make(hub, requests, town.tonight.setdefault(what, []))
    for booking in town.tonight["no-show"]:
        await let_begin(connection, booking)
    for booking in town.tonight["undo"]:
        status, body = await answered(hub, town.request("POST", f"/bookings/{booking}/arrive", user=town.admin))
        assert status == 200, body
    for what, count in EACH_WAITING.items():
        await make(hub, (wait(town) for _ in range(count)), town.parties.setdefault(what, []))
    for party in town.parties["undo"]:
        status, body = await answered(hub, town.request("POST", f"/waitlist/{party}/ready", user=town.admin))
        assert status == 200, body
