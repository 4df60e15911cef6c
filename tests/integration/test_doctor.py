"""`hub doctor` against real servers: well, wrong, silent; what it says, what it never says, and how it exits."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from redis.asyncio import Redis

from hub.config import Settings
from hub.process import doctor, embedded, mailserver
from hub.process.doctor import postgresql, smtp
from hub.process.doctor.findings import CHECK_SECONDS, NOTE, WELL, WRONG, Finding
from hub.store import migration
from tests.conftest import SECRET_KEY, make_settings
from tests.postbox import make_certificate, postbox
from tests.servers import CHECKOUT, PATIENCE, environment


async def run(data_dir: Path, **variables: str) -> tuple[int, list[str]]:
    """`hub doctor` as a process: its exit code and its lines."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.process.cli", "doctor", "--data-dir", str(data_dir)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(**variables),
        cwd=CHECKOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    lines = output.decode().splitlines()
    assert all(line[:4] in ("ok  ", "--  ", "!!  ") for line in lines), output.decode()
    return process.returncode, lines


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("!!")]


@pytest.fixture
def careful_postgres(folder: Path) -> Iterator[embedded.Server]:
    """A server as `hub up` starts it: nothing is off."""
    place = folder / secrets.token_hex(4)
    server = embedded.start_postgres(place)
    yield server
    server.stop()
    embedded.remove(place)


