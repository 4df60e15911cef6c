"""Every form of DATABASE_URL through every command, against a PostgreSQL that takes nothing but TLS over TCP."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from hub.process import embedded
from hub.store import postgres
from tests import servers as made
from tests.conftest import SECRET_KEY, make_settings
from tests.guests import workers
from tests.postbox import make_certificate
from tests.servers import CHECKOUT, PASSWORD, environment, free_port
from tests.system_postgres import PASSWORD as PASSWORD_OF_HUB
from tests.system_postgres import Secure, needs_postgresql, secure_postgres

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def secure(folder: Path) -> Iterator[Secure]:
    with secure_postgres(folder / secrets.token_hex(4)) as server:
        yield server


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a host that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield int(listening.getsockname()[1])


async def run(command: str, *arguments: str, data_dir: Path, given: str = "", **variables: str) -> tuple[int, str]:
    """The exit code of `hub COMMAND`, and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.process.cli", command, *arguments, "--data-dir", str(data_dir)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(**variables),
        cwd=CHECKOUT,
    )
    output, _ = await process.communicate(given.encode())
    assert process.returncode is not None
    return process.returncode, output.decode()


async def every_command(url: str, redis_url: str, data_dir: Path) -> str:
    """Run each command with ``url``; book by `hub serve`, send by `hub worker`. Returns what the doctor says."""
    given = {"DATABASE_URL": url, "REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY, "WORKERS": "1"}
    email = f"host-{secrets.token_hex(4)}@example.com"
    for command in (["migrate"], ["create-user", email, "--role", "host"], ["new-epoch"], ["deliveries"]):
        code, output = await run(*command, data_dir=data_dir, given=PASSWORD, **given)
        assert (code, "Traceback" in output) == (0, False), (command, output)
    hub = await made.start_hub(data_dir, environment(**given))
    try:
        host = await hub.log_in(email)
        body = {"date": f"{datetime.now(UTC).date() + timedelta(days=3)}", "time": "18:00", "guests": 2}
        answer = await host.client.post("/bookings", json=body)
        assert answer.status_code == 201, answer.text
        await host.client.delete(f"/bookings/{answer.json()['id']}")  # another form of the URL books it too
        with workers(make_settings(url, redis_url, data_dir)) as start:
            worker = start()
            await worker.says('"delivery_')
            worker.stop()
    finally:
        await hub.stop()
    aerich = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).parent / "aerich"), "heads"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(**given),
        cwd=CHECKOUT,
    )
    output_of_aerich, _ = await aerich.communicate()
    assert aerich.returncode == 0, output_of_aerich.decode()
    code, output = await run("doctor", data_dir=data_dir, **given)
    assert "migrations are applied" in output, output
    return output


async def seen(url: str) -> tuple[bool, str]:
    """Whether the connection that ``url`` leads to is encrypted, and the name that it goes by."""
    connection = await postgres.connect(url)
    row = await connection.fetchrow(
        "SELECT coalesce(ssl, false) AS ssl, application_name FROM pg_stat_activity LEFT JOIN pg_stat_ssl USING (pid) "
        "WHERE pid = pg_backend_pid()"
    )
    await connection.close()
    assert row is not None
    return row["ssl"], row["application_name"]


@pytest.mark.slow
async def test_tls_with_its_authority_for_every_command(secure: Secure, redis_url: str, data_dir: Path) -> None:
    url = f"{secure.url}?sslmode=verify-full&sslrootcert={secure.authority}&application_name=bistro"
    assert await seen(url) == (True, "bistro")
    output = await every_command(url, redis_url, data_dir)
    assert PASSWORD_OF_HUB not in output and secure.login not in output


@pytest.mark.slow
async def test_directory_of_a_socket_for_every_command(secure: Secure, redis_url: str, data_dir: Path) -> None:
    short = f"/tmp/hub-{secrets.token_hex(4)}"  # the path of a socket may have 107 bytes
    os.symlink(secure.home, short)
    try:
        url = f"postgresql+asyncpg://{secure.login}@/hub?host={short}&port={secure.port}"
        assert await seen(url.replace("+asyncpg", "")) == (False, "hub")
        await every_command(url, redis_url, data_dir)
        assert await seen(f"postgres://{secure.login}@{quote(short, safe='')}:{secure.port}/hub")
    finally:
        os.unlink(short)


@pytest.mark.slow
async def test_first_host_that_is_dead_for_every_command(
    secure: Secure, silent: int, redis_url: str, data_dir: Path
) -> None:
    hosts = f"127.0.0.1:{free_port()},127.0.0.1:{silent},127.0.0.1:{secure.port}"
    url = f"postgresql://{secure.login}@{hosts}/hub?sslmode=require&target_session_attrs=read-write"
    await every_command(url, redis_url, data_dir)


