"""A mail about an account: a link, and what it is for. Nothing that anybody typed is in it; it may go to a stranger.

Its token is in the part of the link that browsers send to no server, and is used by a request that a person makes.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from jinja2 import Environment

from hub.config import Settings
from hub.domain.venue import LANGUAGES
from hub.store.mails import DueMail
from workers import mime, phrases
from workers.mail import ADDRESS, deliverable_or_refused, identity, mailbox
from workers.smtp import MailRefused

SUBJECTS = {
    ("en", "verify"): "Confirm your address for {venue}",
    ("en", "reset"): "Set a new password for {venue}",
    ("ru", "verify"): "Подтвердите адрес: {venue}",
    ("ru", "reset"): "Новый пароль: {venue}",
}


def build_link(mail: DueMail, token: str, *, settings: Settings, templates: Environment, now: datetime) -> bytes:
    """The whole mail, ready for DATA or a file. Raises MailRefused, finally, for a recipient that is no one address."""
    if not ADDRESS.fullmatch(mail.recipient):
        raise MailRefused("the recipient is not one e-mail address", final=True)
    recipient, sender = deliverable_or_refused(mail.recipient), deliverable_or_refused(settings.mail_from)
    language = mail.language if mail.language in LANGUAGES else settings.default_language
    venue = phrases.one_line(settings.venue.name)
    headers = {
        "From": mailbox(phrases.one_line(settings.mail_from_name or venue), sender),
        "To": recipient,
        "Subject": SUBJECTS[language, mail.topic].format(venue=venue),
        "Date": format_datetime(now),
        "Message-ID": f"<{identity(mail)}@{sender.rpartition('@')[2]}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": language,
    }
    said = {"venue": venue, "link": f"{base_url(settings)}/account#{mail.topic}={token}"}
    texts = [
        mime.part(
            f"text/{kind}; charset=utf-8", templates.get_template(f"{language}/{mail.topic}.{ending}").render(said)
        )
        for kind, ending in (("plain", "txt"), ("html", "html"))
    ]
    body = mime.multipart("alternative", f"{identity(mail)}-texts", texts)
    return mime.mail(headers, body, international=not (recipient + sender).isascii())


def base_url(settings: Settings) -> str:
    """Where the page is: PUBLIC_URL, or else this machine, which is right for a trial alone."""
    if settings.public_url:
        return settings.public_url
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
