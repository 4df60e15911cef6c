"""A hub that is gone, in a real browser: each page that shows how old it may be says offline, and is live again by
itself."""

from __future__ import annotations

import os
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from hub.rest import built_pages
from tests.browser.test_stand_page import LIVE
from tests.conftest import StartHub

if TYPE_CHECKING:
    from tests.browser.conftest import Page

PATHS = ("/stand", "/", "/admin")
OFFLINE = (
    "document.querySelector('.live-state').textContent.startsWith('offline since ')"
    " && document.querySelector('.live-state').dataset.shade === 'offline'"
    " && document.querySelector('[data-old=true], .content.old') !== null"
)

pytestmark = pytest.mark.skipif(not built_pages.DIST.exists(), reason="the pages are not built: make pages")


async def enter(page: Page, url: str, email: str, path: str) -> None:
    await page.log_in(url, email, path=path)
    await page.until("document.querySelector('#email') === null && " + LIVE)


@pytest.mark.slow
async def test_line_that_is_gone_is_offline_on_every_page(start_hub: StartHub, open_tab: Any, browser: str) -> None:
    hub = await start_hub()
    admin = await hub.staff("admin")
    async with AsyncExitStack() as tabs:
        pages = [await tabs.enter_async_context(open_tab(browser)) for _ in PATHS]
        for page, path in zip(pages, PATHS, strict=True):
            await enter(page, hub.url, admin.email, path)
        os.killpg(hub.process.pid, signal.SIGKILL)
        for page in pages:
            await page.until(OFFLINE)
        await start_hub(port=int(hub.url.rsplit(":", 1)[1]))
        for page in pages:
            await page.until(LIVE)
