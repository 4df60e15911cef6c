"""Whether the mail server answers, takes the log-in, and takes MAIL_FROM as a sender."""

from __future__ import annotations

import aiosmtplib

from hub.config import Settings
from hub.process import mailserver
from hub.process.doctor.findings import CHECK_SECONDS, NOTE, WELL, WRONG, Finding, Findings


async def check_smtp(settings: Settings) -> Findings:
    """Connect, encrypt and log in as the worker would; nothing is sent."""
    if settings.smtp_url is None:
        return [Finding(NOTE, f"SMTP_URL is not set: no mail is sent, each becomes a file in {settings.mail_dir}")]
    server = mailserver.server_from(settings.smtp_url)
    where = f"SMTP {server.host}:{server.port}"
    client = mailserver.client_for(server, timeout=CHECK_SECONDS)
    try:
        await mailserver.greet(client)
        transport = client.transport
        encrypted = transport is not None and transport.get_extra_info("sslcontext") is not None
        sender = await check_sender(client, settings.mail_from, server)
    finally:
        client.close()
    said = f"{where} answers, {'encrypted' if encrypted else 'not encrypted'}, " + (
        "logged in" if server.username else "without a log-in"
    )
    if not encrypted and server.host not in mailserver.LOOPBACK:
        return [
            Finding(NOTE, f"{said}: guests' mail crosses the network in the clear; ask for ?starttls=required"),
            sender,
        ]
    return [Finding(WELL, said), sender]


async def check_sender(client: aiosmtplib.SMTP, address: str, server: mailserver.MailServer) -> Finding:
    """Whether the mail server takes MAIL_FROM as a sender; the mail that is begun for it is given up."""
    try:
        sender = mailserver.deliverable(address)
    except ValueError as error:
        return Finding(WRONG, f"MAIL_FROM: {error}")
    international = not sender.isascii()
    if international and not client.supports_extension("smtputf8"):
        return Finding(WRONG, f"MAIL_FROM: the mail server takes no address beyond ASCII ({sender}): use another one")
    try:
        await client.mail(
            sender,
            options=["SMTPUTF8"] if international else [],
            encoding="utf-8" if international else "ascii",
        )
        await client.rset()
    except aiosmtplib.SMTPResponseException as error:
        answer = " ".join(f"{error.code} {error.message}".split())[:200]
        return Finding(WRONG, f"MAIL_FROM: the mail server refuses {sender} ({answer}): use one that it sends for")
    domain = sender.rpartition("@")[2]
    if (domain == "localhost" or "." not in domain) and server.host not in mailserver.LOOPBACK:
        return Finding(WRONG, f"MAIL_FROM is {sender}, which mail servers refuse: set an address of your domain")
    return Finding(WELL, f"the mail server takes {sender} as the sender")
