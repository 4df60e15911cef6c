"""Tokens, headers and bytes that nobody should send: each is a clear refusal, and the log tells nobody's secrets.

The last tests of the file read the log of everything before them.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

import jwt
import pytest

from tests.conftest import SECRET_KEY
from tests.integration.bad_input.conftest import World, check_log, check_rows, check_secrets, raw
from tests.integration.rest import day_after, log_lines, refused
from tests.servers import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

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
    ["/nothing", "/bookings/1/2", "/auth", "/%2e%2e/etc/passwd", "/docs/../../etc/passwd", "/%00", "/assets/none.js"],
)
async def test_path_that_is_none_is_not_found(world: World, url: str) -> None:
    refused(await world.hub.client().get(url), "not_found")


@pytest.mark.parametrize(
    ("method", "url"),
    [("PUT", "/bookings"), ("GET", "/auth/login"), ("PUT", "/auth/me"), ("POST", "/bookings/1"),
     ("OPTIONS", "/bookings"), ("TRACE", "/docs")],
)  # fmt: skip
async def test_method_that_is_not_allowed(world: World, method: str, url: str) -> None:
    answer = await world.guest.client.request(method, url)
    refused(answer, "method_not_allowed")
    assert answer.headers["allow"]


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
    check_log(world, more_than=190)


async def test_log_holds_nothing_personal(world: World) -> None:
    await check_secrets(world)


async def test_database_holds_what_it_held(world: World) -> None:
    await check_rows(world)


# ── HEAD ────────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADED = ("/health/live", "/docs", "/openapi.json", "/", "/bookings/my", "/bookings/0", "/live", "/auth/me", "/venue")


@pytest.mark.parametrize("path", [*HEADED, f"/tables/available?date={day_after(9)}&time=18:00"])
async def test_head_has_the_headers_of_get_and_no_body(world: World, path: str) -> None:
    client = world.guest.client
    asked = {"x-request-id": "the-same"}
    got, head = await client.get(path, headers=asked), await client.head(path, headers=asked)
    assert (head.status_code, head.content) == (got.status_code, b"")
    left = {"content-encoding", "transfer-encoding"}
    assert {k: v for k, v in head.headers.items() if k not in left} == {
        k: v for k, v in got.headers.items() if k not in left
    }


async def test_connection_goes_on_after_a_head(world: World) -> None:
    """No byte of a body may follow: the next answer would begin with it."""
    ask = b"HEAD /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
    ask += b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", int(world.hub.url.rpartition(":")[2]))
    writer.write(ask)
    async with asyncio.timeout(PATIENCE):
        answers = await reader.read()
    writer.close()
    first, _, second = answers.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200") and second.startswith(b"HTTP/1.1 200")


async def test_head_is_refused_where_get_is(world: World) -> None:
    answer = await world.guest.client.head("/auth/login")
    assert answer.status_code == 405 and "HEAD" not in answer.headers["allow"]
    answer = await world.guest.client.put("/health/live")
    assert answer.headers["allow"] == "GET, HEAD"
