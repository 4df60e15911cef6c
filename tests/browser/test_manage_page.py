"""The page that the link of a booking's mail opens, in Chromium: a person cancels, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.manage_links import Link, ManageLinks
from tests.conftest import SECRET_KEY
from tests.integration.rest import day_after
from tests.servers import HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

BUTTON = "document.querySelector('button.primary')"


async def test_link_shows_the_booking_and_a_person_cancels_it(page: Page, hub_server: HubServer) -> None:
    host = await hub_server.staff("host")
    body = {"date": day_after(40), "time": "18:00", "guests": 3, "guest": {"name": "Ida <b>Guest</b>"}}
    booking = (await host.client.post("/bookings", json=body)).json()
    path = f"/bookings/{booking['id']}"
    token = ManageLinks(SECRET_KEY).make(Link(booking["id"], 1))
    await page.call("Page.navigate", url=f"{hub_server.url}/manage#{token}")
    await page.until(f"{BUTTON} !== null && !{BUTTON}.hidden")
    assert await page.value("location.href") == f"{hub_server.url}/manage"
    facts = await page.value("document.querySelector('#facts').textContent")
    assert booking["reference"] in facts and "Ida <b>Guest</b>" in facts and "18:00–20:00" in facts
    assert (await host.client.get(path)).json() == booking  # it was looked at, and nothing else
    await page.value(f"{BUTTON}.click()")
    assert (await host.client.get(path)).json()["status"] == "booked"
    await page.value(f"{BUTTON}.click()")
    await page.until(f"{BUTTON}.hidden")
    assert (await host.client.get(path)).json()["status"] == "canceled"
    assert page.complaints == []
