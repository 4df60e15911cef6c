"""The line of last changes of the host stand in a real browser: it is there after a reload too, with the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.rest import built_pages
from tests.browser.test_stand_page import LIVE, TOMORROW, at_stand, click, key
from tests.servers import HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = pytest.mark.skipif(not built_pages.DIST.exists(), reason="the pages are not built: make pages")


PETROVA = "[...document.querySelectorAll('.feed li')].filter(each => each.textContent.includes('Petrova'))"
LINES = f"{PETROVA}.length"


async def test_last_changes_are_there_after_a_reload_and_can_be_taken_back(page: Page, hub_server: HubServer) -> None:
    host = await at_stand(page, hub_server)
    body = {"date": TOMORROW, "time": "17:00", "guests": 2, "guest": {"name": "Nadia Petrova"}}
    made = (await host.client.post("/bookings", json=body)).json()
    free = await host.client.get("/tables/available", params={"date": TOMORROW, "time": "17:00", "guests": 2})
    other = free.json()["tables"][0]["id"]
    moved = await host.client.post(f"/bookings/{made['id']}/table", json={"table_ids": [other]})
    assert moved.status_code == 200, moved.text
    await page.call("Page.reload")
    await page.until(LIVE)
    await key(page, "ArrowRight")
    await page.until(f"{PETROVA}[0]?.textContent.includes('you: ')")
    assert await page.value("document.querySelectorAll('.feed [role=log] p').length") == 0  # it is no news
    await click(page, ".feed li button", "Undo")
    await page.until(f"{LINES} === 2")  # that one, and the way back
    found = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert [each["id"] for each in found["tables"]] == [each["id"] for each in made["tables"]]
