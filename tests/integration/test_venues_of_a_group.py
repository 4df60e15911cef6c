"""Two venues of one group: what the staff of one see of the guests that they share, and what never.

Shared are the guests, the notes about them, and their visits as a number. Where and when they dined in the other venue,
who waits there and how full it is, its staff alone see; and hosts read the notes about those who come to their own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from hub.commands import service_stats, venues
from hub.config import Settings
from hub.security import Tokens
from hub.store import venues as stored
from hub.views.context import VenueContext
from tests.http_clients import http_client
from tests.integration.rest import running
from tests.servers import Servers
from tests.tonight import let_begin, midday, soon, zone
from tests.venues import Person, Place, add_venue, database_of, make_person, settings_of, until_known, until_roles
from tests.writing import writing_context

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPEN = {"opens": 6 * 60, "closes": 22 * 60}
IDA, WIM = {"name": "Ida Shared", "phone": "+4915550020001"}, {"name": "Wim Shared", "phone": "+4915550020002"}
VISITED = (
    "INSERT INTO bookings (venue_id, group_id, guest_id, table_id, reference, channel, needs, link_version, guests, "
    "starts_at, ends_at, service_date, status, revision, created_at, updated_at, seated_at, left_at) "
    "SELECT t.venue_id, t.group_id, $1, t.id, $3, 'phone', '[]', 1, 2, a.at, a.at + interval '2 hours', $5, "
    "'finished', 1, a.at, a.at, a.at, a.at + interval '1 hour' FROM tables t, (SELECT $4::timestamptz AS at) a "
    "WHERE t.id = $2"
)
"""A visit of the past: no request can make one."""


@dataclass(slots=True)
class Group:
    """``here`` is the venue that looks, ``sister`` the other one, where Ida has a booking tonight, and Wim waits.
    ``both`` works in the two: a manager here, a host there."""

    client: httpx.AsyncClient
    settings: Settings
    here: Place
    sister: Place
    both: Person
    tables: dict[str, int]
    """One of each venue, by slug: where Ida sat."""
    days: dict[str, date] = field(default_factory=dict)
    """When Ida was there, by slug: in the sister venue later."""
    ida: dict[str, Any] = field(default_factory=dict)
    """Her booking tonight."""
    waits: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The entry on the waitlist, by guest's name."""

    async def ask(self, by: Person, place: Place, method: str, path: str, **given: Any) -> httpx.Response:
        return await self.client.request(method, place.prefix + path, headers=by.headers, **given)

    async def done(self, by: Person, place: Place, method: str, path: str, **given: Any) -> Any:
        answer = await self.ask(by, place, method, path, **given)
        assert answer.is_success, answer.text
        return answer.json()

    async def known(self, place: Place, role: str, guest_id: int) -> dict[str, Any]:
        """What one of a venue's staff is told of a guest: found, and read, it is the same."""
        by = place.members[role]
        read = await self.done(by, place, "GET", f"/guests/{guest_id}")
        items = (await self.done(by, place, "GET", "/guests", params={"q": "Shared"}))["items"]
        [found] = [item for item in items if item["id"] == guest_id]
        assert found == {name: read[name] for name in found}
        return dict(found)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def group(servers: Servers, template: str, folder: Path) -> AsyncIterator[Group]:
    async with running(servers, template, folder, **midday()) as hub:
        rows = await asyncpg.connect(hub.environ["DATABASE_URL"])
        async with database_of(hub) as settings, http_client(base_url=hub.url, timeout=20) as client:
            sister_id = await add_venue(settings, "sister", zone(), group_of="main", tables=((2, 4), (6, 1)), **OPEN)
            here, sister = Place(1, "main", ""), Place(sister_id, "sister", "/v/sister")
            await until_known(client, sister)
            tokens = Tokens(settings_of(hub))
            both = await make_person(rows, tokens, label="both")
            for place, role_of_both in ((here, "manager"), (sister, "host")):
                await venues.set_member(slug=place.slug, email=both.email, role=role_of_both)
                for role in ("host", "manager"):
                    place.members[role] = await make_person(rows, tokens, label=f"{place.slug}-{role}")
                    await venues.set_member(slug=place.slug, email=place.members[role].email, role=role)
                    await until_roles(client, place.members[role], {place.slug: role})
            await until_roles(client, both, {"main": "manager", "sister": "host"})
            tables = {
                place.slug: await rows.fetchval(
                    "UPDATE tables SET name = $2 WHERE id = (SELECT min(id) FROM tables WHERE venue_id = $1) "
                    "RETURNING id",
                    *(place.id, f"Only at {place.slug}"),
                )
                for place in (here, sister)
            }
            made = Group(client, settings, here, sister, both, tables)
            await fill(made, rows)
            yield made
        await rows.close()


