"""`python -m workers` as a process: how it starts, waits, stops, measures, and where its mail goes."""

from __future__ import annotations

import asyncio
import email
import email.policy
import secrets
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import time as wall
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from hub.config import Settings
from hub.store import database, migration
from tests.conftest import make_settings
from tests.guests import make_context, make_guest, rows, until, workers
from tests.http_clients import http_client
from tests.postbox import make_certificate, postbox
from tests.servers import PATIENCE, Servers, free_port


@pytest.fixture
def start(connected: Settings) -> Iterator[Any]:
    with workers(connected) as starter:
        yield starter


async def test_mail_goes_to_files_while_no_server_is_named(connected: Settings, start: Any) -> None:
    context, guest = make_context(connected), await make_guest(language="ru")
    start(RESTAURANT_TIMEZONE="Europe/Moscow", PUBLIC_URL="https://tables.example.com")
    booking = await guest.book(context)
    folder = connected.data_dir / "mail"

    async def written() -> list[Path]:
        return list(folder.glob("*.eml"))

    [path] = await until(written)
    assert path.stat().st_mode & 0o777 == 0o600 and not list(folder.glob(".*"))
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.SMTP)
    assert message["To"] == guest.email and "\r\n" not in str(message["Subject"])
    subject = str(message["Subject"])
    assert subject.startswith("Столик забронирован:") and subject.endswith(", 21:00 – Restaurant")
    text = next(part for part in message.walk() if part.get_content_type() == "text/plain").get_content()
    assert "21:00–23:00" in text and "https://tables.example.com" in text
    assert f"Бронь: {booking.party.reference}" in text


@pytest.mark.slow
async def test_it_waits_for_postgresql_and_the_schema(servers: Servers, redis_url: str, data_dir: Path) -> None:
    name = f"t_{secrets.token_hex(6)}"
    settings = make_settings(servers.database_url(name), redis_url, data_dir)
    with workers(settings) as start:
        worker = start()
        await worker.says('"the worker is waiting for the database"')
        admin = await asyncpg.connect(servers.postgres.url)
        await admin.execute(f'CREATE DATABASE "{name}"')
        await worker.says('"missing":"migrations"')
        await migration.migrate(settings)
        try:
            async with postbox():
                await database.connect(settings)
                guest = await make_guest()
                await guest.book(make_context(settings))

                async def sent() -> bool:
                    return bool((await rows())[0]["sent_at"])

                await until(sent)
            assert worker.stop() == 0
        finally:
            await database.close()
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            await admin.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
async def test_it_finishes_what_it_is_sending_and_stops_within_3_s(
    connected: Settings, start: Any, number: signal.Signals
) -> None:
    context, guest, other = make_context(connected), await make_guest(), await make_guest()
    async with postbox() as box:
        release = asyncio.Event()
        box.script = lambda stage, address, before: (
            release if stage == "DATA" and address == guest.email else "hang" if stage == "DATA" else None
        )
        await guest.book(context)
        await other.book(context)
        worker = start(SMTP_URL=box.url)
        await box.until_asked("DATA", 2)
        began = time.monotonic()
        worker.process.send_signal(number)
        await asyncio.sleep(0.5)
        release.set()
        assert await asyncio.to_thread(worker.process.wait, PATIENCE) == 0
        print(f"stopped after {time.monotonic() - began:.2f} s of 3 s")
        first, second = [row for row in await rows() if row["topic"] == "confirmed"]
        assert first["sent_at"] and box.kinds(guest.email) == ["confirmed"]
        # What it could not finish is anybody's at once, and nobody's fault.
        assert not second["sent_at"] and second["claimed_until"] is None and second["expired"] == 0
        assert '"the worker stopped"' in worker.output


