"""A mail server that says no, hangs or breaks; rows that can't be sent; and what operators do about them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from hub.config import Settings
from hub.store import database
from tests.guests import Worker, make_context, make_guest, rows, until, workers
from tests.postbox import BREAK, HANG, Postbox, postbox
from tests.servers import CHECKOUT, environment

LEASE_AND_10 = 40


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox() as made:
        yield made


@pytest.fixture
def start(connected: Settings) -> Iterator[Any]:
    with workers(connected) as starter:
        yield starter


async def until_row(true: Any, timeout: float = 8) -> Any:
    """Wait until ``true(row)`` of the first delivery; returns the row."""

    async def asked() -> Any:
        row = (await rows())[0]
        return row if true(row) else None

    return await until(asked, timeout)


async def make_due() -> None:
    """The pause before the next try is over."""
    await database.fetch("UPDATE outbox SET due_at = now() WHERE due_at < now() + interval '7 hours'")


@pytest.mark.parametrize("stage, answer", [
    ("MAIL", "550 not you"), ("DATA", BREAK),
    *(pytest.param(*each, marks=pytest.mark.slow) for each in (
        ("MAIL", "421 going down"), ("RCPT", "451 later"), ("DATA", "451 later"), ("DATA", "421 going down"),
    )),
])  # fmt: skip
async def test_a_refusal_for_now_is_tried_again(
    connected: Settings, box: Postbox, start: Any, stage: str, answer: str
) -> None:
    context, guest, other = make_context(connected), await make_guest(), await make_guest()
    wrong = guest.email if stage != "MAIL" else "hub@localhost"
    box.script = lambda at, address, before: answer if (at, address) == (stage, wrong) and before < 1 else None
    await guest.book(context)
    start(SMTP_URL=box.url)
    row = await until_row(lambda row: row["attempts"] == 1)
    assert row["failed_at"] is None and row["claimed_until"] is None and row["last_error"]
    pause = (await database.fetch("SELECT due_at - now() AS pause FROM outbox ORDER BY id"))[0]["pause"]
    assert timedelta(seconds=25) < pause <= timedelta(seconds=40)
    await other.book(context)
    await box.until(lambda: bool(box.to(other.email)))  # nobody waits for it
    await make_due()
    await box.until(lambda: bool(box.to(guest.email)))
    assert (await until_row(lambda row: row["sent_at"]))["attempts"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
async def test_a_final_refusal_fails_at_once_and_is_kept(
    connected: Settings, box: Postbox, start: Any, stage: str
) -> None:
    context, guest = make_context(connected), await make_guest()
    box.script = lambda at, address, before: "550 no such user" if at == stage and before < 1 else None
    await guest.book(context)
    worker = start(SMTP_URL=box.url)
    row = await until_row(lambda row: row["failed_at"])
    assert (row["attempts"], row["last_error"]) == (1, "550 no such user")
    await worker.says('"delivery_failed"')
    assert guest.email not in worker.output

    assert f"{row['id']}: failed" in await command(connected, "deliveries", "--failed")
    assert "550 no such user" in await command(connected, "deliveries")
    assert await command(connected, "deliveries", "retry", str(row["id"])) == f"{row['id']}: due again\n"
    await box.until(lambda: box.kinds(guest.email) == ["confirmed"])
    await until_row(lambda row: row["sent_at"])
    assert await command(connected, "deliveries", "retry", "--failed") == "none\n"
    assert await command(connected, "deliveries", "--failed") == "none\n"


async def command(settings: Settings, *arguments: str) -> str:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "hub.process.cli", *arguments, "--data-dir", str(settings.data_dir)],
        capture_output=True,
        env=environment(DATABASE_URL=settings.database_url),
        cwd=CHECKOUT,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


@pytest.mark.slow
async def test_the_twelfth_answer_is_the_last(connected: Settings, box: Postbox, start: Any) -> None:
    context, guest = make_context(connected), await make_guest()
    box.script = lambda stage, address, before: "451 later" if stage == "RCPT" else None
    await guest.book(context)
    await database.fetch("UPDATE outbox SET attempts = 11")
    start(SMTP_URL=box.url)
    row = await until_row(lambda row: row["failed_at"])
    assert (row["attempts"], row["last_error"]) == (12, "451 later")


async def test_nobody_answers_at_that_address(connected: Settings, start: Any) -> None:
    context, guest = make_context(connected), await make_guest()
    await guest.book(context)
    start(SMTP_URL="smtp://127.0.0.1:1")
    row = await until_row(lambda row: row["attempts"] == 1)
    assert row["failed_at"] is None and row["last_error"]


@pytest.mark.slow
async def test_a_server_that_hangs_holds_up_one_connection(connected: Settings, box: Postbox, start: Any) -> None:
    """20 s for the conversation; its lease is longer, so no other worker sends a second copy meanwhile."""
    context, guest, other = make_context(connected), await make_guest(), await make_guest()
    box.script = lambda stage, address, before: (
        HANG if (stage, address) == ("DATA", guest.email) and not before else None
    )
    await guest.book(context)
    start(SMTP_URL=box.url)
    start(SMTP_URL=box.url)
    await box.until_asked("DATA")
    began = asyncio.get_running_loop().time()
    await other.book(context)
    await box.until(lambda: bool(box.to(other.email)))
    row = await until_row(lambda row: row["attempts"] == 1, 25)
    assert 18 < asyncio.get_running_loop().time() - began < 28 and box.asked["DATA", guest.email] == 1
    assert row["last_error"].startswith("no answer within 20 s") and row["expired"] == 0
    await make_due()
    await box.until(lambda: bool(box.to(guest.email)))


@pytest.mark.slow
async def test_a_worker_killed_on_an_idle_queue(connected: Settings, box: Postbox, start: Any) -> None:
    """Nothing else ever arrives and Redis wakes nobody any more: another worker finds the row when its lease has run
    out."""
    context, guest = make_context(connected), await make_guest()
    box.script = lambda stage, address, before: HANG if stage == "DATA" and before < 1 else None
    await guest.book(context)
    first = start(SMTP_URL=box.url)
    await box.until_asked("DATA")
    first.kill()
    start(SMTP_URL=box.url)
    await box.until(lambda: bool(box.to(guest.email)), LEASE_AND_10)
    row = await until_row(lambda row: row["sent_at"])
    assert row["expired"] == 1


POISON = """
import asyncio, os, signal, sys
from pathlib import Path
from jinja2 import DictLoader, ChoiceLoader
from hub import config, logs
from workers.__main__ import start
from workers.mail import load_templates
from workers.mail_handler import MailHandler
settings = config.load(data_dir=Path(sys.argv[-1]))
logs.setup(settings, part="worker")
templates = load_templates()
templates.loader = ChoiceLoader([DictLoader({"ru/confirmed.txt": "{{ poison() }}"}), templates.loader])
templates.globals["poison"] = lambda: EFFECT
sys.exit(start(settings, [MailHandler(settings, templates)]))
"""


@pytest.mark.slow
async def test_a_template_that_raises_fails_its_row_alone(connected: Settings, box: Postbox, start: Any) -> None:
    context, guest, other = make_context(connected), await make_guest(language="ru"), await make_guest()
    await guest.book(context)
    await other.book(context)
    start(program=POISON.replace("EFFECT", "1 / 0"), SMTP_URL=box.url)
    await box.until(lambda: bool(box.to(other.email)))
    for lost in range(1, 6):
        row = await until_row(lambda row, lost=lost: row["expired"] == lost)
        assert (row["failed_at"] is not None) == (lost == 5)
        await make_due()
    assert row["last_error"] == "no mail could be made: ZeroDivisionError: division by zero"
    assert box.kinds(guest.email) == [] and row["attempts"] == 0


@pytest.mark.slow
async def test_a_row_that_kills_its_worker_fails_alone(connected: Settings, box: Postbox, start: Any) -> None:
    """Leases are cut short here; what was claimed beside it is sent, and blamed once at most."""
    context, poisoned = make_context(connected), await make_guest(language="ru")
    others = [await make_guest() for _ in range(20)]
    await poisoned.book(context)
    for number, guest in enumerate(others):
        booking = await guest.book(context, day=(await guest_day(number)))
        assert booking
    program, deaths = POISON.replace("EFFECT", "os.kill(os.getpid(), signal.SIGKILL)"), 0
    async with asyncio.timeout(60):
        worker = start(program=program, SMTP_URL=box.url)
        while await until(lambda worker=worker: dead_or_failed(worker), 20) == "dead":
            deaths += 1
            await database.fetch("UPDATE outbox SET claimed_until = now() WHERE claimed_until IS NOT NULL")
            worker = start(program=program, SMTP_URL=box.url)
    await box.until(lambda: {mail.recipient for mail in box.mails} == {guest.email for guest in others}, 10)
    assert deaths == 5
    assert max(row["expired"] for row in (await rows())[1:]) <= 1
    assert max(len(copies) for copies in box.by_delivery().values()) <= 2


async def dead_or_failed(worker: Worker) -> str | None:
    """Which of the two came first. The worker that fails the row lives on: its leases must not be cut short."""
    if (await rows())[0]["failed_at"]:
        return "failed"
    return "dead" if worker.process.poll() is not None else None


async def guest_day(number: int) -> Any:
    [row] = await database.fetch("SELECT current_date + 30 + $1::int / 10 AS day", number)
    return row["day"]
