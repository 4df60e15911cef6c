"""What changes are judged by where events of a booking are forgotten: a revision is the hub's only if that is known."""

from __future__ import annotations

from datetime import time

from hub.commands import bookings, changes
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.security import Identity
from hub.store import database, retention
from tests.forgetting import LATER
from tests.views import DAY, STREAM
from tests.writing import writing_context

EXTENDED = (
    "SELECT hub_append($1, 'extended', jsonb_build_object('booking', b.id, 'entry', hub_entry(b)), NULL, NULL) "
    "FROM bookings b WHERE b.id = $2"
)


async def test_revision_whose_event_is_forgotten_is_not_taken_for_one_that_the_hub_made(
    connected: Settings, by: Identity
) -> None:
    """Whoever saw the booking before it is asked to look again."""
    context = writing_context(connected, lambda events: None)
    made = await bookings.book(context, Call(by), BookingRequest(DAY, time(18), 2))
    await database.write("UPDATE bookings SET revision = 2 WHERE id = $1", made.id)
    await database.write(EXTENDED, STREAM, made.id)
    found = await changes.read(context, by=by, booking_id=made.id)
    assert (await changes.seen_as(found, frozenset({1}))).revisions == frozenset({1, 2})
    assert await retention.forget_events(-LATER) > 0
    assert (await changes.seen_as(found, frozenset({1}))).revisions == frozenset({1})
