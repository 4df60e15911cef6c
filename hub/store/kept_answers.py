"""What is kept of a change under its idempotency key: enough to answer the same request as the first time.

Who dines is not kept: the guest's name and addresses are read anew with each answer. What was said of the booking is,
and goes when its guest is erased (hub.store.erasure); of other bookings that changed with it only numbers are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from hub.domain.change import BlockRow, BookingRow, Change, HoldRow, Party, WaitRow
from hub.domain.floor import Area, Combination, Table


@dataclass(frozen=True, slots=True)
class KeptRows:
    """The rows of a change."""

    booking: BookingRow | None = None
    more_bookings: Sequence[BookingRow] = ()
    block: BlockRow | None = None
    hold: HoldRow | None = None
    wait: WaitRow | None = None
    table: Table | None = None
    area: Area | None = None
    combinations: Sequence[Combination] = ()


FORM = TypeAdapter(KeptRows)


def keep(change: Change, versions: Mapping[str, int]) -> dict[str, Any]:
    """JSON-ready; the database adds the id of the row, when, the events and the epoch."""
    booking, wait = change.booking, change.wait
    rows = KeptRows(
        None if booking is None else replace(booking, party=replace(booking.party, new_guest=None)),
        [replace(each, party=_nameless(each.party)) for each in change.more_bookings],
        change.block,
        change.hold,
        None if wait is None else replace(wait, new_guest=None),
        change.table,
        change.area,
        change.combinations,
    )
    known = (booking, change.block, change.wait, change.hold, change.table, change.area, *change.combinations)
    return {
        "rows": FORM.dump_python(rows, mode="json", exclude_defaults=True),
        "guest": booking.party.guest_id if booking is not None else wait.guest_id if wait is not None else None,
        "id": next((row.id for row in known if row is not None), 0) or None,
        "streams": [event.stream for event in change.events],
        "versions": versions,
    }


def _nameless(party: Party) -> Party:
    return Party(party.guest_id, party.user_id, party.reference, party.channel)


def restore(kept: Mapping[str, Any]) -> Change:
    """The rows of what :func:`keep` made. Raises KeyError or ValueError for what another release kept."""
    rows = FORM.validate_python(kept["rows"])
    return Change(
        booking=rows.booking,
        more_bookings=rows.more_bookings,
        block=rows.block,
        hold=rows.hold,
        wait=rows.wait,
        table=rows.table,
        area=rows.area,
        combinations=rows.combinations,
    )
