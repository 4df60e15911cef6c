"""The paper of a day, as the stand prints it and as the hub does: both say the same, by the reader's clock."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.conftest import Page
from tests.browser.looking import BUILT, LIVE, unexpected
from tests.browser.stand_screen import Screen
from tests.conftest import ShareHub
from tests.tonight import midday

pytestmark = BUILT
SHEET = r"document.querySelector('.sheet').textContent.replace(/[\u2066-\u2069]/g, '').replace(/\s/gu, ' ')"


def said(at: str, language: str) -> str:
    local = datetime.fromisoformat(at)
    return f"{local:%H:%M}" if language != "en-US" else f"{local.hour % 12 or 12}:{local:%M} {local:%p}"


@pytest.mark.slow
@pytest.mark.parametrize(("language", "button"), [("en-US", "Print"), ("en-GB", "Print"), ("ru-RU", "Печать")])
async def test_both_papers_say_when_a_party_left_by_the_readers_clock(
    page: Page, browser: str, share_hub: ShareHub, language: str, button: str
) -> None:
    hub = await share_hub(**{name: str(value) for name, value in midday().items()})
    screen = Screen("desktop", page, await hub.staff("host"), (1280, 800))
    await screen.enter(hub.url)
    await page.speak(language)
    await page.call("Page.reload")
    await page.until(LIVE)
    client = screen.account.client
    made = (await client.post("/walk-ins", json={"guests": 2, "name": "Lea Early"})).json()
    left = (await client.post(f"/bookings/{made['id']}/finish")).json()
    assert left["left_at"] < left["end_at"]
    # One that is booked for later comes early, sits and leaves before its time.
    day, later = left["service_date"], datetime.fromisoformat(left["start_at"]) + timedelta(hours=1)
    body = {"date": day, "time": f"{later:%H:%M}", "guests": 2, "guest": {"name": "Max Earlier"}}
    early = (await client.post("/bookings", json=body)).json()
    for step in ("seat", "finish"):
        early = (await client.post(f"/bookings/{early['id']}/{step}", json={})).json()
    assert early["left_at"] < early["start_at"]
    wanted = f"{said(left['start_at'], language)}–{said(left['left_at'], language)} Lea Early 2"
    assert await page.value("document.documentElement.lang") == language[:2]
    await page.until(f"{SHEET}.includes({wanted!r})")
    forwards = f"{said(early['seated_at'], language)}–{said(early['left_at'], language)} Max Earlier 2"
    await page.until(f"{SHEET}.includes({forwards!r})")
    paper = await screen.paper(browser, day, f"{left['position'].split(':')[0]}:0", button)
    paper = paper.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert wanted in paper and forwards in paper, paper
    planned = f"–{said(left['end_at'], language)}"
    assert planned not in paper and planned not in await page.value(SHEET)
    if folder := os.environ.get("PICTURES"):
        await page.call("Emulation.setEmulatedMedia", media="print")
        await page.picture(Path(folder) / f"paper-{language}.png")
    assert unexpected(page) == []
