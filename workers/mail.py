"""One delivery as one mail: text and HTML from templates, the calendar file, and headers of our own words alone.

Pure but for the templates, which are read once. What a guest or an admin typed goes into bodies only; the venue's name,
which the operator sets, is in the subject and beside the sender's address.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from hub.config import Settings
from hub.domain.calendar import changeable_until
from hub.domain.events import MAIN
from hub.domain.venue import LANGUAGES
from hub.manage_links import Link, ManageLinks
from hub.process.mailserver import deliverable
from hub.store.mails import DueMail
from workers import mime, phrases
from workers.invitation import Organizer, calendar_file, mailto, method
from workers.smtp import MailRefused

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


def identity(mail: DueMail) -> str:
    """The same for each copy of a delivery, another one for every other delivery, in this database or the next."""
    return f"{mail.id}-{mail.topic}-{_born(mail)}"


def build(mail: DueMail, *, settings: Settings, templates: Environment, now: datetime) -> bytes:
    """The whole mail, ready for DATA or a file. Raises MailRefused, finally, for a recipient that is no single address;
    whatever else it raises is a fault of the templates or of ours."""
    if not ADDRESS.fullmatch(mail.recipient):
        raise MailRefused("the recipient is not one e-mail address", final=True)
    recipient, sender = deliverable_or_refused(mail.recipient), deliverable_or_refused(settings.mail_from)
    language = _language(mail, settings)
    local = mail.starts_at.astimezone(settings.rules.zone)
    domain = sender.rpartition("@")[2]
    venue = phrases.one_line(settings.venue.name)
    headers = {
        "From": mailbox(venue, sender),
        "To": recipient,
        "Subject": phrases.subject(
            "stands" if mail.takes_back else mail.topic,
            mail.audience,
            language,
            local=local,
            number=mail.reference,
            venue=venue,
        ),
        "Date": format_datetime(now),
        "Message-ID": f"<{identity(mail)}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": language,
    }
    if mail.topic == "reminder":
        headers["List-Unsubscribe"] = f"<{mailto(sender, f'no reminders {mail.reference}')}>"
    said = _said(mail, local, language, settings)
    template = f"{language}/{mail.topic if mail.audience == 'guest' else 'house'}"
    texts = [
        mime.part(f"text/{kind}; charset=utf-8", templates.get_template(f"{template}.{ending}").render(said))
        for kind, ending in (("plain", "txt"), ("html", "html"))
    ]
    body = mime.multipart("alternative", f"{identity(mail)}-texts", texts)
    if mail.topic != "reminder":
        organizer = Organizer(sender, venue, phrases.one_line(settings.venue.address or "") or None)
        uid = f"booking-{mail.booking_id}-{_born(mail)}@{domain}"
        file = calendar_file(mail, language=language, organizer=organizer, recipient=recipient, uid=uid, now=now)
        attachment = mime.part(
            f'text/calendar; charset=utf-8; method={method(mail)}; name="booking.ics"',
            file,
            Content_Disposition='attachment; filename="booking.ics"',
        )
        body = mime.multipart("mixed", identity(mail), [body, attachment])
    return mime.mail(headers, body, international=not (recipient + sender).isascii())


def mailbox(name: str, address: str) -> str:
    """``Name <address>`` for a header: the name quoted, or encoded when it is beyond ASCII (RFC 2047)."""
    if not name.isascii():
        return f"{Header(name, 'utf-8', maxlinelen=70).encode(linesep='')} <{address}>"
    return f"{formataddr((name, 'x@x')).removesuffix('<x@x>')}<{address}>"


def deliverable_or_refused(address: str) -> str:
    """The address as it goes out. Raises MailRefused, finally."""
    try:
        return deliverable(address)
    except ValueError as error:
        raise MailRefused(str(error), final=True) from None


def _language(mail: DueMail, settings: Settings) -> str:
    """The guest's own; the house reads the house's, whoever booked."""
    return mail.language if mail.audience == "guest" and mail.language in LANGUAGES else settings.default_language


def _born(mail: DueMail) -> str:
    """When the booking was made, short: ids begin again in a new database, this does not."""
    return f"{int(mail.created_at.timestamp() * 1_000_000):x}"


def _said(mail: DueMail, local: datetime, language: str, settings: Settings) -> dict[str, Any]:
    until = changeable_until(mail.starts_at, mail.created_at, settings.rules)
    local_until = until.astimezone(settings.rules.zone)
    venue, manage = settings.venue, _manage_url(mail, settings)
    return {
        "kind": "stands" if mail.takes_back else mail.topic,
        "topic": mail.topic,
        # By its reference, as people say it on the phone: the id would tell how many bookings all venues have.
        "number": mail.reference,
        # A stranger whose address somebody else typed is not told what else was typed.
        "name": phrases.one_line(mail.full_name) if mail.verified or mail.audience == "house" else "",
        "phone": phrases.one_line(mail.phone_number or ""),
        "day": phrases.day(local, language),
        "time": phrases.clock(local),
        "until": phrases.clock(mail.ends_at.astimezone(settings.rules.zone)),
        "guests": mail.guests,
        "table": phrases.one_line(mail.table_name),
        "venue": phrases.one_line(venue.name),
        "where": phrases.one_line(", ".join(filter(None, (venue.name, venue.address)))),
        "venue_phone": phrases.one_line(venue.phone or ""),
        "by_itself": bool(mail.user_id or manage),
        "deadline": f"{phrases.day(local_until, language)}, {phrases.clock(local_until)}" if until > mail.now else None,
        "url": _page_url(mail, settings),
        "manage": manage,
    }


def _page_url(mail: DueMail, settings: Settings) -> str | None:
    """The page on which guests of this venue book."""
    if not settings.public_url or mail.venue_id == MAIN:
        return settings.public_url
    return f"{settings.public_url}/v/{settings.venue.slug}/"


def _manage_url(mail: DueMail, settings: Settings) -> str | None:
    """Where its guest manages the booking without logging in. Whoever can't be sure to be the guest gets no link: it
    shows the booking and cancels it."""
    if not settings.public_url or mail.audience != "guest" or not mail.verified or mail.topic == "canceled":
        return None
    token = ManageLinks(settings.secret_key).make(Link(mail.booking_id, mail.link_version))
    return f"{settings.public_url}/manage#{token}"
