"""What the floor channel shows of each thing on a service day, with names and texts. Pure.

Events and views hold ids, times and codes; the names of guests and what was written of bookings are given to these
functions by whoever has read them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub.domain.held import Block, Hold, Waiting

if TYPE_CHECKING:
    from hub.domain.change import WaitRow
    from hub.domain.day import Entry

Render = Callable[[datetime], str]
Names = Mapping[int, tuple[str, str | None]]
PARTS = {"block": "blocks", "hold": "holds", "wait": "waitlist"}
"""The keys of the floor's data, by what an event is about."""


@dataclass(frozen=True, slots=True)
class BookingTexts:
    """What was said of a booking, and the names by which people know it."""

    reference: str = ""
    channel: str = "account"
    note: str | None = None
    house_note: str | None = None
    occasion: str | None = None
    needs: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Texts:
    """Texts of one day: of bookings and blocks by id, and the names of the staff who hold tables, by hold.
    ``guest_notes``: (id, kind) of each note about a guest that is kept on that day, by guest; what it says is read
    elsewhere."""

    bookings: dict[int, BookingTexts] = field(default_factory=dict)
    blocks: dict[int, str] = field(default_factory=dict)
    holds: dict[int, str | None] = field(default_factory=dict)
    guest_notes: dict[int, tuple[tuple[int, str], ...]] = field(default_factory=dict)


NO_TEXTS = Texts()
UNTOLD = BookingTexts()


def booking(entry: Entry, render: Render, names: Names, texts: Texts, id: int) -> dict[str, Any]:
    """Raises KeyError for a guest whose name is not there."""

    def at(instant: datetime | None) -> str | None:
        return None if instant is None else render(instant)

    name, phone = names[entry.guest_id]
    said = texts.bookings.get(id, UNTOLD)
    return {
        "table_id": entry.table_id,
        "tables": list(entry.tables),
        "start_at": render(entry.starts_at),
        "end_at": render(entry.ends_at),
        "guests": entry.guests,
        "status": entry.status,
        "guest_id": entry.guest_id,
        "guest_name": name,
        "phone_number": phone,
        "guest_notes": _notes(entry.guest_id, texts),
        "reference": said.reference,
        "channel": said.channel,
        "note": said.note,
        "house_note": said.house_note,
        "occasion": said.occasion,
        "needs": list(said.needs),
        "pinned": entry.pinned,
        "arrived_at": at(entry.arrived_at),
        "seated_at": at(entry.seated_at),
        "left_at": at(entry.left_at),
        "undo": entry.undo and entry.undo.shown(render),
        "revision": entry.revision,
    }


def _notes(guest_id: int, texts: Texts) -> list[dict[str, Any]]:
    return [{"id": id, "kind": kind} for id, kind in texts.guest_notes.get(guest_id, ())]


def other(
    subject: str, id: int, item: Block | Hold | Waiting, render: Render, names: Names, texts: Texts
) -> dict[str, Any]:
    """A block, a hold or an entry of the waitlist. Raises KeyError for a guest whose name is not there."""
    if isinstance(item, Waiting):
        return {**waiting(item, render, names), "guest_notes": _notes(item.guest_id, texts)}
    shown = {"tables": list(item.tables), "start_at": render(item.starts_at), "end_at": render(item.ends_at)}
    if isinstance(item, Block):
        return {**shown, "reason": texts.blocks.get(id, ""), "revision": item.revision}
    return {**shown, "guests": item.guests, "expires_at": render(item.expires_at), "by": texts.holds.get(id)}


def waiting(item: Waiting | WaitRow, render: Render, names: Names) -> dict[str, Any]:
    """An entry of the waitlist. Raises KeyError for a guest whose name is not there."""
    name, phone = names[item.guest_id]
    return {
        "guests": item.guests,
        "guest_id": item.guest_id,
        "guest_name": name,
        "phone_number": phone,
        "status": item.status,
        "place": item.place,
        "area_id": item.area_id,
        "joined_at": render(item.joined_at),
        "quoted_from": item.quoted_from and render(item.quoted_from),
        "quoted_until": item.quoted_until and render(item.quoted_until),
        "promised_until": item.promised_until and render(item.promised_until),
        "revision": item.revision,
    }
