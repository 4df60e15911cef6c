"""The mail server as SMTP_URL names it, and a connection to it: the worker sends over one, the doctor tries one.

An address in the form in which mail servers take it, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import idna

from hub.variables import ConfigError

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server as SMTP_URL names it: ``smtp[s]://[user:password@]host[:port][?starttls=required|never|auto]``."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: Literal["implicit", "required", "auto", "never"]


def deliverable(address: str) -> str:
    """An address with its domain in ASCII (``kunde@bücher.example`` as ``kunde@xn--bcher-kva.example``), which every
    mail server takes; a local part beyond ASCII stays, and needs one that knows SMTPUTF8. Raises ValueError."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise ValueError(f"the domain of an e-mail address can't be written in ASCII: {error}") from None


def server_from(url: str) -> MailServer:
    """Raises ConfigError. STARTTLS is used where it is offered; with credentials for another machine it must be."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    wanted = query.pop("starttls", ["auto"])[-1]
    if query or wanted not in ("required", "never", "auto"):
        raise ConfigError("SMTP_URL", "it can't be used", "smtp[s]://…[?starttls=required, never or auto]")
    host = parts.hostname or ""
    implicit = parts.scheme == "smtps"
    if wanted == "auto" and parts.username and host not in LOOPBACK:
        wanted = "required"  # a password never crosses a network in the clear unless somebody wrote "never"
    return MailServer(
        host,
        parts.port or (465 if implicit else 587 if parts.username else 25),
        unquote(parts.username) if parts.username else None,
        unquote(parts.password or "") if parts.username else None,
        "implicit" if implicit else wanted,  # type: ignore[arg-type]
    )


def client_for(server: MailServer, *, timeout: float) -> aiosmtplib.SMTP:
    """A client that is not connected yet; :func:`greet` connects it. Each step may take ``timeout`` seconds."""
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        timeout=timeout,
        use_tls=server.tls == "implicit",
        start_tls={"required": True, "auto": None}.get(server.tls, False),
        username=server.username,
        password=server.password,
        local_hostname="localhost",  # otherwise it asks the resolver for this machine's name, and waits for it
    )


async def greet(client: aiosmtplib.SMTP) -> None:
    """Connect, STARTTLS and log in as the URL says, and ask what the server knows. Raises SMTPException, OSError."""
    await client.connect()
    await client.ehlo()
