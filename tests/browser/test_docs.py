"""The served pages of documentation in a real browser: they show the calls, ask nobody else, and no script fails."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Page
from tests.servers import HubServer

REFUSED_BY_OUR_POLICY = ("cdn.redoc.ly/redoc/logo", "unsafe-eval")
"""ReDoc asks for its maker's logo, and looks whether it may make code from text: it does without both."""


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_documentation_shows_the_calls(page: Page, hub_server: HubServer, path: str) -> None:
    await page.call("Page.navigate", url=hub_server.url + path)
    await page.until("document.readyState === 'complete'")
    await page.until("document.body.innerText.includes('/auth/register')")
    assert await page.value("document.body.innerText.includes('/auth/login')")
    asked = [url for url in page.asked if not url.startswith((hub_server.url, "data:", "blob:"))]
    assert [url for url in asked if not any(each in url for each in REFUSED_BY_OUR_POLICY)] == []
    assert [text for text in page.complaints if not any(each in text for each in REFUSED_BY_OUR_POLICY)] == []
