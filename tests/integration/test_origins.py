"""ALLOWED_ORIGINS: pages of other origins over REST (CORS). Without it nothing of CORS is there."""

from __future__ import annotations

import pytest

from tests.conftest import ShareHub

PAGE = "https://guests.example"
ASKS = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}


@pytest.mark.slow
async def test_pages_of_an_allowed_origin_may_call_and_others_may_not(share_hub: ShareHub) -> None:
    hub = await share_hub(ALLOWED_ORIGINS=PAGE)
    client = hub.client()
    preflight = await client.options("/bookings", headers={"origin": PAGE, **ASKS})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == PAGE
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    for path, status in (("/health/live", 200), ("/auth/me", 401), ("/nothing", 404)):
        answer = await client.get(path, headers={"origin": PAGE})
        assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (status, PAGE)
    foreign = await client.get("/health/live", headers={"origin": "https://elsewhere.example"})
    assert foreign.headers.get("access-control-allow-origin") != "https://elsewhere.example"


async def test_a_compressed_page_varies_by_coding_and_by_origin(share_hub: ShareHub) -> None:
    client = (await share_hub(ALLOWED_ORIGINS=PAGE)).client()
    for coding in ("br", "identity"):
        answer = await client.get("/", headers={"origin": PAGE, "accept-encoding": coding})
        assert answer.headers.get("content-encoding", "identity") == coding
        assert answer.headers["vary"] == "accept-encoding, origin"
    assert (await client.get("/health/live", headers={"origin": PAGE})).headers["vary"] == "origin"


async def test_without_allowed_origins_nothing_is_said_of_them(share_hub: ShareHub) -> None:
    hub = await share_hub()
    answer = await hub.client().get("/health/live", headers={"origin": PAGE})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]
