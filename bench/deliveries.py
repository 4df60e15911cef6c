"""One worker's deliveries a second, beside a loop that only speaks SMTP.

Both talk to the same aiosmtpd in a process of its own, over as many connections, and send mails of the same size; the
loop has them ready in memory, while the worker claims, reads, writes and marks each one in PostgreSQL as shipped.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from bench import report, servers
from hub.config import Settings
from hub.process.mailserver import server_from
from hub.process.ports import free_port
from hub.store.mails import DueMail
from workers.dispatcher import SENDERS
from workers.mail import build, load_templates
from workers.smtp import SmtpConnection

SERVER = """
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Handler:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"

async def main():
    loop, handler = asyncio.get_running_loop(), Handler()
    make = lambda: SMTP(handler, hostname="localhost", loop=loop)
    server = await loop.create_server(make, "127.0.0.1", int(sys.argv[1]))
    print("listening", flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
ENQUEUE = """
WITH booked AS (
    INSERT INTO bookings (venue_id, group_id, guest_id, user_id, reference, table_id, guests, starts_at, ends_at,
                          service_date, status, revision, created_at, updated_at)
    SELECT 1, 1, hub_guest(1, (SELECT min(id) FROM users)), (SELECT min(id) FROM users),
           translate(lpad(n::text, 8, '0'), '01', 'YX'), 1, 2, now() + n * interval '1 day',
           now() + n * interval '25 hours', current_date + n, 'booked', 1, now(), now()
    FROM generate_series(30, 29 + $1::int) n RETURNING id
)
INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, ordering_key, due_at)
SELECT 'mail', 'confirmed', 'guest-' || id || '@example.com',
       '{"revision": 1, "lead_minutes": 0, "audience": "guest", "language": "en"}', 1, id, 'booking:' || id, now()
FROM booked
"""


def measure(started: servers.Servers, *, rounds: int, count: int) -> str:
    """A table: the loop and the worker, each round one after the other."""
    started.make_database("deliveries")
    port = free_port()
    url = f"smtp://127.0.0.1:{port}"
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE)
    settings = started.settings("deliveries")
    message = build(_example(), settings=settings, templates=load_templates(), now=datetime.now(UTC))
    ours, theirs = [], []
    try:
        assert server.stdout is not None
        server.stdout.readline()  # it listens
        for _ in range(rounds):
            theirs.append(uvloop.run(only_smtp(url, message, settings, count)))
            ours.append(asyncio.run(one_worker(started, url, count)))
    finally:
        server.terminate()
        server.wait()
    return report.table(
        f"Deliveries a second over {SENDERS} connections, {count} a round, {len(message)} bytes each",
        ("", "deliveries/s", "of the loop"),
        [
            ("a loop that only speaks SMTP", report.spread(theirs), ""),
            ("one worker", report.spread(ours), report.ratio(ours, theirs)),
        ],
    )


async def only_smtp(url: str, message: bytes, settings: Settings, count: int) -> float:
    """Mails a second of a bare loop over kept connections."""
    left = iter(range(count))

    async def sender() -> None:
        line = SmtpConnection(server_from(url))
        for number in left:
            await line.send(sender=settings.mail_from, recipient=f"guest-{number}@example.com", message=message)
        await line.close()

    began = time.monotonic()
    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    return count / (time.monotonic() - began)


async def one_worker(started: servers.Servers, url: str, count: int) -> float:
    """Deliveries a second of a worker process: from its first claim to its last mark."""
    connection = await asyncpg.connect(started.url("deliveries"))
    await connection.execute("DELETE FROM outbox")
    await connection.execute("DELETE FROM bookings")
    await connection.execute(
        "INSERT INTO users (email, full_name, password_hash, role, language, verified_at) "
        "VALUES ('guest@example.com', 'Ada Guest', '-', 'user', 'en', now()) ON CONFLICT DO NOTHING"
    )
    await connection.execute(ENQUEUE, count)
    await connection.execute("VACUUM ANALYZE")
    folder = started.folder / "deliveries"
    folder.mkdir(exist_ok=True)
    worker = start_worker(folder, started.environment("deliveries") | {"SMTP_URL": url})
    try:
        first, last = await _until_sent(connection, worker, count)
    finally:
        worker.terminate()
        worker.wait()
        await connection.close()
    return count / (last - first)


def start_worker(folder: Path, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    with (folder / "worker.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "workers", "--data-dir", str(folder)],
            env=environ | {"WORKER_METRICS_PORT": str(free_port())},
            cwd=servers.CHECKOUT,
            stdout=log,
            stderr=log,
        )


async def _until_sent(connection: asyncpg.Connection[Any], worker: Any, count: int) -> tuple[float, float]:
    first = 0.0
    while worker.poll() is None:
        sent, claimed = await connection.fetchrow(
            "SELECT count(*) FILTER (WHERE sent_at IS NOT NULL), count(*) FILTER (WHERE claimed_until IS NOT NULL) "
            "FROM outbox"
        )
        now = time.monotonic()
        if not first and sent + claimed:
            first = now
        if sent == count:
            return first, now
        await asyncio.sleep(0.02)
    raise RuntimeError(f"the worker ended with {worker.returncode}")


def _example() -> DueMail:
    now = datetime.now(UTC)
    return DueMail(
        id=1, venue_id=1, topic="confirmed", revision=1, lead_minutes=0, audience="guest",
        recipient="guest@example.com", language="en", booking_id=1, booking_revision=1, status="booked",
        guests=2, starts_at=now, ends_at=now, created_at=now, table_name="T2-1",
        reference="K7M2XQ4P", user_id=1,
        full_name="Ada Guest", phone_number=None, verified=True, disabled=False, link_version=1, now=now,
    )  # fmt: skip
