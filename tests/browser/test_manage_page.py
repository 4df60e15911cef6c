"""The page that the link of a booking's mail opens, in Chromium: a person cancels, and nobody else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hub.manage_links import Link, ManageLinks
from tests.browser.looking import BUILT, shows, unexpected, usable
from tests.conftest import SECRET_KEY, StartHub
from tests.integration.rest import day_after, query
from tests.servers import HubServer
from tests.set_clock import LIBRARY, set_clock

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT

BUTTON = "document.querySelector('.acts button')"


async def opened(page: Page, hub: HubServer, token: str) -> None:
    await page.call("Page.navigate", url="about:blank")
    await page.call("Page.navigate", url=f"{hub.url}/manage#{token}")
    await page.until("document.readyState === 'complete' && document.querySelector('h1') !== null")


async def test_link_shows_the_booking_and_a_person_cancels_it(page: Page, hub_server: HubServer) -> None:
    host = await hub_server.staff("host")
    body = {"date": day_after(40), "time": "18:00", "guests": 3, "guest": {"name": "Ida <b>Guest</b>"}}
    booking = (await host.client.post("/bookings", json=body)).json()
    path = f"/bookings/{booking['id']}"
    await page.speak("en-GB")
    await opened(page, hub_server, ManageLinks(SECRET_KEY).make(Link(booking["id"], 1)))
    await page.until(f"{BUTTON} !== null")
    assert await page.value("location.href") == f"{hub_server.url}/manage"
    facts = await page.value("document.querySelector('#facts').textContent")
    assert booking["reference"] in facts and "Ida <b>Guest</b>" in facts and "18:00–20:00" in facts
    name = (await hub_server.client().get("/venue")).json()["name"]
    assert await page.value("document.querySelector('.brand').textContent") == name
    assert await page.value(f"document.title.endsWith({json.dumps(name)})")
    assert (await host.client.get(path)).json() == booking  # it was looked at, and nothing else
    await usable(page)
    await page.value(f"{BUTTON}.click()")
    assert (await host.client.get(path)).json()["status"] == "booked"
    await page.value(f"{BUTTON}.click()")
    await page.until(f"{BUTTON} === null")
    assert (await host.client.get(path)).json()["status"] == "canceled"
    assert await page.value("document.querySelector('#said').textContent") == "The booking is canceled."
    assert page.complaints == []


async def test_whether_it_is_over_is_judged_by_the_hubs_clock(page: Page, hub_server: HubServer) -> None:
    """The clock of the device is three months ahead."""
    host = await hub_server.staff("host")
    body = {"date": day_after(43), "time": "18:00", "guests": 2, "guest": {"name": "Ida Guest"}}
    booking = (await host.client.post("/bookings", json=body)).json()
    await page.speak("en-GB")
    ahead = "{ const now = Date.now.bind(Date); Date.now = () => now() + 90 * 86400000; }"
    await page.call("Page.addScriptToEvaluateOnNewDocument", source=ahead)
    await opened(page, hub_server, ManageLinks(SECRET_KEY).make(Link(booking["id"], 1)))
    await page.until("document.querySelector('#facts') !== null")
    assert await page.value(f"Date.now() > Date.parse('{booking['end_at']}')")
    await page.until(f"{BUTTON} !== null")
    assert await page.value("document.querySelector('#said').textContent") == ""
    assert page.complaints == []


async def test_link_that_is_over_says_whom_to_call(page: Page, hub_server: HubServer) -> None:
    await opened(page, hub_server, "nonsense")
    await page.until("document.querySelector('.problem') !== null")
    await page.until(shows(".brand", (await hub_server.client().get("/venue")).json()["name"]))
    assert unexpected(page, 404) == []


async def test_more_guests_than_the_table_seats_get_another_one(page: Page, hub_server: HubServer) -> None:
    host = await hub_server.staff("host")
    body = {"date": day_after(42), "time": "18:00", "guests": 2, "guest": {"name": "Ida Guest"}, "table_id": 1}
    booking = (await host.client.post("/bookings", json=body)).json()
    path = f"/bookings/{booking['id']}"
    await page.speak("en-GB")
    await opened(page, hub_server, ManageLinks(SECRET_KEY).make(Link(booking["id"], 1)))
    await page.fill("#guests", "6")
    await page.click("form button[type=submit]")
    await page.until(shows(".problem", "The table of this booking is too small for so many."))
    assert (await host.client.get(path)).json() == booking
    await usable(page)
    await page.click(".problem button.primary")
    await page.until(shows("#said", "Changed: 6 guests, table"))
    now = (await host.client.get(path)).json()
    assert now["guests"] == 6
    for place in ("#said", "#facts"):
        assert now["table"]["name"] in await page.value(f"document.querySelector('{place}').textContent")
    assert unexpected(page, 400) == []


async def test_change_by_the_house_is_shown_and_not_canceled_unseen(page: Page, hub_server: HubServer) -> None:
    host = await hub_server.staff("host")
    body = {"date": day_after(41), "time": "18:00", "guests": 3, "guest": {"name": "Ida Guest"}}
    booking = (await host.client.post("/bookings", json=body)).json()
    await page.speak("ru-RU")
    await opened(page, hub_server, ManageLinks(SECRET_KEY).make(Link(booking["id"], 1)))
    await page.until(f"{BUTTON} !== null")
    moved = await host.client.patch(f"/bookings/{booking['id']}", json={"time": "19:00"})
    assert moved.status_code == 200
    await page.value(f"{BUTTON}.click(); {BUTTON}.click()")
    await page.until(shows(".problem", "Кто-то изменил это раньше."))
    assert "19:00–21:00" in await page.value("document.querySelector('#facts').textContent")
    assert (await host.client.get(f"/bookings/{booking['id']}")).json()["status"] == "booked"
    await usable(page)
    assert unexpected(page, 412) == []


async def test_link_that_is_not_valid_is_refused_in_the_readers_language(page: Page, hub_server: HubServer) -> None:
    await page.speak("ru-RU")
    await opened(page, hub_server, "no-such-link")
    await page.until(shows(".problem", "Эта ссылка больше не действует."))
    await usable(page)
    await opened(page, hub_server, "")
    await page.until(shows("#said", "Откройте ссылку из письма."))
    assert unexpected(page, 404) == []


@pytest.mark.slow
@pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed")
@pytest.mark.parametrize("is_good", [True, False])
async def test_page_that_is_left_open_beyond_its_half_hour(page: Page, start_hub: StartHub, is_good: bool) -> None:
    """The link is traded anew, unless it was revoked: then the page says so, and nothing is canceled."""
    with set_clock(datetime.now(UTC)) as clock:
        hub = await start_hub(**clock.environ)
        host = await hub.staff("host")
        body = {"date": day_after(40), "time": "18:00", "guests": 3, "guest": {"name": "Ida Guest"}}
        booking = (await host.client.post("/bookings", json=body)).json()
        await opened(page, hub, ManageLinks(SECRET_KEY).make(Link(booking["id"], 1)))
        await page.until(f"{BUTTON} !== null")
        traded = page.asked.count(f"{hub.url}/manage")
        if not is_good:
            await query(hub, "UPDATE bookings SET link_version = 2 WHERE id = $1", booking["id"])
        clock.set(datetime.now(UTC) + timedelta(minutes=31))
        await page.value(f"{BUTTON}.click(); {BUTTON}.click()")
        if is_good:
            await page.until(shows("#said", "The booking is canceled."))
        else:
            await page.until(shows(".problem", "This link is not valid any more. Please call us."))
            await usable(page)
        assert page.asked.count(f"{hub.url}/manage") == traded + 1
        kept = await query(hub, "SELECT status FROM bookings WHERE id = $1", booking["id"])
        assert kept[0]["status"] == ("canceled" if is_good else "booked")
        assert unexpected(page, 401, 404) == []
