"""Holds: keep a table for somebody who is about to book, for longer once, let it go again, find the one of a token.

A token is known to whoever got it, and to nobody else: the database keeps its SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from hub.commands.call import Call
from hub.domain import calendar, holds
from hub.domain.change import Change, HoldRow
from hub.domain.events import stream_of
from hub.domain.holds import Held
from hub.errors import Conflict, HoldOver, NotFound
from hub.store import holds as stored
from hub.store.commit import replayed
from hub.store.keys import Key
from hub.store.orders import Bounds
from hub.views.context import VenueContext
from hub.views.writes import Done, WorkingViews


@dataclass(frozen=True, slots=True)
class Made:
    """A hold for whoever asked: with its token. ``seconds`` are left of it."""

    row: HoldRow
    id: int
    token: str
    seconds: int
    epoch: str
    version: int
    replayed: bool = False


async def hold(
    context: VenueContext,
    call: Call,
    *,
    day: date,
    at: time,
    guests: int,
    table_ids: Sequence[int] | None = None,
    area_id: int | None = None,
    instead: str | None = None,
) -> Made:
    """Hold the tables that a booking would get, in the area if one is named; staff may name them. A guest's hold takes
    the place of the one that they had, and of the one that the token ``instead`` names, which is let go.

    Raises Forbidden for a guest who names tables, HoldLimit, and what a booking raises.
    """
    by, rules = call.by, context.rules
    calendar.check_range(day, calendar.today(context.now(), rules), rules)
    slot = calendar.slot_at(day, at, rules)
    stream = context.day_stream(slot.day)
    token = _token(context, call.key)
    own, of_staff = ({}, frozenset()) if by.is_staff else await stored.beside(context.id, by.user_id, slot.day)
    before = {id: context.day_stream(on) for id, on in own.items()}
    if instead is not None and (found := await find(context, instead)) is not None:
        before[found[0].id] = context.day_stream(found[1])

    def decide(views: WorkingViews, now: datetime) -> Change:
        return holds.hold(
            views.day(stream), views.floor, slot, venue_id=context.id, guests=guests, table_ids=table_ids,
            area_id=area_id, digest=digest_of(token), made_by=by.user_id, staff=by.is_staff, of_staff=of_staff,
            before=[(id, views.day_view(name)) for id, name in before.items()], rules=rules, now=now,
        )  # fmt: skip

    streams = tuple(dict.fromkeys((stream, *before.values())))
    # Nothing is counted, but whoever asks twice at once is asked one after the other.
    bounds = None if by.is_staff else Bounds(by.user_id, slot.starts_at, slot.ends_at, 0, 0, 0)
    return _made(context, await context.writes.submit(call.write(context, streams, decide, bounds)), token)


def repeat(context: VenueContext, kept: Mapping[str, Any], key: Key | None) -> Made:
    """The hold as it was made, from what was kept under the request's key. Raises Conflict, and KeyError, TypeError and
    ValueError for what this release can't read."""
    return repeat_extend(context, kept, _token(context, key))


def _made(context: VenueContext, done: Done, token: str) -> Made:
    row, written = done.change.hold, done.written
    assert row is not None and written is not None
    if row.digest != digest_of(token):
        raise Conflict("What this key was given can't be told again. Take a new key.")  # the hub's secret is another
    since = context.now() if written.replayed else written.at
    seconds = max(0, int((row.expires_at - since).total_seconds()))
    return Made(row, row.id or written.id, token, seconds, done.epoch, done.versions[row.stream], written.replayed)


def _token(context: VenueContext, key: Key | None) -> str:
    """32 bytes that nobody can guess. The same for the same key of a request: its first answer is given again, though
    nobody kept it."""
    if key is None:
        found = secrets.token_bytes(32)
    else:
        said = f"{context.id}\n{key.caller}\n{key.key}\n{key.digest}"
        secret = hashlib.sha256(b"holds:" + context.settings.secret_key.encode()).digest()
        found = hmac.digest(secret, said.encode(), "sha256")
    return base64.urlsafe_b64encode(found).decode().rstrip("=")


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def find(context: VenueContext, token: str) -> tuple[Held, date] | None:
    """The hold of a token, as its row is now, and its service day. None: it is over, or never was."""
    return await stored.of_digest(context.id, digest_of(token))


async def extend(context: VenueContext, call: Call, token: str) -> Made:
    """Hold for longer, once: whoever has the token may ask for it. Raises HoldOver and HoldLimit."""
    found = await find(context, token)
    if found is None and call.key is None:
        raise HoldOver(holds.ENDED)
    held, day = found or _nothing(context)
    stream = stream_of(context.id, day)

    def decide(views: WorkingViews, now: datetime) -> Change:
        return holds.extend(context.id, views.day_view(stream), held, digest_of(token))

    return _made(context, await context.writes.submit(call.write(context, (stream,), decide)), token)


def repeat_extend(context: VenueContext, kept: Mapping[str, Any], token: str) -> Made:
    """The hold as it was extended, from what was kept under the request's key. Raises as :func:`repeat` does."""
    written = replayed(kept, None)
    return _made(context, Done(written.change, written, written.epoch, dict(written.versions)), token)


def _nothing(context: VenueContext) -> tuple[Held, date]:
    """A hold that is on no day: what was asked of it may have been done before, and is known by its key."""
    now = context.now()
    return Held(0, now, 0, now), calendar.today(now, context.rules)


async def release(context: VenueContext, call: Call, token: str) -> None:
    """Let go of a hold: whoever has its token may. Raises NotFound when it is over."""
    found = await find(context, token)
    if found is None and call.key is None:
        raise NotFound(holds.NO_SUCH)
    held, day = found or _nothing(context)
    stream = stream_of(context.id, day)

    def decide(views: WorkingViews, now: datetime) -> Change:
        return holds.release(context.id, views.day_view(stream), held.id)

    await context.writes.submit(call.write(context, (stream,), decide))
