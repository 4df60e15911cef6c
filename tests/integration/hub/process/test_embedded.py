"""hub.process.embedded: both servers for real, on data directories of their own."""

from __future__ import annotations

import os
import signal
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from hub.process import embedded
from tests.servers import QUICK


@pytest.fixture(scope="module")
def postgres(folder: Path):
    server = embedded.start_postgres(folder / "own")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def valkey(folder: Path):
    server = embedded.start_valkey(folder / "own")
    yield server
    server.stop()


def everyone_working_in(home: Path) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == home.resolve():
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


async def test_postgres_is_version_18_and_keeps_what_it_confirmed(postgres):
    connection = await asyncpg.connect(postgres.url)
    shown = {
        name: await connection.fetchval(f"SHOW {name}")
        for name in ("fsync", "synchronous_commit", "max_connections", "shared_buffers", "listen_addresses", "timezone")
    }
    locale = await connection.fetchrow(
        "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) AS encoding "
        "FROM pg_database WHERE datname = current_database()"
    )
    version = connection.get_server_version()
    await connection.close()
    assert version.major == 18
    assert shown == {
        "fsync": "on",
        "synchronous_commit": "on",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "listen_addresses": "127.0.0.1",
        "timezone": "UTC",
    }
    assert tuple(locale) == (b"b", "C.UTF-8", "UTF8")


async def test_postgres_refuses_a_wrong_password(postgres):
    parts = urlsplit(postgres.url)
    wrong = urlunsplit(parts._replace(netloc=f"hub:wrong@127.0.0.1:{postgres.port}"))
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)


async def test_postgres_asks_for_the_password_on_its_socket_too(postgres, folder):
    assert (folder / "own" / "postgres" / f".s.PGSQL.{postgres.port}").is_socket()
    rules = (folder / "own" / "postgres" / "pg_hba.conf").read_text().splitlines()
    methods = {line.split()[-1] for line in rules if line.strip() and not line.startswith("#")}
    assert methods == {"scram-sha-256"}


async def test_valkey_has_a_password_and_writes_what_it_holds(valkey):
    client = Redis.from_url(valkey.url)
    kept = {
        name: (await client.config_get(name))[name] for name in ("appendonly", "appendfsync", "bind", "requirepass")
    }
    await client.aclose()
    assert kept["requirepass"]
    assert (kept["appendonly"], kept["appendfsync"], kept["bind"]) == ("yes", "everysec", "127.0.0.1")
    with socket.create_connection(("127.0.0.1", valkey.port)) as stranger:
        stranger.sendall(b"PING\r\n")
        assert stranger.recv(64).startswith(b"-NOAUTH")


def test_passwords_are_in_no_command_line_and_in_no_file_that_others_read(postgres, valkey, folder):
    for server in (postgres, valkey):
        password = urlsplit(server.url).password
        assert password
        assert password not in " ".join(psutil.Process(server.pid).cmdline())
        for path in (folder / "own" / server.name).rglob("*"):
            if path.is_file() and path.stat().st_size < 100_000 and password.encode() in path.read_bytes():
                assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has an account to give away")
def test_root_runs_them_as_an_account_without_rights(postgres, valkey):
    for server in (postgres, valkey):
        process = psutil.Process(server.pid)
        assert process.uids().effective != 0
        assert set(os.getgrouplist("root", 0)).isdisjoint({process.gids().effective})


def test_they_lead_sessions_of_their_own(postgres, valkey):
    assert {os.getsid(server.pid) for server in (postgres, valkey)} == {postgres.pid, valkey.pid}


async def test_what_was_written_and_the_address_outlast_a_kill(data_dir):
    first = embedded.start_postgres(data_dir)
    connection = await asyncpg.connect(first.url)
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    await connection.close()
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    second = embedded.start_postgres(data_dir)
    connection = await asyncpg.connect(second.url)
    number = await connection.fetchval("SELECT number FROM kept")
    await connection.close()
    second.stop()
    assert (number, second.url) == (7, first.url)


def test_a_port_that_got_taken_is_exchanged_for_another(data_dir):
    first = embedded.start_valkey(data_dir)
    first.stop()
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", first.port))
        thief.listen()
        second = embedded.start_valkey(data_dir)
        second.stop()
    assert second.port != first.port


def test_a_stale_pid_file_that_names_a_living_process_does_not_block_the_start(data_dir):
    first = embedded.start_postgres(data_dir, settings=QUICK)
    first.stop()
    home = data_dir / "postgres"
    # As after a kill -9 in a container whose next process got the same number: here, ours.
    (home / "postmaster.pid").write_text(f"{os.getpid()}\n{home}\n0\n{first.port}\n\n127.0.0.1\n\nready   \n")
    (home / f".s.PGSQL.{first.port}.lock").write_text(f"{os.getpid()}\n")
    second = embedded.start_postgres(data_dir, settings=QUICK)
    second.stop()


def test_a_server_that_nobody_looks_after_is_ended_before_the_next_start(data_dir):
    first = embedded.start_postgres(data_dir, settings=QUICK)
    second = embedded.start_postgres(data_dir, settings=QUICK)
    first.process.wait(1)
    assert second.process.poll() is None
    second.stop()
    assert everyone_working_in(data_dir / "postgres") == []


def test_an_initdb_that_was_cut_off_is_begun_again(data_dir):
    (data_dir / "postgres.new" / "base").mkdir(parents=True)
    embedded.start_postgres(data_dir, settings=QUICK).stop()
    assert not (data_dir / "postgres.new").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(data_dir):
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(embedded.EmbeddedError, match="neither empty"):
        embedded.start_postgres(data_dir)
    assert (data_dir / "postgres" / "letter.txt").read_text() == "mine"


def test_a_start_that_fails_names_the_log(data_dir):
    with pytest.raises(embedded.EmbeddedError, match=r"postgres ended .*postgres\.log"):
        embedded.start_postgres(data_dir, settings={"shared_buffers": "nonsense"})


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders can be out of reach")
def test_out_of_reach_of_the_account_they_live_elsewhere_and_are_removed(data_dir):
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    server = embedded.start_postgres(closed / "data", settings=QUICK)
    server.stop()
    link = closed / "data" / "postgres"
    elsewhere = link.resolve().parent
    assert link.is_symlink()
    assert stat.S_IMODE(elsewhere.stat().st_mode) & 0o022 == 0
    again = embedded.start_postgres(closed / "data", settings=QUICK)
    again.stop()
    assert again.url == server.url
    embedded.remove(closed / "data")
    assert not elsewhere.exists()
