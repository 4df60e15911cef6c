"""Who may call what: every operation of the OpenAPI document as nobody, a guest, another guest, a host and an admin."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
import pytest_asyncio

from hub.manage_links import Link, ManageLinks
from hub.rest import openapi
from hub.store.account_tokens import digest
from hub.wait_links import WaitLinks
from tests import tonight
from tests.conftest import SECRET_KEY
from tests.integration.rest import counts, day_after, query, refused, running
from tests.servers import PASSWORD, HubServer, Servers

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER = "another good password"
ROLES = ("anonymous", "owner", "other", "host", "admin")
"""``owner`` is the user who made the booking that a call names, ``other`` another user."""
OPEN = ("ok",) * 5
USERS = ("auth_error", "ok", "ok", "ok", "ok")
OWNER_AND_STAFF = ("auth_error", "ok", "not_found", "ok", "ok")
STAFF = ("auth_error", "forbidden", "forbidden", "ok", "ok")
ADMINS = ("auth_error", "forbidden", "forbidden", "forbidden", "ok")
# Staff may, but the booking is for another day, or names no table; tests/integration/evening does it on an evening.
STAFF_IN_TIME = ("auth_error", "forbidden", "forbidden", "conflict", "conflict")
STAFF_AT_A_TABLE = ("auth_error", "forbidden", "forbidden", "not_found", "not_found")

EXPECTED: dict[str, tuple[str, ...]] = {
    # operationId          anonymous     owner        other        host         admin
    "register":              OPEN,
    "log_in":                OPEN,
    "refresh":               USERS,
    "log_out":               USERS,
    "who_am_i":              USERS,
    "change_profile":        USERS,
    "erase":                 USERS,
    "export":                USERS,
    "change_password":       USERS,
    "verify":                OPEN,
    "ask_reset":             OPEN,
    "reset":                 OPEN,
    "list_available_tables": USERS,
    "book":                  USERS,
    "hold":                  USERS,
    "release_hold":          USERS,
    "extend_hold":           USERS,
    "close_tables":          STAFF,
    "list_blocks":           STAFF,
    "open_tables":           STAFF,
    "list_my_bookings":      USERS,
    "search_bookings":       STAFF,
    "read_booking":          OWNER_AND_STAFF,
    "reschedule_booking":    OWNER_AND_STAFF,
    "cancel_booking":        OWNER_AND_STAFF,
    "walk_in":               STAFF,
    "arrive":                STAFF,
    "seat":                  STAFF,
    "finish":                STAFF,
    "no_show":               STAFF,
    "undo":                  STAFF,
    "extend":                STAFF,
    "move":                  STAFF,
    "open_manage_link":      OPEN,
    "search_guests":         STAFF,
    "read_guest":            STAFF,
    "add_guest_note":        STAFF,
    "remove_guest_note":     STAFF,
    "change_guest":          STAFF,
    "erase_guest":           ADMINS,
    "read_floor":            STAFF,
    "print_day":             STAFF,
    "read_booking_history":  STAFF,
    "read_availability":     USERS,
    "read_starts":           OPEN,
    "list_tables":           ADMINS,
    "add_table":             ADMINS,
    "change_table":          ADMINS,
    "remove_table":          ADMINS,
    "list_areas":            ADMINS,
    "add_area":              ADMINS,
    "change_area":           ADMINS,
    "remove_area":           ADMINS,
    "list_combinations":     ADMINS,
    "add_combination":       ADMINS,
    "change_combination":    ADMINS,
    "remove_combination":    ADMINS,
    "list_waitlist":         STAFF,
    "join_waitlist":         STAFF,
    "waitlist_ready":        STAFF,
    "waitlist_here":         STAFF,
    "waitlist_leave":        STAFF,
    "waitlist_seat":         STAFF,
    "undo_waitlist":         STAFF,
    "read_waitlist_entry":   STAFF,
    "read_waitlist_history": STAFF,
    "change_waitlist_entry": STAFF,
    "estimate_wait":         OPEN,
    "read_place":            OPEN,
    "place_here":            OPEN,
    "place_leave":           OPEN,
    "list_venues":           USERS,
    "read_venue":            OPEN,
    "is_live":               OPEN,
    "is_ready":              OPEN,
    "read_metrics":          OPEN,
}  # fmt: skip

IN_PATHS = (
    "booking_id", "table_id", "area_id", "combination_id", "guest_id", "note_id", "block_id", "waitlist_id", "token",
    "date",
)  # fmt: skip
OPERATIONS = {
    operation["operationId"]: (method.upper(), path)
    for path, item in openapi.document()["paths"].items()
    for method, operation in item.items()
}
BOOKED, SEATED = {"arrive", "seat", "no_show", "undo"}, {"finish", "extend", "move"}
"""What is done to a booking of today: to one that is booked, or to a party that sits."""
_number, _days = itertools.count(), itertools.count(30)


@dataclass(slots=True)
class World:
    hub: HubServer
    people: dict[str, httpx.AsyncClient]
    emails: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(servers: Servers, template: str, folder: Path) -> AsyncIterator[World]:
    async with running(servers, template, folder, **tonight.midday()) as hub:
        accounts = {
            "owner": await hub.register(),
            "other": await hub.register(),
            "host": await hub.staff("host"),
            "admin": await hub.staff("admin"),
        }
        people = {"anonymous": hub.client()} | {role: account.client for role, account in accounts.items()}
        yield World(hub, people, {role: account.email for role, account in accounts.items()})


def a_day() -> str:
    """One on which nobody has asked for anything."""
    return day_after(next(_days))


async def a_booking(world: World) -> dict[str, Any]:
    body = {"date": a_day(), "time": "18:00"}
    made: dict[str, Any] = (await world.people["owner"].post("/bookings", json=body)).json()
    return made


def a_block(world: World, day: str) -> dict[str, Any]:
    """At an hour at which the restaurant is open, whose zone is one where it is evening now."""
    zone = ZoneInfo(world.hub.environ["RESTAURANT_TIMEZONE"])
    since, until = (datetime.combine(date.fromisoformat(day), time(hour), zone).isoformat() for hour in (20, 21))
    return {"table_ids": [16], "start_at": since, "end_at": until}


async def a_booking_of_today(world: World, name: str) -> int:
    """One at a table of its own, to which that may be done."""
    host, table = world.people["host"], (await a_table(world))["id"]
    if name in SEATED:
        made = await host.post("/walk-ins", json={"guests": 1, "table_ids": [table]})
    else:
        body = {**tonight.soon(world.hub.environ["RESTAURANT_TIMEZONE"]), "table_id": table}
        made = await host.post("/bookings", json=body)
    assert made.status_code == 201, made.text
    id: int = made.json()["id"]
    if name == "no_show":
        connection = await asyncpg.connect(world.hub.environ["DATABASE_URL"])
        await tonight.let_begin(connection, id)
        await connection.close()
    if name == "undo":
        assert (await host.post(f"/bookings/{id}/arrive")).status_code == 200
    return id


async def a_table(world: World) -> dict[str, Any]:
    body = {"name": f"table {next(_number)}", "seats": 4}
    made: dict[str, Any] = (await world.people["admin"].post("/admin/tables", json=body)).json()
    return made


async def an_area(world: World) -> dict[str, Any]:
    body = {"name": f"area {next(_number)}"}
    made: dict[str, Any] = (await world.people["admin"].post("/admin/areas", json=body)).json()
    return made


async def pair_of_tables(world: World) -> dict[str, Any]:
    """What is sent for a combination of two tables that are in none."""
    ids = [(await a_table(world))["id"] for _ in range(2)]
    return {"table_ids": ids, "min_guests": 5, "max_guests": 8}


async def a_combination(world: World) -> dict[str, Any]:
    body = await pair_of_tables(world)
    made: dict[str, Any] = (await world.people["admin"].post("/admin/combinations", json=body)).json()
    return made


async def a_guest(world: World) -> int:
    """One without an account, and without a booking."""
    text = "INSERT INTO guests (group_id, name, language) VALUES (1, 'Ida Guest', 'en') RETURNING id"
    [made] = await query(world.hub, text)
    return int(made["id"])


async def a_note(world: World, guest: int) -> int:
    made = await world.people["host"].post(f"/guests/{guest}/notes", json={"kind": "note", "text": "Window seat"})
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


async def a_waiting_party(world: World) -> int:
    body = {"guests": 1, "name": f"Abe {next(_number)}", "force": True}
    made = await world.people["host"].post("/waitlist", json=body)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


async def a_link(world: World, kind: str) -> str:
    """The token of a link that was mailed to somebody."""
    account, token = await world.hub.register(), f"token {next(_number)}"
    text = (
        "INSERT INTO account_tokens (user_id, kind, digest, expires_at) "
        "SELECT id, $2, $3, clock_timestamp() + interval '1 hour' FROM users WHERE email = $1"
    )
    await query(world.hub, text, account.email, kind, digest(token))
    return token


async def a_valid_call(world: World, name: str, path: str) -> tuple[str, dict[str, Any]]:
    """The URL and what httpx sends with it, right in everything but perhaps who calls."""
    if name in BOOKED | SEATED:
        path = path.format(booking_id=await a_booking_of_today(world, name))
    if "{booking_id}" in path:
        path = path.format(booking_id=(await a_booking(world))["id"])
    if "{table_id}" in path:
        path = path.format(table_id=(await a_table(world))["id"])
    if "{area_id}" in path:
        path = path.format(area_id=(await an_area(world))["id"])
    if "{combination_id}" in path:
        path = path.format(combination_id=(await a_combination(world))["id"])
    if "{note_id}" in path:
        guest = await a_guest(world)
        path = path.format(guest_id=guest, note_id=await a_note(world, guest))
    if "{guest_id}" in path:
        path = path.format(guest_id=await a_guest(world))
    if "{block_id}" in path:
        made = await world.people["admin"].post("/blocks", json=a_block(world, a_day()))
        path = path.format(block_id=made.json()["id"])
    if "{token}" in path:
        body = {"date": a_day(), "time": "12:00"}
        path = path.format(token=(await world.people["owner"].post("/holds", json=body)).json()["token"])
    if "{waitlist_id}" in path:
        ahead = await a_waiting_party(world)
        path = path.format(waitlist_id=await a_waiting_party(world) if name == "change_waitlist_entry" else ahead)
        if name == "undo_waitlist":
            await world.people["admin"].post(path.replace("/undo", "/leave"))
    if "{date}" in path:
        path = path.format(date=day_after(10))
    number = next(_number)
    link = await a_link(world, name) if name in ("verify", "reset") else ""
    if name == "open_manage_link":
        link = ManageLinks(SECRET_KEY).make(Link((await a_booking(world))["id"], 1))
    if name in ("read_place", "place_here", "place_leave"):
        link = WaitLinks(SECRET_KEY).make(await a_waiting_party(world))
    day = a_day() if name in ("book", "hold", "close_tables") else ""
    bodies: dict[str, dict[str, Any]] = {
        "register": {
            "email": f"guest-{number}@example.com",
            "password": PASSWORD,
            "phone_number": f"+4915550{number:06}",
            "full_name": "Grace Guest",
        },
        "log_in": {"email": world.emails["owner"], "password": PASSWORD},
        "log_out": {},
        "change_profile": {"language": "ru"},
        "change_password": {"old": PASSWORD, "new": OTHER},
        "verify": {"token": link, "password": OTHER},
        "ask_reset": {"email": world.emails["owner"]},
        "reset": {"token": link, "password": OTHER},
        "book": {"date": day, "time": "18:00"},
        "hold": {"date": day, "time": "12:00"},
        "close_tables": a_block(world, day) if day else {},
        "walk_in": {"guests": 1, "table_ids": [(await a_table(world))["id"]] if name == "walk_in" else []},
        "extend": {"minutes": 15},
        "move": {"pinned": True},
        "open_manage_link": {"token": link},
        **{name: {"token": link} for name in ("read_place", "place_here", "place_leave")},
        "change_waitlist_entry": {"place": 1, "reason": "asked"},
        "change_guest": {"name": "Ida Changed"},
        "add_guest_note": {"kind": "dietary", "text": "No nuts"},
        "join_waitlist": {"guests": 1, "name": f"Ida {number}", "force": True},
        "reschedule_booking": {"time": "12:00"},
        "add_table": {"name": f"added {number}", "seats": 2},
        "change_table": {"seats": 5},
        "add_area": {"name": f"added {number}"},
        "change_area": {"rank": 5},
        "add_combination": await pair_of_tables(world) if name == "add_combination" else {},
        "change_combination": {"max_guests": 7},
    }
    given: dict[str, Any] = {"json": bodies[name]} if name in bodies else {}
    if name == "list_blocks":
        given["params"] = {"date": day_after(10)}
    if name == "search_guests":
        given["params"] = {"q": "Ida"}
    if name == "list_available_tables":
        given["params"] = {"date": day_after(10), "time": "18:00"}
    return path, given


async def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(EXPECTED) == set(OPERATIONS)
    assert {len(row) for row in EXPECTED.values()} == {len(ROLES)}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", OPERATIONS)
async def test_operation_answers_whom_it_should(world: World, name: str, role: str) -> None:
    method, path = OPERATIONS[name]
    url, given = await a_valid_call(world, name, path)
    expected = EXPECTED[name][ROLES.index(role)]
    client = world.people[role]
    if name == "log_out" and role != "anonymous":  # not the session that the other cells use
        client = (await world.hub.log_in(world.emails[role])).client
    if name in ("erase", "change_password") and role != "anonymous":  # nor the account
        made = await (world.hub.staff(role) if role in ("host", "admin") else world.hub.register())
        client = made.client
    before = await counts(world.hub)
    answer = await client.request(method, url, **given)
    if expected == "ok":
        assert answer.is_success, answer.text
    else:
        refused(answer, expected)
        assert ("www-authenticate" in answer.headers) == (expected == "auth_error")
        assert await counts(world.hub) == before


@pytest.mark.parametrize("name", ["read_booking", "reschedule_booking", "cancel_booking"])
async def test_booking_of_somebody_else_answers_as_none(world: World, name: str) -> None:
    """Neither the code nor a word tells whether there is such a booking."""
    method, path = OPERATIONS[name]
    url, given = await a_valid_call(world, name, path)
    answers = [
        await world.people["other"].request(method, each, **given) for each in (url, path.format(booking_id=987654321))
    ]
    shown = [refused(answer, "not_found") for answer in answers]
    for body in shown:
        del body["request_id"]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if row[0] == "auth_error"])
async def test_operation_judges_the_token_before_the_rest(world: World, name: str) -> None:
    """A caller without a right learns nothing from what is wrong with the request."""
    method, path = OPERATIONS[name]
    url = path.format(**dict.fromkeys(IN_PATHS, "x")) if "{" in path else path
    answer = await world.people["anonymous"].request(method, url, content=b"{", params={"unknown": "1"})
    refused(answer, "auth_error")
    if "forbidden" in EXPECTED[name]:
        answer = await world.people["owner"].request(method, url, content=b"{", params={"unknown": "1"})
        refused(answer, "forbidden")


async def test_list_mine_shows_nobody_elses(world: World) -> None:
    made = await a_booking(world)
    for role in ("other", "host", "admin"):
        items = (await world.people[role].get("/bookings/my")).json()["items"]
        assert made["id"] not in [item["id"] for item in items]
