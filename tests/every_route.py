"""A request of every route that its handler carries out, and the people and things that such requests name."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sanic import Sanic

from hub.config import Settings
from hub.manage_links import Link, ManageLinks
from hub.process.app import create_app
from hub.security import Tokens
from hub.wait_links import WaitLinks
from tests.conftest import SECRET_KEY
from tests.servers import PASSWORD
from tests.sockets import frame

EACH = 90
"""How often a request may be made that uses something up."""
EACH_TONIGHT = 30
"""The same of requests that need a table of today."""
EACH_WAITING = {
    "ready": 28, "seat": 28, "here": 10, "leave": 10, "undo": 28, "by link here": 28, "by link leave": 28, "seen": 2,
}  # fmt: skip
"""And of those that need a party of the waitlist: few, since it is played forward with each change."""
AFTERWARDS = {"ready": "here", "here": "leave", "leave": "undo"}
"""What may be done next to a party of the waitlist, whether or not the step before was carried out."""
USERS = 5 * EACH
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
    zone: ZoneInfo
    """The restaurant's: one where it is evening now, say."""
    bookings: list[int] = field(default_factory=list)
    tables: list[int] = field(default_factory=list)
    guests: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    """Tokens."""
    areas: list[int] = field(default_factory=list)
    combinations: list[int] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    """Of tables that are in no combination yet."""
    tonight: dict[str, list[int]] = field(default_factory=dict)
    """Bookings of today, by what is to be done to them."""
    spare: list[int] = field(default_factory=list)
    """Tables that nobody has today."""
    notes: list[tuple[int, int]] = field(default_factory=list)
    """Guests, and a note about each."""
    parties: dict[str, list[int]] = field(default_factory=dict)
    """Who waits, by what is to be done to them."""
    gone: list[int] = field(default_factory=list)
    """Guests without a booking."""
    number: int = 0
    holders: int = 0
    moves: int = 0
    closures: int = 0

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


def add_table(town: Town) -> bytes:
    body = {"name": f"Table {secrets.token_hex(5)}", "seats": 4}
    return town.request("POST", "/admin/tables", body, user=town.admin)


def add_area(town: Town) -> bytes:
    return town.request("POST", "/admin/areas", {"name": f"Area {secrets.token_hex(5)}"}, user=town.admin)


def _change_area(town: Town) -> bytes:
    town.number += 1
    path = f"/admin/areas/{town.areas[town.number % len(town.areas)]}"
    return town.request("PATCH", path, {"rank": town.number}, user=town.admin)


def add_combination(town: Town) -> bytes:
    """Of tables that no other request changes, each time of others."""
    pair = town.pairs.pop()
    body = {"table_ids": list(pair), "min_guests": 5, "max_guests": 8}
    return town.request("POST", "/admin/combinations", body, user=town.admin)


def _change_combination(town: Town) -> bytes:
    town.number += 1
    path = f"/admin/combinations/{town.combinations[town.number % len(town.combinations)]}"
    return town.request("PATCH", path, {"name": f"Set {town.number}"}, user=town.admin)


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


def add_note(town: Town, guest: int | None = None) -> bytes:
    town.number += 1
    path = f"/guests/{guest or town.guests[town.number % len(town.guests)]}/notes"
    return town.request("POST", path, {"kind": "note", "text": "Window seat"}, user=town.admin)


def _remove_note(town: Town) -> bytes:
    return town.request("DELETE", "/guests/{}/notes/{}".format(*town.notes.pop()), user=town.admin)


def wait(town: Town) -> bytes:
    town.number += 1
    body = {"guests": 1, "name": f"Abe {town.number}", "force": True}
    return town.request("POST", "/waitlist", body, user=town.admin)


def _waiting(what: str) -> Callable[[Town], bytes]:
    def ask(town: Town) -> bytes:
        party = town.parties[what].pop(0)
        if what in AFTERWARDS:
            town.parties[AFTERWARDS[what]].append(party)
        return town.request("POST", f"/waitlist/{party}/{what}", user=town.admin)

    return ask


def _move_waiting(town: Town) -> bytes:
    """Each time further back than before, so that it is never there already, whichever of these were carried out."""
    town.moves += 1
    body = {"place": 1 + town.moves, "reason": "asked"}
    return town.request("PATCH", f"/waitlist/{town.parties['seen'][0]}", body, user=town.admin)


def _see_waiting(path: str) -> Callable[[Town], bytes]:
    return lambda town: town.request("GET", f"/waitlist/{town.parties['seen'][0]}{path}", user=town.admin)


def _by_link(path: str) -> Callable[[Town], bytes]:
    def ask(town: Town) -> bytes:
        parties = town.parties[f"by link {path}"] if path else town.parties["seen"]
        party = parties.pop() if path else parties[0]
        return town.request("POST", f"/wait/{path}".rstrip("/"), {"token": WaitLinks(SECRET_KEY).make(party)})

    return ask


def _seat_waiting(town: Town) -> bytes:
    path = f"/waitlist/{town.parties['seat'].pop()}/seat"
    return town.request("POST", path, {"table_ids": [town.spare.pop()]}, user=town.admin)


def _read_guest(town: Town) -> bytes:
    return town.request("GET", f"/guests/{town.guests[0]}", user=town.admin)


def _erase_guest(town: Town) -> bytes:
    return town.request("POST", f"/guests/{town.gone.pop()}/erase", user=town.admin)


def _manage(town: Town) -> bytes:
    token = ManageLinks(SECRET_KEY).make(Link(town.bookings[0], 1))
    return town.request("POST", "/manage", {"token": token})


