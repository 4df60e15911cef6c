"""GET /tables/available, and /admin/tables for admins."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import orjson
from sanic import HTTPResponse

from hub import tables
from hub.domain import slots
from hub.domain.event import TABLES, parse_position, stream_of
from hub.errors import (
    InThePast,
    NameTaken,
    NonexistentLocalTime,
    NotFound,
    OutsideOpeningHours,
    TableInUse,
    TooFarAhead,
    TooManyRequests,
    Unavailable,
)
from hub.held import Held
from hub.rest import answers, bodies, reading, values
from hub.rest.endpoint import ADMIN, Call, Endpoint, Parts, answer, is_known

PLAIN = re.compile(
    r"date=(\d{4}-\d\d-\d\d)&time=([01]\d|2[0-3])(?::|%3[Aa])([0-5]\d)(?:&guests=([1-9]\d?))?"
    r"(?:&after=([a-z0-9]{8})(?::|%3[Aa])(0|[1-9]\d{0,17}))?",
    re.ASCII,
)
"""A query as clients write it, read without the general reader, which takes longer than all the rest of an answer.
What is not of this form is the general reader's, and what is means the same to both."""
GRID_MINUTES = 15
"""Starts that are kept: those that a page offers. What is asked beside them is worked out each time."""
REMEMBERED = 4096
"""How many starts of the grid are kept worked out."""
ATTEMPTS = 3
"""How often the boards of one answer are looked for anew because the epoch changed meanwhile."""


@dataclass(frozen=True, slots=True)
class _Asked:
    slot: slots.Slot
    stream: str
    guests: int
    after: tuple[str, int] | None
    on_grid: bool


def _read(text: str) -> tuple[date, time, int, tuple[str, int] | None]:
    """Date, time, guests and position of a query. Raises ValidationFailed."""
    found = PLAIN.fullmatch(text)
    if found is not None:
        day, hour, minute, guests, epoch, version = found.groups()
        if guests is None or int(guests) <= values.MOST_GUESTS:
            with contextlib.suppress(ValueError):  # there is no such date
                after = None if epoch is None else (epoch, int(version))
                return date.fromisoformat(day), time(int(hour), int(minute)), int(guests or 1), after
    query = reading.query(text, bodies.Wish)
    return query.date, query.time, query.guests, parse_position(query.after)


def _asked(parts: Parts, text: str) -> _Asked:
    day, at, guests, after = _read(text)
    rules = parts.house.rules
    slots.check_range(day, slots.today(parts.house.now(), rules), rules)
    if at.tzinfo is not None or at.minute % GRID_MINUTES or at.second:
        slot = slots.slot_at(day, at, rules)
        return _Asked(slot, stream_of(slot.day), guests, after, False)
    known: tuple[slots.Slot, str] | None = parts.starts.get((day, at))
    if known is None:
        slot = slots.slot_at(day, at, rules)
        if len(parts.starts) >= REMEMBERED:
            del parts.starts[next(iter(parts.starts))]
        known = parts.starts[day, at] = slot, stream_of(slot.day)
    return _Asked(*known, guests, after, True)


async def available(parts: Parts, call: Call) -> HTTPResponse:
    """Answered from the boards in memory; an answer on the grid is rendered once for each version of the day and of
    the room. A start that is past is not bookable, so no table is offered for it."""
    asked = _asked(parts, call.request.query_string)
    day, room, beside = await _boards(parts, asked)
    if asked.slot.starts_at <= parts.house.now():
        etag, body = _render(parts, asked, day, room, beside, past=True)
    elif not asked.on_grid:
        etag, body = _render(parts, asked, day, room, beside)
    else:
        # By the heads too: a board that was found to be wrong is loaded anew at the same version.
        key = (
            asked.slot.starts_at,
            asked.guests,
            day.epoch,
            *((held.version, held.head) for held in (day, room, *beside)),
        )
        made = parts.rendered.get(key)
        if made is None:
            made = _render(parts, asked, day, room, beside)
            parts.rendered.keep(key, made)
        etag, body = made
    headers = {"etag": etag, "cache-control": "no-cache"}
    if is_known(call.request.headers.get("if-none-match"), etag):
        return HTTPResponse(status=304, headers=headers)
    return answer(body, headers=headers)


