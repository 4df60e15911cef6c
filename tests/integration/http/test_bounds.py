"""How many connections there may be: of one address, in all, and as many as the process may open files. Who is over it
is told so, and who was there before goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import Iterator

import asyncpg
import pytest

from tests.conftest import StartHub
from tests.integration.http.conftest import connected, problem, read_answer, read_to_end, send
from tests.outside import reaches, series, serving, total
from tests.servers import PATIENCE, HubServer

ASK = b"GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n"
ATTACKER, OTHER = "127.0.0.66", "127.0.0.77"


async def answered(end: socket.socket) -> int:
    await send(end, ASK)
    return (await read_answer(end))[0]


async def refusals(hub: HubServer, reason: str) -> float:
    return total(await series(hub), "hub_http_connections_refused_total", reason=reason)


@contextlib.contextmanager
def closing(ends: list[socket.socket]) -> Iterator[list[socket.socket]]:
    try:
        yield ends
    finally:
        for end in ends:
            end.close()


@pytest.mark.slow
async def test_one_address_has_its_share_and_others_have_theirs(start_hub: StartHub) -> None:
    hub = await start_hub(HTTP_CONNECTIONS_PER_ADDRESS=5)
    with closing([await connected(hub, source=ATTACKER) for _ in range(5)]) as held:
        assert [await answered(end) for end in held] == [200] * 5
        with closing([await connected(hub, source=ATTACKER)]) as [more]:
            await send(more, ASK)
            told = problem(await read_to_end(more))
            assert (told["status"], told["error_code"]) == (503, "overloaded")
        with closing([await connected(hub, source=OTHER) for _ in range(5)]) as others:
            assert [await answered(end) for end in others] == [200] * 5
        assert await refusals(hub, "address") == 1
        held.pop().close()
        await reaches(hub, lambda m: total(m, "hub_http_connections") <= 4 + 1, 20)  # and the one that asks for it
        held.append(await connected(hub, source=ATTACKER))
        assert await answered(held[-1]) == 200
        await reaches(hub, lambda _: '"connections were refused"' in hub.output, 20)


@pytest.mark.slow
async def test_connections_of_a_trusted_proxy_are_not_one_clients(start_hub: StartHub) -> None:
    hub = await start_hub(HTTP_CONNECTIONS_PER_ADDRESS=5, TRUSTED_PROXIES=ATTACKER)
    with closing([await connected(hub, source=ATTACKER) for _ in range(12)]) as held:
        assert [await answered(end) for end in held] == [200] * 12


@pytest.mark.slow
async def test_all_together_have_a_bound(start_hub: StartHub) -> None:
    hub = await start_hub(HTTP_CONNECTIONS=6)
    with closing([await connected(hub) for _ in range(6)]) as held:
        assert [await answered(end) for end in held] == [200] * 6
        with closing([await connected(hub) for _ in range(40)]) as more:  # some of them may stay until they have read
            for end in more:
                with contextlib.suppress(ConnectionError):
                    await send(end, ASK)
            told = [await read_to_end(end) for end in more]
        assert {answer[:13] for answer in told} <= {b"HTTP/1.1 503 ", b""}
        assert told[0].startswith(b"HTTP/1.1 503 ")
        assert [await answered(end) for end in held] == [200] * 6


@pytest.mark.slow
async def test_files_are_kept_back_for_what_already_runs(start_hub: StartHub, database_url: str) -> None:
    """With all files that connections may have in use, the database can still be connected to anew."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (320, hard))
    try:
        hub = await start_hub()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    guest = await hub.register()
    assert (await guest.client.get("/bookings/my")).status_code == 200
    held: list[socket.socket] = []
    with closing(held):
        for _ in range(8):
            held += [await connected(hub) for _ in range(50)]
            for end in held[-50:]:
                with contextlib.suppress(ConnectionError):
                    await send(end, ASK)
        async with asyncio.timeout(20):
            while "too many files are open" not in hub.output:  # noqa: ASYNC110 - another process' log
                await asyncio.sleep(0.1)
        admin = await asyncpg.connect(database_url)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await admin.close()
        async with asyncio.timeout(20):
            while (await guest.client.get("/bookings/my")).status_code != 200:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
    await reaches(hub, lambda m: total(m, "hub_http_connections_refused_total", reason="files") > 0, 20)
    assert "Too many open files" not in hub.output  # of the system: EMFILE


async def answered_or_closed(end: socket.socket) -> int | None:
    """The status of an answer; None when the hub closed without one."""
    try:
        await send(end, ASK)
        return (await read_answer(end))[0]
    except (AssertionError, ConnectionError):
        return None


@pytest.mark.slow
async def test_hub_without_a_free_file_says_so_once_and_serves_again(start_hub: StartHub) -> None:
    """Whoever took the files: who is connected goes on, others are closed, and all are let in when files are free."""
    hub = await start_hub()
    [process] = serving(hub)
    limits = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir(f"/proc/{process.pid}/fd"))
    with closing([await connected(hub)]) as [before]:
        assert await answered(before) == 200
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (highest + 2, limits[1]))
        try:
            with closing([await connected(hub) for _ in range(40)]) as others:
                outcomes = [await answered_or_closed(end) for end in others]
                assert None in outcomes and set(outcomes) <= {200, None}
                assert await answered(before) == 200
                async with asyncio.timeout(PATIENCE):
                    while "too many files are open" not in hub.output:  # noqa: ASYNC110 - another process' log
                        await asyncio.sleep(0.1)
        finally:
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)
        with closing([await connected(hub) for _ in range(40)]) as others:
            assert [await answered(end) for end in others] == [200] * 40
    assert await refusals(hub, "files") >= 1
    assert hub.output.count("too many files are open") == 1
    assert "Traceback" not in hub.output
