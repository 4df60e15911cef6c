"""A service day on paper, for an evening without the network: who comes by time and by table, with what is to be known
of them, who waits, which tables are closed, and what changed since an earlier paper.

It is read from the rows, not from what a process holds: a command has no views.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from hub.domain import paper
from hub.domain.day import DayView
from hub.domain.events import position_text
from hub.domain.floor import FloorView
from hub.domain.paper import Differences, Row, Sheet
from hub.errors import NotFound
from hub.store import days, floors
from hub.views import day_history, day_texts
from hub.views.context import VenueContext


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed. ``notes`` are what is known of a guest's diet and access, each with its kind, by guest;
    ``since`` is the position of the earlier paper, ``changes`` what is otherwise now (None: no earlier paper was
    named)."""

    day: date
    position: str
    at: datetime
    sheet: Sheet
    by_table: Sequence[Row]
    notes: Mapping[int, Sequence[tuple[str, str]]]
    since: str | None
    changes: Differences | None


async def read(context: VenueContext, day: date, *, since: tuple[str, int] | None = None) -> Paper:
    """Raises NotFound for an earlier position that is not kept any more, Unavailable and Overloaded."""
    view, present = await days.read(context.id, day)
    floor, _ = await floors.read(context.id)
    at = context.now()
    now = await _sheet(context, view, floor, at)
    changes = None
    if since is not None:
        epoch, version = since
        if epoch != present or version > view.version:
            raise NotFound(day_history.NO_SUCH)
        before = await day_history.build(context.day_stream(day), epoch, version)
        changes = paper.differences(await _sheet(context, before, floor, at), now)
    return Paper(
        day, position_text(present, view.version), at, now, paper.by_table(now, floor), await _notes(now, day),
        None if since is None else position_text(*since), changes,
    )  # fmt: skip


async def _sheet(context: VenueContext, view: DayView, floor: FloorView, now: datetime) -> Sheet:
    return paper.sheet(view, floor, *await day_texts.read_once(context.id, view), now)


async def _notes(sheet: Sheet, day: date) -> Mapping[int, Sequence[tuple[str, str]]]:
    guests = sorted({line.guest_id for line in sheet.lines} | {each.guest_id for each in sheet.waits})
    return await days.notes_of(guests, day)
