"""What clients should not send: each is a clear refusal, nothing is written, and the log tells nobody's secrets.

The last tests of the file read the log of everything before them.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio

from tests.conftest import SECRET_KEY
from tests.integration.rest import counts, day_after, log_lines, query, refused, running
from tests.servers import PASSWORD, Account, HubServer, Servers

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADMIN = "admin@example.com"
NAME, PHONE = "Zebulon Unmistakable", "+49-555-0100-7788"
DAY = day_after(50)
LIMIT = 65536


@dataclass(slots=True)
class World:
    hub: HubServer
    guest: Account
    admin: Account
    booking: dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(servers: Servers, template: str, folder: Path) -> AsyncIterator[World]:
    async with running(servers, template, folder, ADMIN_EMAILS=ADMIN) as hub:
        guest = await hub.register("zebulon@example.com", full_name=NAME, phone_number=PHONE)
        admin = await hub.register(ADMIN)
        answer = await guest.client.post("/bookings", json={"date": DAY, "time": "18:00", "guests": 2})
        yield World(hub, guest, admin, answer.json())


@pytest_asyncio.fixture(loop_scope="module")
async def unchanged(world: World) -> AsyncIterator[None]:
    """Nothing is written by the test."""
    before = await counts(world.hub)
    yield
    assert await counts(world.hub) == before


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
            "full_name": ("x", " x ", "x" * 256, "Ada\0Guest", 7, None),
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
    async with httpx.AsyncClient(base_url=world.hub.url) as client:
        headers = {"authorization": f"Bearer {world.guest.token}"}
        refused(await client.post("/bookings", content=in_pieces(at_limit + b" "), headers=headers), "too_large")


@pytest.mark.usefixtures("unchanged")
async def test_body_announced_as_too_large_is_refused_before_it_is_sent(world: World) -> None:
    head = f"POST /auth/login HTTP/1.1\r\nHost: hub\r\nContent-Length: {10**12}\r\n\r\n".encode()
    assert (await raw(world.hub, head)).startswith(b"HTTP/1.1 413 ")


async def test_names_in_any_script_are_kept(world: World) -> None:
    name = "Ωmega 🦀 é 日本語 ' \" <b> %00 \u202e"
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


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def claims(world: World, **changed: Any) -> dict[str, Any]:
    """The claims of the guest's token, changed; None leaves a claim out."""
    own = jwt.decode(world.guest.token, options={"verify_signature": False})
    return {name: value for name, value in (own | changed).items() if value is not None}


def unsigned(payload: dict[str, Any], header: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, payload)]
    return ".".join([*parts, ""])


def bad_tokens(world: World) -> dict[str, str]:
    good = claims(world)
    now = int(time.time())

    def signed(key: str = SECRET_KEY, algorithm: str = "HS256", **changed: Any) -> str:
        return jwt.encode(claims(world, **changed), key, algorithm=algorithm)

    head, body, signature = world.guest.token.split(".")
    return {
        "expired": signed(iat=now - 7200, exp=now - 3600),
        "not yet issued": signed(iat=now + 3600, exp=now + 7200),
        "foreign key": signed("another key, of more than thirty-two bytes"),
        "another algorithm": signed(SECRET_KEY * 2, "HS512"),
        "alg none": unsigned(good, {"alg": "none", "typ": "JWT"}),
        "alg nOnE": unsigned(good, {"alg": "nOnE", "typ": "JWT"}),
        "no alg": unsigned(good, {"typ": "JWT"}),
        **{f"without {name}": signed(**{name: None}) for name in good},
        "wrong aud": signed(aud="another-hub"),
        "wrong iss": signed(iss="another-hub"),
        "wrong role": signed(role="owner"),
        "role of no text": jwt.encode(claims(world) | {"role": ["admin"]}, SECRET_KEY, algorithm="HS256"),
        "sid of text": signed(sid=str(good["sid"])),
        "sid beyond the database": signed(sid=2**70),
        "sid below one": signed(sid=-1),
        "sub of no number": signed(sub="somebody"),
        "sub beyond the database": signed(sub=str(2**70)),
        "exp of text": signed(exp="tomorrow"),
        "exp NaN": signed(exp="NaN"),
        "exp beyond all reason": signed(exp=10**400),
        "garbage": "garbage",
        "dots": "..",
        "cut": world.guest.token[:-5],
        "two": f"{world.guest.token} {world.guest.token}",
        "another's signature": f"{head}.{body}.{world.admin.token.split('.')[2]}",
        "another's claims": f"{head}.{world.admin.token.split('.')[1]}.{signature}",
        "long": "x" * 7000,
    }


