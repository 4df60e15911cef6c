"""Mail as files, while SMTP_URL is unset: one .eml a delivery in MAIL_DIR, written aside, then renamed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from workers.smtp import MailRefused, printable


class MailFolder:
    """A folder that takes mail as a mail server would. A second copy of a delivery replaces the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, message: bytes) -> None:
        """Write ``name``.eml. Raises MailRefused, never finally: a full disk gets room again."""
        try:
            await asyncio.to_thread(self._write, name, message)
        except OSError as error:
            raise MailRefused(printable(f"the folder of mails does not take it: {error.strerror}")) from None

    def _write(self, name: str, message: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = self._folder / f".{name}.{os.getpid()}"
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())  # it is marked sent right after this
            aside.replace(self._folder / f"{name}.eml")
        except OSError:
            aside.unlink(missing_ok=True)
            raise
