"""A request of every route that its handler carries out, and the people and things that such requests name."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import orjson
from argon2 import PasswordHasher
from sanic import Sanic

from hub.config import Settings
from hub.manage_links import Link, ManageLinks
from hub.process.app import create_app
from hub.security import Tokens
from hub.store import account_tokens
from tests.conftest import SECRET_KEY
from tests.integration.http.conftest import connected, read_answer, send
from tests.servers import PASSWORD, HubServer
from tests.sockets import frame

EACH = 90
"""How often a request may be made that uses something up."""
USERS = 4 * EACH
SOON = datetime.now(UTC).date() + timedelta(days=20)
Body = dict[str, Any] | None


@dataclass
class Town:
    """A hub, people with tokens, and things in it that requests can name."""

    tokens: Tokens
    admin: int
    users: list[int]
    emails: list[str]
    links: dict[str, list[str]]
    session: int
    """Of the first of the users."""
    bookings: list[int] = field(default_factory=list)
    tables: list[int] = field(default_factory=list)
    guests: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    """Guests without a booking."""
    waiting: list[int] = field(default_factory=list)
    """Entries of waitlists, each of another day."""
    number: int = 0

    def token(self, user: int, session: int | None = None) -> str:
        """Of a session that nobody else has, so that its end changes nothing for others."""
        self.number += 1
        role = "admin" if user == self.admin else "user"
        return self.tokens.make(user_id=user, role=role, session_id=session or 1_000_000 + self.number)[0]

    def user(self) -> int:
        """One of those whose sessions and passwords may change."""
        self.number += 1
        return self.users[2 * EACH + self.number % EACH]

    def day(self) -> str:
        self.number += 1
        return str(SOON + timedelta(days=self.number % 300))

    def request(
        self, method: str, path: str, body: Body = None, *, user: int | None = None, session: int | None = None
    ) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: hub\r\n"
        if user is not None:
            head += f"Authorization: Bearer {self.token(user, session)}\r\n"
        sent = b"" if body is None else orjson.dumps(body)
        return f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent


def _register(town: Town) -> bytes:
    unique = secrets.token_hex(6)
    phone = f"+79{secrets.randbelow(10**9):09}"
    body = {"email": f"{unique}@example.com", "password": PASSWORD, "phone_number": phone, "full_name": "Ada"}
    return town.request("POST", "/auth/register", body)


def _live(town: Town) -> bytes:
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    since = {f"availability:{town.day()}": None, f"floor:{town.day()}": None, "tables": None, "mine": None}
    say = {"op": "connect", "id": 1, "token": town.token(town.admin), "since": since}
    return (
        f"GET /live HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode() + frame(orjson.dumps(say))


def book(town: Town, at: str = "12:00") -> bytes:
    return town.request("POST", "/bookings", {"date": town.day(), "time": at, "guests": 2}, user=town.users[0])


def _add_table(town: Town) -> bytes:
    body = {"name": f"Table {secrets.token_hex(5)}", "seats": 4}
    return town.request("POST", "/admin/tables", body, user=town.admin)


def _change_table(town: Town) -> bytes:
    town.number += 1
    path = f"/admin/tables/{town.tables[town.number % len(town.tables)]}"
    return town.request("PATCH", path, {"seats": 5 + town.number % 9}, user=town.admin)


def _change_booking(town: Town) -> bytes:
    town.number += 1
    path = f"/bookings/{town.bookings[town.number % len(town.bookings)]}"
    wanted = {"date": town.day(), "guests": 1 + town.number % 2, "table_id": None}
    return town.request("PATCH", path, wanted, user=town.users[0])


def _read_booking(town: Town) -> bytes:
    return town.request("GET", f"/bookings/{town.bookings[0]}", user=town.users[0])


def _read_history(town: Town) -> bytes:
    return town.request("GET", f"/bookings/{town.bookings[0]}/history", user=town.admin)


def _available(town: Town) -> bytes:
    return town.request("GET", f"/tables/available?date={town.day()}&time=12:00", user=town.user())


def _day(town: Town) -> bytes:
    return town.request("GET", f"/days/{town.day()}/availability", user=town.user())


def _password(town: Town) -> bytes:
    return town.request("POST", "/auth/password", {"old": PASSWORD, "new": PASSWORD}, user=town.user())


def _with_link(town: Town, kind: str) -> bytes:
    return town.request("POST", f"/auth/{kind}", {"token": town.links[kind].pop(), "password": PASSWORD})


def _change_guest(town: Town) -> bytes:
    town.number += 1
    path = f"/guests/{town.guests[town.number % len(town.guests)]}"
    return town.request("PATCH", path, {"name": f"Renamed {town.number}"}, user=town.admin)


def _read_guest(town: Town) -> bytes:
    return town.request("GET", f"/guests/{town.guests[0]}", user=town.admin)


def _erase_guest(town: Town) -> bytes:
    return town.request("POST", f"/guests/{town.gone.pop()}/erase", user=town.admin)


def _manage(town: Town) -> bytes:
    token = ManageLinks(SECRET_KEY).make(Link(town.bookings[0], 1))
    return town.request("POST", "/manage", {"token": token})


def _remove_table(town: Town) -> bytes:
    return town.request("DELETE", f"/admin/tables/{town.tables.pop()}", user=town.admin)


def _cancel(town: Town) -> bytes:
    return town.request("DELETE", f"/bookings/{town.bookings.pop()}", user=town.users[0])


def _wait(town: Town, step: str) -> bytes:
    return town.request("POST", f"/waitlist/{town.waiting.pop()}/{step}", user=town.admin)


def _join(town: Town) -> bytes:
    town.number += 1
    body = {"guests": 2, "name": f"Waits {town.number}", "force": True}
    return town.request("POST", "/waitlist", body, user=town.admin)


STEPS = ("ready", "here", "leave", "seat")
TONIGHT = frozenset({"POST /waitlist", "POST /waitlist/<waitlist_id:str>/seat"})
"""What can be done on the evening that is on alone: by the clock, or for want of tables, it may be refused."""
REQUESTS: dict[str, Callable[[Town], bytes]] = {
    "POST /auth/register": _register,
    "POST /auth/login": lambda t: t.request("POST", "/auth/login", {"email": t.emails[0], "password": PASSWORD}),
    "POST /auth/refresh": lambda t: t.request("POST", "/auth/refresh", user=t.users[0], session=t.session),
    "POST /auth/logout": lambda t: t.request("POST", "/auth/logout", {"everywhere": True}, user=t.user()),
    "GET /auth/me": lambda t: t.request("GET", "/auth/me", user=t.users[0]),
    "PATCH /auth/me": lambda t: t.request("PATCH", "/auth/me", {"full_name": "Another"}, user=t.users[0]),
    "DELETE /auth/me": lambda t: t.request("DELETE", "/auth/me", user=t.users.pop()),
    "GET /auth/me/export": lambda t: t.request("GET", "/auth/me/export", user=t.users[0]),
    "POST /auth/verify": lambda t: _with_link(t, "verify"),
    "POST /auth/reset-request": lambda t: t.request("POST", "/auth/reset-request", {"email": t.emails[0]}),
    "POST /auth/reset": lambda t: _with_link(t, "reset"),
    "POST /auth/password": _password,
    "GET /tables/available": _available,
    "GET /days/<date:str>/availability": _day,
    "GET /days/<date:str>/floor": lambda t: t.request("GET", f"/days/{t.day()}/floor", user=t.admin),
    "GET /admin/tables": lambda t: t.request("GET", "/admin/tables", user=t.admin),
    "POST /admin/tables": _add_table,
    "PATCH /admin/tables/<table_id:str>": _change_table,
    "DELETE /admin/tables/<table_id:str>": _remove_table,
    "POST /bookings": book,
    "GET /bookings/my": lambda t: t.request("GET", "/bookings/my", user=t.users[0]),
    "GET /venues": lambda t: t.request("GET", "/venues", user=t.users[0]),
    "GET /bookings/<booking_id:str>": _read_booking,
    "GET /bookings/<booking_id:str>/history": _read_history,
    "PATCH /bookings/<booking_id:str>": _change_booking,
    "DELETE /bookings/<booking_id:str>": _cancel,
    "GET /guests/<guest_id:str>": _read_guest,
    "PATCH /guests/<guest_id:str>": _change_guest,
    "POST /guests/<guest_id:str>/erase": _erase_guest,
    "POST /waitlist": _join,
    **{f"POST /waitlist/<waitlist_id:str>/{step}": partial(_wait, step=step) for step in STEPS},
    "POST /manage": _manage,
    "GET /live": _live,
}  # fmt: skip


def routes(settings: Settings) -> list[str]:
    """Every route of the application, but for pages: what they answer is in memory from the start."""
    app = create_app(settings)
    Sanic.unregister_app(app)
    return sorted(
        f"{method} /{route.path}"
        for route in app.router.routes
        for method in route.methods - {"HEAD"}
        if route.handler.__module__ != "hub.rest.pages"
    )


def needs_nothing(route: str) -> bool:
    """Whether it is enough to ask: such a route needs no line in REQUESTS."""
    return route.startswith("GET ") and "<" not in route


def request_of(town: Town, route: str) -> bytes:
    """A request that its handler carries out."""
    method, _, path = route.partition(" ")
    return REQUESTS[route](town) if route in REQUESTS else town.request(method, path)


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
    town = Town(Tokens(settings), ids[0], ids[1:], emails[1:], links, session)

    async def make(request: bytes, into: list[int]) -> None:
        status, body = await answered(hub, request)
        assert status == 201, body
        into.append(orjson.loads(body)["id"])

    await asyncio.gather(*(make(book(town, "14:00"), town.bookings) for _ in range(EACH)))
    await asyncio.gather(*(make(_add_table(town), town.tables) for _ in range(EACH)))
    for into in (town.guests, town.gone):
        made = await connection.fetch(
            "INSERT INTO guests (group_id, name, language) "
            "SELECT 1, 'Ida', 'en' FROM generate_series(1, $1) RETURNING id",
            EACH,
        )
        into += [row["id"] for row in made]
    waiting = await connection.fetch(
        "INSERT INTO waitlist (venue_id, group_id, service_date, guest_id, guests, status, place) "
        "SELECT 1, 1, $1::date + n, $2, 2, 'waiting', 1 FROM generate_series(1, $3) n RETURNING id",
        *(SOON, town.guests[0], 4 * EACH),
    )
    town.waiting = [row["id"] for row in waiting]
    await connection.execute(
        "SELECT hub_lock(s.name), hub_append(s.name, 'queued', jsonb_build_object('wait', w.id, 'entry', "
        "hub_wait_entry(w)), NULL, NULL) FROM waitlist w, hub_stream(w.venue_id, w.service_date) AS s(name)"
    )
    return town
