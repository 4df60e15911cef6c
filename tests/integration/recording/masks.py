"""What differs from run to run is put into words that stay: ids, instants, tokens, positions.

Equal values get equal words, so that what refers to the same thing still does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d:\d\d|Z)")
DATE = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d|T)")
POSITION = re.compile(r"([a-z0-9]{8})(?:\.([a-z0-9]{12}))?:(\d+)")
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
CURSOR = re.compile(r"cursor=\d+")
SESSION = re.compile(r"[0-9a-f]{16}")
DIGEST = re.compile(r"sha256-[\w+/=]{44}")
LINK = re.compile(r"#[\w-]{36}$")
REQUEST = re.compile(r"[0-9a-f-]{16,36}")
ETAG = re.compile(r'(W/)?"(.+)"')
PLANNED = ("start_at", "end_at", "starts_at", "ends_at", "opens", "last_seating", "closes", "day_ends_at")
"""Instants that somebody chose: all others are of the clock."""
SENT = ("sent_at", "dropped_at", "failed_at")
"""What a worker writes: whether it has done so by now is chance."""
NAMED = {
    "table_id": "table", "table_ids": "table", "booking_id": "booking", "booking": "booking", "user_id": "account",
    "area_id": "area", "guest_id": "guest", "tables": "table", "could_move_to": "table", "swap_with": "booking",
    "card": "booking", "dragging": "booking", "waitlist_id": "party",
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
    "blocks": "block",
    "holds": "hold",
    "waitlist": "party",
    "entry": "party",
    "notes": "note",
    "guest_notes": "note",
}
KINDS = {
    "has_account": "guest",
    "keep_until": "note",
    "seats": "table",
    "expires_at": "hold",
    "joined_at": "party",
    "reason": "block",
    "start_at": "booking",
    "rank": "area",
    "table_ids": "combination",
}
"""What an object with an id is, by a field that it has, and that those further down have not."""
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
SOON_AFTER = 14
"""Days after a capability's own ones: what the hub reckons from them."""
LONG = 5
"""Seconds to wait that depend on when one asks are more than these."""


class Masks:
    """The words of one capability. ``days`` are the names of dates.

    ``tonight``: the hub's clocks show noon, whenever it is asked. All its instants are of the clock, also those that
    somebody chose, and how far its clocks are ahead is chance.
    """

    def __init__(self, days: Mapping[date, str], zone: ZoneInfo, address: str, *, tonight: bool = False) -> None:
        self._tonight = tonight
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
        if name == "content-security-policy":  # how a page looks is no contract
            return self.text(DIGEST.sub("sha256-<digest>", value), "")
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
            shown = {
                self._name(name, key): self._id(kind, item)
                if name == "id" and type(item) is int and kind
                else self.body(item, name, channel, HOLDERS.get(name, ""))
                for name, item in value.items()
            }
            return shown | self._length(value) if self._tonight else shown
        if isinstance(value, list):
            return [self.body(item, key, channel, holder) for item in value]
        if key in SENT:
            return "<instant or null>"
        if isinstance(value, str):
            if key == "next":  # a cursor, which only the hub reads
                return self.number("cursor", value)
            if key == "reference":
                return self.number("reference", value)
            if key == "token":  # of a hold
                return f"<{self.number('secret', value)}>"
            if key == "link":
                return LINK.sub(lambda found: f"#<{self.number('secret', found[0])}>", value)
            if key == "time" and self._tonight:
                return "<time>"
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
        if self._tonight:  # all capabilities share the day, and what is due by time alone is a version too
            return f"{epoch}:<version>"
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

    def _length(self, value: Mapping[str, Any]) -> dict[str, str]:
        """The end of what begins by the clock, as how long it lasts."""
        if not isinstance(value.get("start_at"), str) or not isinstance(value.get("end_at"), str):
            return {}
        lasts = datetime.fromisoformat(value["end_at"]) - datetime.fromisoformat(value["start_at"])
        return {"end_at": f"<start_at + {lasts.total_seconds() / 60:g} min>"}

    def _name(self, name: str, holder: str) -> str:
        if holder == "people":
            return self.number("session", name)
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
        first = next((each for each, name in self._days.items() if name == "day"), day)
        if 0 < (after := (day - first).days) <= SOON_AFTER:  # how far off that is depends on the day of the week
            return f"<day{after:+}>"
        away = (day - datetime.now(self._zone).date()).days
        return f"<today{away:+}>" if away else "<today>"

    def _instant(self, found: re.Match[str], key: str) -> str:
        offset = found[4]
        if self._tonight:
            return f"<instant{'.' + 'f' * (len(found[3]) - 1) if found[3] else ''}>[here]"
        if self._moves and offset != "+00:00":  # it depends on the season
            at = datetime.fromisoformat(found[0])
            offset = f"[{self._zone.key}]" if at.utcoffset() == at.astimezone(self._zone).utcoffset() else offset
        if key not in PLANNED and date.fromisoformat(found[1]) not in self._days:
            return f"<instant{'.' + 'f' * (len(found[3]) - 1) if found[3] else ''}>{offset}"
        return f"{DATE.sub(self._date, found[1])}T{found[2]}{found[3] or ''}{offset}"


def _kind(value: Mapping[str, Any], holder: str) -> str:
    """What an object with an id is."""
    if "what" in value:  # it names what is in the way
        return str(value["what"])
    if found := next((kind for name, kind in KINDS.items() if name in value), None):
        return found
    if "email" in value and holder != "guest":
        return "account"
    return holder
