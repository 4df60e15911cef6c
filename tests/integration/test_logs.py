"""What a hub and its worker really write: JSON lines, one request_id from the caller to the mail, nothing personal."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from hub.config import Settings
from tests.conftest import StartHub, make_settings
from tests.guests import Worker, until, workers
from tests.integration.rest import day_after, log_lines, query
from tests.postbox import postbox
from tests.servers import CHECKOUT, PASSWORD, HubServer, Servers, environment

DAY = day_after(23)


@pytest.fixture
def start(settings: Settings) -> Iterator[Any]:
    with workers(settings) as starter:
        yield starter


def worker_lines(worker: Worker) -> list[dict[str, Any]]:
    return [json.loads(line) for line in worker.output.splitlines()]


def about(lines: list[dict[str, Any]], request_id: str, event: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("request_id") == request_id and line["event"] == event]


async def written(hub: HubServer, request_id: str) -> list[dict[str, Any]]:
    """The line of a request, once that process of the hub has written it."""
    lines = [json.loads(line) for line in hub.output.rpartition("\n")[0].splitlines()]
    return about(lines, request_id, "request")


async def said(worker: Worker, event: str, count: int) -> list[dict[str, Any]]:
    """The worker's lines of this event, when there are so many."""

    async def found() -> list[dict[str, Any]]:
        assert worker.process.poll() is None, worker.output
        complete = worker.output.rpartition("\n")[0]
        lines = [line for line in map(json.loads, complete.splitlines()) if line["event"] == event]
        return lines if len(lines) >= count else []

    lines: list[dict[str, Any]] = await until(found)
    return lines


@pytest.mark.slow
async def test_one_request_id_goes_through_answer_events_deliveries_and_the_worker(
    start_hub: StartHub, start: Any
) -> None:
    hub = await start_hub(workers=2)
    guest = await hub.register()
    await query(hub, "DELETE FROM outbox WHERE topic = 'verify'")  # this is about a booking's mails, and all of them
    await query(hub, "UPDATE users SET verified_at = created_at WHERE email = $1", guest.email)
    ids = {kind: f"{kind}.{secrets.token_hex(4)}" for kind in ("confirmed", "rescheduled", "canceled")}
    async with postbox() as box:
        worker = start(SMTP_URL=box.url)

        async def ask(kind: str, method: str, path: str, **how: Any) -> httpx.Response:
            answer = await guest.client.request(method, path, headers={"X-Request-ID": ids[kind]}, **how)
            assert answer.headers["x-request-id"] == ids[kind]
            await said(worker, "delivery_sent", list(ids).index(kind) + 1)  # a later change would make it stale
            return answer

        body = {"date": DAY, "time": "12:00", "guests": 2}
        booking = (await ask("confirmed", "POST", "/bookings", json=body)).json()["id"]
        await ask("rescheduled", "PATCH", f"/bookings/{booking}", json={"time": "18:00"})
        await ask("canceled", "DELETE", f"/bookings/{booking}")

        for kind, request_id in ids.items():
            [line] = about(await said(worker, "delivery_sent", 3), request_id, "delivery_sent")
            assert (line["topic"], line["booking"], line["part"]) == (kind, booking, "worker")
            [line] = await until(lambda wanted=request_id: written(hub, wanted))
            assert line["part"] == "server" and line["status"] in (200, 201)
        events = await query(hub, "SELECT request_id FROM events WHERE stream LIKE 'day:%' ORDER BY version")
        assert [row["request_id"] for row in events] == list(ids.values())
        enqueued = await query(hub, "SELECT DISTINCT payload->'revision', request_id FROM outbox ORDER BY 1")
        assert [row["request_id"] for row in enqueued] == list(ids.values())


async def test_request_id_of_a_dubious_form_is_replaced_everywhere(hub_server: HubServer) -> None:
    guest = await hub_server.register()
    for given in ("a b", "x" * 65, "ada@example.com", ""):
        body = {"date": DAY, "time": "14:00", "guests": 2}
        answer = await guest.client.post("/bookings", json=body, headers={"X-Request-ID": given})
        made = answer.headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{16}", made)
        assert len(about(log_lines(hub_server), made, "request")) == 1
        [event] = await query(hub_server, "SELECT request_id FROM events ORDER BY id DESC LIMIT 1")
        assert event["request_id"] == made


@pytest.mark.slow
async def test_refused_mail_is_told_with_its_request_and_without_its_address(start_hub: StartHub, start: Any) -> None:
    hub = await start_hub()
    guest = await hub.register()
    await query(hub, "DELETE FROM outbox WHERE topic = 'verify'")  # this is about a booking's mail
    async with postbox() as box:
        box.script = lambda stage, address, before: f"550 5.1.1 <{address}>: no such user" if stage == "RCPT" else None
        worker = start(SMTP_URL=box.url)
        answer = await guest.client.post("/bookings", json={"date": DAY, "time": "16:00", "guests": 2})
        [line] = await said(worker, "delivery_failed", 1)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["error"] == "550 5.1.1 <***>: no such user"
    assert guest.email not in worker.output


