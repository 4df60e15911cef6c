"""What tests of the outbox share: guests who book through the verbs, and workers as real processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from redis.asyncio import Redis

from hub.commands import bookings, changes
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.config import Settings
from hub.metrics import Metrics
from hub.security import Identity
from hub.store import database
from hub.store.bookings import Booking
from hub.views.context import VenueContext
from hub.views.publisher import EventPublisher
from hub.views.signing import Signer
from hub.views.wake_ups import WakeUps
from tests.servers import CHECKOUT, PATIENCE, environment
from tests.writing import writing_context

TOMORROWS = timedelta(days=30)
"""How far ahead tests book: far enough that no reminder comes due."""


def make_context(settings: Settings) -> VenueContext:
    """Verbs without a publisher: only the sweep tells workers."""
    return writing_context(settings, lambda events: None)


@contextlib.asynccontextmanager
async def publishing_context(settings: Settings) -> AsyncIterator[VenueContext]:
    """Verbs with a publisher on the settings' Redis, as `hub serve` has it."""
    redis, wake_ups = Redis.from_url(settings.redis_url), WakeUps(settings)
    publisher = EventPublisher(
        redis, wake_ups, (metrics := Metrics()), Signer(settings.secret_key, metrics), publisher_id=b"0" * 16
    )
    publisher.start()
    try:
        yield writing_context(settings, publisher.publish)
    finally:
        await publisher.stop()
        await wake_ups.close()
        await redis.aclose()


@dataclass(frozen=True, slots=True)
class Guest:
    email: str
    by: Identity

    async def book(
        self, context: VenueContext, *, day: date | None = None, at: time = time(18), guests: int = 2
    ) -> Booking:
        day = day or datetime.now(UTC).date() + TOMORROWS
        return await bookings.book(context, Call(self.by), BookingRequest(day, at, guests))

    async def move(self, context: VenueContext, booking: Booking, **to: Any) -> Booking:
        return await changes.reschedule(context, Call(self.by), booking.id, ChangeRequest(**to))

    async def cancel(self, context: VenueContext, booking: Booking) -> Booking:
        return await changes.cancel(context, Call(self.by), booking.id)


async def make_guest(
    *, email: str | None = None, language: str = "en", full_name: str = "Ada Guest", verified: bool = True
) -> Guest:
    email = email or f"guest-{secrets.token_hex(5)}@example.com"
    [row] = await database.fetch(
        "INSERT INTO users (email, phone_number, full_name, password_hash, role, language, verified_at) "
        "VALUES ($1, $2, $3, '-', 'user', $4, CASE WHEN $5 THEN clock_timestamp() END) RETURNING id",
        email,
        f"+7{secrets.randbelow(10**10):010}",
        full_name,
        language,
        verified,
    )
    return Guest(email, Identity(row["id"], "user", 0, 0.0))


ROWS = (
    "SELECT o.*, (payload->>'revision')::integer AS revision, (payload->>'lead_minutes')::integer AS lead_minutes, "
    "payload->>'audience' AS audience, payload->>'language' AS language FROM outbox o"
)


async def rows(booking: Booking | None = None) -> list[asyncpg.Record]:
    """The rows of the outbox, of one booking or all, in the order in which they were written; with the payload's
    fields beside."""
    return await database.fetch(
        f"{ROWS} WHERE $1::bigint IS NULL OR booking_id = $1 ORDER BY id",
        booking.id if booking else None,
    )


async def until(true: Callable[[], Awaitable[Any]], timeout: float = PATIENCE) -> Any:
    """Ask until the answer is true, and return it; TimeoutError. For what another process does to rows."""
    async with asyncio.timeout(timeout):
        while not (answer := await true()):  # noqa: ASYNC110 - nothing here could be awaited
            await asyncio.sleep(0.05)
        return answer


@dataclass(slots=True)
class Worker:
    """A running `python -m workers`."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    async def says(self, text: str, timeout: float = PATIENCE) -> None:
        """Wait for it in the log: what a worker did to a row it logs a moment later."""

        async def said() -> bool:
            assert self.process.poll() is None, self.output
            return text in self.output

        await until(said, timeout)

    def stop(self, timeout: float = PATIENCE) -> int:
        """SIGTERM; returns the exit code, or raises TimeoutExpired."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)


@contextlib.contextmanager
def workers(settings: Settings) -> Iterator[Any]:
    """A function that starts worker processes like this one's settings; all of them are ended after."""
    running: list[Worker] = []

    def start(*, program: str | None = None, **variables: str) -> Worker:
        environ = environment(
            DATABASE_URL=settings.database_url, REDIS_URL=settings.redis_url, SECRET_KEY=settings.secret_key
        ) | {"WORKER_METRICS_PORT": str(20000 + secrets.randbelow(10000))}
        log = settings.data_dir / f"worker-{len(running)}.log"
        command = ["-c", program] if program else ["-m", "workers"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *command, "--data-dir", str(settings.data_dir)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environ | variables,
                cwd=CHECKOUT,
                start_new_session=True,
            )
        running.append(Worker(process, log))
        return running[-1]

    try:
        yield start
    finally:
        for worker in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.process.pid, signal.SIGKILL)
            worker.process.wait()
