"""The calendar file of a mail (RFC 5545, RFC 5546): one event a booking, which each later file replaces or cancels."""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText

from hub.deliveries import Due
from workers import words


def method(due: Due) -> str:
    return "CANCEL" if due.kind == "canceled" else "REQUEST"


def calendar_file(due: Due, *, language: str, organizer: str, uid: str, now: datetime) -> str:
    """``uid`` is the booking's for all its life; SEQUENCE rises with its revisions, so the newest file wins."""
    guests = words.guests(due.guests, language)
    event = Event()
    event.add("uid", uid)
    event.add("sequence", due.revision)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", due.starts_at.astimezone(UTC))
    event.add("dtend", due.ends_at.astimezone(UTC))
    event.add("summary", words.SUMMARIES[language].format(guests=guests))
    event.add("description", f"#{due.booking_id}, {words.one_line(due.table_name)}")
    event.add("status", "CANCELLED" if due.kind == "canceled" else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    attendee = vCalAddress(f"mailto:{due.recipient}")
    attendee.params["partstat"] = vText("ACCEPTED")
    attendee.params["rsvp"] = vText("FALSE")
    event.add("attendee", attendee, encode=False)
    calendar = Calendar()
    calendar.add("prodid", "-//booking-hub//booking-hub//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method(due))
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content.decode()