async def test_a_taken_metrics_port_costs_the_metrics_alone(connected: Settings, start: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        worker = start(WORKER_METRICS_PORT=str(taken.getsockname()[1]))
        await worker.says('"the worker receives wake-ups from Redis"')
        assert worker.output.count("metrics port is in use") == 1
        assert worker.stop() == 0


@pytest.mark.slow
async def test_what_it_measures(connected: Settings, start: Any) -> None:
    context, port = make_context(connected), free_port()
    well, wrong, stale, away = [await make_guest() for _ in range(4)]
    async with postbox() as box, http_client(base_url=f"http://127.0.0.1:{port}") as client:
        answers = {wrong.email: "550 no", away.email: "451 later"}
        box.script = lambda stage, address, before: answers.get(address) if stage == "RCPT" else None
        for guest in (well, wrong, away):
            await guest.book(context)
        await stale.cancel(context, await stale.book(context, at=wall(12)))
        start(SMTP_URL=box.url, WORKER_METRICS_PORT=str(port))

        wanted = (
            'hub_outbox_sent_total{kind="mail",topic="canceled"} 1.0',
            'hub_outbox_sent_total{kind="mail",topic="confirmed"} 1.0',
            'hub_outbox_failed_total{kind="mail",topic="confirmed"} 1.0',
            'hub_outbox_dropped_total{kind="mail",reason="stale",topic="confirmed"} 1.0',
            'hub_outbox_attempts_total{answer="refused",kind="mail"} 2.0',
            'hub_outbox_attempts_total{answer="accepted",kind="mail"} 2.0',
        )

        async def counted() -> str | None:
            try:
                text = (await client.get("/metrics")).text
            except httpx.TransportError:
                return None
            return text if all(line in text for line in wanted) else None

        assert await until(counted)
        await database.fetch("UPDATE outbox SET first_due_at = first_due_at - interval '10 minutes'")

        async def aged() -> bool:
            text = (await client.get("/metrics")).text
            return any(
                line.startswith('hub_outbox_oldest_due_seconds{kind="mail"} 6') and float(line.split()[1]) >= 600
                for line in text.splitlines()
            )

        await until(aged)  # the one that waits for another try is due since it was booked


@pytest.mark.slow
async def test_it_goes_on_after_postgresql_was_cut_off(connected: Settings, start: Any) -> None:
    context, guest = make_context(connected), await make_guest()
    async with postbox() as box:
        worker = start(SMTP_URL=box.url)
        await worker.says('"the worker receives wake-ups from Redis"')
        await asyncio.sleep(1)
        await database.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hub worker' "
            "AND datname = current_database()"
        )
        await guest.book(context)
        await box.until(lambda: box.kinds(guest.email) == ["confirmed"])
        assert worker.process.poll() is None


@pytest.fixture(scope="session")
def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that is its own authority."""
    return make_certificate(folder)


@pytest.mark.slow
@pytest.mark.parametrize("implicit", [False, True])
async def test_tls_and_credentials(connected: Settings, start: Any, certificate: Path, implicit: bool) -> None:
    encryption = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    encryption.load_cert_chain(certificate)
    context, guest = make_context(connected), await make_guest()
    await guest.book(context)
    async with postbox(tls=encryption, implicit=implicit, logins={"hub": "se:cr/et"}) as box:
        url = box.url.replace("://", "://hub:se%3Acr%2Fet@") + ("" if implicit else "?starttls=required")
        start(SMTP_URL=url, SSL_CERT_FILE=f"{certificate}.crt")
        await box.until(lambda: len(box.mails) == 1)
        assert box.mails[0].encrypted and box.mails[0].login == "hub"


@pytest.mark.slow
async def test_a_certificate_that_nobody_vouches_for(connected: Settings, start: Any, certificate: Path) -> None:
    encryption = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    encryption.load_cert_chain(certificate)
    await (await make_guest()).book(make_context(connected))
    async with postbox(tls=encryption, logins={"hub": "secret"}) as box:
        start(SMTP_URL=box.url.replace("://", "://hub:secret@") + "?starttls=required")
        await until(refused)
        assert "certificate" in (await rows())[0]["last_error"].lower() and not box.mails


async def refused() -> bool:
    return bool((await rows())[0]["attempts"])


@pytest.mark.slow
async def test_a_password_stays_here_when_the_server_offers_no_tls(connected: Settings, start: Any) -> None:
    context, guest = make_context(connected), await make_guest()
    await guest.book(context)
    async with postbox() as box:
        start(SMTP_URL=box.url.replace("://", "://hub:secret@") + "?starttls=required")
        await until(refused)
        assert not box.mails and (await rows())[0]["failed_at"] is None


@pytest.mark.slow
def test_a_wrong_smtp_url_stops_the_start(data_dir: Path) -> None:
    settings = make_settings("postgresql://127.0.0.1:1/x", "redis://127.0.0.1:1/0", data_dir)
    with workers(settings) as start:
        worker = start(SMTP_URL="smtp://mail.example.com?tls=maybe")
        assert worker.process.wait(10) == 2
        assert (
            worker.output
            == "hub: SMTP_URL: it can't be used; accepted: smtp[s]://…[?starttls=required, never or auto]\n"
        )