async def _boards(parts: Parts, asked: _Asked) -> tuple[Held, Held, Sequence[Held]]:
    """The day's board, the room's, and, where bookings may reach over a day's end, those of the days beside: all of
    the same epoch. Raises Unavailable."""
    boards, house = parts.boards, parts.house
    if asked.after and asked.after[0] != house.epoch:
        await boards.prove()  # the client may know of a new epoch before this process does
    for _ in range(ATTEMPTS):
        after = asked.after[1] if asked.after and asked.after[0] == house.epoch else 0
        day, room = boards.peek(asked.stream), boards.peek(TABLES)
        if day is None or room is None or day.version < after:
            day = await boards.get(asked.stream, at_least=after)
            room = await boards.room()
        beside = await _beside(parts, asked.slot) if house.reaches_over else ()
        if all(boards.holds(held) and held.epoch == house.epoch for held in (day, room, *beside)):
            return day, room, beside
    raise Unavailable()


async def _beside(parts: Parts, slot: slots.Slot) -> Sequence[Held]:
    """The days before and after, whose bookings may hold a table within the slot."""
    streams = [stream_of(slot.day + timedelta(days=shift)) for shift in (-1, 1)]
    return [parts.boards.peek(stream) or await parts.boards.get(stream) for stream in streams]


def _render(
    parts: Parts, asked: _Asked, day: Held, room: Held, beside: Sequence[Held], *, past: bool = False
) -> tuple[str, bytes]:
    rules = parts.house.rules
    day_shown, time_shown = slots.local_date_time(asked.slot.starts_at, rules)  # whatever offset the question had
    free = day.board.free_tables(room.room, asked.slot, asked.guests, [held.board for held in beside])
    shown: dict[str, Any] = {
        "date": day_shown.isoformat(),
        "time": time_shown.strftime("%H:%M:%S"),
        "guests": asked.guests,
        "slot_hours": rules.slot.total_seconds() / 3600,
        "tables": [] if past else [table.as_json() for table in free],
        "position": parts.boards.position(day),
        "tables_position": parts.boards.position(room),
    }
    versions = "-".join(str(held.version) for held in (room, *beside))
    etag = f'"{shown["position"]}-{versions}{"-past" if past else ""}"'
    return etag, orjson.dumps(shown)


async def list_tables(parts: Parts, call: Call) -> HTTPResponse:
    return answer({"items": [table.as_json() for table in await tables.list_tables(parts.house)]})


async def add_table(parts: Parts, call: Call) -> HTTPResponse:
    body: bodies.NewTable = call.body
    table = await tables.add_table(
        parts.house, by=call.by, name=body.name, seats=body.seats, request_id=call.request_id
    )
    return answer(table.as_json(), 201)


async def change_table(parts: Parts, call: Call) -> HTTPResponse:
    wanted = {name: getattr(call.body, name) for name in call.body.model_fields_set}
    table = await tables.change_table(
        parts.house, by=call.by, table_id=call.ids[0], request_id=call.request_id, **wanted
    )
    return answer(table.as_json())


async def remove_table(parts: Parts, call: Call) -> HTTPResponse:
    await tables.remove_table(parts.house, by=call.by, table_id=call.ids[0], request_id=call.request_id)
    return HTTPResponse(status=204)


ENDPOINTS = [
    Endpoint(
        "GET", "/tables/available", "list_available_tables", "Tables that are free for a slot", available, tag="tables",
        query=bodies.Wish, raw_query=True, answers={200: answers.Available, 304: None},
        codes=(OutsideOpeningHours, InThePast, TooFarAhead, NonexistentLocalTime),
    ),
    Endpoint(
        "GET", "/admin/tables", "list_tables", "All tables", list_tables, who=ADMIN, tag="admin",
        answers={200: answers.Tables},
    ),
    Endpoint(
        "POST", "/admin/tables", "add_table", "Add a table", add_table, who=ADMIN, tag="admin",
        body=bodies.NewTable, answers={201: answers.Table}, codes=(NameTaken, TooManyRequests),
    ),
    Endpoint(
        "PATCH", "/admin/tables/<table_id:str>", "change_table", "Rename a table or change its seats", change_table,
        who=ADMIN, tag="admin",
        body=bodies.TableChange, answers={200: answers.Table}, codes=(NotFound, NameTaken, TableInUse, TooManyRequests),
    ),
    Endpoint(
        "DELETE", "/admin/tables/<table_id:str>", "remove_table", "Remove a table", remove_table,
        who=ADMIN, tag="admin", answers={204: None}, codes=(NotFound, TableInUse, TooManyRequests),
    ),
]  # fmt: skip
