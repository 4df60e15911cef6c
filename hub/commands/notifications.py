"""Which notifications a change of a booking makes necessary. They are written into the outbox in the change's own
transaction (``hub_enqueue``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hub.config import Settings
from hub.domain.decisions import Change
from hub.store.commit import Notices


@dataclass(slots=True)
class Notifications:
    """Notifications in columns, as ``hub_enqueue`` takes them. A due time of None is at once; one that is past is
    left out."""

    kinds: list[str] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    audiences: list[str] = field(default_factory=list)
    dues: list[datetime | None] = field(default_factory=list)

    def add(self, kind: str, audience: str, lead: int = 0, due: datetime | None = None) -> None:
        self.kinds.append(kind)
        self.leads.append(lead)
        self.audiences.append(audience)
        self.dues.append(due)

    def columns(self) -> tuple[list[str], list[int], list[str], list[datetime | None]]:
        return self.kinds, self.leads, self.audiences, self.dues


def of_change(kind: str, starts_at: datetime, settings: Settings) -> Notifications:
    """The notifications of a change: ``kind`` is confirmed, rescheduled or canceled.

    The guest is always told; the house gets a copy when HOST_EMAIL is set; a booking that stands gets its reminders,
    REMINDER_MINUTES before the start.
    """
    rows = Notifications()
    rows.add(kind, "guest")
    if settings.host_email:
        rows.add(kind, "house")
    if kind != "canceled":
        for lead in settings.reminders:
            rows.add("reminder", "guest", round(lead.total_seconds() / 60), starts_at - lead)
    return rows


def of(change: Change, settings: Settings) -> Notices | None:
    """The mails of a change, for the commit; None when nobody is told."""
    if change.mail is None or change.booking is None:
        return None
    return Notices(settings.host_email, *of_change(change.mail, change.booking.starts_at, settings).columns())
