"""The OpenAPI document, and the running hub against it: what schemathesis sends, and what comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import unittest
from collections.abc import Callable, Iterator
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import jsonschema
import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.hypothesis import builder
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.definitions import OPENAPI_31

from hub.rest import openapi
from tests.http_clients import NO_CERTIFICATES
from tests.integration.rest import log_lines, running
from tests.servers import PASSWORD, HubServer, Servers

DOCUMENT = openapi.document()
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
LOG_OUT = "POST /auth/logout"
ADMIN, GUEST = "admin@example.com", "guest@example.com"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}

WITH_A_TOKEN, WITHOUT_A_TOKEN, AT_LENGTH = (schemathesis.openapi.from_dict(DOCUMENT) for _ in range(3))
"""Each remembers what was tried for a path."""
HALVES = (builder.InvalidHeadersExampleMark, builder.MissingPathParameters, builder.UnserializablePayloadMark)
"""How schemathesis marks a test of which it could make only a part."""


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


each_call = pytest.mark.parametrize("label", [f"{method} {path}" for method, path, _ in operations()])


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """For coroutines of a file whose tests are functions, as schemathesis wants them."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def hub(runner: asyncio.Runner, servers: Servers, template: str, folder: Path) -> Iterator[HubServer]:
    context = running(servers, template, folder)
    yield runner.run(context.__aenter__())
    runner.run(context.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def bearer(runner: asyncio.Runner, hub: HubServer) -> Callable[[str], str]:
    """The Authorization header for a call: an admin's, and for a log-out that of a new session of somebody else."""
    admin = runner.run(hub.staff("admin", ADMIN)).token
    runner.run(hub.register(GUEST))

    def choose(label: str) -> str:
        if label != LOG_OUT:
            return f"Bearer {admin}"
        answer = httpx.post(
            f"{hub.url}/auth/login", json={"email": GUEST, "password": PASSWORD}, verify=NO_CERTIFICATES
        )
        return f"Bearer {answer.json()['access_token']}"

    return choose


@contextlib.contextmanager
def bare_session() -> Iterator[requests.Session]:
    """Adds nothing to a case, neither a header nor a cookie that it was given. To make a session for each case, and to
    look for proxies in the environment, would take a third of the time of a request."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers.clear()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        yield session


def judge(case: schemathesis.Case, hub: HubServer, headers: dict[str, str], session: requests.Session) -> None:
    """Send it and look at the answer; no call may end the server or be a fault of it."""
    response = case.call(base_url=hub.url, session=session, headers=headers, timeout=10)
    sent = parse_qs(urlsplit(str(response.request.url)).query, keep_blank_values=True)
    # An empty list has no form in a query: what was to be wrong with it was never sent.
    unsent = set(case.query or ()) - set(sent)
    assert response.content or "content-type" not in response.headers, response.headers
    case.validate_response(response, checks=CHECKS, excluded_checks=[checks.negative_data_rejection] if unsent else [])


def try_all(schema: Any, label: str, examples: int, hub: HubServer, headers: Callable[[], dict[str, str]]) -> None:
    """Whatever schemathesis can think of for one call. ``schema.parametrize()`` would make all cases of all calls while
    the tests are collected: for ten seconds, in every process, also in those that run none of them."""

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def case_is_answered(case: schemathesis.Case) -> None:
        judge(case, hub, headers(), session)

    method, path = label.split(" ")
    test = build_operation_test(
        config=schema.config,
        operation=schema[path][method],
        test_func=case_is_answered,
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    try:
        with bare_session() as session:
            test()
    except unittest.SkipTest as reason:
        raise AssertionError(f"nothing was tried: {reason}") from None
    assert not any(half.get(test) for half in HALVES)


@each_call
def test_contract_with_a_token(label: str, hub: HubServer, bearer: Callable[[str], str]) -> None:
    try_all(WITH_A_TOKEN, label, 10, hub, lambda: {"Authorization": bearer(label)})


@pytest.mark.slow
@each_call
def test_contract_without_a_token(label: str, hub: HubServer) -> None:
    try_all(WITHOUT_A_TOKEN, label, 5, hub, dict)


BUSY = ("Redis does not answer: views are loaded without checkpoints", "the views could not be verified")
"""What a hub may say on a machine that stood still for a moment: no request is its cause."""


@pytest.mark.slow
@pytest.mark.timeout(900)
@each_call
def test_contract_at_length(label: str, hub: HubServer, bearer: Callable[[str], str]) -> None:
    try_all(AT_LENGTH, label, 150, hub, lambda: {"Authorization": bearer(label)})


def test_contract_left_no_error_in_the_log(hub: HubServer) -> None:
    """Runs after the cases above, in the order of this file."""
    lines = log_lines(hub)
    if not any(line.get("event") == "request" and line["route"] == "/bookings" for line in lines):
        pytest.skip("the cases above were not run")
    assert [line for line in lines if line["level"] not in ("info", "debug") and line["event"] not in BUSY] == []
    assert [line for line in lines if "exception" in line or "Traceback" in str(line)] == []


# ── the document ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_document_is_valid_openapi() -> None:
    jsonschema_rs.validator_for(OPENAPI_31).validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")
    for name, each in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(each)
        assert each["type"] in ("object", "array"), name


def test_document_references_lead_somewhere() -> None:
    found = set(re.findall(r"'\$ref': '([^']+)'", str(DOCUMENT)))
    assert found
    for reference in found:
        node: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
    assert {reference.rpartition("/")[2] for reference in found} == set(DOCUMENT["components"]["schemas"])


def test_document_operations_are_named_once_and_described() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    for method, path, operation in operations():
        assert re.fullmatch(r"[a-z_]+", operation["operationId"])
        assert operation["summary"] and operation["tags"], path
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), (method, path)
        assert operation["responses"]


def test_document_holds_every_call_of_the_contract() -> None:
    assert {f"{method} {path}" for method, path, _ in operations()} == {
        "POST /auth/register",
        "POST /auth/login",
        "POST /auth/refresh",
        "POST /auth/logout",
        "GET /auth/me",
        "PATCH /auth/me",
        "DELETE /auth/me",
        "GET /auth/me/export",
        "POST /auth/password",
        "POST /auth/reset",
        "POST /auth/reset-request",
        "POST /auth/verify",
        "GET /tables/available",
        "GET /venue",
        "GET /venues",
        "GET /days/{date}/floor",
        "GET /days/{date}/availability",
        "GET /days/{date}/starts",
        "POST /bookings",
        "POST /holds",
        "DELETE /holds/{token}",
        "POST /holds/{token}/extend",
        "POST /blocks",
        "GET /blocks",
        "DELETE /blocks/{block_id}",
        "GET /bookings/my",
        "GET /bookings/{booking_id}",
        "GET /bookings/{booking_id}/history",
        "PATCH /bookings/{booking_id}",
        "DELETE /bookings/{booking_id}",
        "POST /walk-ins",
        "POST /bookings/{booking_id}/arrive",
        "POST /bookings/{booking_id}/seat",
        "POST /bookings/{booking_id}/finish",
        "POST /bookings/{booking_id}/no-show",
        "POST /bookings/{booking_id}/undo",
        "POST /bookings/{booking_id}/extend",
        "POST /bookings/{booking_id}/table",
        "GET /bookings",
        "GET /waitlist",
        "POST /waitlist",
        "POST /waitlist/{waitlist_id}/ready",
        "POST /waitlist/{waitlist_id}/here",
        "POST /waitlist/{waitlist_id}/leave",
        "POST /waitlist/{waitlist_id}/seat",
        "POST /waitlist/{waitlist_id}/undo",
        "GET /waitlist/{waitlist_id}",
        "GET /waitlist/{waitlist_id}/history",
        "PATCH /waitlist/{waitlist_id}",
        "GET /waitlist/estimate",
        "POST /wait",
        "POST /wait/here",
        "POST /wait/leave",
        "POST /manage",
        "GET /guests",
        "POST /guests/{guest_id}/notes",
        "DELETE /guests/{guest_id}/notes/{note_id}",
        "GET /guests/{guest_id}",
        "PATCH /guests/{guest_id}",
        "POST /guests/{guest_id}/erase",
        "GET /print/{date}",
        "GET /admin/areas",
        "POST /admin/areas",
        "PATCH /admin/areas/{area_id}",
        "DELETE /admin/areas/{area_id}",
        "GET /admin/combinations",
        "POST /admin/combinations",
        "PATCH /admin/combinations/{combination_id}",
        "DELETE /admin/combinations/{combination_id}",
        "GET /admin/tables",
        "POST /admin/tables",
        "PATCH /admin/tables/{table_id}",
        "DELETE /admin/tables/{table_id}",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
    }


def test_document_is_served_and_printed_alike(runner: asyncio.Runner, hub: HubServer) -> None:
    answer = httpx.get(f"{hub.url}/openapi.json", verify=NO_CERTIFICATES)
    assert answer.headers["content-type"] == "application/json"
    printed = runner.run(hub.command("openapi"))
    served = answer.json()

    assert json.loads(printed) == served == json.loads(json.dumps(DOCUMENT))


# ── the pages that show it ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", ["/docs", "/redoc", "/"])
def test_page_asks_no_other_host(hub: HubServer, page: str) -> None:
    answer = httpx.get(f"{hub.url}{page}", verify=NO_CERTIFICATES)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    html = answer.text
    links = re.findall(r"""(?:src|href|spec-url|action)\s*=\s*["']?([^"'\s>]+)""", html)
    assert links
    for link in links:
        if link == "data:,":  # an icon of nothing: without it a browser would ask for one
            continue
        assert not re.match(r"(?i)[a-z]+:|//", link), link
        if link.startswith("#"):
            continue
        asset = httpx.get(urljoin(f"{hub.url}{page}", link), verify=NO_CERTIFICATES)
        assert asset.status_code == 200, link
        assert asset.content
        same = httpx.get(asset.url, headers={"if-none-match": asset.headers["etag"]}, verify=NO_CERTIFICATES)
        assert (same.status_code, same.content) == (304, b"")
        if asset.headers["content-type"].startswith("text/css"):
            assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", asset.text), link
    # Whatever a script would like to load: the browser is told to ask this host alone.
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
