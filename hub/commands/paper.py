"""A service day on paper, for an evening without the network: who comes by time and by table, with what is to be known
of them, and what changed since an earlier paper.

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
from hub.domain.paper import Difference, PaperLine
from hub.errors import NotFound
from hub.store import database
from hub.views import day_history, day_texts
from hub.views.checkpoints import load
from hub.views.context import VenueContext

NOTES = """
SELECT b.id, array_agg(n.text ORDER BY n.kind, n.id) AS texts
FROM bookings b JOIN guest_notes n ON n.guest_id = b.guest_id
WHERE b.venue_id = $1 AND b.service_date = $2 AND n.kind IN ('dietary', 'access')
  AND (n.keep_until IS NULL OR n.keep_until >= $2)
GROUP BY b.id
"""


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed. ``notes`` are what is known of the guests' diets and access, by booking; ``since`` is the
    position of the earlier paper, ``changes`` what is otherwise now (None: no earlier paper was named)."""

    day: date
    position: str
    at: datetime
    lines: Sequence[PaperLine]
    by_table: Mapping[str, Sequence[PaperLine]]
    notes: Mapping[int, Sequence[str]]
    since: str | None
    changes: Sequence[Difference] | None


async def read(context: VenueContext, day: date, *, since: tuple[str, int] | None = None) -> Paper:
    """Raises NotFound for an earlier position that is not kept any more, Unavailable and Overloaded."""
    stream = context.day_stream(day)
    loaded = await load(None, context.epoch, stream)
    floor = (await load(None, context.epoch, context.floor_stream)).view
    view = loaded.view
    assert isinstance(view, DayView) and isinstance(floor, FloorView)
    now = await _lines(context, view, floor)
    notes = {row["id"]: row["texts"] for row in await database.fetch(NOTES, context.id, day)}
    changes = None
    if since is not None:
        epoch, version = since
        if epoch != loaded.epoch or version > view.version:
            raise NotFound(day_history.NO_SUCH)
        before = await day_history.build(stream, epoch, version)
        changes = paper.differences(await _lines(context, before, floor), now)
    return Paper(
        day, position_text(loaded.epoch, view.version), context.now(), now, paper.by_table(now, floor), notes,
        None if since is None else position_text(*since), changes,
    )  # fmt: skip


async def _lines(context: VenueContext, view: DayView, floor: FloorView) -> list[PaperLine]:
    names, texts = await day_texts.read_once(context.id, view)
    return paper.lines(view, floor, names, texts)
