"""The demo evening: what `hub up` puts into its own empty database, so that whoever starts it sees each feature alive.

It is made through the REST calls that hosts and managers use, as they, around the present moment: parties that sit,
that have arrived, that are to come; a walk-in, a joined table, a closed one, a wait list, and something to undo. What a
call refuses (it may be too near to closing) is left out, and said in the log.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub import logs
from hub.domain.rules import Rules

CALL_SECONDS = 10.0
STEP = timedelta(minutes=15)
EARLIEST, LATEST_END = 8, 36
"""Hours: before EARLIEST the evening of the day before goes on; no service day ends after LATEST_END."""
log = logs.get("hub.process.demo")


def hours(now: datetime, rules: Rules) -> tuple[int, int] | None:
    """Opening and closing hour at which an evening is in progress ``now``; None where it is with the present rules.

    Opening hours are only made longer, so what a reader of the documents tries at any time works.
    """
    local = now.astimezone(rules.zone)
    opens, closes = (round(each.total_seconds() / 3600) for each in (rules.opens, rules.closes))
    hour = local.hour + (24 if local.hour < EARLIEST else 0)
    wanted = min(opens, max(0, hour - 1)), max(closes, min(hour + 5, LATEST_END, opens + 24))
    return None if wanted == (opens, closes) else wanted


@dataclass(frozen=True, slots=True)
class DemoGuest:
    name: str
    guests: int
    after: int
    """Minutes from now until the booked start, rounded up to a quarter of an hour."""
    then: tuple[str, ...] = ()
    """What the staff do with the booking next."""
    more: dict[str, Any] | None = None
    dietary: str | None = None
    """What the guest book says that they may not eat."""


GUESTS = (
    DemoGuest("Ada Lovelace", 2, 1, ("seat",), {"occasion": "birthday"}),
    DemoGuest("Grace Hopper", 3, 1, ("seat",)),
    DemoGuest("Радия Перлман", 2, 1, ("seat", "finish")),
    DemoGuest("שרה כהן", 3, 5, ("arrive",), {"note": "A cake at nine, please"}),
    DemoGuest("Alan Turing", 3, 5, ("seat",)),
    DemoGuest("Mary Jackson", 2, 10, ("arrive",)),
    DemoGuest("Ngũgĩ Wanjirũ", 6, 15, (), {"needs": ["high_chair"]}),
    DemoGuest("Katherine Johnson", 2, 15),
    DemoGuest("José Álvarez", 3, 30, (), {"house_note": "Regular: likes the corner"}, "Nut allergy"),
    DemoGuest("Barbara Liskov", 2, 45),
    DemoGuest("Edsger Dijkstra", 2, 60, ("cancel",)),
    DemoGuest("Hedy Lamarr", 2, 60, (), {"needs": ["wheelchair", "quiet"]}),
    DemoGuest("Tim Berners-Lee", 2, 75),
    DemoGuest("Margaret Hamilton", 3, 135, (), {"occasion": "anniversary"}),
    DemoGuest("Donald Knuth", 2, 105),
    DemoGuest("Jean Bartik", 3, 120),
)
WAITING = (("Smith", 3), ("Анна Иванова", 2))
JOINED = ("Wu family", 8)
"""They sit at two tables that are pushed together."""


class Caller:
    """REST calls of one account."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._token: str | None = None

    def log_in(self, email: str, password: str) -> None:
        self._token = self._call("POST", "/auth/login", {"email": email, "password": password})["access_token"]

    def get(self, path: str) -> Any:
        return self._call("GET", path, None)

    def post(self, path: str, **body: Any) -> Any:
        return self._call("POST", path, body)

    def patch(self, path: str, **body: Any) -> Any:
        return self._call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path, None)

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        """The answer; None of a refusal. Raises OSError when the hub does not answer."""
        headers = {"content-type": "application/json"}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, data, headers, method=method)  # noqa: S310 our own hub
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310 as above
                text = answer.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            log.info("the demo goes without this", call=f"{method} {path}", status=error.code)
            return None


def make(address: str, admin: tuple[str, str], host: tuple[str, str]) -> None:
    """Fill the hub at ``address`` as these two, (e-mail, password) each. Raises OSError."""
    manager, staff = Caller(address), Caller(address)
    manager.log_in(*admin)
    staff.log_in(*host)
    tables = {each["name"]: each["id"] for each in manager.get("/admin/tables")["items"]}
    _furnish(manager, tables)
    _fill(staff, tables)


def _furnish(manager: Caller, tables: dict[str, int]) -> None:
    """Two areas with the tables on a plan, and tables that may be joined."""
    areas = [manager.post("/admin/areas", name=name, rank=rank) for rank, name in enumerate(("Terrace", "Main"))]
    if None in areas:
        return
    terrace = [name for name in tables if name.startswith("T2-")]
    inside = [name for name in tables if name not in terrace]
    for area, names in zip(areas, (terrace, inside), strict=True):
        for number, name in enumerate(names):
            large = name.startswith("T6-")
            place = {
                "x": 40 + 320 * (number % 3), "y": 60 + 300 * (number // 3), "width": 260 if large else 200,
                "height": 220, "shape": "round" if name.startswith("T2-") else "rect", "turn": 0,
            }  # fmt: skip
            manager.patch(f"/admin/tables/{tables[name]}", area_id=area["id"], place=place)
    for first, second, least, most in (("T2-1", "T2-2", 3, 4), ("T3-1", "T3-2", 5, 6), ("T6-1", "T6-2", 7, 12)):
        if first in tables and second in tables:
            ids = [tables[first], tables[second]]
            manager.post("/admin/combinations", table_ids=ids, min_guests=least, max_guests=most)


def _fill(staff: Caller, tables: dict[str, int]) -> None:
    venue = staff.get("/venue")
    now = datetime.fromisoformat(venue["now"])
    # Before the others have taken the tables.
    joined = staff.post("/walk-ins", guests=JOINED[1], name=JOINED[0])
    if joined is not None:
        log.info("the demo joined tables", tables=[table["name"] for table in joined["tables"]])
    if "T3-6" in tables:
        begins_at = now.replace(second=0, microsecond=0)
        ends_at = begins_at + timedelta(hours=2)
        staff.post(
            "/blocks", table_ids=[tables["T3-6"]], start_at=_text(begins_at), end_at=_text(ends_at), reason="leg broken"
        )
    for number, guest in enumerate(GUESTS):
        _book(staff, guest, now, number)
    staff.post("/walk-ins", guests=2)
    for name, guests in WAITING:
        staff.post("/waitlist", guests=guests, name=name, force=True)  # a table may be free for them


def _book(staff: Caller, guest: DemoGuest, now: datetime, number: int) -> None:
    starts_at = now + timedelta(minutes=guest.after)
    midnight = starts_at.replace(hour=0, minute=0, second=0, microsecond=0)
    starts_at = midnight + -((midnight - starts_at) // STEP) * STEP  # rounded up
    made = staff.post(
        "/bookings",
        date=starts_at.date().isoformat(),
        time=f"{starts_at:%H:%M}",
        guests=guest.guests,
        # A range of numbers that nobody has.
        guest={"name": guest.name, "phone": f"+447700900{number:03}"},
        **(guest.more or {}),
    )
    if made is not None and guest.dietary is not None:
        staff.post(f"/guests/{made['guest']['id']}/notes", kind="dietary", text=guest.dietary)
    for step in guest.then if made is not None else ():
        if step == "cancel":
            staff.delete(f"/bookings/{made['id']}")
        else:
            staff.post(f"/bookings/{made['id']}/{step}")


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
