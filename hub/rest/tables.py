"""GET /tables/available."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from time import time as clock
from typing import Any, TypeAlias

import orjson
from sanic import HTTPResponse

from hub.domain import calendar
from hub.domain.allocation import free_combinations, free_tables
from hub.domain.events import MAIN, days_beside, parse_version
from hub.errors import InThePast, NonexistentLocalTime, OutsideOpeningHours, TooFarAhead, Unavailable
from hub.rest import answers, bodies, reading, serializers, values
from hub.rest.endpoint import AppState, Endpoint, RequestContext, answer, empty, is_known
from hub.views.cached_view import CachedView
from hub.views.context import VenueContext

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
"""How often the views of one answer are looked for anew because the epoch changed meanwhile."""


_Views: TypeAlias = tuple[CachedView, CachedView, Sequence[CachedView]]
"""The day's view, the floor's, and, where bookings may reach over a day's end, those of the days beside."""


@dataclass(frozen=True, slots=True)
class _Asked:
    slot: calendar.Slot
    stream: str
    guests: int
    after: tuple[str, int] | None
    start: str | None
    """Names the venue, the slot and the guests, for a start on the grid; None beside it."""


def _read(text: str) -> tuple[date, time, int, tuple[str, int] | None]:
    """Date, time, guests and position of a query. Raises ValidationFailed."""
    found = PLAIN.fullmatch(text)
    if found is not None:
        day, hour, minute, guests, epoch, version = found.groups()
        if guests is None or int(guests) <= values.MOST_GUESTS:
            with contextlib.suppress(ValueError):  # there is no such date
                after = None if epoch is None else (epoch, int(version))
                return date.fromisoformat(day), time(int(hour), int(minute)), int(guests or 1), after
    query = reading.query(text, bodies.AvailabilityQuery)
    return query.date, query.time, query.guests, parse_version(query.after)


def _asked(state: AppState, context: VenueContext, text: str) -> _Asked:
    """What a query asks for. It is worked out once a second: what may be asked for changes with the date."""
    second = int(clock())
    if state.asked_at != second or len(state.asked) >= REMEMBERED:
        state.asked_at = second
        state.asked.clear()
    key = text if context.id == MAIN else f"{context.id} {text}"
    found: _Asked | None = state.asked.get(key)
    if found is None:
        found = state.asked[key] = _work_out(state, context, text)
    return found


def _work_out(state: AppState, context: VenueContext, text: str) -> _Asked:
    day, at, guests, after = _read(text)
    rules = context.rules
    calendar.check_range(day, calendar.today(context.now(), rules), rules)
    if at.tzinfo is not None or at.minute % GRID_MINUTES or at.second:
        slot = calendar.slot_at(day, at, rules)
        return _Asked(slot, context.day_stream(slot.day), guests, after, None)
    known: calendar.Slot | None = state.starts.get((rules, day, at))
    slot = known or calendar.slot_at(day, at, rules)
    if known is None:
        if len(state.starts) >= REMEMBERED:
            del state.starts[next(iter(state.starts))]
        state.starts[rules, day, at] = slot
    start = f"{context.id} {slot.starts_at:%Y-%m-%dT%H:%M%z} {slot.ends_at:%H:%M} {guests}"
    return _Asked(slot, context.day_stream(slot.day), guests, after, start)


async def available(state: AppState, ctx: RequestContext) -> HTTPResponse:
    """Answered from the views in memory."""
    context = ctx.context
    oversize = None if ctx.by.is_staff else context.rules.oversize
    asked = _asked(state, context, ctx.request.query_string)
    etag, body = _rendered(state, context, asked, await _views(state, context, asked), oversize)
    headers = {"etag": etag, "cache-control": "no-cache"}
    if is_known(ctx.request.headers.get("if-none-match"), etag):
        return empty(304, headers)
    return answer(body, headers=headers)


