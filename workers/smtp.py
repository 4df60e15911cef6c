"""Conversations with the mail server: one kept connection, and what its refusals mean.

An answer that belongs to the message or its recipient is final; everything else may be better next time.
"""

from __future__ import annotations

import asyncio
import contextlib

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException

from hub.process.mailserver import MailServer, client_for, greet

CONVERSATION_SECONDS = 20.0
"""The whole of one delivery's conversation, connecting included. A lease is longer."""


class MailRefused(Exception):
    """The mail was not taken; the text is for the operator. ``final``: it never will be."""

    def __init__(self, text: str, *, final: bool = False) -> None:
        super().__init__(printable(text))
        self.final = final


def printable(text: str) -> str:
    """One line that a database, a terminal and a log take, whatever a server or an exception said."""
    return "".join(c if c.isprintable() else " " for c in text)[:500]


class SmtpConnection:
    """One connection to the mail server, opened for the first mail and kept for the next ones."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
        """Hand over one mail, within CONVERSATION_SECONDS. Raises MailRefused; after it the line is fit for another."""
        try:
            async with asyncio.timeout(CONVERSATION_SECONDS):
                kept = self._client is not None and self._client.is_connected
                try:
                    await self._converse(sender, recipient, message)
                except _Gone:
                    if not kept:
                        raise
                    self._drop()  # it had gone while nobody looked: that says nothing about this mail
                    await self._converse(sender, recipient, message)
        except MailRefused:
            raise
        except TimeoutError as error:
            self._drop()
            raise MailRefused(f"no answer within {CONVERSATION_SECONDS:g} s: {_text(error)}".rstrip(": ")) from None
        except (SMTPException, OSError, ValueError) as error:
            self._drop()
            raise MailRefused(_text(error)) from None
        except BaseException:
            self._drop()  # cut off in the middle: what the server would answer next belongs to no mail of ours
            raise

    async def _converse(self, sender: str, recipient: str, message: bytes) -> None:
        client = await self._connected()
        international = not (recipient.isascii() and sender.isascii())
        encoding = "utf-8" if international else "ascii"
        if international and not client.supports_extension("smtputf8"):
            raise MailRefused("the mail server does not take addresses beyond ASCII (SMTPUTF8)", final=True)
        try:
            await client.mail(sender, options=["SMTPUTF8"] if international else [], encoding=encoding)
        except (aiosmtplib.SMTPServerDisconnected, ConnectionError) as error:
            raise _Gone(_text(error)) from None
        except SMTPResponseException as error:
            if error.code == 421:
                raise _Gone(_text(error)) from None
            await self._refuse(error, final=False)
        for step in (client.rcpt(recipient, encoding=encoding), client.data(message)):
            try:
                await step
            except SMTPResponseException as error:
                await self._refuse(error, final=500 <= error.code < 600)

    async def _refuse(self, error: SMTPResponseException, *, final: bool) -> None:
        if error.code == 421 or self._client is None:
            self._drop()
        else:
            try:
                await self._client.rset()
            except (SMTPException, OSError):
                self._drop()
        raise MailRefused(_text(error), final=final)

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        self._client = client = client_for(self._server, timeout=CONVERSATION_SECONDS)
        await greet(client)
        return client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def close(self) -> None:
        """Say goodbye and close; the goodbye may take a second."""
        if self._client is not None and self._client.is_connected:
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                await self._client.quit(timeout=1)
        self._drop()


class _Gone(MailRefused):
    """The connection ended before this mail began."""


def _text(error: BaseException) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error) or type(error).__name__