@pytest.mark.slow
async def test_everything_is_json_and_nothing_is_personal_even_when_all_goes_wrong(
    start_hub: StartHub, start: Any, database_url: str
) -> None:
    """At the finest level, with a fault inside, lost connections of both servers' clients, and refused log-ins."""
    hub = await start_hub(workers=2, LOG_LEVEL="DEBUG")
    worker = start(LOG_LEVEL="DEBUG", SMTP_URL=f"smtp://hub:{PASSWORD.replace(' ', '%20')}@127.0.0.1:1")
    guest = await hub.register(full_name="Zebulon Guest", phone_number="+7 916 555-44-33")
    again = {"email": guest.email, "password": PASSWORD, "phone_number": "+7 916 555-44-34", "full_name": "Zebulon"}
    assert (await hub.client().post("/auth/register", json=again)).status_code == 409
    wrong = {"email": guest.email, "password": "Zebulon's battery"}
    assert (await hub.client().post("/auth/login", json=wrong)).status_code == 401
    assert (await hub.client(f"{guest.token}x").get("/auth/me")).status_code == 401
    await hub.client().get("/live", params={"token": guest.token})
    connection = await asyncpg.connect(database_url)
    body = {"date": DAY, "time": "18:00", "guests": 2}
    assert (await guest.client.post("/bookings", json=body)).status_code == 201
    await said(worker, "delivery_delayed", 1)
    await connection.execute("ALTER FUNCTION hub_commit RENAME TO hub_commit_")
    broken = await guest.client.post("/bookings", json=body)
    assert broken.status_code == 500
    await connection.execute("ALTER FUNCTION hub_commit_ RENAME TO hub_commit")
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()"
    )
    await connection.close()

    async def well() -> bool:
        return (await guest.client.post("/bookings", json=body)).status_code == 201

    await until(well)
    assert await hub.stop() == 0
    assert await asyncio.to_thread(worker.stop) == 0

    lines = log_lines(hub)
    both = lines + worker_lines(worker)
    assert all({"event", "level", "timestamp", "part", "module"} <= line.keys() for line in both)
    assert {line["part"] for line in both} == {"server", "worker"}
    failed = [line for line in lines if line.get("request_id") == broken.headers["x-request-id"]]
    assert sorted(line["event"] for line in failed) == ["a request failed", "request"]
    [fault] = [line for line in failed if "exception" in line]
    assert "UndefinedFunctionError" in fault["exception"]
    assert [line["exception"] for line in lines if "exception" in line] == [fault["exception"]]
    text = hub.output + worker.output
    personal = (guest.email, guest.token, "Zebulon", "5554433", "916 555", PASSWORD, PASSWORD.replace(" ", "%20"))
    assert [each for each in personal if each in text] == []
    answered = [line["request_id"] for line in lines if line["event"] == "request"]
    assert len(answered) == len(set(answered))  # no access log beside ours


@pytest.mark.slow
async def test_log_of_postgresql_tells_nobody_who_registered(hub_server: HubServer, servers: Servers) -> None:
    taken = await hub_server.register()
    answer = await hub_server.client().post(
        "/auth/register",
        json={"email": taken.email, "password": PASSWORD, "phone_number": "+4930555010", "full_name": "Ada Guest"},
    )
    assert answer.status_code == 409
    log = servers.folder / "run" / "postgres.log"
    assert "duplicate key" in log.read_text() and taken.email not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


async def test_migrate_without_a_database_says_so_in_one_line(data_dir: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.process.cli", "migrate", "--data-dir", str(data_dir)),
        env=environment(DATABASE_URL="postgresql://hub:pa55word@127.0.0.1:1/hub", REDIS_URL="redis://127.0.0.1:1/0"),
        cwd=CHECKOUT,
        stderr=asyncio.subprocess.PIPE,
    )
    errors = (await process.communicate())[1].decode()
    assert process.returncode == 1 and errors.count("\n") == 1 and "pa55word" not in errors, errors


@pytest.mark.slow
async def test_console_format_is_for_people_in_every_process(start_hub: StartHub, settings: Settings) -> None:
    hub = await start_hub(LOG_FORMAT="console")
    guest = await hub.register()
    own = make_settings(settings.database_url, hub.environ["REDIS_URL"], settings.data_dir)
    with workers(own) as start:
        worker = start(LOG_FORMAT="console")
        answer = await guest.client.post("/bookings", json={"date": DAY, "time": "20:00", "guests": 2})
        request_id = answer.headers["x-request-id"]

        async def sent() -> bool:
            return f"request_id={request_id}" in worker.output  # another mail may be sent before it

        await until(sent)
    assert "delivery_sent" in worker.output
    for output in (hub.whole_output(), worker.output):
        assert f"request_id={request_id}" in output
        assert "\x1b" not in output and guest.email not in output
        assert not [line for line in output.splitlines() if line.startswith("{")]
        assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z ", line) for line in output.splitlines())
