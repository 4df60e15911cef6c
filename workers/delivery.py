"""One delivery from claim to outcome: look again, judge, make the mail, hand it over.

Whatever goes wrong becomes an outcome: no row ends the task that tries it, and none holds up the next.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from jinja2 import Environment

from hub.commands.outbox import ABOUT_ACCOUNTS, LEASE, Due, Outcome, over
from hub.config import Settings
from hub.errors import HubError
from hub.process.mailserver import deliverable
from hub.store import account_tokens
from workers.account_mail import build_link
from workers.mail import build, identity
from workers.mail_folder import MailFolder
from workers.smtp import Line, Refused, printable

SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=6)


class Out(Protocol):
    """Where mail goes: a line to the mail server, or a folder."""

    async def hand_over(self, due: Due, message: bytes) -> None: ...

    async def close(self) -> None: ...


@dataclass(slots=True)
class ByLine:
    settings: Settings
    line: Line

    async def hand_over(self, due: Due, message: bytes) -> None:
        sender, recipient = deliverable(self.settings.mail_from), deliverable(due.recipient)
        await self.line.send(sender=sender, recipient=recipient, message=message)

    async def close(self) -> None:
        await self.line.close()


@dataclass(slots=True)
class ByFile:
    folder: MailFolder

    async def hand_over(self, due: Due, message: bytes) -> None:
        await self.folder.put(f"{due.id:08}-{identity(due).partition('-')[2]}-{due.audience}", message)

    async def close(self) -> None:
        pass


def pause(attempts: int) -> timedelta:
    """Before the try after ``attempts`` that failed: 30 s doubling to 6 h, and up to a third more, so that what failed
    together does not come again together."""
    doubled = SHORTEST * float(2 ** min(attempts - 1, 20))
    return min(doubled * random.uniform(1, 4 / 3), LONGEST)  # noqa: S311 - no secret


async def deliver(due: Due, *, out: Out, settings: Settings, templates: Environment) -> Outcome:
    """Send one delivery that was read just now. Raises nothing but what ends the task."""
    if reason := over(due):
        return Outcome(due, "dropped", reason)
    try:
        message = await _make(due, settings, templates)
    except HubError:  # the database went away while a link was made
        return Outcome(due, "released")
    except Refused as error:
        return Outcome(due, "failed", str(error))
    except Exception as error:  # a template may raise anything; the row fails after a few times, and only it
        return Outcome(due, "unmade", printable(f"no mail could be made: {type(error).__name__}: {error}"), LEASE)
    try:
        await out.hand_over(due, message)
    except Refused as error:
        if error.final:
            return Outcome(due, "failed", str(error), answered=True)
        return Outcome(due, "again", str(error), pause(due.attempts + 1), answered=True)
    return Outcome(due, "sent", answered=True)


async def _make(due: Due, settings: Settings, templates: Environment) -> bytes:
    now = datetime.now(UTC)
    if due.kind not in ABOUT_ACCOUNTS:
        return build(due, settings=settings, templates=templates, now=now)
    token = await account_tokens.issue(due.user_id, due.kind)
    return build_link(due, token, settings=settings, templates=templates, now=now)