@pytest.mark.parametrize(
    ("mode", "encrypted"),
    [
        ("disable", None),
        ("allow", True),
        ("prefer", True),
        ("require", True),
        ("verify-ca", True),
        ("verify-full", True),
    ],
)
async def test_modes_of_tls_are_those_of_psql(secure: Secure, mode: str, encrypted: bool | None) -> None:
    url = f"{secure.url}?sslmode={mode}" + (f"&sslrootcert={secure.authority}" if "verify" in mode else "")
    if encrypted is None:
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await seen(url)
    else:
        assert (await seen(url))[0] is encrypted


async def test_stranger_in_the_place_of_the_server_is_refused(secure: Secure, data_dir: Path) -> None:
    other = f"{make_certificate(data_dir)}.crt"
    with pytest.raises(OSError, match="certificate verify failed"):
        await seen(f"{secure.url}?sslmode=verify-full&sslrootcert={other}")
    with pytest.raises(OSError, match="certificate verify failed"):
        await seen(f"{secure.url}?sslrootcert=system")
    misnamed = secure.url.replace("127.0.0.1", "localhost")
    with pytest.raises(OSError, match="certificate verify failed"):  # its certificate names the address alone
        await seen(f"{misnamed}?sslmode=verify-full&sslrootcert={secure.authority}")
    assert (await seen(f"{misnamed}?sslmode=verify-ca&sslrootcert={secure.authority}"))[0]


@pytest.fixture
async def read_only(secure: Secure, folder: Path) -> AsyncIterator[int]:
    """The port of a second server with the same log-in, which takes no writes."""
    place = folder / secrets.token_hex(4)
    server = embedded.start_postgres(place, settings={**made.QUICK, "default_transaction_read_only": "on"})
    admin = await asyncpg.connect(server.url, server_settings={"default_transaction_read_only": "off"})
    await admin.execute(f"ALTER ROLE hub PASSWORD '{PASSWORD_OF_HUB}'")
    await admin.close()
    yield server.port
    server.stop()
    embedded.remove(place)


async def test_kind_of_session_chooses_among_the_hosts(secure: Secure, read_only: int) -> None:
    hosts = f"127.0.0.1:{read_only},127.0.0.1:{secure.port}"

    async def port_of(words: str, hosts: str = hosts) -> int:
        connection = await postgres.connect(f"postgresql://{secure.login}@{hosts}/hub{words}")
        port = int(await connection.fetchval("SHOW port"))
        await connection.close()
        return port

    assert await port_of("") == read_only
    assert await port_of("?target_session_attrs=read-write") == secure.port
    assert await port_of("?target_session_attrs=read-only") == read_only
    assert await port_of("?target_session_attrs=prefer-standby") == read_only  # neither is one: the first that answers
    with pytest.raises(asyncpg.TargetServerAttributeNotMatched):
        await port_of("?target_session_attrs=standby")


async def test_pool_that_grows_does_not_wait_for_the_host_that_is_away_again(secure: Secure, silent: int) -> None:
    hosts = f"127.0.0.1:{silent},127.0.0.1:{secure.port}"
    connector = postgres.Connector(f"postgresql://{secure.login}@{hosts}/hub")
    loop = asyncio.get_running_loop()
    began = loop.time()
    first = await connector()
    waited = loop.time() - began
    assert waited >= postgres.CONNECT_SECONDS_OF_SEVERAL
    async with asyncio.timeout(made.PATIENCE):
        others = [await connector() for _ in range(40)]  # forty times as long, if each waited
    for connection in (first, *others):
        connection.terminate()
    assert connector._first == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [("?ssl=require", "sslmode= is meant"), ("?sslmode=verify-full&sslrootcert=/no/such", "can't be read")],
)
async def test_word_that_is_not_known_stops_every_command_with_one_line(
    secure: Secure, redis_url: str, data_dir: Path, words: str, said: str
) -> None:
    given = {"DATABASE_URL": secure.url + words, "REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY}
    commands = ("migrate", "serve", "worker", "up", "new-epoch", "deliveries", "doctor")
    for command in (*((each,) for each in commands), ("create-user", "a@example.com", "--role", "host")):
        code, output = await run(*command, data_dir=data_dir, given=PASSWORD, **given)
        lines = [line for line in output.splitlines() if "DATABASE_URL" in line]
        assert len(lines) == 1 and said in lines[0], (command, output)
        assert code == (1 if command[0] == "doctor" else 2)
        assert len(output.splitlines()) == 1 or command[0] == "doctor", output
        assert secure.login not in output


async def test_wrong_password_is_not_asked_of_the_next_host(secure: Secure) -> None:
    hosts = f"127.0.0.1:{secure.port},127.0.0.1:{free_port()}"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await postgres.connect(f"postgresql://hub:wrong@{hosts}/hub?sslmode=require")
