"""Deliveries by the hundred: histories at random, many workers, and workers and Valkey killed in the middle."""

from __future__ import annotations

import asyncio
import random
import re
import time as clock
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from hub.config import Settings
from hub.process import embedded
from hub.store import database
from hub.store.bookings import Booking
from hub.views.context import Context
from tests.conftest import make_settings
from tests.guests import TOMORROWS, Guest, make_context, make_guest, publishing_context, rows, until, workers
from tests.postbox import Postbox, postbox
from tests.servers import Servers

KILLS, VALKEY_KILLS = 10, 3


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox() as made:
        yield made


@pytest.fixture
def start(connected: Settings) -> Iterator[Any]:
    with workers(connected) as starter:
        yield starter


async def live(
    context: Context, guest: Guest, number: int, chance: random.Random
) -> tuple[Booking, list[tuple[str, str]]]:
    """A booking's life: booked, perhaps moved a few times, perhaps canceled; and its true history, as (kind, when)."""
    day = datetime.now(UTC).date() + TOMORROWS + timedelta(days=number // 8)
    booking = await guest.book(context, day=day, at=time(12))
    history = [("confirmed", said(booking))]
    for hour in chance.sample((14, 16, 18, 20), chance.randrange(4)):
        await asyncio.sleep(chance.random() * 0.3)
        booking = await guest.move(context, booking, at=time(hour), table_id=None)
        history.append(("rescheduled", said(booking)))
    if chance.random() < 0.4:
        await asyncio.sleep(chance.random() * 0.3)
        booking = await guest.cancel(context, booking)
        history.append(("canceled", said(booking)))
    return booking, history


def said(booking: Booking) -> str:
    return f"{booking.starts_at:%H:%M}"


async def until_sent(timeout: float) -> None:
    """Wait until no row is due: sent, dropped or failed, but for reminders of later days."""

    async def nothing_is_due() -> bool:
        now = [row for row in await rows() if row["topic"] != "reminder"]
        return all(row["sent_at"] or row["dropped_at"] or row["failed_at"] for row in now)

    await until(nothing_is_due, timeout)


def is_subsequence(short: list[Any], long: list[Any]) -> bool:
    left = iter(long)
    return all(any(one == other for other in left) for one in short)


@pytest.mark.timeout(300)
@pytest.mark.slow
async def test_500_histories_at_random(connected: Settings, box: Postbox, start: Any) -> None:
    """Each guest's mails are the true history, less what was over before it could be sent, in order, once; and the
    last is the present state. Three workers, and a mail server that refuses one mail in twenty at first."""
    chance = random.Random(4)
    context = make_context(connected)
    for _ in range(3):
        start(SMTP_URL=box.url)
    refused = {f"guest-{n}@example.com" for n in chance.sample(range(500), 25)}
    box.script = lambda stage, address, before: (
        "451 later" if stage == "RCPT" and address in refused and not before else None
    )
    guests = [
        await make_guest(email=f"guest-{n}@example.com", language=chance.choice(("en", "ru"))) for n in range(500)
    ]
    bounded = asyncio.Semaphore(12)

    async def one(number: int) -> tuple[Booking, list[tuple[str, str]]]:
        async with bounded:
            return await live(context, guests[number], number, chance)

    lives = await asyncio.gather(*(one(number) for number in range(500)))
    await database.fetch("UPDATE outbox SET due_at = now() WHERE attempts > 0 AND sent_at IS NULL")
    await until_sent(60)
    dropped = {(r["booking_id"], r["revision"]) for r in await rows() if r["dropped_at"]}
    for guest, (booking, history) in zip(guests, lives, strict=True):
        mails = box.to(guest.email)
        told = [(mail.kind, at_of(mail.part("text/plain"))) for mail in mails]
        assert is_subsequence(told, history) and told[-1] == history[-1]
        assert len({mail.id for mail in mails}) == len(mails) == len(history) - sum(b == booking.id for b, _ in dropped)
    assert not [r for r in await rows() if r["failed_at"] or r["expired"]]


def at_of(text: str) -> str:
    found = re.search(r"(\d\d:\d\d)–\d\d:\d\d", text)
    assert found, text
    return found[1]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_workers_and_valkey_killed_during_500_deliveries(
    database_url: str, servers: Servers, data_dir: Any, box: Postbox
) -> None:
    """kill -9 of the worker ten times, of Valkey (empty after it) three times; all is sent within 60 s of the last."""
    chance = random.Random(9)
    folder = data_dir / "valkey-of-its-own"
    valkey = embedded.start_valkey(folder, settings={"appendonly": "no"})
    settings = make_settings(database_url, valkey.url, data_dir)
    await database.connect(settings)
    try:
        async with publishing_context(settings) as context:
            with workers(settings) as start:
                # Slow enough that each kill meets conversations, quick enough that all of it fits.
                box.script = lambda stage, address, before: slowly() if stage == "DATA" else None
                worker = start(SMTP_URL=box.url)
                guests = [await make_guest() for _ in range(500)]
                booked = asyncio.create_task(book_all(context, guests, chance))
                for kill in range(KILLS):
                    before = len(box.mails)
                    await box.until(lambda before=before: len(box.mails) > before + 5, 45)  # type: ignore[misc]
                    worker.kill()
                    if kill % 3 == 1:
                        valkey.process.kill()
                        valkey.process.wait()
                        valkey = embedded.start_valkey(folder, settings={"appendonly": "no"})
                    worker = start(SMTP_URL=box.url)
                last = clock.monotonic()
                await booked
                await until_sent(120 - (clock.monotonic() - last))
    finally:
        await database.close()
        valkey.stop()
    copies = box.by_delivery()
    assert len(copies) == 500
    assert max(len(mails) for mails in copies.values()) <= KILLS + 1
    assert all(len({mail.id for mail in mails}) == 1 for mails in copies.values())
    assert sum(len(mails) - 1 for mails in copies.values()) <= KILLS * 40  # a kill repeats what was just being sent


def slowly() -> asyncio.Event:
    released = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, released.set)
    return released


async def book_all(context: Context, guests: list[Guest], chance: random.Random) -> None:
    day = datetime.now(UTC).date() + TOMORROWS
    for number, guest in enumerate(guests):
        await guest.book(context, day=day + timedelta(days=number // 16), at=time(12))
        await asyncio.sleep(chance.random() * 0.08)


@pytest.mark.slow
async def test_a_kick_wakes_a_worker_also_after_valkey_was_emptied(
    connected: Settings, box: Postbox, start: Any
) -> None:
    """With the publisher a mail leaves long before the next sweep could find it; after FLUSHALL it is heard again."""
    worker, guest = start(SMTP_URL=box.url), await make_guest()
    async with publishing_context(connected) as context, Redis.from_url(connected.redis_url) as redis:
        await guest.book(context, at=time(12))
        await box.until(lambda: len(box.mails) == 1)
        assert await average_seconds(context, guest, box, [13, 14, 15]) < 0.9
        await redis.flushdb()
        await asyncio.sleep(1.5)
        assert await average_seconds(context, guest, box, [16, 17, 18]) < 0.9
    await worker.says("the worker receives wake-ups from Redis")


async def average_seconds(context: Context, guest: Guest, box: Postbox, hours: list[int]) -> float:
    took: dict[int, float] = defaultdict(float)
    for hour in hours:
        before, began = len(box.mails), clock.monotonic()
        await guest.book(context, at=time(hour))
        await box.until(lambda before=before: len(box.mails) > before)  # type: ignore[misc]
        took[hour] = clock.monotonic() - began
    return sum(took.values()) / len(took)
