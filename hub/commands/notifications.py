"""Which notifications a change of a booking makes necessary. They are written into the outbox in the change's own
transaction (``hub_enqueue``)."""

from __future__ import annotations

from datetime import datetime

from hub.config import Settings
from hub.domain.change import Change
from hub.domain.events import MAIN
from hub.store.orders import Notifications


def of_change(kind: str, starts_at: datetime, settings: Settings, venue_id: int = MAIN) -> Notifications:
    """The notifications of a change: ``kind`` is confirmed, rescheduled or canceled.

    The guest always gets one; venue 1 gets a copy when HOST_EMAIL is set, which is its address and no other venue's; a
    booking that stands gets reminders, REMINDER_MINUTES before the start.
    """
    copy_to = settings.host_email if venue_id == MAIN else None
    rows = Notifications(copy_to=copy_to)
    rows.add(kind, "guest")
    if copy_to:
        rows.add(kind, "house")
    if kind != "canceled":
        for lead in settings.reminders:
            rows.add("reminder", "guest", round(lead.total_seconds() / 60), starts_at - lead)
    return rows


def of(change: Change, settings: Settings) -> Notifications | None:
    """The mails of a change, for the commit; None when nobody is told."""
    if change.mail is None or change.booking is None:
        return None
    return of_change(change.mail, change.booking.starts_at, settings, change.booking.venue_id)