async def test_doctor_of_a_hub_that_is_well(careful_postgres: embedded.Server, redis_url: str, data_dir: Path) -> None:
    given = {"DATABASE_URL": careful_postgres.url, "REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY, "WORKERS": "2"}
    code, lines = await run(data_dir, **given)
    assert code == 1
    [missing] = wrong(lines)
    assert "migrations are missing (0_" in missing and "run hub migrate" in missing
    await migration.migrate(make_settings(careful_postgres.url, redis_url, data_dir))
    async with postbox() as box:
        code, lines = await run(data_dir, **given, SMTP_URL=box.url, PYTHONTZPATH="")
        assert box.mails == []
    assert (code, wrong(lines)) == (0, [])
    said = "\n".join(lines)
    for words in (
        "every variable", "PostgreSQL 18", "not off", "migrations are applied", "clock is", "connections; one hub",
        "Valkey ", "noeviction", "published and received", "SMTP 127.0.0.1", "in UTC it is", "open files",
    ):  # fmt: skip
        assert words in said
    assert not [secret for secret in (urlsplit(careful_postgres.url).password, SECRET_KEY) if str(secret) in said]


async def test_servers_that_forget_are_wrong(settings: Settings) -> None:
    """The servers of the tests keep nothing on purpose."""
    findings = await doctor.check_postgresql(settings)
    told = {finding.text.split()[0] for finding in findings if finding.mark == WRONG}
    assert told == {"fsync", "full_page_writes", "synchronous_commit"}
    assert all("set " in finding.text for finding in findings if finding.mark == WRONG)


async def test_role_that_sets_synchronous_commit_is_believed(settings: Settings, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    name = urlsplit(database_url).path.lstrip("/")
    await connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
    await connection.close()
    assert not [f for f in await doctor.check_postgresql(settings) if f.text.startswith("synchronous_commit")]


async def test_database_that_is_newer_than_the_code_is_noted(settings: Settings, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO aerich (version, app, content) SELECT '9_later.py', app, content FROM aerich LIMIT 1"
    )
    await connection.close()
    [finding] = [f for f in await doctor.check_postgresql(settings) if "newer" in f.text]
    assert (finding.mark, "9_later.py" in finding.text) == (NOTE, True)


@pytest.mark.parametrize(("seconds", "words"), [(10, "10000 ms behind"), (-10, "10000 ms ahead of")])
async def test_clock_that_differs_is_wrong(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, seconds: float, words: str
) -> None:
    real = time.time
    monkeypatch.setattr("time.time", lambda: real() + seconds)
    connection = await asyncpg.connect(settings.database_url)
    [finding] = await postgresql.check_clock(connection)
    assert finding.mark == WRONG and "NTP" in finding.text
    said = int(finding.text.split(" is ")[1].split()[0])
    assert abs(said - 10_000) < 500 and words.split(" ms ")[1] in finding.text
    monkeypatch.undo()
    [finding] = await postgresql.check_clock(connection)
    assert finding.mark == WELL
    await connection.close()


async def test_too_few_connections_are_noted(settings: Settings, redis_url: str, data_dir: Path) -> None:
    many = make_settings(settings.database_url, redis_url, data_dir, WORKERS="64")
    [finding] = [f for f in await doctor.check_postgresql(many) if "connections" in f.text]
    assert finding.mark == NOTE and "want 1286" in finding.text and "lower WORKERS" in finding.text


@contextlib.asynccontextmanager
async def valkey(folder: Path, **options: str) -> AsyncIterator[embedded.Server]:
    place = folder / secrets.token_hex(4)
    named = {name.replace("_", "-"): value for name, value in options.items()}
    server = embedded.start_valkey(place, settings={"appendonly": "no", **named})
    try:
        yield server
    finally:
        server.stop()
        embedded.remove(place)


@pytest.mark.parametrize(
    ("policy", "memory", "mark"),
    [
        ("noeviction", "0", WELL),
        ("noeviction", "100mb", NOTE),
        ("volatile-ttl", "100mb", WELL),
        ("allkeys-lru", "100mb", NOTE),
    ],
)
async def test_policy_of_redis_is_judged_by_what_it_would_give_up(
    folder: Path, policy: str, memory: str, mark: str
) -> None:
    async with valkey(folder, maxmemory=memory, maxmemory_policy=policy) as server:
        version, about, heard = await doctor.check_redis("Redis", server.url)
    assert (version.mark, about.mark, heard.mark) == (WELL, mark, WELL)
    assert policy in about.text
    assert mark == WELL or "set maxmemory-policy volatile-ttl" in about.text


async def test_redis_that_tells_nothing_is_noted_and_used(folder: Path) -> None:
    """As managed ones do: INFO and CONFIG are forbidden."""
    async with valkey(folder) as server:
        admin: Redis = Redis.from_url(server.url)
        await admin.acl_setuser("managed", enabled=True, passwords=["+Zebulon"], keys=["*"], channels=["*"],
                                categories=["+@all"], commands=["-info", "-config"])  # fmt: skip
        await admin.aclose()
        url = urlunsplit(urlsplit(server.url)._replace(netloc=f"managed:Zebulon@127.0.0.1:{server.port}"))
        findings = await doctor.check_redis("Redis", url)
    assert [finding.mark for finding in findings] == [NOTE, NOTE, WELL]
    assert "not checked" in findings[1].text


@pytest.mark.slow
async def test_redis_of_the_queue_is_looked_at_where_it_is_another(
    database_url: str, redis_url: str, data_dir: Path
) -> None:
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY}
    _, lines = await run(data_dir, **given, TASKIQ_BROKER_URL="redis://:Zebulon@127.0.0.1:1/0")
    [line] = [line for line in wrong(lines) if "Redis" in line]
    assert "Redis of wake-ups: " in line and "TASKIQ_BROKER_URL" in line and "Zebulon" not in line


async def told(settings: Settings, url: str) -> Finding:
    own = make_settings(settings.database_url, settings.redis_url, settings.data_dir, SMTP_URL=url)
    finding, *sender = await doctor.bounded("SMTP", "SMTP_URL", doctor.check_smtp(own))
    assert "Zebulon" not in finding.text
    assert all(each.mark == WELL and "hub@localhost" in each.text for each in sender)
    return finding


async def test_smtp_is_tried_with_its_credentials_and_nothing_is_sent(
    settings: Settings, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(data_dir)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with postbox(tls=context, logins={"hub": "Zebulon"}) as box:
        well, wrong = (box.url.replace("://", f"://hub:{word}@") + "?starttls=required" for word in ("Zebulon", "Z2"))
        stranger = await told(settings, well)
        assert (stranger.mark, "certificate" in stranger.text.lower()) == (WRONG, True)
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        finding = await told(settings, well)
        assert (finding.mark, "encrypted, logged in" in finding.text) == (WELL, True)
        finding = await told(settings, wrong)
        assert finding.mark == WRONG and "SMTP_URL" in finding.text
        assert "535" in finding.text, finding.text
        assert box.mails == [] and {stage for stage, _ in box.asked} == {"MAIL"}


async def sender_told(settings: Settings, url: str, sender: str) -> Finding:
    variables = {"SMTP_URL": url, "MAIL_FROM": sender}
    own = make_settings(settings.database_url, settings.redis_url, settings.data_dir, **variables)
    _, finding = await doctor.check_smtp(own)
    return finding


async def test_the_sender_is_tried_on_the_mail_server(settings: Settings) -> None:
    async with postbox(international=False) as box:
        box.script = lambda stage, address, before: "550 not yours" if address == "eve@example.org" else None
        assert (await sender_told(settings, box.url, "Bistro <book@example.org>")).mark == WELL
        refused = await sender_told(settings, box.url, "eve@example.org")
        assert (refused.mark, "550 not yours" in refused.text) == (WRONG, True)
        beyond = await sender_told(settings, box.url, "бистро@example.org")
        assert (beyond.mark, "beyond ASCII" in beyond.text) == (WRONG, True)
        domain = await sender_told(settings, box.url, "tische@größe.example")
        assert (domain.mark, "tische@xn--gre-6ka8i.example" in domain.text) == (WELL, True)
        # A server on this machine may take mail of hub@localhost; nobody else's does.
        client = mailserver.client_for(mailserver.server_from(box.url), timeout=PATIENCE)
        await mailserver.greet(client)
        elsewhere = replace(mailserver.server_from(box.url), host="mail.example.org")
        local = await smtp.check_sender(client, "hub@localhost", elsewhere)
        client.close()
        assert (local.mark, "hub@localhost" in local.text) == (WRONG, True)
        assert box.mails == []


async def test_smtp_url_that_asks_for_too_much_is_wrong(settings: Settings) -> None:
    async with postbox() as box:
        finding = await told(settings, box.url + "?starttls=required")
        assert finding.mark == WRONG and "STARTTLS" in finding.text
        finding = await told(settings, box.url + "?starttls=perhaps")
        assert finding.mark == WRONG and "starttls=required, never or auto" in finding.text
        assert box.mails == []


async def test_no_mail_server_is_only_noted(settings: Settings) -> None:
    [finding] = await doctor.check_smtp(settings)
    assert finding.mark == NOTE and str(settings.mail_dir) in finding.text


@pytest.mark.slow
async def test_what_never_answers_holds_nothing_up(data_dir: Path) -> None:
    """Three servers that take a connection and say nothing."""
    connected: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda reader, writer: connected.append(writer), "127.0.0.1", 0)
    where = f"127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    async with asyncio.timeout(3 * CHECK_SECONDS):
        code, lines = await run(
            data_dir,
            DATABASE_URL=f"postgresql://hub:Zebulon@{where}/hub",
            REDIS_URL=f"redis://:Zebulon@{where}/0",
            SMTP_URL=f"smtp://hub:Zebulon@{where}?starttls=never",
            SECRET_KEY="Zebulon",
        )
    assert code == 1
    assert len(connected) == 3
    assert [line.split(":")[0] for line in wrong(lines)] == [
        "!!  SECRET_KEY",
        "!!  PostgreSQL",
        "!!  Redis",
        "!!  SMTP",
    ]
    assert "Zebulon" not in "\n".join(lines)
    assert lines[-1].endswith("as of this shell")
    for writer in connected:
        writer.close()
    silent.close()


@pytest.mark.slow
async def test_wrong_passwords_and_names_are_told_without_secrets(
    database_url: str, redis_url: str, data_dir: Path
) -> None:
    postgres, redis = urlsplit(database_url), urlsplit(redis_url)
    for url in (
        urlunsplit(postgres._replace(netloc=f"hub:Zebulon@{postgres.hostname}:{postgres.port}")),
        urlunsplit(postgres._replace(path="/no_such")),
    ):
        code, lines = await run(
            data_dir,
            DATABASE_URL=url,
            REDIS_URL=urlunsplit(redis._replace(netloc=f":Zebulon@{redis.hostname}:{redis.port}")),
            SECRET_KEY=SECRET_KEY,
        )
        assert code == 1
        assert [line.split(":")[0] for line in wrong(lines)] == ["!!  PostgreSQL", "!!  Redis"]
        secret = ("Zebulon", str(postgres.password), str(redis.password), SECRET_KEY)
        assert not [each for each in secret if each in "\n".join(lines)]
