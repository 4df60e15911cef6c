"""GET /days/{date}/floor, /availability and /starts for staff as the day was: by version, by position, by instant."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import asyncpg
import httpx
import pytest

from hub.views import day_history
from tests.integration.live.conftest import Pair, book, cancel, change
from tests.integration.rest import refused
from tests.servers import Account

Shown = dict[str, httpx.Response]
"""What the live day showed at one version, by kind."""
KINDS = ("floor", "availability", "starts")


async def ask(client: httpx.AsyncClient, day: date, kind: str, **query: Any) -> httpx.Response:
    return await client.get(f"/days/{day}/{kind}", params=query)


@pytest.fixture
async def sql(hubs: Pair) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(hubs.database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def evening(hubs: Pair, guest: Account, day: date) -> list[Shown]:
    """A day on which much was changed; what the live day showed at each version, from 0 on."""
    client, host = guest.client, hubs.a.client(hubs.host)
    shown: list[Shown] = []

    async def look() -> None:
        shown.append({kind: await ask(host, day, kind) for kind in KINDS})

    await look()
    first = await book(client, day, "12:00", table_id=1)
    await look()
    second = await book(client, day, "18:00", table_id=2)
    await look()
    first = await change(client, first, time="13:00", table_id=3)
    await look()
    await cancel(client, second)
    await look()
    await change(client, first, date=str(day + timedelta(days=200)))  # it leaves the day
    await look()
    await book(client, day, "18:00", table_id=2)
    await look()
    for version, each in enumerate(shown):
        assert {answer.headers["etag"].strip('"').partition(":")[2] for answer in each.values()} == {str(version)}
    return shown


@pytest.mark.parametrize("process", ["a", "b"])
async def test_earlier_version_is_what_was_shown_at_it(
    hubs: Pair, day: date, evening: list[Shown], process: str
) -> None:
    """To the letter, also on a process that never held the day; by number and by position."""
    client = getattr(hubs, process).client(hubs.host)
    assert all(before["floor"].content != after["floor"].content for before, after in pairwise(evening))
    for version, each in enumerate(evening):
        for kind, then in each.items():
            for asked in (version, then.headers["etag"].strip('"')):
                answer = await ask(client, day, kind, version=asked)
                assert (answer.status_code, answer.content) == (200, then.content)
                assert answer.headers["etag"] == then.headers["etag"]
                assert answer.headers["cache-control"] == then.headers["cache-control"]


async def rewrite(sql: Any, statement: str, *arguments: Any) -> None:
    """Change events as no writer can: their guard does not hold for a replica."""
    async with sql.transaction():
        await sql.execute("SET LOCAL session_replication_role = replica")
        await sql.execute(statement, *arguments)


@pytest.mark.parametrize("kind", KINDS)
async def test_instant_means_the_last_version_by_then(
    hubs: Pair, day: date, evening: list[Shown], sql: Any, kind: str
) -> None:
    begin, step = datetime(2026, 3, 1, 12, tzinfo=UTC), timedelta(minutes=10)
    await rewrite(
        sql,
        "UPDATE events SET at = $2::timestamptz + version * $3::interval + interval '123456 us' WHERE stream = $1",
        f"day:{day}",
        begin,
        step,
    )
    asked = {"0001-01-01T00:00:00Z": 0, "9999-12-31T23:59:59Z": 6}
    for version in range(1, 7):
        at = begin + version * step
        asked |= {
            f"{at.replace(tzinfo=None).isoformat()}.123Z": version,  # as the live channel tells it
            f"{at.replace(tzinfo=None).isoformat()}.122Z": version - 1,
            (at + step / 2).astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(): version,
        }
    for at, version in asked.items():  # type: ignore[assignment]
        answer = await ask(hubs.b.client(hubs.host), day, kind, at=at)
        then = evening[version][kind]
        assert (answer.status_code, answer.content) == (200, then.content), (at, version)
        assert answer.headers["etag"] == then.headers["etag"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE events SET kind = 'newer'", day_history.FOREIGN),
        ("UPDATE events SET data = '[1]'", day_history.FOREIGN),
        ("""UPDATE events SET data = '{"booking": 1, "entry": {}}'""", day_history.FOREIGN),
        ("DELETE FROM events", day_history.GONE),
    ],
    ids=["of another release", "no object", "no booking", "gone"],
)
async def test_version_whose_changes_are_gone_or_not_readable_is_refused(
    hubs: Pair, day: date, evening: list[Shown], sql: Any, damage: str, said: str
) -> None:
    """Nothing is guessed: not the versions after the third change, nor an instant at which it may have been there."""
    host, stream = hubs.b.client(hubs.host), f"day:{day}"
    times = [row["at"] for row in await sql.fetch("SELECT at FROM events WHERE stream = $1 ORDER BY version", stream)]
    await rewrite(sql, f"{damage} WHERE stream = $1 AND version = 3", stream)
    for version, each in enumerate(evening):
        for kind, then in each.items():
            answer = await ask(host, day, kind, version=version)
            if version < 3:
                assert (answer.status_code, answer.content) == (200, then.content)
            else:
                assert refused(answer, "not_found")["detail"] == said
    gone = said == day_history.GONE
    for version, told in ((1, True), (2, not gone), (3, gone and None), (5, False)):
        if told is not None:
            answer = await ask(host, day, "floor", at=times[version - 1].isoformat())
            assert answer.status_code == (200 if told else 404), version
    assert (await ask(host, day, "floor")).content == evening[-1]["floor"].content  # the live day is as it was


async def test_past_floor_shows_present_names(hubs: Pair, guest: Account, day: date) -> None:
    host = hubs.a.client(hubs.host)
    booking = await book(guest.client, day)
    then = {kind: await ask(host, day, kind) for kind in KINDS}
    assert (await guest.client.patch("/auth/me", json={"full_name": "Bo Renamed"})).status_code == 200
    known = {kind: {"if-none-match": each.headers["etag"]} for kind, each in then.items()}
    floor = await host.get(f"/days/{day}/floor?version=1", headers=known["floor"])
    assert floor.headers["etag"] == then["floor"].headers["etag"]
    before, shown = (each.json()["bookings"][str(booking["id"])] for each in (then["floor"], floor))
    assert shown == {**before, "guest_name": "Bo Renamed"}
    for kind in ("availability", "starts"):
        answer = await host.get(f"/days/{day}/{kind}?version=1", headers=known[kind])
        assert (answer.status_code, answer.content) == (304, b"")


async def test_long_day_is_read_in_pages_and_up_to_a_bound(hubs: Pair, guest: Account, day: date, sql: Any) -> None:
    """Written by the statement alone: to book so often would take minutes."""
    most, stream, host = day_history.MOST_EVENTS, f"day:{day}", hubs.a.client(hubs.host)
    me = (await guest.client.get("/auth/me")).json()["id"]
    entry = {
        "guest_id": 1, "user_id": me, "table_id": 1, "guests": 2,
        "starts_at": f"{day}T18:00:00Z", "ends_at": f"{day}T20:00:00Z",
        "status": "booked", "occupied": [[1, f"{day}T18:00:00Z", f"{day}T20:00:00Z"]],
    }  # fmt: skip
    async with sql.transaction():
        await sql.execute(
            "INSERT INTO events (stream, version, kind, data) SELECT $1, n, 'rescheduled', jsonb_build_object("
            "'booking', 1, 'entry', $2::jsonb || jsonb_build_object('revision', n)) FROM generate_series(1, $3) n",
            stream,
            json.dumps(entry),
            most + 1,
        )
        await sql.execute(
            "INSERT INTO streams (name, version, head) SELECT $1::text, $2, max(id) FROM events WHERE stream = $1",
            stream,
            most + 1,
        )
    for version in (day_history.PAGE, day_history.PAGE + 1, most):
        answer = await ask(host, day, "floor", version=version)
        assert answer.status_code == 200, answer.text
        assert answer.json()["bookings"]["1"]["revision"] == version
    assert refused(await ask(host, day, "floor", version=most + 1), "not_found")["detail"] == day_history.TOO_MANY


async def test_what_can_not_be_answered_is_refused(hubs: Pair, guest: Account, day: date) -> None:
    booking = await book(guest.client, day)
    host, epoch = hubs.b.client(hubs.host), booking["position"].partition(":")[0]
    for kind in KINDS:
        for query in ({"version": "1"}, {"at": "2026-11-24T18:00:00Z"}):
            refused(await ask(guest.client, day, kind, **query), "forbidden")
            of_nobody = await ask(hubs.b.client(), day, kind, **query)
            assert of_nobody.status_code == (403 if kind == "starts" else 401)
            for other in (day - timedelta(days=80), day + timedelta(days=500)):  # where no channel is
                refused(await ask(host, other, kind, **query), "not_found")
        digest = [f"{epoch}.zzzzzzzzzzzz:1"] if kind == "starts" else []  # on the others it says nothing
        for version in ("2", f"{epoch}:2", "zzzzzzzz:1", *digest, str(10**18 - 1)):
            refused(await ask(host, day, kind, version=version), "not_found")
        for version in ("", "-1", "01", "1.0", "x", ":1", f"{epoch}:", f"{epoch}:-1", "9" * 19, "١"):
            refused(await ask(host, day, kind, version=version), "validation_error")
        for at in (
            "", "now", "1", "18:00", "2026-11-24", "2026-11-24T18:00:00", "2026-11-24 18:00:00Z",
            "2026-02-30T00:00:00Z", "2026-11-24T18:00:60Z",
            "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0000-01-01T00:00:00Z",
        ):  # fmt: skip
            refused(await ask(host, day, kind, at=at), "validation_error")
        refused(await ask(host, day, kind, version=1, at="2026-11-24T18:00:00Z"), "validation_error")
        refused(await ask(host, day, kind, when="now"), "validation_error")
        refused(await host.get(f"/days/{day}/{kind}?version=1&version=1"), "validation_error")


def at_version(answer: httpx.Response) -> str:
    """The position of the ETag, without what else decides which starts are free."""
    position = answer.headers["etag"].strip('"')
    return f"{position[:8]}:{position.partition(':')[2]}"


@pytest.mark.parametrize("kind", KINDS)
async def test_answer_is_as_new_as_it_is_asked_to_be(hubs: Pair, guest: Account, day: date, kind: str) -> None:
    """On a process that may not have heard of it yet; of another epoch it is the present state."""
    host = hubs.b.client(hubs.host)
    await ask(host, day, kind)
    for hour in range(12, 20, 2):
        booking = await book(guest.client, day, f"{hour}:00", table_id=1)
        answer = await ask(host, day, kind, after=booking["position"])
        assert at_version(answer) == booking["position"]
    for after in ("zzzzzzzz:99", "zzzzzzzz.zzzzzzzzzzzz:99"):
        answer = await ask(host, day, kind, after=after)
        assert (answer.status_code, at_version(answer)) == (200, booking["position"])
    refused(await ask(host, day, kind, after="1"), "validation_error")
