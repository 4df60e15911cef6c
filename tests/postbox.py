"""A real mail server for tests: aiosmtpd in the test's own loop, answering as its script says."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import ssl
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.servers import PATIENCE

HANG, BREAK = "hang", "break"
"""What a script may answer beside a line of SMTP: nothing ever; the end of the connection."""
Script = Callable[[str, str, int], str | asyncio.Event | None]
"""(stage "MAIL", "RCPT" or "DATA", address, how often asked before) → an answer, or an event to wait for, or None: all
is well."""


@dataclass(slots=True)
class Mail:
    """One mail that was taken: ``at`` by the monotonic clock."""

    recipient: str
    message: EmailMessage
    at: float
    encrypted: bool
    login: Any

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def kind(self) -> str:
        """confirmed, rescheduled, canceled or reminder: part of our Message-IDs."""
        return self.id.split("-")[1]

    @property
    def delivery(self) -> int:
        return int(self.id.lstrip("<").split("-")[0])

    def part(self, kind: str) -> str:
        """The text of the first part of this content type."""
        found = next(part for part in self.message.walk() if part.get_content_type() == kind)
        return str(found.get_content())


@dataclass(slots=True)
class Postbox:
    """What arrived, and what the server answers."""

    url: str = ""
    mails: list[Mail] = field(default_factory=list)
    script: Script = lambda stage, address, before: None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    connections: int = 0

    def to(self, recipient: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.recipient == recipient]

    def kinds(self, recipient: str) -> list[str]:
        return [mail.kind for mail in self.to(recipient)]

    def by_delivery(self) -> dict[int, list[Mail]]:
        found: dict[int, list[Mail]] = defaultdict(list)
        for mail in self.mails:
            found[mail.delivery].append(mail)
        return found

    async def until(self, true: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Wait until ``true()``, looked at whenever a mail arrives; TimeoutError."""
        async with asyncio.timeout(timeout), self.changed:
            await self.changed.wait_for(true)

    async def until_asked(self, stage: str, count: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until this stage was reached so often, answered or not."""
        await self.until(lambda: sum(n for (asked, _), n in self.asked.items() if asked == stage) >= count, timeout)

    # -- aiosmtpd's handler: a hook returns the server's answer

    async def _answer(self, server: SMTP, stage: str, address: str) -> str | None:
        before = self.asked[stage, address]
        self.asked[stage, address] += 1
        async with self.changed:
            self.changed.notify_all()
        answer = self.script(stage, address, before)
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return None
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == BREAK:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
            return "451 nobody hears this"
        return answer

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if answer := await self._answer(server, "MAIL", address):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if answer := await self._answer(server, "RCPT", address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        if answer := await self._answer(server, "DATA", address):
            return answer
        message = email.message_from_bytes(envelope.content or b"", policy=email.policy.SMTPUTF8)  # type: ignore[arg-type, type-var]
        assert isinstance(message, EmailMessage)
        assert server.transport is not None
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.mails.append(Mail(address, message, time.monotonic(), encrypted, session.auth_data))
        async with self.changed:
            self.changed.notify_all()
        return "250 OK"


def make_certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that is its own authority; the certificate alone is beside it, as .crt."""
    path = folder / "certificate.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", f"{path}.crt"],
        capture_output=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@contextlib.asynccontextmanager
async def postbox(
    *,
    tls: ssl.SSLContext | None = None,
    implicit: bool = False,
    logins: dict[str, str] | None = None,
    international: bool = True,
    port: int = 0,
) -> AsyncIterator[Postbox]:
    """A mail server on this port, or a free one.

    ``tls`` offers STARTTLS, or with ``implicit`` wraps the whole connection;
    ``logins`` are the user names and passwords that it takes, and without STARTTLS and one of them it takes no mail.
    Without ``international`` it knows no SMTPUTF8."""
    box = Postbox()
    servers: list[SMTP] = []

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        name, password = data.login.decode(), data.password.decode()
        return AuthResult(success=(logins or {}).get(name) == password, handled=False, auth_data=name)

    def connection() -> SMTP:
        box.connections += 1
        server = SMTP(
            box,
            hostname="localhost",
            enable_SMTPUTF8=international,
            tls_context=None if implicit else tls,
            auth_required=logins is not None and not implicit,  # it warns: of TLS around the whole it does not know
            auth_require_tls=logins is not None and not implicit and tls is not None,
            authenticator=authenticate if logins is not None else None,
            loop=asyncio.get_running_loop(),
        )
        servers.append(server)
        return server

    listening = await asyncio.get_running_loop().create_server(
        connection, "127.0.0.1", port, ssl=tls if implicit else None
    )
    box.url = f"{'smtps' if implicit else 'smtp'}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield box
    finally:
        listening.close()
        for server in servers:
            if server.transport is not None:
                server.transport.abort()  # type: ignore[attr-defined]
        handlers = [s._handler_coroutine for s in servers if s._handler_coroutine is not None]
        for task in handlers:
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
        await listening.wait_closed()
