"""Every page that is served, in Chromium: it shows something, and neither a script nor the console complains."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hub.rest import built_pages
from tests.servers import HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

SIGN_IN = "document.querySelector('#signin form').checkVisibility()"
SHOWS = {
    "/docs": "document.querySelectorAll('.opblock').length > 10",
    "/redoc": "document.body.innerText.includes('/bookings/my')",
}
if built_pages.DIST.exists():
    SHOWS |= {
        "/": "document.querySelector('#book .times')?.checkVisibility()",
        "/admin": SIGN_IN,
        "/stand": "document.querySelector('form') !== null",
        "/account": "document.querySelector('form').checkVisibility()",
        "/manage": "document.querySelector('h1').checkVisibility()",
        "/wait": "document.querySelector('h1').checkVisibility()",
    }
"""What each page must have drawn; a page that is served and is not here fails the test below."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", SHOWS)
async def test_page_is_drawn_without_a_complaint(page: Page, hub_server: HubServer, path: str, scheme: str) -> None:
    await page.theme(scheme)
    await page.open(hub_server.url + path)
    try:
        await page.until(SHOWS[path])
    except AssertionError as error:
        raise AssertionError(f"{error}; complaints: {page.complaints}") from None
    assert await page.value("document.querySelector('meta[name=viewport]') !== null")  # else a phone shows it tiny
    own = (hub_server.url + "/", hub_server.live_url, "data:", "blob:")
    other = [url for url in page.asked if not url.startswith(own)]
    assert [*page.complaints, *other] == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_printed_day_is_drawn_without_a_complaint(
    page: Page, hub_server: HubServer, scheme: str, language: str
) -> None:
    """It needs a token, so no address of it can be opened by itself."""
    host = await hub_server.staff("host")
    day = (datetime.now(UTC) + timedelta(days=11)).date().isoformat()
    body = {"date": day, "time": "19:00", "guests": 2, "guest": {"name": "Ida Paper"}}
    assert (await host.client.post("/bookings", json=body)).status_code == 201
    await page.call("Network.setExtraHTTPHeaders", headers={"Authorization": f"Bearer {host.token}"})
    await page.theme(scheme)
    epoch = re.findall(r"\w{8}:\d+", (await host.client.get(f"/print/{day}")).text)[-1].partition(":")[0]
    for query in ("", f"&since={epoch}:0"):
        await page.open(f"{hub_server.url}/print/{day}?language={language}{query}")
        await page.until(f"document.querySelectorAll('h2').length === {3 if query else 2}")
        assert await page.value("document.querySelectorAll('table')[0].textContent.includes('Ida Paper')")
        # Black on white, whatever the scheme; in the style that the policy lets in.
        assert await page.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert await page.value("getComputedStyle(document.querySelector('td')).textAlign") == "start"
        assert await page.value("getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
        assert [*await page.barriers(), *await page.faint_texts()] == []
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_address_where_there_is_nothing_shows_the_way(page: Page, hub_server: HubServer, scheme: str) -> None:
    await page.theme(scheme)
    await page.open(hub_server.url + "/no-such-page")
    await page.until("document.querySelector('h1').checkVisibility()")
    assert await page.value("[...document.links].map(link => link.getAttribute('href'))") == ["/", "/"]
    assert [each for each in page.complaints if "status of 404" not in each] == []


async def test_every_page_that_is_served_is_looked_at(hub_server: HubServer) -> None:
    client = hub_server.client()
    paths = [path for path in (await client.get("/openapi.json")).json()["paths"] if "{" not in path]
    candidates = {*paths, *SHOWS, "/stand", "/admin", "/embed", "/asyncapi", "/asyncapi.json", "/openapi.json"}
    pages = set()
    for path in sorted(candidates):
        answer = await client.get(path, headers={"accept": "text/html"})
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            pages.add(path)
    assert pages == set(SHOWS)


@pytest.mark.slow
async def test_fault_in_a_script_is_seen(page: Page, hub_server: HubServer) -> None:
    await page.open(hub_server.url + "/docs")
    for fault in (
        "setTimeout(() => { throw new Error('a fault') })",
        "console.error('a fault')",
        "fetch('/no-such-page')",
    ):
        page.complaints.clear()
        await page.value(fault + "; 0")
        async with asyncio.timeout(20):
            while not page.complaints:
                await page.value("new Promise(done => setTimeout(done, 20))")
