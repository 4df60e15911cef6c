"""The calendar file of a mail (RFC 5545, RFC 5546): one event a booking, which each later file replaces or cancels."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from icalendar import Calendar, Event, Parameters, vCalAddress, vText
from icalendar.parser import Contentline

from hub.deliveries import Due
from workers import words

NONE, ACCEPTED = Parameters(), Parameters(partstat="ACCEPTED", rsvp="FALSE")
CRLF, END = "\r\n", "END:VEVENT\r\n"


def method(due: Due) -> str:
    return "CANCEL" if due.kind == "canceled" else "REQUEST"


def calendar_file(due: Due, *, language: str, organizer: str, uid: str, now: datetime) -> str:
    """``uid`` is the booking's for all its life; SEQUENCE rises with its revisions, so the newest file wins."""
    lines = [f"SEQUENCE:{due.revision}"]  # numbers and instants have one form, and it never needs folding
    lines += [
        f"{name}:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        for name, at in (("DTSTAMP", now), ("DTSTART", due.starts_at), ("DTEND", due.ends_at))
    ]
    what = vText(f"#{due.booking_id}, {words.one_line(due.table_name)}")
    for name, parameters, value in (
        ("UID", NONE, vText(uid)),
        ("DESCRIPTION", NONE, what),
        ("ATTENDEE", ACCEPTED, vCalAddress(f"mailto:{due.recipient}")),
    ):
        lines.append(Contentline.from_parts(name, parameters, value).to_ical().decode())
    before, after = _frame(method(due), language, due.guests, organizer)
    return f"{before}{CRLF.join(lines)}{CRLF}{after}"


@lru_cache(maxsize=256)
def _frame(method: str, language: str, guests: int, organizer: str) -> tuple[str, str]:
    """What is the same in many files, before and after an event's own lines: a file takes half of a mail's time."""
    event = Event()
    event.add("summary", words.SUMMARIES[language].format(guests=words.guests(guests, language)))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    calendar = Calendar()
    calendar.add("prodid", "-//booking-hub//booking-hub//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    before, end, after = content.decode().partition(END)
    return before, end + after