TOKENS = [
    "expired", "not yet issued", "foreign key", "another algorithm", "alg none", "alg nOnE", "no alg",
    *(f"without {name}" for name in ("sub", "role", "sid", "iat", "exp", "iss", "aud", "jti")),
    "wrong aud", "wrong iss", "wrong role", "role of no text", "sid of text", "sid beyond the database",
    "sid below one", "sub of no number", "sub beyond the database", "exp of text", "exp NaN", "exp beyond all reason",
    "garbage", "dots", "cut", "two", "another's signature", "another's claims", "long",
]  # fmt: skip


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.usefixtures("unchanged")
async def test_token_that_is_wrong_is_refused(world: World, name: str) -> None:
    client = world.hub.client(bad_tokens(world)[name])
    for method, url in (
        ("GET", "/auth/me"),
        ("POST", "/auth/refresh"),
        ("GET", "/bookings/my"),
        ("GET", "/admin/tables"),
    ):
        answer = await client.request(method, url)
        refused(answer, "auth_error")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_every_bad_token_is_tried(world: World) -> None:
    assert list(bad_tokens(world)) == TOKENS


@pytest.mark.parametrize(
    "header",
    [b"", b"Bearer", b"Basic dXNlcjpwYXNz", b"Token x", b"Bearer \xff\xfe", b"Bearer \xc3\xa9",
     b"bearer:x", b"\xff"],
)  # fmt: skip
@pytest.mark.usefixtures("unchanged")
async def test_authorization_header_of_another_form_is_refused(world: World, header: bytes) -> None:
    refused(await world.hub.client().get("/auth/me", headers=[(b"authorization", header)]), "auth_error")


async def test_authorization_scheme_is_read_in_any_case(world: World) -> None:
    for scheme in ("bearer", "BEARER"):
        headers = {"authorization": f"{scheme} {world.guest.token}"}
        assert (await world.hub.client().get("/auth/me", headers=headers)).status_code == 200


async def test_token_of_an_ended_session_is_refused(world: World) -> None:
    again = await world.hub.log_in(world.guest.email)
    assert (await again.client.post("/auth/logout", content=b"")).status_code == 204
    for method, url in (("GET", "/auth/me"), ("POST", "/auth/refresh"), ("POST", "/auth/logout")):
        refused(await again.client.request(method, url), "auth_error")


async def test_token_that_just_ended_is_good_for_a_refresh_alone(world: World) -> None:
    """The grace of a socket that outlives its token; after two minutes it is over for the refresh too."""
    now = int(time.time())
    late = world.hub.client(jwt.encode(claims(world, iat=now - 3600, exp=now - 5), SECRET_KEY, algorithm="HS256"))
    refused(await late.get("/auth/me"), "auth_error")
    assert (await late.post("/auth/refresh")).status_code == 200
    later = world.hub.client(jwt.encode(claims(world, iat=now - 3600, exp=now - 121), SECRET_KEY, algorithm="HS256"))
    refused(await later.post("/auth/refresh"), "auth_error")


# ── requests ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", ["a", "a.b_c-D9", "x" * 64])
async def test_request_id_of_safe_form_is_echoed(world: World, given: str) -> None:
    for url in ("/auth/me", "/bookings/0", "/nothing/here", "/docs", "/openapi.json", "/health/live"):
        answer = await world.guest.client.get(url, headers={"x-request-id": given})
        assert answer.headers["x-request-id"] == given, url


@pytest.mark.parametrize(
    "given", [b"", b"x" * 65, b"a b", b"a\tb", b"<script>", b"\xff", b"a\xc3\xa9", b"a;b", b'"a"', b"a,b"]
)
async def test_request_id_of_another_form_is_replaced(world: World, given: bytes) -> None:
    for url in ("/auth/me", "/nothing/here"):
        answer = await world.guest.client.get(url, headers=[(b"x-request-id", given)])
        assert answer.headers["x-request-id"].isalnum()
        assert answer.headers["x-request-id"].encode() != given