async def fill(group: Group, rows: asyncpg.Connection[Any]) -> None:
    here, sister, host = group.here, group.sister, group.sister.members["host"]
    begins = soon(zone())
    group.ida = await group.done(host, sister, "POST", "/bookings", json={**begins, "guests": 2, "guest": IDA})
    ida = group.ida["guest"]["id"]
    for days, place in ((40, here), (10, sister)):
        at = datetime.now(UTC) - timedelta(days=days)
        group.days[place.slug] = at.date()
        await rows.execute(VISITED, ida, group.tables[place.slug], "PAST" + "23456789"[place.id] * 4, at, at.date())
    large = await rows.fetch("SELECT venue_id, id FROM tables WHERE seats = 6")
    for venue_id, table in large:  # parties of five wait for them
        place = here if venue_id == here.id else sister
        body = {"guests": 5, "table_ids": [table]}
        await group.done(place.members["host"], place, "POST", "/walk-ins", json=body)
    for place, by, guest in (
        (here, group.both, {"name": "Eve Here"}),
        (sister, group.both, WIM),
        (sister, host, {"name": "Abe There"}),
    ):
        group.waits[guest["name"]] = await group.done(by, place, "POST", "/waitlist", json={"guests": 5, **guest})
    for place, guest_id in ((here, ida), (sister, ida), (here, group.waits[WIM["name"]]["guest_id"])):
        for kind, text in (("dietary", "No nuts"), ("note", "Likes the window")):
            body = {"kind": kind, "text": f"{text}, says {place.slug}"}
            await group.done(place.members["manager"], place, "POST", f"/guests/{guest_id}/notes", json=body)
    free = [
        row["id"]
        for row in await rows.fetch(
            "SELECT t.id FROM tables t WHERE t.venue_id = $1 AND NOT EXISTS (SELECT FROM occupancies o "
            "WHERE o.table_id = t.id) ORDER BY t.id DESC",
            sister.id,
        )
    ]
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    times = {"start_at": (now + timedelta(minutes=2)).isoformat(), "end_at": (now + timedelta(hours=2)).isoformat()}
    block = await group.done(
        group.sister.members["manager"],
        sister,
        "POST",
        "/blocks",
        json={"table_ids": free[:1], "reason": "Wet", **times},
    )
    await rows.execute("UPDATE occupancies SET starts_at = $2 WHERE block_id = $1", block["id"], now)
    await group.done(
        host, sister, "POST", "/holds", json={"date": begins["date"], "time": "20:00", "guests": 2, "table_id": free[1]}
    )
    await let_begin(rows, group.ida["id"])


def texts(known: dict[str, Any]) -> list[str]:
    return [note["text"] for note in known["notes"]]


async def test_last_visit_is_of_the_venue_that_asks_and_visits_are_of_the_group(group: Group) -> None:
    for place in (group.here, group.sister):
        known = await group.known(place, "host", group.ida["guest"]["id"])
        last = {"date": group.days[place.slug].isoformat(), "table": f"Only at {place.slug}"}
        assert (known["visits"], known["last"]) == (2, last)


async def test_host_reads_no_notes_of_who_comes_to_the_other_venue(group: Group) -> None:
    """Neither of one with a booking there, nor of one who waits there."""
    written = [f"{text}, says {slug}" for slug in ("main", "sister") for text in ("No nuts", "Likes the window")]
    for guest_id, expected in (
        (group.ida["guest"]["id"], written),
        (group.waits[WIM["name"]]["guest_id"], written[:2]),
    ):
        assert texts(await group.known(group.here, "host", guest_id)) == []
        assert texts(await group.known(group.sister, "host", guest_id)) == expected
        for place in (group.here, group.sister):
            assert texts(await group.known(place, "manager", guest_id)) == expected


async def test_dietary_note_is_kept_for_the_visits_in_all_venues(group: Group) -> None:
    known = await group.known(group.here, "manager", group.ida["guest"]["id"])
    tonight = date.fromisoformat(group.ida["service_date"])
    kept = {note["keep_until"] for note in known["notes"] if note["kind"] == "dietary"}
    assert kept == {(tonight + timedelta(days=7)).isoformat()}


async def test_waitlist_is_each_venues_own(group: Group) -> None:
    for place, names in ((group.here, ["Eve Here"]), (group.sister, [WIM["name"], "Abe There"])):
        listed = await group.done(place.members["host"], place, "GET", "/waitlist")
        assert [item["guest_name"] for item in listed["items"]] == names


async def test_history_is_told_where_it_happened_with_the_role_there(group: Group) -> None:
    """Of an entry of the waitlist and of a booking: also one who works in both must ask the right one."""
    wait = f"/waitlist/{group.waits[WIM['name']]['id']}"
    for path in (wait, f"{wait}/history", f"/bookings/{group.ida['id']}", f"/bookings/{group.ida['id']}/history"):
        for by in (group.here.members["host"], group.here.members["manager"], group.both):
            answer = await group.ask(by, group.here, "GET", path)
            assert answer.status_code == 404, answer.text
    for place, name, role in ((group.here, "Eve Here", "manager"), (group.sister, WIM["name"], "host")):
        path = f"/waitlist/{group.waits[name]['id']}/history"
        [joined] = await group.done(place.members["host"], place, "GET", path)
        assert (joined["action"], joined["actor"]["name"], joined["actor"]["role"]) == ("joined", group.both.name, role)


async def test_numbers_of_the_day_are_each_venues_own(group: Group) -> None:
    here, sister = await contexts(group.settings, "main", "sister")
    alone = {"late": 0, "overdue": 0, "waiting": 1, "held": 0, "closed": 0}
    counted = await service_stats.count(here)
    assert (counted.now.tables, counted.now.seats, counted.now.taken) == (16, 50, 3)
    assert counted.now.parties == alone
    assert counted.bookings == {"seated": 3}
    counted = await service_stats.count(sister)
    assert (counted.now.tables, counted.now.seats, counted.now.taken) == (5, 14, 2)
    assert counted.now.parties == {"late": 1, "overdue": 0, "waiting": 2, "held": 1, "closed": 1}
    assert counted.bookings == {"booked": 1, "seated": 1}


async def contexts(settings: Settings, *slugs: str) -> list[VenueContext]:
    shared = writing_context(settings, lambda events: None).shared
    shared.learn(await stored.read(settings))
    return [found for slug in slugs if (found := shared.named(slug)) is not None]
