"""What the data of each kind of event may hold: ids, counts, times and codes, and the house's own names of its tables.

Events are kept when a guest is erased, so nothing that anybody said of a guest may stand in one. A key that is not
listed here, or a value of another type than its own, is a fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, get_args

from hub.domain import day, holds, lifecycle
from hub.domain.allocation import SEATS
from hub.domain.change import ON_THE_LIST
from hub.domain.decisions import EXCEED
from hub.domain.queue_order import Reason

Shape = Callable[[Any], bool]
"""Whether a value of an event is what it is to be."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def number(value: Any) -> bool:
    return type(value) is int


def truth(value: Any) -> bool:
    return type(value) is bool


def text(value: Any) -> bool:
    """A name that the house gave to a part of its floor."""
    return type(value) is str


def instant(value: Any) -> bool:
    return text(value) and INSTANT.fullmatch(value) is not None


def day_text(value: Any) -> bool:
    return text(value) and len(value) == 10 and date.fromisoformat(value).isoformat() == value


def null(value: Any) -> bool:
    return value is None


def code(*words: str) -> Shape:
    return lambda value: text(value) and value in words


def either(*shapes: Shape) -> Shape:
    return lambda value: any(shape(value) for shape in shapes)


def many(shape: Shape) -> Shape:
    return lambda value: isinstance(value, list) and all(map(shape, value))


def row(*shapes: Shape) -> Shape:
    return lambda value: (
        isinstance(value, list) and len(value) == len(shapes)
        and all(shape(each) for shape, each in zip(shapes, value, strict=True))
    )  # fmt: skip


def keys(some: Mapping[str, Shape] | None = None, /, **all_: Shape) -> Shape:
    """An object with all of these keys, and perhaps ``some`` more."""
    known = all_ | dict(some or {})
    return lambda value: (
        isinstance(value, dict) and all_.keys() <= value.keys() <= known.keys()
        and all(known[name](each) for name, each in value.items())
    )  # fmt: skip


STATUS = code(*get_args(lifecycle.Status))
ROOM_TIMES = dict.fromkeys(day.AT_THE_TABLE, instant)
MAYBE = either(instant, null)
WAIT = {
    "guest_id": number, "guests": number, "status": code(*ON_THE_LIST), "place": number, "joined_at": instant,
    "quoted_from": MAYBE, "quoted_until": MAYBE, "promised_until": MAYBE, "area_id": either(number, null),
    "revision": number,
}  # fmt: skip
BEFORE = keys(
    {"wait": keys(id=number, **WAIT), "crowded": truth, "service_date": day_text, "house_note": number},
    status=STATUS, tables=many(number), guests=number, pinned=truth, starts_at=instant, ends_at=instant,
    **dict.fromkeys(day.AT_THE_TABLE, MAYBE),
)  # fmt: skip
UNDO = keys({"swap_with": number}, action=code(*lifecycle.UNDONE), until=instant, before=BEFORE)
TAKES = {"tables": many(number), "starts_at": instant, "ends_at": instant}
ENTRIES: dict[str, Shape] = {
    "booking": keys(
        {"tables": many(number), "pinned": truth, "undo": UNDO, **ROOM_TIMES},
        guest_id=number, user_id=either(number, null), table_id=number, guests=number, starts_at=instant,
        ends_at=instant, status=STATUS, revision=number, occupied=many(row(number, instant, instant)),
    ),
    "block": keys(revision=number, **TAKES),
    "hold": keys(guests=number, expires_at=instant, made_by=either(number, null), **TAKES),
    "wait": keys(**WAIT),
    "table": keys(
        {
            "revision": number, "area_id": number,
            "place": keys(
                x=number, y=number, width=number, height=number, shape=code("rect", "round"), turn=number
            ),
        },
        name=text, seats=number,
    ),
    "area": keys(name=text, rank=number, revision=number),
    "combination": keys(
        name=text, tables=many(number), min_guests=number, max_guests=number, revision=number
    ),
}  # fmt: skip
"""By what an event is about: what is shown of it."""


def event(subject: str, entry: Shape, some: Mapping[str, Shape] | None = None, /, **more: Shape) -> Shape:
    return keys(some, **{subject: number, "entry": entry}, **more)


def _kinds() -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    exceed = {EXCEED: many(code(holds.EXCEEDED, SEATS))}
    for kind in ("booked", "rescheduled", "moved_here", "walked_in", "arrived", "seated", "reseated", "extended",
                 "finished", "no_show"):  # fmt: skip
        found[kind] = event("booking", ENTRIES["booking"], exceed)
    for kind in ("renamed", "noted"):
        found[kind] = event("booking", ENTRIES["booking"])
    for kind in ("canceled", "moved_away"):
        found[kind] = event("booking", null)
    found["undone"] = event("booking", either(ENTRIES["booking"], null))
    for kind, subject in (("blocked", "block"), ("held", "hold")):
        found[kind] = event(subject, ENTRIES[subject])
    for kind, subject in (("unblocked", "block"), ("released", "hold")):
        found[kind] = event(subject, null)
    for kind in ("queued", "queue_changed", "queue_undone", "queue_renamed"):
        found[kind] = event("wait", ENTRIES["wait"])
    found["queue_left"] = event("wait", null, {"end": code("seated")})
    found["queue_moved"] = event("wait", ENTRIES["wait"], reason=code(*get_args(Reason)))
    found["queue_corrected"] = event("wait", ENTRIES["wait"], fields=many(code("guests", "name", "phone")))
    for kind, subject in (("table_added", "table"), ("table_changed", "table"), ("area_added", "area"),
                          ("area_changed", "area"), ("combined", "combination"),
                          ("combo_changed", "combination")):  # fmt: skip
        found[kind] = event(subject, ENTRIES[subject])
    for kind, subject in (("table_removed", "table"), ("area_removed", "area"), ("combo_removed", "combination")):
        found[kind] = event(subject, null)
    return found


KINDS = _kinds()
"""All that this release writes: a test compares them with those that it can apply."""


def check(kind: str, data: Any) -> None:
    """AssertionError for an event that holds anything but what its kind is known to hold."""
    assert KINDS[kind](data), f"{kind} holds what it may not: {data}"


async def check_all(connection: Any) -> None:
    """The same of every event that is committed in a database, of every venue."""
    for each in await connection.fetch("SELECT DISTINCT kind, data FROM events"):
        check(each["kind"], json.loads(each["data"]))
