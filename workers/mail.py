"""One delivery as one mail: text and HTML from templates, the calendar file, and headers of our own words alone.

Pure but for the templates, which are read once. What a guest or an admin typed goes into bodies only.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from hub.config import LANGUAGES, Settings
from hub.deliveries import Due
from workers import words
from workers.invitation import calendar_file, method
from workers.smtp import Refused

ADDRESS = re.compile(r"[^\s\x00-\x20\x7f@<>,;:\"()\[\]\\]+@[^\s\x00-\x20\x7f@<>,;:\"()\\]+")


def load_templates() -> Environment:
    """The templates of this package: a name that one does not know is an error, and HTML is escaped."""
    return Environment(
        loader=PackageLoader("workers"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def identity(due: Due) -> str:
    """The same for each copy of a delivery, another one for every other delivery, in this database or the next."""
    return f"{due.id}-{due.kind}-{_born(due)}"


def build(due: Due, *, settings: Settings, templates: Environment, now: datetime) -> bytes:
    """The whole mail, ready for DATA or a file. Raises Refused, finally, for a recipient that is no single address;
    whatever else it raises is a fault of the templates or of ours."""
    if not ADDRESS.fullmatch(due.recipient):
        raise Refused("the recipient is not one e-mail address", final=True)
    language = _language(due, settings)
    local = due.starts_at.astimezone(settings.rules.zone)
    domain = settings.mail_from.rpartition("@")[2]
    message = EmailMessage(policy=SMTP if (due.recipient + settings.mail_from).isascii() else SMTPUTF8)
    for name, value in (
        ("From", settings.mail_from),
        ("To", due.recipient),
        ("Subject", words.subject(due.kind, due.audience, language, local=local, number=due.booking_id)),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<{identity(due)}@{domain}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", language),
    ):
        message[name] = value  # the policy refuses a CR or LF in any of them
    if due.kind == "reminder":
        message["List-Unsubscribe"] = f"<mailto:{settings.mail_from}?subject={quote(f'no reminders {due.booking_id}')}>"
    body = _body(due, local, language, settings)
    template = f"{language}/{due.kind if due.audience == 'guest' else 'house'}"
    message.set_content(templates.get_template(f"{template}.txt").render(body))
    message.add_alternative(templates.get_template(f"{template}.html").render(body), subtype="html")
    if due.kind != "reminder":
        uid = f"booking-{due.booking_id}-{_born(due)}@{domain}"
        message.add_attachment(
            calendar_file(due, language=language, organizer=settings.mail_from, uid=uid, now=now),
            maintype="text",
            subtype="calendar",
            filename="booking.ics",
            params={"method": method(due), "charset": "utf-8"},
        )
    return message.as_bytes()


def _language(due: Due, settings: Settings) -> str:
    """The guest's own; the house reads the house's, whoever booked."""
    return due.language if due.audience == "guest" and due.language in LANGUAGES else settings.default_language


def _born(due: Due) -> str:
    """When the booking was made, short: ids begin again in a new database, this does not."""
    return f"{int(due.created_at.timestamp() * 1_000_000):x}"


def _body(due: Due, local: datetime, language: str, settings: Settings) -> dict[str, Any]:
    return {
        "kind": due.kind,
        "number": due.booking_id,
        "name": words.one_line(due.full_name),
        "phone": words.one_line(due.phone_number or ""),
        "day": words.day(local, language),
        "time": words.clock(local),
        "until": words.clock(due.ends_at.astimezone(settings.rules.zone)),
        "guests": due.guests,
        "table": words.one_line(due.table_name),
        "url": settings.public_url,
    }
