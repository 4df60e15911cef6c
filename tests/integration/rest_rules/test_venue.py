"""GET /venue over HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.http_clients import http_client
from tests.integration.rest_rules.conftest import BERLIN
from tests.servers import HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_venue_is_told_to_anybody_with_an_etag_that_outlives_the_clock(berlin: HubServer) -> None:
    async with http_client(base_url=berlin.url) as anybody:
        first = await anybody.get("/venue")
        assert first.status_code == 200
        told = first.json()
        assert (told["slug"], told["zone"], told["languages"]) == ("main", "Europe/Berlin", ["ru", "en"])
        ends_at, now = datetime.fromisoformat(told["day_ends_at"]), datetime.fromisoformat(told["now"])
        assert now < ends_at
        assert ends_at.astimezone(BERLIN).hour == 2  # the day that closes at 26 o'clock ends then
        again = await anybody.get("/venue", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
