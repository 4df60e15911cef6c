"""Several venues on one database: made by the verbs, with people in each; and all that the database keeps of one."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import httpx

from hub.commands import venues
from hub.commands.holds import digest_of
from hub.commands.venues import NewVenue
from hub.config import Settings, load
from hub.domain.roles import OF_MEMBERS
from hub.domain.venue import VenueProfile
from hub.security import Tokens
from hub.store import database
from tests.servers import PATIENCE, HubServer, hash_of_the_password

TABLES = ((2, 2), (4, 2))
_sessions = itertools.count(10**9)
"""Of sessions that nobody has: they never end."""


async def add_venue(
    settings: Settings,
    slug: str,
    zone: str,
    *,
    group_of: str | None = None,
    tables: Sequence[tuple[int, int]] = TABLES,
    **rules: int,
) -> int:
    """Make a venue; returns its id. Needs an open database. ``rules`` are as in hub.store.venues.rules_of."""
    return await venues.add(
        settings, NewVenue(VenueProfile(slug=slug, name=f"At {slug}"), zone, rules, group_of, tables)
    )


def settings_of(hub: HubServer) -> Settings:
    return load(hub.environ, data_dir=hub.data_dir)


@contextlib.asynccontextmanager
async def database_of(hub: HubServer) -> AsyncIterator[Settings]:
    """The verbs work on this hub's database, by its settings, until the end."""
    settings = settings_of(hub)
    await database.connect(settings)
    try:
        yield settings
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class Person:
    """An account. ``name`` and ``email`` are nobody else's."""

    id: int
    name: str
    email: str
    phone: str
    token: str
    role: str = "user"
    """The account's own."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


VISITOR = Person(0, "", "", "", "", "")


async def make_person(connection: Any, tokens: Tokens, *, role: str = "user", label: str = "guest") -> Person:
    """An account whose address and password are its owner's, with a token."""
    unique = secrets.token_hex(6)
    name, email = f"{label.title()} {unique.title()}", f"{label}-{unique}@example.com"
    phone = f"+49{secrets.randbelow(10**10) + 10**10}"
    id = await connection.fetchval(
        "INSERT INTO users (email, phone_number, full_name, password_hash, role, language, verified_at, "
        "password_confirmed_at, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, 'en', statement_timestamp(), "
        "statement_timestamp(), statement_timestamp(), statement_timestamp()) RETURNING id",
        *(email, phone, name, hash_of_the_password(), role),
    )
    token, _ = tokens.make(user_id=id, role=role, session_id=next(_sessions))
    return Person(id, name, email, phone, token, role)


@dataclass(slots=True)
class Place:
    """A venue with its people; a table, an area and a combination with own names; a booking there of one of its
    guests, and a note about them; on the next day a block; and a hold, of which its token is known."""

    id: int
    slug: str
    prefix: str
    """Of its paths."""
    members: dict[str, Person] = field(default_factory=dict)
    """By role."""
    guest: Person = VISITOR
    table: dict[str, Any] = field(default_factory=dict)
    area: dict[str, Any] = field(default_factory=dict)
    """In which that table stands, with another one."""
    combination: dict[str, Any] = field(default_factory=dict)
    """Of the two."""
    booking: dict[str, Any] = field(default_factory=dict)
    block: dict[str, Any] = field(default_factory=dict)
    hold: dict[str, Any] = field(default_factory=dict)
    note: dict[str, Any] = field(default_factory=dict)
    waitlist_id: int = 0
    """An entry of the waitlist on the day of that booking, of the same guest."""

    @property
    def channel_prefix(self) -> str:
        return f"{self.slug}/" if self.prefix else ""

    @property
    def floor(self) -> list[str]:
        """The names of its own on its floor."""
        return [self.table["name"], self.area["name"], self.combination["name"]]

    @property
    def people(self) -> list[str]:
        """What nobody who does not work here may be told: of whom it speaks, the name of a booking, and a note."""
        everybody = [self.guest, *self.members.values()]
        told = [text for each in everybody for text in (each.name, each.email, each.phone)]
        return [*told, self.booking["reference"], self.note["text"]]


