"""The served pages of documentation in a real browser: they show the calls, ask nobody else, and no script fails."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Page
from tests.servers import HubServer


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_documentation_shows_the_calls(page: Page, hub_server: HubServer, path: str) -> None:
    await page.call("Page.navigate", url=hub_server.url + path)
    await page.until("document.readyState === 'complete'")
    await page.until("document.body.innerText.includes('/auth/register')")
    assert await page.value("document.body.innerText.includes('/auth/login')")
    asked = [url for url in page.asked if not url.startswith((hub_server.url, "data:", "blob:"))]
    assert (asked, page.complaints) == ([], [])


@pytest.mark.slow
async def test_search_of_redoc_finds_a_call(page: Page, hub_server: HubServer) -> None:
    await page.open(hub_server.url + "/redoc")
    await page.until("document.body.innerText.includes('/auth/register')")
    keys = {"key": "k", "code": "KeyK", "modifiers": 2, "windowsVirtualKeyCode": 75}
    await page.call("Input.dispatchKeyEvent", type="keyDown", **keys)
    await page.until("document.activeElement.tagName === 'INPUT'")
    await page.call("Input.insertText", text="cancel")
    await page.until("document.body.innerText.includes('response 200 fields')")
    assert page.complaints == []
