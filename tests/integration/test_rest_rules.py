"""Each call of the REST contract: its happy path, its own refusals, and the rules behind them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import jwt
import psutil
import pytest
import pytest_asyncio

from hub.security import Tokens
from tests.conftest import make_settings
from tests.integration.rest import counts, day_after, last_sunday, query, refused, running
from tests.servers import PASSWORD, Account, HubServer, Servers

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADMIN = "boss@example.com"
HOUSE = "house@example.com"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    """Two processes, every rule as by default; ADMIN_EMAILS holds one more for tests that register their own."""
    emails = f"{ADMIN}, Second.Boss@Example.com"
    async with running(servers, template, folder, workers=2, ADMIN_EMAILS=emails) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def berlin(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    """Open from 18:00 to 02:00 in Berlin; no guest may cancel or change anything within 69 days."""
    async with running(
        servers,
        template,
        folder,
        RESTAURANT_TIMEZONE="Europe/Berlin",
        WORKDAY_START_HOUR=18,
        WORKDAY_END_HOUR=26,
        CANCEL_DEADLINE_MINUTES=100000,
        METRICS_TOKEN="a token for the scraper",
        HOST_EMAIL=HOUSE,
        DEFAULT_LANGUAGE="ru",
        SESSION_HOURS=1,
        ADMIN_EMAILS=ADMIN,
    ) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def admin(hub: HubServer) -> Account:
    return await hub.register(ADMIN)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host(hub: HubServer) -> Account:
    return await hub.staff("host")


@pytest_asyncio.fixture(loop_scope="module")
async def guest(hub: HubServer) -> Account:
    return await hub.register()


_days = iter(range(30, 390))


@pytest.fixture
def day() -> str:
    """A day that no other test of this file books."""
    return day_after(next(_days))


async def book(client: httpx.AsyncClient, day: str, at: str = "18:00", **fields: Any) -> dict[str, Any]:
    answer = await client.post("/bookings", json={"date": day, "time": at, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def fill(client: httpx.AsyncClient, day: str, at: str = "18:00", guests: int = 4) -> list[dict[str, Any]]:
    """Take all three tables for six at one time."""
    return [await book(client, day, at, guests=guests) for _ in range(3)]


async def available(client: httpx.AsyncClient, day: str, at: str = "18:00", **query: Any) -> dict[str, Any]:
    answer = await client.get("/tables/available", params={"date": day, "time": at, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def version(position: str) -> int:
    return int(position.partition(":")[2])


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_register_answers_a_token_of_a_user(hub: HubServer) -> None:
    body = {
        "email": "New.Guest@Example.com",
        "password": PASSWORD,
        "phone_number": " +4930123456 ",
        "full_name": " Ada ",
    }
    answer = await hub.client().post("/auth/register", json=body)
    assert answer.status_code == 201
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 3600
    me = (await hub.client(answer.json()["access_token"]).get("/auth/me")).json()
    assert me.pop("id") > 0
    assert datetime.fromisoformat(me.pop("created_at")).utcoffset() == timedelta(0)
    assert me == {
        "email": "new.guest@example.com",
        "phone_number": "+4930123456",
        "full_name": "Ada",
        "role": "user",
        "language": "en",
    }


async def test_register_email_of_admin_emails_is_an_admin_in_any_case(hub: HubServer) -> None:
    boss = await hub.register("SECOND.boss@example.COM", language="ru")
    me = (await boss.client.get("/auth/me")).json()
    assert me["role"] == "admin"
    assert me["language"] == "ru"


async def test_register_same_email_or_phone_is_taken(hub: HubServer) -> None:
    first = await hub.register(phone_number="+79990001122")
    body = {"email": first.email.upper(), "password": PASSWORD, "phone_number": "+79990001133", "full_name": "Bo"}
    refused(await hub.client().post("/auth/register", json=body), "email_taken")
    body |= {"email": "somebody.else@example.com", "phone_number": "+79990001122"}
    refused(await hub.client().post("/auth/register", json=body), "phone_taken")


async def test_log_in_answers_alike_for_unknown_email_and_wrong_password(hub: HubServer, guest: Account) -> None:
    unknown = await hub.client().post("/auth/login", json={"email": "nobody@example.com", "password": PASSWORD})
    wrong = await hub.client().post("/auth/login", json={"email": guest.email, "password": "not the password"})
    shown = [refused(answer, "auth_error") for answer in (unknown, wrong)]
    for body in shown:
        del body["request_id"]
    assert shown[0] == shown[1]
    assert unknown.headers["www-authenticate"] == wrong.headers["www-authenticate"] == "Bearer"
    ignored = {"x-request-id", "date"}
    assert {k: v for k, v in unknown.headers.items() if k not in ignored} == {
        k: v for k, v in wrong.headers.items() if k not in ignored
    }


@pytest.mark.parametrize(
    ("registered", "given"),
    [
        ("Plain@example.com", "pLAIN@EXAMPLE.com"),
        ("accent-e\u0301@example.com", "accent-e\u0301@example.com"),
        ("idn@xn--bcher-kva.example", "idn@xn--bcher-kva.example"),
        ("idn-2@xn--bcher-kva.example", "idn-2@bücher.example"),
    ],
)
async def test_log_in_with_the_email_as_it_was_registered(hub: HubServer, registered: str, given: str) -> None:
    await hub.register(registered)
    assert (await hub.log_in(given)).token


async def test_refresh_gives_another_token_of_the_same_session(hub: HubServer, guest: Account) -> None:
    answer = await guest.client.post("/auth/refresh")
    assert answer.status_code == 200
    claims = [
        jwt.decode(token, options={"verify_signature": False}) for token in (guest.token, answer.json()["access_token"])
    ]
    assert claims[0]["sid"] == claims[1]["sid"]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert claims[1].keys() == {"sub", "role", "sid", "iat", "exp", "iss", "aud", "jti"}
    assert answer.json()["expires_in"] == claims[1]["exp"] - claims[1]["iat"] == 3600
    assert (await hub.client(answer.json()["access_token"]).get("/auth/me")).status_code == 200


async def test_refresh_of_a_session_that_is_another_users_now_is_refused(hub: HubServer) -> None:
    """As after a restore, where ids are given again."""
    mine, theirs = await hub.register(), await hub.staff("admin")
    tokens = Tokens(make_settings("postgresql://unused/x", "redis://127.0.0.1:1/0", hub.data_dir))
    identities = [tokens.check(account.token, datetime.now(UTC).timestamp()) for account in (mine, theirs)]
    crossed, _ = tokens.make(user_id=identities[0].user_id, role="user", session_id=identities[1].session_id)
    client = hub.client(crossed)
    refused(await client.post("/auth/refresh"), "auth_error")
    await client.post("/auth/logout")
    assert (await theirs.client.get("/auth/me")).status_code == 200


async def test_refresh_after_session_hours_is_over(berlin: HubServer) -> None:
    guest = await berlin.register()
    sid = jwt.decode(guest.token, options={"verify_signature": False})["sid"]
    await query(berlin, "UPDATE sessions SET created_at = created_at - interval '61 minutes' WHERE id = $1", sid)
    refused(await guest.client.post("/auth/refresh"), "session_over")


async def test_log_out_is_known_to_every_process_within_two_seconds(hub: HubServer, guest: Account) -> None:
    second, third = await hub.log_in(guest.email), await hub.log_in(guest.email)
    answer = await second.client.post("/auth/logout")
    assert (answer.status_code, answer.content) == (204, b"")
    await until_refused(hub, second.token)
    assert (await third.client.get("/auth/me")).status_code == 200
    refused(await second.client.post("/auth/refresh"), "auth_error")
    assert (await third.client.post("/auth/logout", json={"everywhere": True})).status_code == 204
    await until_refused(hub, third.token)
    await until_refused(hub, guest.token)
    assert (await hub.log_in(guest.email)).token


async def until_refused(hub: HubServer, token: str) -> None:
    """Each process refuses the token, within three times the two seconds of the contract."""
    for pid in workers_of(hub):
        with alone(hub, pid):
            async with httpx.AsyncClient(base_url=hub.url, headers={"authorization": f"Bearer {token}"}) as client:
                await until_status(client, "/auth/me", 401)


async def until_status(client: httpx.AsyncClient, url: str, status: int) -> None:
    """Ask until the answer has this status, for three times the two seconds in which every process learns a change."""
    async with asyncio.timeout(6):
        while (await client.get(url)).status_code != status:  # noqa: ASYNC110 it is another process that changes
            await asyncio.sleep(0.05)


async def test_role_changed_by_the_command_counts_for_the_old_token(hub: HubServer, guest: Account) -> None:
    refused(await guest.client.get("/admin/tables"), "forbidden")
    await hub.command("create-user", guest.email, "--role", "admin")
    await until_status(guest.client, "/admin/tables", 200)
    claims = jwt.decode(
        (await guest.client.post("/auth/refresh")).json()["access_token"], options={"verify_signature": False}
    )
    assert claims["role"] == "admin"


# ── what is free ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_available_lists_smallest_first_then_by_id(guest: Account, day: str) -> None:
    found = await available(guest.client, day)
    assert {key: found[key] for key in ("date", "time", "guests", "slot_hours")} == {
        "date": day, "time": "18:00:00", "guests": 1, "slot_hours": 2.0,
    }  # fmt: skip
    keys = [(table["seats"], table["id"]) for table in found["tables"]]
    assert keys == sorted(keys)
    assert {seats for seats, _ in keys} >= {2, 3, 6}
    assert {table["seats"] for table in (await available(guest.client, day, guests=4))["tables"]} == {6}
    assert (await available(guest.client, day, guests=20))["tables"] == []


async def test_available_without_a_booked_table_only_while_it_is_booked(guest: Account, day: str) -> None:
    made = await book(guest.client, day, "18:00", guests=6)
    assert made["table"]["seats"] == 6
    for at, free in (("16:00", True), ("16:01", False), ("18:00", False), ("19:59", False), ("20:00", True)):
        tables = (await available(guest.client, day, at, after=made["position"]))["tables"]
        assert (made["table"] in tables) == free, at


async def test_available_etag_answers_304_until_the_day_or_the_room_changes(
    guest: Account, admin: Account, day: str
) -> None:
    url, params = "/tables/available", {"date": day, "time": "18:00", "guests": 2}
    first = await guest.client.get(url, params=params)
    same = await guest.client.get(url, params=params, headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    for held, status in (("W/{}", 304), ('"a",  W/{}', 304), ("*", 304), ('"a"', 200), ("W/", 200)):
        again = await guest.client.get(
            url, params=params, headers={"if-none-match": held.format(first.headers["etag"])}
        )
        assert again.status_code == status, held
    assert same.headers["etag"] == first.headers["etag"]
    made = await book(guest.client, day, guests=2)
    params["after"] = made["position"]
    changed = await guest.client.get(url, params=params, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    assert version(changed.json()["position"]) == version(made["position"])


async def test_available_position_is_enough_on_the_other_process(hub: HubServer, guest: Account, day: str) -> None:
    first, second = workers_of(hub)
    for writer, reader in ((first, second), (second, first)):
        with alone(hub, writer):
            made = await book(hub.client(guest.token), day, guests=2)
        with alone(hub, reader):
            found = await available(hub.client(guest.token), day, guests=2, after=made["position"])
        assert version(found["position"]) >= version(made["position"])
        assert made["table"] not in found["tables"]


async def test_available_position_of_another_epoch_or_of_the_future_is_no_fault(guest: Account, day: str) -> None:
    position = (await available(guest.client, day))["position"]
    epoch, _, _ = position.partition(":")
    for after in (f"{epoch}:999999999999999999", "zzzzzzzz:5", position):
        assert (await available(guest.client, day, after=after))["position"] == position


async def test_available_reads_30_days_back_and_booking_days_ahead(guest: Account) -> None:
    assert (await available(guest.client, day_after(-30)))["tables"]
    assert (await available(guest.client, day_after(400)))["tables"]
    for days, code in ((-31, "in_the_past"), (401, "too_far_ahead")):
        params = {"date": day_after(days), "time": "18:00"}
        refused(await guest.client.get("/tables/available", params=params), code)


def workers_of(hub: HubServer) -> list[int]:
    """The ids of the processes that serve: the children that listen."""
    found = []
    for child in psutil.Process(hub.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any(each.status == psutil.CONN_LISTEN for each in child.net_connections("tcp")):
                found.append(child.pid)
    return sorted(found)


@contextlib.contextmanager
def alone(hub: HubServer, pid: int) -> Iterator[None]:
    """Every other serving process stands still, so that a new connection is accepted by this one."""
    others = [other for other in workers_of(hub) if other != pid]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


# ── booking ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_book_answers_the_booking(guest: Account, day: str) -> None:
    made = await book(guest.client, day, "18:00:00", guests=3)
    assert made == {
        "id": made["id"],
        "start_at": f"{day}T18:00:00+00:00",
        "end_at": f"{day}T20:00:00+00:00",
        "canceled_at": None,
        "created_at": made["created_at"],
        "guests": 3,
        "status": "booked",
        "revision": 1,
        "service_date": day,
        "position": made["position"],
        "table": {"id": 8, "name": "T3-1", "seats": 3},
    }
    assert version(made["position"]) == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", made["created_at"])
    answer = await guest.client.get(f"/bookings/{made['id']}")
    assert (answer.status_code, answer.json()) == (200, made)


async def test_book_takes_the_smallest_free_table_that_fits(guest: Account, day: str) -> None:
    tables = [(await book(guest.client, day, guests=2, table_id=None))["table"]["name"] for _ in range(9)]
    assert tables == [*(f"T2-{number}" for number in range(1, 8)), "T3-1", "T3-2"]
    assert (await book(guest.client, day))["guests"] == 1


async def test_book_back_to_back_slots_touch(guest: Account, day: str) -> None:
    for at in ("14:00", "12:00", "16:00", "20:00", "18:00"):
        assert (await book(guest.client, day, at, table_id=14))["table"]["id"] == 14


async def test_book_refusals_of_the_named_table(guest: Account, day: str) -> None:
    body: dict[str, Any] = {"date": day, "time": "18:00", "guests": 3, "table_id": 1}
    refused(await guest.client.post("/bookings", json=body), "table_too_small")
    refused(await guest.client.post("/bookings", json=body | {"guests": 20, "table_id": None}), "table_too_small")
    refused(await guest.client.post("/bookings", json=body | {"table_id": 987654}), "not_found")
    refused(await guest.client.post("/bookings", json=body | {"table_id": 2**63 - 1}), "not_found")


@pytest.mark.parametrize(
    ("at", "code"),
    [("11:59", "outside_opening_hours"), ("20:01", "outside_opening_hours"), ("23:00", "outside_opening_hours"),
     ("00:00", "outside_opening_hours"), ("12:00", None), ("20:00", None), ("21:00+01:00", None),
     ("14:59+03:00", "outside_opening_hours"), ("08:00-04:00", None), ("18:00Z", None)],
)  # fmt: skip
async def test_book_within_opening_hours_alone(guest: Account, day: str, at: str, code: str | None) -> None:
    answer = await guest.client.post("/bookings", json={"date": day, "time": at})
    if code is None:
        assert answer.status_code == 201, answer.text
    else:
        refused(answer, code)


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "in_the_past"), (-31, "in_the_past"), (400, None), (401, "too_far_ahead")]
)
async def test_book_start_in_the_future_and_not_too_far(guest: Account, days: int, code: str | None) -> None:
    answer = await guest.client.post("/bookings", json={"date": day_after(days), "time": "18:00"})
    if code is None:
        assert answer.status_code == 201, answer.text
    else:
        refused(answer, code)


async def test_book_taken_slot_offers_alternatives(guest: Account, day: str) -> None:
    made = await fill(guest.client, day, "18:00")
    await book(guest.client, day, "20:00", table_id=14)
    body: dict[str, Any] = {"date": day, "time": "18:00", "guests": 4, "table_id": 14}
    problem = refused(await guest.client.post("/bookings", json=body), "slot_taken")
    # 14 is free until 18:00; at 20:00 it is taken, so the next best there is another one that fits.
    assert problem["alternatives"] == [
        {"date": day, "time": "16:00:00", "table": {"id": 14, "name": "T6-1", "seats": 6}},
        {"date": day, "time": "20:00:00", "table": {"id": 15, "name": "T6-2", "seats": 6}},
        {"date": day, "time": "15:45:00", "table": {"id": 14, "name": "T6-1", "seats": 6}},
    ]
    for alternative in problem["alternatives"]:
        tables = (await available(guest.client, day, alternative["time"], after=made[-1]["position"]))["tables"]
        assert alternative["table"] in tables
    # Another table at the very time that was asked for is nearest of all.
    body = {"date": day, "time": "12:00", "guests": 4, "table_id": 15}
    await book(guest.client, day, "12:00", guests=4, table_id=15)
    problem = refused(await guest.client.post("/bookings", json=body), "slot_taken")
    assert [(each["time"], each["table"]["id"]) for each in problem["alternatives"]] == [
        ("12:00:00", 14), ("12:15:00", 14), ("12:30:00", 14),
    ]  # fmt: skip


async def test_book_off_the_grid_offers_starts_on_the_grid(guest: Account, day: str) -> None:
    await fill(guest.client, day, "18:07")
    body = {"date": day, "time": "18:07", "guests": 4}
    problem = refused(await guest.client.post("/bookings", json=body), "slot_taken")
    assert [each["time"] for each in problem["alternatives"]] == ["16:00:00", "15:45:00", "15:30:00"]


async def test_book_full_day_offers_nothing(guest: Account, day: str) -> None:
    for at in ("12:00", "14:00", "16:00", "18:00", "20:00"):
        await fill(guest.client, day, at, guests=6)
    body = {"date": day, "time": "18:00", "guests": 6}
    assert refused(await guest.client.post("/bookings", json=body), "slot_taken")["alternatives"] == []


async def test_book_with_a_trailing_slash(guest: Account, day: str) -> None:
    answer = await guest.client.post("/bookings/", json={"date": day, "time": "18:00"})
    assert answer.status_code == 201
    assert (await guest.client.get(f"/bookings/{answer.json()['id']}/")).status_code == 200
    params = {"date": day, "time": "18:00"}
    assert (await guest.client.get("/tables/available/", params=params)).status_code == 200
    for url in ("/bookings/my/", "/auth/me/", "/health/ready/"):
        assert (await guest.client.get(url)).status_code == 200


async def test_book_writes_an_event_and_its_deliveries(hub: HubServer, guest: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2)
    rows = await deliveries(hub, made["id"])
    start = datetime.fromisoformat(made["start_at"])
    assert [(row["kind"], row["lead_minutes"], row["audience"], row["recipient"], row["revision"]) for row in rows] == [
        ("confirmed", 0, "guest", guest.email, 1),
        ("reminder", 120, "guest", guest.email, 1),
        ("reminder", 1440, "guest", guest.email, 1),
    ]
    assert [row["due_at"] for row in rows[1:]] == [start - timedelta(minutes=120), start - timedelta(minutes=1440)]
    [event] = await query(hub, "SELECT * FROM events WHERE stream = $1", f"day:{day}")
    assert (event["version"], event["kind"]) == (1, "booked")
    assert guest.email not in event["data"] and "Ada" not in event["data"]


async def deliveries(hub: HubServer, booking_id: int) -> list[Any]:
    text = "SELECT * FROM deliveries WHERE booking_id = $1 ORDER BY revision, kind, lead_minutes, audience"
    return await query(hub, text, booking_id)


async def test_book_copies_the_house_and_owes_no_reminder_that_is_due_before_now(berlin: HubServer) -> None:
    guest = await berlin.register()
    made = await book(guest.client, day_after(60), guests=2)
    rows = await deliveries(berlin, made["id"])
    assert {(row["kind"], row["audience"], row["recipient"]) for row in rows if not row["lead_minutes"]} == {
        ("confirmed", "guest", guest.email), ("confirmed", "house", HOUSE),
    }  # fmt: skip
    assert {row["language"] for row in rows} == {"ru"}
    now = datetime.now(UTC)
    local = now.astimezone(BERLIN).date() + timedelta(days=1)
    soon = await book(guest.client, local.isoformat(), "18:00")
    leads = {row["lead_minutes"] for row in await deliveries(berlin, soon["id"]) if row["lead_minutes"]}
    start = datetime.fromisoformat(soon["start_at"])
    if abs(start - now - timedelta(days=1)) > timedelta(minutes=1):  # else the minute of this run decides
        assert leads == {120} | ({1440} if start - now > timedelta(days=1) else set())


# ── mine ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_list_mine_pages_by_start_and_leaves_out_what_is_gone(hub: HubServer, guest: Account, day: str) -> None:
    made = [await book(guest.client, day, at) for at in ("18:00", "12:00", "16:00", "14:00", "20:00")]
    await guest.client.delete(f"/bookings/{made[0]['id']}")
    over = await book(guest.client, day, "17:00")
    await make_past(hub, over["id"])
    await book((await hub.register()).client, day, "12:00")
    wanted = [made[index]["id"] for index in (1, 3, 2, 4)]
    whole = (await guest.client.get("/bookings/my")).json()
    assert [item["id"] for item in whole["items"]] == wanted
    assert whole["next"] is None
    found: list[int] = []
    before = None
    for _ in range(4):
        params = {"limit": 1} | ({"before": before} if before else {})
        page = (await guest.client.get("/bookings/my", params=params)).json()
        found += [item["id"] for item in page["items"]]
        before = page["next"]
    assert found == wanted
    assert before is None
    for params in ({"limit": 0}, {"limit": 101}, {"before": "garbage"}, {"before": "é"}, {"before": "x" * 200}):
        refused(await guest.client.get("/bookings/my", params=params), "validation_error")


async def make_past(hub: HubServer, booking_id: int) -> None:
    """Move a booking and its occupancy two years back: what no request can make."""
    for table, column in (("bookings", "id"), ("occupancies", "booking_id")):
        await query(
            hub,
            f"UPDATE {table} SET starts_at = starts_at - interval '730 days', ends_at = ends_at - interval '730 days' "
            f"WHERE {column} = $1",
            booking_id,
        )


# ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_reschedule_moves_at_once_and_keeps_its_table(hub: HubServer, guest: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2, table_id=5)
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"time": "20:00"})
    assert answer.status_code == 200, answer.text
    moved = answer.json()
    assert moved == made | {
        "start_at": f"{day}T20:00:00+00:00",
        "end_at": f"{day}T22:00:00+00:00",
        "revision": 2,
        "position": moved["position"],
    }
    assert version(moved["position"]) == version(made["position"]) + 1
    assert made["table"] in (await available(guest.client, day, "18:00", after=moved["position"]))["tables"]
    assert made["table"] not in (await available(guest.client, day, "20:00", after=moved["position"]))["tables"]
    kinds = [(row["revision"], row["kind"]) for row in await deliveries(hub, made["id"]) if not row["lead_minutes"]]
    assert kinds == [(1, "confirmed"), (2, "rescheduled")]
    assert {row["lead_minutes"] for row in await deliveries(hub, made["id"]) if row["revision"] == 2} == {0, 120, 1440}


async def test_reschedule_may_overlap_its_own_old_slot(guest: Account, day: str) -> None:
    made = await book(guest.client, day, "18:00", table_id=14)
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"time": "18:30"})
    assert answer.status_code == 200
    assert answer.json()["table"]["id"] == 14


async def test_reschedule_to_another_day_says_what_it_left(guest: Account, day: str) -> None:
    other = day_after(next(_days))
    made = await book(guest.client, day, guests=2)
    moved = (await guest.client.patch(f"/bookings/{made['id']}", json={"date": other, "guests": 1})).json()
    assert moved["service_date"] == other
    assert moved["guests"] == 1
    assert moved["left"]["service_date"] == day
    assert version(moved["left"]["position"]) == 2
    assert version(moved["position"]) == 1
    assert made["table"] in (await available(guest.client, day, after=moved["left"]["position"]))["tables"]
    assert made["table"] not in (await available(guest.client, other, after=moved["position"]))["tables"]
    assert "left" not in (await guest.client.get(f"/bookings/{made['id']}")).json()


async def test_reschedule_that_changes_nothing_writes_nothing(hub: HubServer, guest: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2)
    before = await counts(hub)
    same: list[dict[str, Any]] = [
        {}, {"guests": 2}, {"time": "18:00:00"}, {"date": day}, {"table_id": made["table"]["id"]}, {"table_id": None},
        {"date": day, "time": "21:00+03:00"},
    ]  # fmt: skip
    for body in same:
        answer = await guest.client.patch(f"/bookings/{made['id']}", json=body)
        assert (answer.status_code, answer.json()) == (200, made), body
    assert await counts(hub) == before


async def test_reschedule_refused_changes_nothing(hub: HubServer, guest: Account, day: str) -> None:
    await book(guest.client, day, "20:00", table_id=5)
    made = await book(guest.client, day, "18:00", guests=2, table_id=5)
    before = await counts(hub)
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"time": "20:00"}, "slot_taken"),
        ({"time": "19:00", "guests": 1}, "slot_taken"),
        ({"guests": 3}, "table_too_small"),
        ({"guests": 20, "table_id": None}, "table_too_small"),
        ({"table_id": 987654}, "not_found"),
        ({"time": "21:00"}, "outside_opening_hours"),
        ({"date": day_after(-2)}, "in_the_past"),
        ({"date": day_after(401)}, "too_far_ahead"),
        ({"date": "9999-12-31"}, "too_far_ahead"),
        ({"date": "1970-01-01"}, "in_the_past"),
        ({"guests": None}, "validation_error"),
        ({"date": None}, "validation_error"),
    ]
    for body, code in refusals:
        refused(await guest.client.patch(f"/bookings/{made['id']}", json=body), code)
    assert await counts(hub) == before
    assert (await guest.client.get(f"/bookings/{made['id']}")).json() == made
    problem = refused(await guest.client.patch(f"/bookings/{made['id']}", json={"time": "20:00"}), "slot_taken")
    first = problem["alternatives"][0]
    assert (first["time"], first["table"]["id"]) == ("20:00:00", 1)


async def test_reschedule_table_null_chooses_the_smallest_that_fits(guest: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2, table_id=16)
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"table_id": None})
    assert answer.json()["table"]["name"] == "T2-1"
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"guests": 5, "table_id": None})
    assert answer.json()["table"]["name"] == "T6-1"
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"table_id": 15})
    assert (answer.json()["table"]["name"], answer.json()["revision"]) == ("T6-2", 4)


async def test_reschedule_that_wins_a_race_is_whole(guest: Account, day: str) -> None:
    """Two bookings that want the same free table at once: one has it, the other stays where it was."""
    made = [await book(guest.client, day, "12:00", table_id=number) for number in (14, 15)]
    answers = await asyncio.gather(
        *(guest.client.patch(f"/bookings/{each['id']}", json={"time": "18:00", "table_id": 16}) for each in made)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    now = [(await guest.client.get(f"/bookings/{each['id']}")).json() for each in made]
    assert sorted(each["table"]["id"] == 16 for each in now) == [False, True]
    [stayed] = [(old, each) for old, each in zip(made, now, strict=True) if each["table"]["id"] != 16]
    assert stayed[1] == stayed[0] | {"position": stayed[1]["position"]}  # where the day stands by now


# ── canceling ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_cancel_frees_the_table_and_is_final(hub: HubServer, guest: Account, host: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2)
    answer = await guest.client.delete(f"/bookings/{made['id']}")
    assert answer.status_code == 200
    canceled = answer.json()
    assert canceled == made | {
        "status": "canceled", "revision": 2, "position": canceled["position"], "canceled_at": canceled["canceled_at"],
    }  # fmt: skip
    assert datetime.fromisoformat(canceled["canceled_at"]).tzinfo is not None
    assert made["table"] in (await available(guest.client, day, after=canceled["position"]))["tables"]
    rows = [row for row in await deliveries(hub, made["id"]) if row["revision"] == 2]
    assert [(row["kind"], row["audience"]) for row in rows] == [("canceled", "guest")]
    for client in (guest.client, host.client):
        refused(await client.delete(f"/bookings/{made['id']}"), "already_canceled")
        refused(await client.patch(f"/bookings/{made['id']}", json={"guests": 1}), "already_canceled")


async def test_booking_that_is_over_never_changes(hub: HubServer, guest: Account, host: Account, day: str) -> None:
    made = await book(guest.client, day)
    await make_past(hub, made["id"])
    for client in (guest.client, host.client):
        refused(await client.delete(f"/bookings/{made['id']}"), "already_over")
        refused(await client.patch(f"/bookings/{made['id']}", json={"guests": 2}), "already_over")


async def test_deadline_holds_for_guests_and_not_for_staff(berlin: HubServer) -> None:
    guest, host, boss = await berlin.register(), await berlin.staff("host"), await berlin.register(ADMIN)
    day, beyond = day_after(20), day_after(90)
    made = [await book(guest.client, day) for _ in range(2)]
    for each in made:
        refused(await guest.client.delete(f"/bookings/{each['id']}"), "too_late_to_cancel")
        refused(await guest.client.patch(f"/bookings/{each['id']}", json={"guests": 2}), "too_late_to_change")
        refused(await guest.client.patch(f"/bookings/{each['id']}", json={"date": beyond}), "too_late_to_change")
    for each, staff in zip(made, (host, boss), strict=True):
        answer = await staff.client.patch(f"/bookings/{each['id']}", json={"guests": 2})
        assert (answer.status_code, answer.json()["guests"]) == (200, 2)
        assert (await staff.client.delete(f"/bookings/{each['id']}")).json()["status"] == "canceled"
    # The deadline is of the old start: what is far enough off may still be brought near.
    far = await book(guest.client, beyond)
    assert (await guest.client.patch(f"/bookings/{far['id']}", json={"date": day})).status_code == 200
    refused(await guest.client.delete(f"/bookings/{far['id']}"), "too_late_to_cancel")


# ── the clock ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_time_with_an_offset_is_converted(berlin: HubServer) -> None:
    guest = await berlin.register()
    day = day_after(21)
    local = datetime.combine(date.fromisoformat(day), time(20), BERLIN)
    hours = local.utcoffset()
    assert hours is not None
    at = f"{local - hours + timedelta(hours=3):%H:%M}+03:00"
    made = await book(guest.client, day, at)
    assert made["start_at"] == local.isoformat()
    found = await available(guest.client, day, at)
    assert (found["date"], found["time"]) == (day, "20:00:00")
    assert made["table"] not in found["tables"]


async def test_wall_time_that_the_clock_jumps_over_is_refused(berlin: HubServer) -> None:
    guest = await berlin.register()
    day = last_sunday(3).isoformat()
    body = {"date": day, "time": "02:30"}
    assert (
        refused(await guest.client.post("/bookings", json=body), "nonexistent_local_time")["next_valid"] == "03:00:00"
    )
    answer = await guest.client.get("/tables/available", params=body)
    assert refused(answer, "nonexistent_local_time")["next_valid"] == "03:00:00"
    made = await book(guest.client, day, "18:00")
    change = await guest.client.patch(f"/bookings/{made['id']}", json={"time": "02:00"})
    # The deadline of this hub is judged under the lock, the time before it.
    refused(change, "nonexistent_local_time")


async def test_after_midnight_belongs_to_the_day_before(berlin: HubServer) -> None:
    guest = await berlin.register()
    evening = date.fromisoformat(day_after(40))
    night = (evening + timedelta(days=1)).isoformat()
    made = await book(guest.client, night, "00:00")
    assert made["service_date"] == evening.isoformat()
    assert made["start_at"].startswith(f"{night}T00:00:00+")
    assert datetime.fromisoformat(made["end_at"]) - datetime.fromisoformat(made["start_at"]) == timedelta(hours=2)
    refused(await guest.client.post("/bookings", json={"date": night, "time": "00:01"}), "outside_opening_hours")
    refused(await guest.client.post("/bookings", json={"date": night, "time": "17:59"}), "outside_opening_hours")
    late = await book(guest.client, evening.isoformat(), "18:00")
    assert version(late["position"]) == version(made["position"]) + 1


# ── the room ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_tables_are_added_changed_and_removed(admin: Account, guest: Account, day: str) -> None:
    before = version((await available(guest.client, day))["tables_position"])
    added = await admin.client.post("/admin/tables", json={"name": "  Window 🪟 ", "seats": 20})
    assert added.status_code == 201
    table = added.json()
    assert table == {"id": table["id"], "name": "Window 🪟", "seats": 20}
    assert table in (await admin.client.get("/admin/tables")).json()["items"]
    changed = await admin.client.patch(f"/admin/tables/{table['id']}", json={"seats": 12})
    assert (changed.status_code, changed.json()) == (200, table | {"seats": 12})
    for nothing in ({}, {"seats": 12}, {"name": "Window 🪟"}):
        assert (await admin.client.patch(f"/admin/tables/{table['id']}", json=nothing)).json() == changed.json()
    assert (await admin.client.delete(f"/admin/tables/{table['id']}")).status_code == 204
    refused(await admin.client.delete(f"/admin/tables/{table['id']}"), "not_found")
    refused(await admin.client.patch(f"/admin/tables/{table['id']}", json={"seats": 2}), "not_found")
    assert changed.json() not in (await admin.client.get("/admin/tables")).json()["items"]
    again = await admin.client.post("/admin/tables", json={"name": "Window 🪟", "seats": 1})
    assert again.status_code == 201
    await admin.client.delete(f"/admin/tables/{again.json()['id']}")
    async with asyncio.timeout(6):
        while version((await available(guest.client, day))["tables_position"]) != before + 5:  # noqa: ASYNC110 likewise
            await asyncio.sleep(0.05)


async def test_table_name_is_taken_while_another_has_it(admin: Account) -> None:
    refused(await admin.client.post("/admin/tables", json={"name": "T2-1 ", "seats": 2}), "name_taken")
    refused(await admin.client.patch("/admin/tables/2", json={"name": "T2-1"}), "name_taken")


async def test_table_in_use_stays(hub: HubServer, admin: Account, guest: Account, day: str) -> None:
    name = f"in use {secrets.token_hex(3)}"
    table = (await admin.client.post("/admin/tables", json={"name": name, "seats": 10})).json()
    url = f"/admin/tables/{table['id']}"
    made = await book(guest.client, day, guests=8, table_id=table["id"])
    refused(await admin.client.delete(url), "table_in_use")
    refused(await admin.client.patch(url, json={"seats": 7}), "table_in_use")
    assert (await admin.client.patch(url, json={"seats": 8})).status_code == 200
    assert (await admin.client.patch(url, json={"seats": 11, "name": f"{name}!"})).status_code == 200
    assert (await guest.client.get(f"/bookings/{made['id']}")).json()["table"]["seats"] == 11
    await guest.client.delete(f"/bookings/{made['id']}")
    assert (await admin.client.delete(url)).status_code == 204
    # Its past bookings still say which table it was.
    assert (await guest.client.get(f"/bookings/{made['id']}")).json()["table"]["name"] == f"{name}!"
    refused(
        await guest.client.post("/bookings", json={"date": day, "time": "18:00", "table_id": table["id"]}), "not_found"
    )


# ── operations ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_health_says_what_is_ready(hub: HubServer) -> None:
    client = hub.client()
    assert (await client.get("/health/live")).json()["status"] == "live"
    ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.json()["checks"] == {"postgresql": "ok", "redis": "ok", "serving": "ok"}


async def test_health_without_redis_is_degraded_and_without_a_migration_not_ready(
    servers: Servers, template: str, folder: Path, day: str
) -> None:
    async with running(servers, template, folder, REDIS_URL="redis://127.0.0.1:1/0") as server:
        client = server.client()
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert answer.json()["checks"]["redis"] == "does not answer"
        guest = await server.register()
        made = await book(guest.client, day)
        assert made["table"] not in (await available(guest.client, day, after=made["position"]))["tables"]
        await query(server, "UPDATE aerich SET version = 'gone-' || version WHERE version LIKE '2\\_%'")
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
        assert answer.json()["checks"]["postgresql"] == "migrations are missing"
        assert int(answer.headers["retry-after"]) >= 1
        assert (await client.get("/health/live")).status_code == 200


def asked_live(metrics: str) -> float:
    """How many answers to GET /health/live these series count."""
    lines = [line for line in metrics.splitlines() if line.startswith("hub_http_requests_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines if 'route="/health/live"' in line)


async def test_metrics_are_of_all_processes_together(hub: HubServer) -> None:
    for pid in workers_of(hub):
        with alone(hub, pid):
            assert (await hub.client().get("/health/live")).status_code == 200
            async with httpx.AsyncClient(base_url=hub.url) as client:
                answer = await client.get("/metrics")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/plain")
            seen = asked_live(answer.text)
        assert seen >= 1
    with alone(hub, workers_of(hub)[0]):
        async with httpx.AsyncClient(base_url=hub.url) as client:
            text = (await client.get("/metrics")).text
    assert asked_live(text) == seen


async def test_metrics_with_a_token_want_it(berlin: HubServer) -> None:
    refused(await berlin.client().get("/metrics"), "auth_error")
    refused(await berlin.client("another token").get("/metrics"), "auth_error")
    odd = httpx.Headers([(b"authorization", b"Bearer \xff\xfe")])
    refused(await berlin.client().get("/metrics", headers=odd), "auth_error")
    assert (await berlin.client("a token for the scraper").get("/metrics")).status_code == 200
