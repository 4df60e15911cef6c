"""Headers that keep what an answer holds out of caches, and a page's scripts from other hosts."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ShareHub
from tests.servers import PASSWORD

PLAIN = "max-age=31536000"


def connects(policy: str) -> list[str]:
    [found] = re.findall(r"connect-src ([^;]+);", policy)
    return found.split()


@pytest.mark.slow
async def test_answers_with_tokens_or_people_are_kept_in_no_cache(share_hub: ShareHub) -> None:
    hub = await share_hub()
    guest = await hub.register()
    log_in = {"email": guest.email, "password": PASSWORD}
    answers = [
        await hub.client().post("/auth/login", json=log_in),
        await guest.client.post("/auth/refresh"),
        await guest.client.get("/auth/me"),
        await guest.client.get("/bookings/my"),
        await hub.client().get("/auth/me"),  # refused
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 401]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    page = await hub.client().get("/")
    assert page.headers["cache-control"] == "no-cache"
    assert "strict-transport-security" not in page.headers


async def test_page_may_connect_to_the_hub_alone(share_hub: ShareHub) -> None:
    hub = await share_hub(PROXIES_COUNT="1")
    page = await hub.client().get("/")
    assert connects(page.headers["content-security-policy"]) == ["'self'", hub.url.replace("http:", "ws:")]
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    told = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "hub.example"}
    page = await hub.client().get("/", headers=told)
    assert connects(page.headers["content-security-policy"]) == ["'self'", "wss://hub.example"]
    page = await hub.client().get("/", headers={"Host": "hub;evil"})
    assert connects(page.headers["content-security-policy"]) == ["'self'"]


@pytest.mark.slow
async def test_with_a_public_url_of_https_every_answer_asks_for_https(share_hub: ShareHub) -> None:
    hub = await share_hub(PUBLIC_URL="https://hub.example:8443")
    client = hub.client()
    for path in ("/", "/docs/redoc.js", "/auth/me", "/nowhere", "/live", "/metrics"):
        assert (await client.get(path)).headers["strict-transport-security"] == PLAIN, path
    page = await client.get("/")
    assert connects(page.headers["content-security-policy"]) == ["'self'", "wss://hub.example:8443"]


@pytest.mark.parametrize("home", ["/", "/v/main/"])
async def test_browser_at_an_unknown_address_is_shown_the_way(share_hub: ShareHub, home: str) -> None:
    """A program is told in JSON, whatever else it accepts."""
    client = (await share_hub()).client()
    shown = await client.get(f"{home}no-such-page", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (shown.status_code, shown.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert f'<a href="{home}">' in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    for headers in ({}, {"accept": "application/json"}):
        told = await client.get(f"{home}no-such-page", headers=headers)
        assert (told.status_code, told.json()["error_code"]) == (404, "not_found")
        assert told.headers["content-type"] == "application/problem+json"
    unknown = await client.get("/v/<b>nowhere/x", headers={"accept": "text/html"})
    assert unknown.status_code == 404 and '<a href="/">' in unknown.text
