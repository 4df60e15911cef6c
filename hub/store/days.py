"""A service day as its rows have it now: its view, the names and texts beside it; and on which days something is due by
time alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import orjson

from hub.domain.day import DayView
from hub.domain.events import stream_of
from hub.domain.shown import BookingTexts, Texts
from hub.store import database
from hub.store.holds import MADE_BY_STAFF
from hub.store.streams import HEAD, OF

DAY = f"""
{HEAD}, (SELECT coalesce(jsonb_object_agg(b.id::text, hub_entry(b)), '{{}}')
        FROM bookings b WHERE b.venue_id = $2 AND b.service_date = $3 AND b.status <> 'canceled') AS entries,
       hub_others($2, $3) AS others
{OF}
"""  # noqa: S608 constants
# Whoever sits longer than planned and is followed at once is left alone until the service day is over.
DUE = """
WITH v AS (SELECT * FROM unnest($1::bigint[], $2::date[], $3::date[]) AS v(venue_id, last_seated, last_waited))
SELECT h.venue_id, h.service_date FROM v JOIN holds h ON h.venue_id = v.venue_id
WHERE h.expires_at <= statement_timestamp()
UNION
SELECT b.venue_id, b.service_date FROM v JOIN bookings b ON b.venue_id = v.venue_id
WHERE b.status = 'seated' AND b.ends_at <= statement_timestamp() AND (b.service_date <= v.last_seated OR NOT EXISTS (
    SELECT FROM occupancies o JOIN occupancies f ON f.venue_id = o.venue_id AND f.id <> o.id
        AND int8range(f.table_id, f.table_id, '[]') && int8range(o.table_id, o.table_id, '[]')
        AND tstzrange(f.starts_at, f.ends_at, '[)') && tstzrange(b.ends_at, b.ends_at, '[]')
    WHERE o.venue_id = b.venue_id AND o.booking_id = b.id))
UNION
SELECT w.venue_id, w.service_date FROM v JOIN waitlist w ON w.venue_id = v.venue_id
WHERE w.status IN ('waiting', 'ready', 'here') AND w.service_date <= v.last_waited
"""
TEXTS = f"""
SELECT h.epoch, coalesce(s.version, 0) AS version,
       (SELECT coalesce(jsonb_object_agg(g.id, jsonb_build_array(g.name, g.phone, (
            SELECT jsonb_agg(jsonb_build_array(n.id, n.kind) ORDER BY n.id) FROM guest_notes n
            WHERE n.guest_id = g.id AND (n.keep_until IS NULL OR n.keep_until >= $6)))), '{{}}')
        FROM guests g WHERE g.id = ANY($2)) AS guests,
       (SELECT coalesce(jsonb_object_agg(id, jsonb_build_array(reference, channel, note, house_note, occasion, needs)),
                        '{{}}')
        FROM bookings WHERE venue_id = $1 AND id = ANY($3)) AS bookings,
       (SELECT coalesce(jsonb_object_agg(id, reason), '{{}}')
        FROM blocks WHERE venue_id = $1 AND id = ANY($4)) AS blocks,
       (SELECT coalesce(jsonb_object_agg(h.id, u.full_name), '{{}}')
        FROM holds h JOIN users u ON u.id = h.made_by_id WHERE h.venue_id = $1 AND h.id = ANY($5)
          AND {MADE_BY_STAFF}) AS holds
FROM hub h LEFT JOIN streams s ON s.name = $7
"""  # noqa: S608 constants
NOTES = """
SELECT n.guest_id, n.kind, n.text FROM guest_notes n
WHERE n.guest_id = ANY($1) AND n.kind IN ('dietary', 'access') AND (n.keep_until IS NULL OR n.keep_until >= $2)
ORDER BY n.kind DESC, n.id
"""


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """What a day shows beside its view, by id, as it is at ``version`` of the day's stream in ``epoch``; without what
    does not exist. ``names``: (name, phone number) by guest."""

    epoch: str
    version: int
    names: dict[int, tuple[str, str | None]]
    texts: Texts


async def read(venue_id: int, day: date) -> tuple[DayView, str]:
    """The view of a day at its present version, and the database's epoch. Raises whatever a row does that can't be
    read."""
    [row] = await database.fetch(DAY, stream_of(venue_id, day), venue_id, day)
    saved = {name: orjson.loads(row[name]) for name in ("entries", "others")}
    return DayView.restore(day, {"version": row["version"], "head": row["head"], **saved}), row["epoch"]


async def due(venues: Iterable[tuple[int, date, date]]) -> list[tuple[int, date]]:
    """The venues and days on which something is due, in their order. Of each venue: the last days on which nobody sits
    and nobody waits any more."""
    ids, seated, waited = zip(*venues, strict=True)
    return sorted(tuple(row) for row in await database.fetch(DUE, list(ids), list(seated), list(waited)))


async def texts(venue_id: int, day: date, ids: Sequence[Sequence[int]]) -> ReadTexts:
    """``ids`` of guests, bookings, blocks and holds."""
    [row] = await database.fetch(TEXTS, venue_id, *ids, day, stream_of(venue_id, day))
    people, said, blocked, held = (
        {int(id): each for id, each in orjson.loads(row[kind]).items()}
        for kind in ("guests", "bookings", "blocks", "holds")
    )
    notes = {id: tuple((note, kind) for note, kind in notes or ()) for id, (_, _, notes) in people.items()}
    written = {id: _said(*each) for id, each in said.items()}
    names = {id: (name, phone) for id, (name, phone, _) in people.items()}
    return ReadTexts(row["epoch"], row["version"], names, Texts(written, blocked, held, notes))


def _said(
    reference: str, channel: str, note: str | None, house_note: str | None, occasion: str | None, needs: list[str]
) -> BookingTexts:
    return BookingTexts(reference, channel, note, house_note, occasion, tuple(needs))


async def notes_of(guest_ids: Sequence[int], day: date) -> dict[int, list[tuple[str, str]]]:
    """What is known of guests' diet and access on a day: (kind, text) by guest."""
    notes: dict[int, list[tuple[str, str]]] = {}
    for row in await database.fetch(NOTES, guest_ids, day):
        notes.setdefault(row["guest_id"], []).append((row["kind"], row["text"]))
    return notes
