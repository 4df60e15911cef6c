"""Bodies, paths and queries of wrong form: each is refused by name of the field, and nothing is written or logged.

The last tests of the file read the log of everything before them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http_clients import http_client
from tests.integration.bad_input.conftest import DAY, World, check_log, check_rows, check_secrets, raw
from tests.integration.rest import refused
from tests.servers import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="session")
LIMIT = 65536


def booking(**fields: Any) -> dict[str, Any]:
    return {"date": DAY, "time": "18:00"} | fields


def registration(**fields: Any) -> dict[str, Any]:
    return {
        "email": "new@example.com",
        "password": PASSWORD,
        "phone_number": "+4915112345",
        "full_name": "New Guest",
    } | fields


# ── bodies ──────────────────────────────────────────────────────────────────────────────────────────────────────────

VALIDATION = [
    *[
        ("POST", "/bookings", booking(guests=value), "guests")
        for value in (0, 21, -1, True, "2", 2.5, None, 2**70, [], {})
    ],
    *[
        ("POST", "/bookings", booking(table_id=value), "table_id")
        for value in (0, -1, 2**63, 2**64, "1", 1.5, True, [1])
    ],
    *[
        ("POST", "/bookings", booking(date=value), "date")
        for value in (
            "2026-02-30", "2027-02-29", "2026-13-01", "2026-00-10", "0000-01-01", "26-11-24", "2026-11-24\n",
            "20261124", "2026-W48-2", "10000-01-01", "-2026-01-01", "２０２６-11-24", "2026-11-24T18:00", "", 0,
            20261124, None, True,
        )
    ],
    *[
        ("POST", "/bookings", booking(time=value), "time")
        for value in (
            "24:00", "18:60", "18:00:60", "6pm", "18", "18:00:00.5", "18:00+24:00", "18:00+03", "18:00 +03:00",
            "1800", "", "١٨:00", "18:00\n", 18, 1800.0, None,
        )
    ],
    ("POST", "/bookings", booking(user_id=1), "user_id"),
    ("POST", "/bookings", booking(**{"": 1}), ""),
    ("POST", "/bookings", {"date": DAY}, "time"),
    ("POST", "/bookings", {}, "date"),
    ("POST", "/bookings", [], ""),
    ("POST", "/bookings", None, ""),
    ("POST", "/bookings", "18:00", ""),
    ("PATCH", "/bookings/{id}", {"guests": None}, "guests"),
    ("PATCH", "/bookings/{id}", {"date": "2026-02-30"}, "date"),
    ("PATCH", "/bookings/{id}", {"table_id": 2**63}, "table_id"),
    ("PATCH", "/bookings/{id}", {"status": "canceled"}, "status"),
    *[
        ("POST", "/auth/register", registration(**{field: value}), field)
        for field, values in {
            "email": (
                "", "nobody", "a@b@example.com", "a b@example.com", "x@example.com\0", "\U0001f980@",
                f"{'x' * 250}@example.com", 1, None,
            ),
            "password": ("short67", "x" * 129, 12345678, None),
            "phone_number": ("1234", "5" * 33, "+4955\x00501", 4955501, None, "   5   "),
            "full_name": ("", " ", "\u200b\u200b", "x" * 256, "Ada\0Guest", 7, None),
            "language": ("de", "EN", "", 1),
            "role": ("admin",),
            "id": (1,),
        }.items()
        for value in values
    ],
    ("POST", "/auth/login", {"email": "zebulon@example.com"}, "password"),
    ("POST", "/auth/login", {"email": "zebulon\0@example.com", "password": PASSWORD}, "email"),
    ("POST", "/auth/login", {"email": ["zebulon@example.com"], "password": PASSWORD}, "email"),
    ("POST", "/auth/logout", {"everywhere": "yes"}, "everywhere"),
    ("POST", "/auth/logout", {"everywhere": 1}, "everywhere"),
    *[
        ("POST", "/admin/tables", {"name": name, "seats": 2}, "name")
        for name in ("", "   ", "x" * 65, "a\0b", "\0", 5, None)
    ],
    *[
        ("POST", "/admin/tables", {"name": "new", "seats": seats}, "seats")
        for seats in (0, 21, -2, True, "2", 2.5, None)
    ],
    ("PATCH", "/admin/tables/1", {"name": None}, "name"),
    ("PATCH", "/admin/tables/1", {"seats": 2**62}, "seats"),
    ("PATCH", "/admin/tables/1", {"id": 2}, "id"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "url", "body", "field"),
    [pytest.param(*case, id=f"{case[1]}-{index}") for index, case in enumerate(VALIDATION)],
)
@pytest.mark.usefixtures("unchanged")
async def test_body_of_wrong_form_names_the_field(world: World, method: str, url: str, body: Any, field: str) -> None:
    client = world.admin.client if "admin" in url else world.guest.client
    # Not httpx's own encoder: a body may be null, and every character should arrive.
    answer = await client.request(
        method,
        url.format(id=world.booking["id"]),
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )
    problem = refused(answer, "validation_error")
    assert field in [error["field"] for error in problem["errors"]]
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    "content",
    [
        b"", b" ", b"{", b"}", b"nothing", b"{'date': 1}", b'{"date": "2026-11-24",}', b"\xff\xfe{\x00}\x00",
        b'{"a": "\xff"}', b"\x00", b"[" * 60000, b'{"a":' * 10000, b"{} {}", b'{"guests": NaN}',
        b'{"guests": Infinity}', b'"\\ud800"',
        b"\xef\xbb\xbf{}", b"date=2026-11-24&time=18:00",
    ],
)  # fmt: skip
@pytest.mark.parametrize("url", ["/bookings", "/auth/login", "/auth/register"])
@pytest.mark.usefixtures("unchanged")
async def test_body_that_is_no_json_is_malformed(world: World, url: str, content: bytes) -> None:
    refused(await world.guest.client.post(url, content=content), "malformed")


@pytest.mark.usefixtures("unchanged")
async def test_body_with_long_numbers_and_names_is_refused(world: World) -> None:
    for content in (
        b'{"guests": 1' + b"0" * 400 + b"}",
        b'{"guests": 1' + b"0" * 5000 + b"}",
        b'{"guests": 1e999}',
        b'{"' + b"x" * 60000 + b'": 1}',
    ):
        refused(await world.guest.client.post("/bookings", content=content), "validation_error", "malformed")


@pytest.mark.usefixtures("unchanged")
async def test_body_of_64_kb_is_read_and_one_byte_more_is_not(world: World) -> None:
    whole = json.dumps(booking(guests=0)).encode()
    at_limit = whole + b" " * (LIMIT - len(whole))
    refused(await world.guest.client.post("/bookings", content=at_limit), "validation_error")

    async def in_pieces(content: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(content), 10000):
            yield content[start : start + 10000]

    refused(await world.guest.client.post("/bookings", content=in_pieces(at_limit)), "validation_error")
    refused(await world.guest.client.post("/bookings", content=at_limit + b" "), "too_large")
    async with http_client(base_url=world.hub.url) as client:
        headers = {"authorization": f"Bearer {world.guest.token}"}
        refused(await client.post("/bookings", content=in_pieces(at_limit + b" "), headers=headers), "too_large")


@pytest.mark.usefixtures("unchanged")
async def test_body_announced_as_too_large_is_refused_before_it_is_sent(world: World) -> None:
    head = f"POST /auth/login HTTP/1.1\r\nHost: hub\r\nContent-Length: {10**12}\r\n\r\n".encode()
    assert (await raw(world.hub, head)).startswith(b"HTTP/1.1 413 ")


async def test_names_in_any_script_are_kept(world: World) -> None:
    name = "Ωmega 🦀 é 日本語 ' \" <b> %00 می\u200cخواهم"
    guest = await world.hub.register(full_name=name)
    assert (await guest.client.get("/auth/me")).json()["full_name"] == name
    table = (await world.admin.client.post("/admin/tables", json={"name": name, "seats": 2})).json()
    assert table["name"] == name
    assert table in (await world.admin.client.get("/admin/tables")).json()["items"]
    await world.admin.client.delete(f"/admin/tables/{table['id']}")


@pytest.mark.parametrize(
    ("date", "code"),
    [("1970-01-01", "in_the_past"), ("0001-01-01", "in_the_past"), ("9999-12-31", "too_far_ahead"),
     ("9998-01-01", "too_far_ahead"), ("2999-06-01", "too_far_ahead")],
)  # fmt: skip
@pytest.mark.parametrize("at", ["18:00", "00:00-23:59", "23:59+23:59"])
@pytest.mark.usefixtures("unchanged")
async def test_date_beyond_all_reason(world: World, date: str, at: str, code: str) -> None:
    refused(await world.guest.client.post("/bookings", json=booking(date=date, time=at)), code)
    refused(await world.guest.client.get("/tables/available", params={"date": date, "time": at}), code)
    change = {"date": date, "time": at}
    refused(await world.guest.client.patch(f"/bookings/{world.booking['id']}", json=change), code)


# ── paths and queries ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "987654321", str(2**62), str(2**63 - 1), str(2**63), str(2**64), "9" * 400, "1.0", "1e3", "x", "%00",
     "%ff", "٣", "null", "1%2F2", "+1", "0x1", "1_0", "%20", "%F0%9F%A6%80", "'; DROP TABLE bookings; --"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/bookings/"), ("PATCH", "/bookings/"), ("DELETE", "/bookings/"), ("PATCH", "/admin/tables/"),
     ("DELETE", "/admin/tables/")],
)  # fmt: skip
@pytest.mark.usefixtures("unchanged")
async def test_path_id_that_is_none_is_not_found(world: World, method: str, path: str, text: str) -> None:
    body = {"json": {}} if method == "PATCH" else {}
    refused(await world.admin.client.request(method, path + text, **body), "not_found", "method_not_allowed")


AVAILABLE = f"date={DAY}&time=18:00"


@pytest.mark.parametrize(
    ("url", "field"),
    [
        (f"/tables/available?{AVAILABLE}&date={DAY}", "date"),
        (f"/tables/available?{AVAILABLE}&guests=1&guests=2", "guests"),
        (f"/tables/available?{AVAILABLE}&guests=0", "guests"),
        (f"/tables/available?{AVAILABLE}&guests=21", "guests"),
        (f"/tables/available?{AVAILABLE}&guests=true", "guests"),
        (f"/tables/available?{AVAILABLE}&guests=2.0", "guests"),
        (f"/tables/available?{AVAILABLE}&guests=", "guests"),
        (f"/tables/available?{AVAILABLE}&guests=%D9%A3", "guests"),
        (f"/tables/available?{AVAILABLE}&guests={'1' * 5000}", "guests"),
        (f"/tables/available?{AVAILABLE}&seats=2", "seats"),
        (f"/tables/available?{AVAILABLE}&after=5", "after"),
        (f"/tables/available?{AVAILABLE}&after=k3v9x0ab:-1", "after"),
        (f"/tables/available?{AVAILABLE}&after=k3v9x0ab:9999999999999999999", "after"),
        (f"/tables/available?{AVAILABLE}&after=k3v9x0ab:1%0A", "after"),
        (f"/tables/available?{AVAILABLE}&after=", "after"),
        ("/tables/available?date=2026-02-30&time=18:00", "date"),
        (f"/tables/available?date={DAY}&time=25:00", "time"),
        (f"/tables/available?date={DAY}&time=18:00+03:00", "time"),
        (f"/tables/available?date=%00{DAY}&time=18:00", "date"),
        ("/tables/available?date=%ff&time=18:00", "date"),
        (f"/tables/available?{AVAILABLE}&after=%ff", "after"),
        (f"/tables/available?date={DAY}", "time"),
        ("/tables/available", "date"),
        ("/bookings/my?limit=0", "limit"),
        ("/bookings/my?limit=101", "limit"),
        ("/bookings/my?limit=ten", "limit"),
        ("/bookings/my?limit=-1", "limit"),
        ("/bookings/my?before=%00", "before"),
        ("/bookings/my?before=%ff", "before"),
        ("/bookings/my?before=MTIzNDU2", "before"),
        ("/bookings/my?before=OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjE", "before"),
        (f"/bookings/my?before={'A' * 129}", "before"),
        ("/bookings/my?offset=1", "offset"),
    ],
)
@pytest.mark.usefixtures("unchanged")
async def test_query_of_wrong_form_names_the_field(world: World, url: str, field: str) -> None:
    problem = refused(await world.guest.client.get(url), "validation_error")
    assert field in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize("query", ["%ff=1", "%ff=1&%ff=2", "%ED%A0%80=1", "=1&=2", "%00=1", "&&&;", "%f0%9f=%f0"])
@pytest.mark.usefixtures("unchanged")
async def test_query_of_bytes_that_are_no_text(world: World, query: str) -> None:
    for url in (f"/bookings/my?{query}", f"/tables/available?{AVAILABLE}&{query}"):
        answer = await world.guest.client.get(url)
        if answer.status_code != 200:
            refused(answer, "validation_error")


# ── what was written and logged by all of the above ─────────────────────────────────────────────────────────────────


async def test_log_has_no_error_and_no_traceback(world: World) -> None:
    check_log(world, more_than=310)


async def test_log_holds_nothing_personal(world: World) -> None:
    await check_secrets(world)


async def test_database_holds_what_it_held(world: World) -> None:
    await check_rows(world)