async def _views(state: AppState, context: VenueContext, asked: _Asked) -> _Views:
    """All of the same epoch. Raises Unavailable."""
    views, floor_stream = state.views, context.floor_stream
    if asked.after and asked.after[0] != context.epoch:
        await views.verify()  # the client may know of a new epoch before this process does
    for _ in range(ATTEMPTS):
        after = asked.after[1] if asked.after and asked.after[0] == context.epoch else 0
        day, floor_view = views.peek(asked.stream), views.peek(floor_stream)
        if day is None or floor_view is None or day.version < after:
            day = await views.get(asked.stream, at_least=after)
            floor_view = await views.get(floor_stream)
        beside = await _beside(state, context, asked.slot) if context.reaches_over else ()
        epoch = context.epoch
        if (
            day.epoch == floor_view.epoch == epoch
            and views.holds(day)
            and views.holds(floor_view)
            and all(views.holds(cached) and cached.epoch == epoch for cached in beside)
        ):
            return day, floor_view, beside
    raise Unavailable()


async def _beside(state: AppState, context: VenueContext, slot: calendar.Slot) -> Sequence[CachedView]:
    """The days before and after, whose bookings may hold a table within the slot."""
    streams = days_beside(context.id, slot.day)
    return [state.views.peek(stream) or await state.views.get(stream) for stream in streams]


def _rendered(
    state: AppState, context: VenueContext, asked: _Asked, views: _Views, oversize: int | None
) -> tuple[str, bytes]:
    """The ETag and the body. An answer on the grid is rendered once for each version of the day and of the floor. A
    start that is past is not bookable, so no table is offered for it."""
    past = asked.slot.starts_at <= context.now()
    if past or asked.start is None:
        return _render(state, context, asked, views, oversize, past=past)
    day, floor_view, beside = views
    # By the heads too: a view that was found to be wrong is loaded anew at the same version.
    key: tuple[Any, ...] = (
        asked.start, oversize, day.epoch, day.version, day.head, floor_view.version, floor_view.head,
    )  # fmt: skip
    if beside:
        key += tuple((cached.version, cached.head) for cached in beside)
    made = state.rendered.get(key)
    if made is None:
        made = _render(state, context, asked, views, oversize)
        state.rendered.keep(key, made)
    return made


def _render(
    state: AppState, context: VenueContext, asked: _Asked, views: _Views, oversize: int | None, *, past: bool = False
) -> tuple[str, bytes]:
    (day, floor_view, beside), rules = views, context.rules
    day_shown, time_shown = calendar.local_date_time(asked.slot.starts_at, rules)  # whatever offset the question had
    days = [cached.day_view for cached in (day, *beside)]
    free = free_tables(floor_view.floor_view, asked.slot, asked.guests, days, oversize)
    combined = free_combinations(floor_view.floor_view, asked.slot, asked.guests, days, oversize)
    shown: dict[str, Any] = {
        "date": day_shown.isoformat(),
        "time": time_shown.strftime("%H:%M:%S"),
        "guests": asked.guests,
        "slot_hours": rules.slot.total_seconds() / 3600,
        "tables": [] if past else [table.as_json() for table in free],
        "combinations": [] if past else [serializers.free_combination(unit) for unit in combined],
        "position": state.views.position(day),
        "tables_position": state.views.position(floor_view),
    }
    versions = "-".join(str(cached.version) for cached in (floor_view, *beside))
    bounded = "" if oversize is None else f"-o{oversize}"
    etag = f'"{shown["position"]}-{versions}{bounded}{"-past" if past else ""}"'
    return etag, orjson.dumps(shown)


ENDPOINTS = [
    Endpoint(
        "GET", "/tables/available", "list_available_tables", "Tables that are free for a slot", available, tag="tables",
        query=bodies.AvailabilityQuery, raw_query=True, answers={200: answers.Available, 304: None},
        codes=(OutsideOpeningHours, InThePast, TooFarAhead, NonexistentLocalTime),
    ),
]  # fmt: skip