async def settle(connection: Any, hub: HubServer, client: httpx.AsyncClient, place: Place, admin: Person) -> None:
    """Give a venue its people, its floor and its booking. Needs an open database."""
    tokens, unique = Tokens(settings_of(hub)), secrets.token_hex(5)
    for role in OF_MEMBERS:
        place.members[role] = member = await make_person(connection, tokens, label=f"{place.slug}-{role}")
        await venues.set_member(slug=place.slug, email=member.email, role=role)
    place.guest = await make_person(connection, tokens, label=f"{place.slug}-guest")

    async def make(what: str, **body: Any) -> dict[str, Any]:
        made = await client.post(f"{place.prefix}/admin/{what}", json=body, headers=admin.headers)
        assert made.status_code == 201, made.text
        return dict(made.json())

    place.area = await make("areas", name=f"Gallery {unique}")
    stands = {"area_id": place.area["id"], "place": {"x": 0, "y": 0, "width": 50, "height": 50}}
    place.table, other = [
        await make("tables", name=f"{name} {unique}", seats=4, **stands) for name in ("Alcove", "Bay")
    ]
    place.combination = await make(
        "combinations", name=f"Square {unique}", table_ids=[place.table["id"], other["id"]], min_guests=5, max_guests=8
    )
    place.booking = await book(client, place, place.guest, days=20, table_id=place.table["id"])
    times = {name: next_day(place.booking[name]) for name in ("start_at", "end_at")}
    block = await client.post(
        f"{place.prefix}/blocks",
        json={"table_ids": [place.table["id"]], "reason": f"Paint {unique}", **times},
        headers=admin.headers,
    )
    assert block.status_code == 201, block.text
    place.block = block.json()
    note = await client.post(
        f"{place.prefix}/guests/{place.booking['guest']['id']}/notes",
        json={"kind": "access", "text": f"Ramp {unique}"},
        headers=admin.headers,
    )
    assert note.status_code == 201, note.text
    place.note = note.json()
    place.hold = {"token": f"hold-{unique}"}
    await connection.execute(  # by its row: one that was made by a call would end during the tests
        "INSERT INTO holds (venue_id, service_date, table_ids, starts_at, ends_at, guests, digest, expires_at) "
        "VALUES ($1, $2, $3, $4, $4::timestamptz + interval '2 hours', 2, $5, now() + interval '1 day')",
        place.id,
        date.fromisoformat(place.block["service_date"]) + timedelta(days=1),
        f"[{place.table['id']}]",
        datetime.fromisoformat(next_day(times["start_at"])),
        digest_of(place.hold["token"]),
    )
    place.waitlist_id = await add_waiting(connection, place)


def next_day(at: str) -> str:
    return (datetime.fromisoformat(at) + timedelta(days=1)).isoformat()


async def add_waiting(connection: Any, place: Place) -> int:
    """A party that waits on the day of the booking. Written by hand: anybody else can wait tonight alone."""
    async with connection.transaction():
        id: int = await connection.fetchval(
            "INSERT INTO waitlist (venue_id, group_id, service_date, guest_id, guests, status, place) "
            "SELECT venue_id, group_id, service_date, guest_id, 2, 'waiting', 1 FROM bookings WHERE id = $1 "
            "RETURNING id",
            place.booking["id"],
        )
        await connection.execute(
            "SELECT hub_lock(s.name), hub_append(s.name, 'queued', jsonb_build_object('wait', w.id, 'entry', "
            "hub_wait_entry(w)), NULL, NULL) FROM waitlist w, hub_stream(w.venue_id, w.service_date) AS s(name) "
            "WHERE w.id = $1",
            id,
        )
    return id


async def book(
    client: httpx.AsyncClient,
    place: Place,
    by: Person,
    *,
    day: str | None = None,
    days: int = 0,
    time: str = "18:00",
    **fields: Any,
) -> dict[str, Any]:
    """Book on a day, or on that which is so many days from the one that is on in the venue."""
    if day is None:
        day = day_after((await client.get(f"{place.prefix}/venue")).json()["service_day"], days)
    body = {"date": day, "time": time, "guests": 2, **fields}
    made = await client.post(f"{place.prefix}/bookings", json=body, headers=by.headers)
    assert made.status_code == 201, made.text
    return dict(made.json())


def day_after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


async def until_known(client: httpx.AsyncClient, place: Place) -> None:
    """Wait until the hub answers for a venue."""
    async with asyncio.timeout(PATIENCE):
        while (await client.get(f"{place.prefix}/venue")).status_code != 200:  # noqa: ASYNC110 another process learns
            await asyncio.sleep(0.05)


async def until_roles(client: httpx.AsyncClient, person: Person, roles: dict[str, str]) -> None:
    """Wait until the hub knows somebody in these roles, by slug."""
    async with asyncio.timeout(PATIENCE):
        while True:
            items = (await client.get("/venues", headers=person.headers)).json()["items"]
            found = {item["slug"]: item["roles"][0] for item in items}
            if roles.items() <= found.items():
                return
            await asyncio.sleep(0.05)


ROWS = {
    "bookings": "venue_id = $1",
    "occupancies": "venue_id = $1",
    "blocks": "venue_id = $1",
    "holds": "venue_id = $1",
    "waitlist": "venue_id = $1",
    "tables": "venue_id = $1",
    "areas": "venue_id = $1",
    "combinations": "venue_id = $1",
    "combination_tables": "venue_id = $1",
    "streams": "venue_id = $1",
    "events": "venue_id = $1",
    "outbox": "venue_id = $1",
    "guest_notes": "guest_id IN (SELECT guest_id FROM bookings WHERE venue_id = $1)",
    "memberships": "venue_id = $1",
    "venues": "id = $1",
}


EVERY_ROW = " UNION ALL ".join(
    f"SELECT '{table}' AS name, to_jsonb(t)::text AS row FROM {table} t WHERE {which}" for table, which in ROWS.items()
)


async def rows_of(connection: asyncpg.Connection[Any], venue_id: int) -> dict[str, list[str]]:
    """All that the database keeps of a venue, row by row."""
    found: dict[str, list[str]] = {table: [] for table in ROWS}
    for name, row in await connection.fetch(f"{EVERY_ROW} ORDER BY 1, 2", venue_id):
        found[name].append(row)
    return found
