"""What differs from run to run is put into words that stay: ids, instants, tokens, positions.

Equal values get equal words, so that what refers to the same thing still does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d:\d\d|Z)")
DATE = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d|T)")
POSITION = re.compile(r"([a-z0-9]{8})(?:\.([a-z0-9]{12}))?:(\d+)")
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
CURSOR = re.compile(r"cursor=\d+")
SESSION = re.compile(r"[0-9a-f]{16}")
REQUEST = re.compile(r"[0-9a-f-]{16,36}")
ETAG = re.compile(r'(W/)?"(.+)"')
PLANNED = ("start_at", "end_at", "starts_at", "ends_at", "opens", "last_seating", "closes", "day_ends_at")
"""Instants that somebody chose: all others are of the clock."""
SENT = ("sent_at", "dropped_at", "failed_at")
"""What a worker writes: whether it has done so by now is chance."""
NAMED = {
    "table_id": "table", "table_ids": "table", "booking_id": "booking", "booking": "booking", "user_id": "account",
    "area_id": "area", "guest_id": "guest", "tables": "table",
}  # fmt: skip
HOLDERS = {
    "sessions": "log-in",
    "mails": "mail",
    "bookings": "booking",
    "account": "account",
    "actor": "account",
    "guest": "guest",
    "guests": "guest",
    "tables": "table",
    "areas": "area",
    "combinations": "combination",
    "combination": "combination",
}
SETS = (
    "allow",
    "vary",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
)
"""Headers whose order says nothing."""
FIRST_ROOM = 16
"""The first floor plan's tables have the ids 1 to 16 by contract."""
LONG = 5
"""Seconds to wait that depend on when one asks are more than these."""