@pytest.mark.parametrize(
    "url",
    ["/nothing", "/bookings/1/2", "/auth", "/%2e%2e/etc/passwd", "/docs/../../etc/passwd", "/%00", "/web/none.js"],
)
async def test_path_that_is_none_is_not_found(world: World, url: str) -> None:
    refused(await world.hub.client().get(url), "not_found")


@pytest.mark.parametrize(
    ("method", "url"),
    [("PUT", "/bookings"), ("GET", "/auth/login"), ("DELETE", "/auth/me"), ("POST", "/bookings/1"),
     ("OPTIONS", "/bookings"), ("TRACE", "/docs")],
)  # fmt: skip
async def test_method_that_is_not_allowed(world: World, method: str, url: str) -> None:
    answer = await world.guest.client.request(method, url)
    refused(answer, "method_not_allowed")
    assert answer.headers["allow"]


async def raw(hub: HubServer, data: bytes) -> bytes:
    """The first bytes that the server answers to these."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(hub.url.rpartition(":")[2]))
    try:
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read(65536)
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nHost: hub\r\nContent-Length: ten\r\n\r\n{}",
        b"POST /auth/login HTTP/1.1\r\nHost: hub\r\nContent-Length: -5\r\n\r\n{}",
        b"POST /auth/login HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /auth/login HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
        b"GET /auth/me HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer  \t \r\n\r\n",
        b"GET /auth/me HTTP/1.1\r\nHost: hub\r\nno colon here\r\n\r\n",
        b"GET /auth/me HTTP/1.1\r\nHost: hub\r\nX: " + b"x" * 20000 + b"\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"GET /auth/me?\xff=\xfe HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nHost: hub\r\nExpect: something\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
async def test_bytes_that_are_no_request_are_a_refusal_of_the_caller(world: World, data: bytes) -> None:
    answer = await raw(world.hub, data)
    assert answer.startswith(b"HTTP/1.1 4"), answer
    assert b"application/problem+json" in answer
    assert (await world.hub.client().get("/health/live")).status_code == 200


# ── what was written and logged by all of the above ─────────────────────────────────────────────────────────────────


async def test_log_has_one_line_a_request_with_who_and_what(world: World) -> None:
    asked = {"x-request-id": "one-line-please"}
    for url in ("/auth/me", "/bookings/0", "/nothing/here", "/docs"):
        await world.guest.client.get(url, headers=asked)
    lines = [line for line in log_lines(world.hub) if line.get("request_id") == "one-line-please"]
    me = int(jwt.decode(world.guest.token, options={"verify_signature": False})["sub"])
    assert [(line["route"], line["status"], line["user_id"], line.get("error_code")) for line in lines] == [
        ("/auth/me", 200, me, None),
        ("/bookings/<booking_id:str>", 404, me, "not_found"),
        ("-", 404, None, "not_found"),
        ("/docs", 200, None, None),
    ]
    for line in lines:
        assert line["event"] == "request" and line["method"] == "GET" and line["level"] == "info"
        assert line["duration_ms"] >= 0 and line["timestamp"]


async def test_log_has_no_error_and_no_traceback(world: World) -> None:
    lines = log_lines(world.hub)
    assert len(lines) > 500
    assert [line for line in lines if line["level"] in ("error", "critical", "exception")] == []
    assert "Traceback" not in world.hub.output
    assert [line for line in lines if line.get("status", 0) >= 500] == []
    requests = [line for line in lines if line["event"] == "request"]
    for line in requests:
        assert line.keys() >= {"request_id", "user_id", "route", "status", "duration_ms", "method"}


async def test_log_holds_nothing_personal(world: World) -> None:
    output = world.hub.output
    rows = await query(world.hub, "SELECT email, phone_number, full_name, password_hash FROM users")
    secrets = {str(value) for row in rows for value in row.values()}
    secrets |= {world.guest.token, world.admin.token, PASSWORD, SECRET_KEY, "short67"}
    secrets |= {part for token in (world.guest.token, world.admin.token) for part in token.split(".")[1:]}
    assert [secret for secret in secrets if secret in output] == []


async def test_database_holds_what_it_held(world: World) -> None:
    assert (await world.guest.client.get(f"/bookings/{world.booking['id']}")).json() == world.booking
    assert await query(world.hub, "SELECT 1 FROM bookings WHERE id <> $1", world.booking["id"]) == []
    # The first room; what was added above was removed again.
    assert len(await query(world.hub, "SELECT 1 FROM tables WHERE retired_at IS NULL")) == 16
