"""The files on the way of a mail from its row to the mail server are those of docs/architecture.md: looked up whenever
the database is asked on its way, and when it leaves for the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import aiosmtplib
import pytest

from hub.config import Settings
from hub.store import database
from tests.integration.walks.walk import at_work, check_in_all, every_file, ours, walk_of
from tests.postbox import postbox
from tests.process import Process, make_user
from workers import tasks
from workers.dispatcher import Dispatcher
from workers.forgetting import Forgetting
from workers.mail_handler import MailHandler
from workers.metrics import WorkerMetrics

CARRIERS = {"hub/store/database.py"}
"""They carry anything whatever, and are named beside the way."""


async def test_the_way_of_a_mail_is_the_one_in_the_document(
    connected: Settings, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk, files, in_all = walk_of("A mail, step by step"), set[str](), set[str]()

    def noted(method: Any) -> Any:
        def note(*args: Any, **named: Any) -> Any:
            files.update(at_work())
            return method(*args, **named)

        return note

    async with postbox() as box:
        settings, metrics = replace(connected, smtp_url=box.url), WorkerMetrics()
        faults: list[BaseException] = []
        dispatcher = Dispatcher(MailHandler(settings), metrics, Forgetting(settings, metrics), fault=faults.append)
        ada = await make_user("Ada")

        async def deliver() -> None:
            await tasks.deliver("mail", tasks.Dispatchers(mail=dispatcher))

        await process.book(ada, 12)
        await deliver()  # what is read once is read now
        await process.book(ada, 15)
        for owner, name in ((database, "write"), (database, "fetch"), (aiosmtplib.SMTP, "data")):
            monkeypatch.setattr(owner, name, noted(getattr(owner, name)))
        with every_file(in_all):
            await deliver()
        await dispatcher.stop()
    assert (box.kinds("ada@example.com"), faults) == (["confirmed", "confirmed"], [])
    assert ours(files) - CARRIERS == set(walk.way)
    check_in_all(walk, ours(in_all))
