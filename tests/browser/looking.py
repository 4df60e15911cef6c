"""What tests of pages look at in every state: whether all can read and use it, at every size and in every colour."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hub.rest import built_pages

if TYPE_CHECKING:
    from tests.browser.conftest import Page

BUILT = pytest.mark.skipif(not built_pages.DIST.exists(), reason="the pages are not built: make pages")

LIVE = "document.querySelector('.live-state[data-shade=live]') !== null"
IN = f"document.querySelector('#logout') !== null && {LIVE}"
"""Somebody is logged in, on a page that visitors read too."""
SMALL, TWICE = 320, 640
"""The narrowest screen, and one of 1280 at 200 %."""


async def usable(page: Page) -> None:
    """Light, dark and in forced colours nothing keeps people out; and nothing stands out at the side."""
    for scheme, forced in (("dark", False), ("light", True), ("light", False)):
        await page.theme(scheme, forced=forced)
        await page.until("document.getAnimations().length === 0")
        barriers = await page.barriers()
        assert barriers == [], (scheme, forced, barriers)
        if not forced:
            faint = await page.faint_texts()
            assert faint == [], (scheme, faint)
    for width in (SMALL, TWICE, 1280):
        await page.width(width)
        wide = await page.value("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], (width, wide)


def shows(selector: str, text: str) -> str:
    """That what the selector finds says this."""
    found = f"document.querySelector({json.dumps(selector)})"
    return f"({found}?.textContent ?? '').includes({json.dumps(text)})"


def unexpected(page: Page, *statuses: int) -> list[str]:
    """Complaints of the console, but for those of answers with these statuses."""
    return [each for each in page.complaints if not any(f"status of {status} " in each for status in statuses)]