def hold(town: Town) -> bytes:
    """Each time of somebody else: two of one guest's at once would be in each other's way."""
    town.holders += 1
    body = {"date": town.day(), "time": "12:00", "guests": 2}
    return town.request("POST", "/holds", body, user=town.users[3 * EACH + town.holders % EACH])


def close_tables(town: Town) -> bytes:
    """Each time on another day."""
    town.closures += 1
    day = SOON + timedelta(days=town.closures)
    since = datetime.combine(day, time(20), town.zone)
    body = {"table_ids": [16], "start_at": since.isoformat(), "end_at": (since + timedelta(minutes=5)).isoformat()}
    return town.request("POST", "/blocks", body, user=town.admin)


def _remove_table(town: Town) -> bytes:
    return town.request("DELETE", f"/admin/tables/{town.tables.pop()}", user=town.admin)


def _cancel(town: Town) -> bytes:
    return town.request("DELETE", f"/bookings/{town.bookings.pop()}", user=town.users[0])


def _step(what: str) -> Callable[[Town], bytes]:
    return lambda town: town.request("POST", f"/bookings/{town.tonight[what].pop()}/{what}", user=town.admin)


def walk_in(town: Town) -> bytes:
    return town.request("POST", "/walk-ins", {"guests": 1, "table_ids": [town.spare.pop()]}, user=town.admin)


def _extend(town: Town) -> bytes:
    return town.request("POST", f"/bookings/{town.tonight['extend'][0]}/extend", {"minutes": 5}, user=town.admin)


def _move(town: Town) -> bytes:
    town.number += 1
    path = f"/bookings/{town.tonight['table'][0]}/table"
    return town.request("POST", path, {"pinned": town.number % 2 == 0}, user=town.admin)


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
    "GET /days/<date:str>/starts": lambda t: t.request("GET", f"/days/{t.day()}/starts"),
    "GET /days/<date:str>/floor": lambda t: t.request("GET", f"/days/{t.day()}/floor", user=t.admin),
    "GET /admin/tables": lambda t: t.request("GET", "/admin/tables", user=t.admin),
    "POST /admin/tables": add_table,
    "PATCH /admin/tables/<table_id:str>": _change_table,
    "DELETE /admin/tables/<table_id:str>": _remove_table,
    "GET /admin/areas": lambda t: t.request("GET", "/admin/areas", user=t.admin),
    "POST /admin/areas": add_area,
    "PATCH /admin/areas/<area_id:str>": _change_area,
    "DELETE /admin/areas/<area_id:str>": lambda t: t.request(
        "DELETE", f"/admin/areas/{t.areas.pop()}", user=t.admin),
    "GET /admin/combinations": lambda t: t.request("GET", "/admin/combinations", user=t.admin),
    "POST /admin/combinations": add_combination,
    "PATCH /admin/combinations/<combination_id:str>": _change_combination,
    "DELETE /admin/combinations/<combination_id:str>": lambda t: t.request(
        "DELETE", f"/admin/combinations/{t.combinations.pop()}", user=t.admin),
    "POST /bookings": book,
    "POST /holds": hold,
    "POST /holds/<token:str>/extend": lambda t: t.request("POST", f"/holds/{t.holds.pop()}/extend", user=t.users[0]),
    "DELETE /holds/<token:str>": lambda t: t.request("DELETE", f"/holds/{t.holds.pop()}", user=t.users[0]),
    "POST /blocks": close_tables,
    "GET /blocks": lambda t: t.request("GET", f"/blocks?date={t.day()}", user=t.admin),
    "DELETE /blocks/<block_id:str>": lambda t: t.request("DELETE", f"/blocks/{t.blocks.pop()}", user=t.admin),
    "GET /bookings/my": lambda t: t.request("GET", "/bookings/my", user=t.users[0]),
    "GET /venues": lambda t: t.request("GET", "/venues", user=t.users[0]),
    "GET /bookings/<booking_id:str>": _read_booking,
    "GET /bookings/<booking_id:str>/history": _read_history,
    "PATCH /bookings/<booking_id:str>": _change_booking,
    "DELETE /bookings/<booking_id:str>": _cancel,
    "POST /walk-ins": walk_in,
    **{
        f"POST /bookings/<booking_id:str>/{what}": _step(what)
        for what in ("arrive", "seat", "no-show", "undo", "finish")
    },
    "POST /bookings/<booking_id:str>/extend": _extend,
    "POST /bookings/<booking_id:str>/table": _move,
    "GET /guests/<guest_id:str>": _read_guest,
    "PATCH /guests/<guest_id:str>": _change_guest,
    "POST /guests/<guest_id:str>/erase": _erase_guest,
    "GET /guests": lambda t: t.request("GET", "/guests?q=Ida", user=t.admin),
    "POST /guests/<guest_id:str>/notes": add_note,
    "DELETE /guests/<guest_id:str>/notes/<note_id:str>": _remove_note,
    "GET /bookings": lambda t: t.request("GET", "/bookings?q=Ada", user=t.admin),
    "GET /print/<date:str>": lambda t: t.request("GET", f"/print/{t.day()}", user=t.admin),
    "GET /waitlist": lambda t: t.request("GET", "/waitlist", user=t.admin),
    "POST /waitlist": wait,
    **{f"POST /waitlist/<waitlist_id:str>/{what}": _waiting(what) for what in ("ready", "here", "leave", "undo")},
    "POST /waitlist/<waitlist_id:str>/seat": _seat_waiting,
    "PATCH /waitlist/<waitlist_id:str>": _move_waiting,
    "GET /waitlist/<waitlist_id:str>": _see_waiting(""),
    "GET /waitlist/<waitlist_id:str>/history": _see_waiting("/history"),
    "POST /wait": _by_link(""),
    **{f"POST /wait/{what}": _by_link(what) for what in ("here", "leave")},
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
