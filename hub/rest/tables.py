"""GET /tables/available, and /admin/tables for admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
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
)
from hub.held import Held
from hub.rest import reading, wire
from hub.rest.endpoint import ADMIN, Call, Endpoint, Parts, answer, is_known

REMEMBERED = 4096
"""How many queries are kept parsed; which start they mean follows from their text and the house rules alone."""
RENDERED = 512
"""How many answers are kept rendered for one version of a day."""


@dataclass(frozen=True, slots=True)
class _Asked:
    query: wire.Wish
    slot: slots.Slot
    stream: str
    after: tuple[str, int] | None


def _asked(parts: Parts, text: str) -> _Asked:
    found: _Asked | None = parts.cache.get(text)
    rules = parts.house.rules
    today = slots.today(parts.house.now(), rules)
    if found is None:
        query = reading.query(text, wire.Wish)
        slots.check_range(query.date, today, rules)
        slot = slots.slot_at(query.date, query.time, rules)
        found = _Asked(query, slot, stream_of(slot.day), parse_position(query.after))
        if len(parts.cache) >= REMEMBERED:
            del parts.cache[next(iter(parts.cache))]
        parts.cache[text] = found
    else:
        slots.check_range(found.query.date, today, rules)
    return found


async def available(parts: Parts, call: Call) -> HTTPResponse:
    """Answered from the boards in memory; an answer is rendered once for each version of the day and of the room."""
    asked = _asked(parts, call.request.query_string)
    if asked.after and asked.after[0] != parts.house.epoch:
        await parts.boards.prove()  # the client may know of a new epoch before this process does
    after = asked.after[1] if asked.after and asked.after[0] == parts.house.epoch else 0
    day, room = parts.boards.peek(asked.stream), parts.boards.peek(TABLES)
    if day is None or room is None or day.version < after:
        day = await parts.boards.get(asked.stream, at_least=after)
        room = await parts.boards.room()
    beside = await _beside(parts, asked.slot) if parts.house.reaches_over else ()
    key = (asked.slot, asked.query.guests, room.version, *(held.version for held in beside))
    made = day.answers.get(key)
    if made is None:
        made = _remember(day, key, _render(parts, asked, day, room, beside))
    etag, body = made
    headers = {"etag": etag, "cache-control": "no-cache"}
    if is_known(call.request.headers.get("if-none-match"), etag):
        return HTTPResponse(status=304, headers=headers)
    return answer(body, headers=headers)


async def _beside(parts: Parts, slot: slots.Slot) -> Sequence[Held]:
    """The days before and after, whose bookings may hold a table within the slot."""
    streams = [stream_of(slot.day + timedelta(days=shift)) for shift in (-1, 1)]
    return [parts.boards.peek(stream) or await parts.boards.get(stream) for stream in streams]


def _remember(day: Held, key: Any, made: tuple[str, bytes]) -> tuple[str, bytes]:
    """Keep a rendered answer with the board, the newest so many: a guest may ask for any second of the day."""
    if len(day.answers) >= RENDERED:
        del day.answers[next(iter(day.answers))]
    day.answers[key] = made
    return made


def _render(parts: Parts, asked: _Asked, day: Held, room: Held, beside: Sequence[Held]) -> tuple[str, bytes]:
    rules, query = parts.house.rules, asked.query
    day_shown, time_shown = slots.local_date_time(asked.slot.starts_at, rules)  # whatever offset the question had
    free = day.board.free_tables(room.room, asked.slot, query.guests, [held.board for held in beside])
    shown: dict[str, Any] = {
        "date": day_shown.isoformat(),
        "time": time_shown.strftime("%H:%M:%S"),
        "guests": query.guests,
        "slot_hours": rules.slot.total_seconds() / 3600,
        "tables": [table.as_json() for table in free],
        "position": parts.boards.position(day),
        "tables_position": parts.boards.position(room),
    }
    versions = "-".join(str(held.version) for held in (room, *beside))
    return f'"{shown["position"]}-{versions}"', orjson.dumps(shown)


async def list_tables(parts: Parts, call: Call) -> HTTPResponse:
    return answer({"items": [table.as_json() for table in await tables.list_tables(parts.house)]})


async def add_table(parts: Parts, call: Call) -> HTTPResponse:
    body: wire.NewTable = call.body
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
        query=wire.Wish, raw_query=True, answers={200: wire.Available, 304: None},
        codes=(OutsideOpeningHours, InThePast, TooFarAhead, NonexistentLocalTime),
    ),
    Endpoint(
        "GET", "/admin/tables", "list_tables", "All tables", list_tables, who=ADMIN, tag="admin",
        answers={200: wire.Tables},
    ),
    Endpoint(
        "POST", "/admin/tables", "add_table", "Add a table", add_table, who=ADMIN, tag="admin",
        body=wire.NewTable, answers={201: wire.Table}, codes=(NameTaken, TooManyRequests),
    ),
    Endpoint(
        "PATCH", "/admin/tables/<table_id:str>", "change_table", "Rename a table or change its seats", change_table,
        who=ADMIN, tag="admin",
        body=wire.TableChange, answers={200: wire.Table}, codes=(NotFound, NameTaken, TableInUse, TooManyRequests),
    ),
    Endpoint(
        "DELETE", "/admin/tables/<table_id:str>", "remove_table", "Remove a table", remove_table,
        who=ADMIN, tag="admin", answers={204: None}, codes=(NotFound, TableInUse, TooManyRequests),
    ),
]  # fmt: skip
