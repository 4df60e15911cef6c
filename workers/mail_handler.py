"""The mails of the outbox: read again, judge, make the mail, hand it over.

Whatever goes wrong becomes an outcome: no row ends the task that tries it, and none holds up the next.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from jinja2 import Environment

from hub.config import Settings
from hub.domain.events import MAIN
from hub.errors import HubError
from hub.process.mailserver import deliverable, server_from
from hub.store import account_tokens, mails, venues
from hub.store.mails import DueMail
from hub.store.outbox import LEASE, OutboxEntry, Outcome
from workers.account_mail import build_link
from workers.mail import build, identity, load_templates
from workers.mail_folder import MailFolder
from workers.smtp import CONVERSATION_SECONDS, MailRefused, SmtpConnection, printable

SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=6)


class MailOut(Protocol):
    """Where mail goes: a line to the mail server, or a folder."""

    async def hand_over(self, mail: DueMail, message: bytes) -> None: ...

    async def close(self) -> None: ...


@dataclass(slots=True)
class ByLine:
    settings: Settings
    line: SmtpConnection

    async def hand_over(self, mail: DueMail, message: bytes) -> None:
        sender, recipient = deliverable(self.settings.mail_from), deliverable(mail.recipient)
        await self.line.send(sender=sender, recipient=recipient, message=message)

    async def close(self) -> None:
        await self.line.close()


@dataclass(slots=True)
class ByFile:
    folder: MailFolder

    async def hand_over(self, mail: DueMail, message: bytes) -> None:
        await self.folder.put(f"{mail.id:08}-{identity(mail).partition('-')[2]}-{mail.audience}", message)

    async def close(self) -> None:
        pass


def pause(attempts: int) -> timedelta:
    """Before the try after ``attempts`` that failed: 30 s doubling to 6 h, and up to a third more, so that what failed
    together does not come again together."""
    doubled = SHORTEST * float(2 ** min(attempts - 1, 20))
    return min(doubled * random.uniform(1, 4 / 3), LONGEST)  # noqa: S311 - no secret


class MailHandler:
    """Sends mails by the server of SMTP_URL, or into the folder MAIL_DIR."""

    kind = "mail"
    topics: tuple[str, ...] = mails.TOPICS
    longest_seconds = CONVERSATION_SECONDS

    def __init__(self, settings: Settings, templates: Environment | None = None) -> None:
        """Raises ConfigError for an SMTP_URL that can't be used."""
        self._settings = {MAIN: settings}
        """As each venue's mails are written."""
        self._templates = templates or load_templates()
        self._server = server_from(settings.smtp_url) if settings.smtp_url else None

    def connect(self) -> MailOut:
        settings = self._settings[MAIN]
        if self._server is not None:
            return ByLine(settings, SmtpConnection(self._server))
        return ByFile(MailFolder(settings.mail_dir))

    async def read(self, entries: Sequence[OutboxEntry]) -> dict[int, DueMail]:
        found = await mails.read(entries)
        if any(mail.venue_id != MAIN for mail in found.values()):
            usual = self._settings[MAIN]
            for venue, rules in await venues.read(usual, retired=True):
                self._settings[venue.id] = replace(usual, venue=venue, rules=rules, default_language=venue.language)
        return found

    async def send(self, entry: OutboxEntry, about: Any, out: Any) -> Outcome:
        if reason := mails.over(about):
            return Outcome(entry, "dropped", reason)
        try:
            message = await self._make(about)
        except HubError:  # the database went away while a link was made
            return Outcome(entry, "released")
        except MailRefused as error:
            return Outcome(entry, "failed", str(error))
        except Exception as error:  # a template may raise anything; the row fails after a few times, and only it
            said = printable(f"no mail could be made: {type(error).__name__}: {error}")
            return Outcome(entry, "unmade", said, LEASE)
        try:
            await out.hand_over(about, message)
        except MailRefused as error:
            if error.final:
                return Outcome(entry, "failed", str(error), answered=True)
            return Outcome(entry, "again", str(error), pause(entry.attempts + 1), answered=True)
        return Outcome(entry, "sent", answered=True)

    async def _make(self, mail: DueMail) -> bytes:
        now, settings = datetime.now(UTC), self._settings[mail.venue_id]
        if mail.topic not in mails.ABOUT_ACCOUNTS:
            return build(mail, settings=settings, templates=self._templates, now=now)
        token = await account_tokens.issue(mail.user_id, mail.topic)
        return build_link(mail, token, settings=settings, templates=self._templates, now=now)