class Masks:
    """The words of one capability. ``days`` are the names of dates."""

    def __init__(self, days: Mapping[date, str], zone: ZoneInfo, address: str) -> None:
        self._days = days
        self._zone = zone
        self._address = address
        self._seen: dict[str, dict[Any, int]] = {}
        self._tables_at: int | None = None
        summer, winter = (datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (7, 1))
        self._moves = summer != winter

    def number(self, kind: str, value: Any) -> str:
        """The word of a value: the first one of its kind is 1."""
        known = self._seen.setdefault(kind, {})
        return f"{kind} {known.setdefault(value, len(known) + 1)}"

    def header(self, name: str, value: str) -> str:
        if name == "etag" and (found := ETAG.fullmatch(value)):
            inner = found[2]
            shown = self.position(inner) if POSITION.fullmatch(inner) else self.number("etag", inner)
            return f'{found[1] or ""}"{shown}"'
        if name == "x-request-id" and REQUEST.fullmatch(value):
            return "<request>"
        if name == "retry-after" and int(value) > LONG:
            return "<seconds>"
        if name in SETS:
            return ", ".join(sorted(part.strip() for part in value.split(",")))
        if name == "link":
            return CURSOR.sub("cursor=<cursor>", value)
        return self.text(value, "")

    def body(self, value: Any, key: str = "", channel: str = "", holder: str = "") -> Any:
        """``key``: under which name it stands; ``channel``: whose frame it is in; ``holder``: whose item it is."""
        if isinstance(value, dict):
            channel = str(value.get("channel", channel))
            kind = _kind(value, holder)
            return {
                self._name(name, key): self._id(kind, item)
                if name == "id" and type(item) is int and kind
                else self.body(item, name, channel, HOLDERS.get(name, ""))
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self.body(item, key, channel, holder) for item in value]
        if key in SENT:
            return "<instant or null>"
        if isinstance(value, str):
            if key == "next":  # a cursor, which only the hub reads
                return self.number("cursor", value)
            if key == "reference":
                return self.number("reference", value)
            if key == "tables_position" or (key in ("position", "previous") and channel):
                return self.position(value, channel or "tables")
            return self.text(value, key)
        if type(value) is int:
            if key in NAMED:
                return self._id(NAMED[key], value)
            if key == "expires_in":
                return -(-value // 60) * 60
            if key == "in":
                return "<seconds>"
        return value

    def text(self, text: str, key: str) -> str:
        if key == "request_id" and REQUEST.fullmatch(text):
            return "<request>"
        if key == "session" and SESSION.fullmatch(text):
            return "<session>"
        if TOKEN.fullmatch(text):
            return f"<{self.number('token', text)}>"
        if POSITION.fullmatch(text):
            return self.position(text)
        if (found := INSTANT.fullmatch(text)) is not None:
            return self._instant(found, key)
        return DATE.sub(self._date, text.replace(self._address, "<hub>"))

    def position(self, text: str, channel: str = "") -> str:
        """A day's version is as it is: each change is one. The floor's counts from the first that was seen. The others
        rise, and not by one."""
        found = POSITION.fullmatch(text)
        if found is None:
            return text
        epoch, version = self.number("epoch", found[1]), int(found[3])
        if found[2]:
            epoch += f".{self.number('rules', found[2])}"
        if channel == "tables":
            if self._tables_at is None:
                self._tables_at = version
            return f"{epoch}:tables+{version - self._tables_at}"
        if channel == "mine":  # which number it has depends on when the hub looked
            return f"{epoch}:mine"
        if channel == "venue":
            return f"{epoch}:{self.number(channel, version)}"
        return f"{epoch}:{version}"

    def _name(self, name: str, holder: str) -> str:
        if name.isdigit() and holder in HOLDERS:
            found = self._id(HOLDERS[holder], int(name))
            return found if isinstance(found, str) else name
        return DATE.sub(self._date, name)

    def _id(self, kind: str, value: int) -> str | int:
        if kind == "table":
            return value if value <= FIRST_ROOM else self.number("new table", value)
        return self.number(kind, value)

    def _date(self, found: re.Match[str]) -> str:
        day = date.fromisoformat(found[0])
        if day in self._days:
            return f"<{self._days[day]}>"
        away = (day - datetime.now(self._zone).date()).days
        return f"<today{away:+}>" if away else "<today>"

    def _instant(self, found: re.Match[str], key: str) -> str:
        offset = found[4]
        if self._moves and offset != "+00:00":  # it depends on the season
            at = datetime.fromisoformat(found[0])
            offset = f"[{self._zone.key}]" if at.utcoffset() == at.astimezone(self._zone).utcoffset() else offset
        if key not in PLANNED and date.fromisoformat(found[1]) not in self._days:
            return f"<instant{'.' + 'f' * (len(found[3]) - 1) if found[3] else ''}>{offset}"
        return f"{DATE.sub(self._date, found[1])}T{found[2]}{found[3] or ''}{offset}"


def _kind(value: Mapping[str, Any], holder: str) -> str:
    """What an object with an id is."""
    if "seats" in value:
        return "table"
    if "start_at" in value:
        return "booking"
    if "rank" in value:
        return "area"
    if "table_ids" in value:
        return "combination"
    if "email" in value and holder != "guest":
        return "account"
    return holder


def some_days(today: date, number: int) -> dict[date, str]:
    """A Wednesday some weeks ahead, another one for each ``number``, and the days after it."""
    first = today + timedelta(days=28 + (2 - today.weekday()) % 7 + 7 * number)
    days = {first: "day", first + timedelta(days=1): "next day", first + timedelta(days=2): "third day"}
    days |= {first + timedelta(days=3): "fourth day"}
    return days | {_clocks_change(today, 3): "spring", _clocks_change(today, 10): "autumn"}


def _clocks_change(today: date, month: int) -> date:
    """The next last Sunday of March or October, on which Europe's clocks change; not today's, nor tomorrow's."""
    for year in (today.year, today.year + 1):
        last = date(year, month, 31)
        if (found := last - timedelta(days=(last.weekday() + 1) % 7)) > today + timedelta(days=1):
            return found
    raise AssertionError("there is one in each year")
