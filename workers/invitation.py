"""The calendar file of a mail (RFC 5545, RFC 5546): one event a booking, which each later file replaces or cancels.

The guest gets an invitation (REQUEST, CANCEL) as its attendee. The house organises the event, so its copy is a
publication: a program that was invited by its own address would answer itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from icalendar import Calendar, Event, Parameters, vCalAddress, vText
from icalendar.parser import Contentline

from hub.store.mails import DueMail
from workers import phrases

NONE, ACCEPTED = Parameters(), Parameters(partstat="ACCEPTED", rsvp="FALSE")
CRLF, END = "\r\n", "END:VEVENT\r\n"


@dataclass(frozen=True, slots=True)
class Organizer:
    """Who invites: the venue. ``address`` is the sender's, ``location`` where the guest has to go."""

    address: str
    name: str
    location: str | None


def mailto(address: str, subject: str | None = None) -> str:
    """A ``mailto:`` address; what would end it or begin its fields is escaped (RFC 6068)."""
    fields = f"?subject={quote(subject, safe='')}" if subject else ""
    return f"mailto:{quote(address, safe='@!$*+-._~')}{fields}"


def method(mail: DueMail) -> str:
    if mail.audience == "house":
        return "PUBLISH"
    return "CANCEL" if mail.topic == "canceled" else "REQUEST"


def calendar_file(
    mail: DueMail, *, language: str, organizer: Organizer, recipient: str, uid: str, now: datetime
) -> str:
    """``uid`` is the booking's for all its life; SEQUENCE rises with its revisions, so the newest file wins.
    ``recipient`` is the address as it goes out."""
    lines = [f"SEQUENCE:{mail.revision}"]  # numbers and instants have one form, and it never needs folding
    lines += [
        f"{name}:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        for name, at in (("DTSTAMP", now), ("DTSTART", mail.starts_at), ("DTEND", mail.ends_at))
    ]
    guests = phrases.guests(mail.guests, language)
    of_the_house = mail.audience == "house"
    # The guest is not told the table: the house may still choose another one, and that is no news to anybody.
    what = f"#{mail.reference}, {phrases.one_line(mail.table_name)}" if of_the_house else f"#{mail.reference}"
    own: list[tuple[str, Parameters, vText | vCalAddress]] = [
        ("UID", NONE, vText(uid)),
        ("DESCRIPTION", NONE, vText(what)),
    ]
    if of_the_house:
        own.append(("SUMMARY", NONE, vText(f"{phrases.one_line(mail.full_name)}, {guests}")))
    else:
        own.append(("ATTENDEE", ACCEPTED, vCalAddress(mailto(recipient))))
    for name, parameters, value in own:
        lines.append(Contentline.from_parts(name, parameters, value).to_ical().decode())
    summary = None if of_the_house else phrases.SUMMARIES[language].format(venue=organizer.name, guests=guests)
    before, after = _frame(method(mail), mail.topic == "canceled", summary, organizer)
    return f"{before}{CRLF.join(lines)}{CRLF}{after}"


@lru_cache(maxsize=256)
def _frame(method: str, canceled: bool, summary: str | None, organizer: Organizer) -> tuple[str, str]:
    """What is the same in many files, before and after an event's own lines: a file takes half of a mail's time."""
    event = Event()
    if summary is not None:
        event.add("summary", summary)
    event.add("status", "CANCELLED" if canceled else "CONFIRMED")
    event.add("organizer", vCalAddress(mailto(organizer.address)), parameters={"CN": organizer.name})
    event.add("location", f"{organizer.name}, {organizer.location}" if organizer.location else organizer.name)
    calendar = Calendar()
    calendar.add("prodid", "-//booking-hub//booking-hub//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    before, end, after = content.decode().partition(END)
    return before, end + after
