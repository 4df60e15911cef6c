"""What the guest book says of those who sit, in a real browser: an allergy is seen at the stand wherever they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.rest import built_pages
from tests.browser.test_stand_page import LIVE, TOMORROW, at_stand, click, fill, key
from tests.servers import HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = pytest.mark.skipif(not built_pages.DIST.exists(), reason="the pages are not built: make pages")

KEPT = """new Promise(done => {
  const asked = indexedDB.open('keyval-store');
  asked.onsuccess = () => {
    const read = asked.result.transaction('keyval').objectStore('keyval').getAll();
    read.onsuccess = () => done(JSON.stringify(read.result.map(each => each.notes)));
  };
})"""


def entry(name: str) -> str:
    return f"[...document.querySelectorAll('.entry')].find(each => each.textContent.includes('{name}'))?.textContent"


def label(booking: int) -> str:
    return f"document.querySelector('[data-booking=\"{booking}\"] .unseen')?.textContent"


@pytest.mark.slow
async def test_an_allergy_is_seen_wherever_the_guest_is(page: Page, hub_server: HubServer) -> None:
    """Without a reload: it comes, becomes another and goes while the stand is open."""
    host = await at_stand(page, hub_server, "admin")  # to hosts it is told on the day itself
    body = {"date": TOMORROW, "time": "19:30", "guests": 2, "guest": {"name": "Olga Orekh"}}
    made = (await host.client.post("/bookings", json=body)).json()
    booking, notes = made["id"], f"/guests/{made['guest']['id']}/notes"
    await page.until(f"{label(booking)}?.includes('Olga Orekh')")
    first = (await host.client.post(notes, json={"kind": "dietary", "text": "No peanuts"})).json()
    said = "Allergy or diet: No peanuts"
    await page.until(f"{entry('Olga Orekh')}.includes('{said}')")
    await page.until(f"{label(booking)}.includes('{said}')")
    shown = f"document.querySelector('[data-booking=\"{booking}\"]').closest('.bar').textContent"
    assert "allergy/diet" in await page.value(shown)
    sheet = "document.querySelector('.sheet').textContent"
    assert said in await page.value(sheet)
    await page.until(f"{KEPT}.then(found => found.includes('No peanuts'))")  # it is there offline

    await page.value(f"document.querySelector('[data-booking=\"{booking}\"]').click()")
    card = "document.querySelector('.card').textContent"
    await page.until(f"{card}.includes('0 visits') && {card}.includes('No peanuts')")
    await click(page, ".card-guest button", "Note about the guest")
    await fill(page, ".card-guest input", "No sesame")
    await click(page, ".card-guest button[type=submit]")
    await page.until(f"{sheet}.includes('Allergy or diet: No peanuts; No sesame')")
    await page.until(f"{card}.includes('No sesame') && document.querySelector('.card-guest form') === null")
    assert (await host.client.delete(f"{notes}/{first['id']}")).status_code == 204
    await page.until(f"!{card}.includes('No peanuts') && !{sheet}.includes('No peanuts')")
    assert await page.barriers() == []
    await page.call("Page.reload")
    await page.until(LIVE)
    await key(page, "ArrowRight")
    await page.until(f"{entry('Olga Orekh')}?.includes('No sesame')")
    await page.value(f"document.querySelector('[data-booking=\"{booking}\"]').click()")
    await page.until("document.querySelector('.card-guest dd') !== null")
    if folder := os.environ.get("PICTURES"):
        for language in ("en", "ru"):
            await page.speak(language)
            for width in (1280, 390):
                await page.width(width)
                await page.call("Page.reload")
                await page.until(LIVE)
                await key(page, "ArrowRight")
                await page.until(f"{label(booking)} !== undefined || document.querySelector('.entry') !== null")
                await page.until(f"{entry('Olga')}?.includes('No sesame')")
                await page.picture(Path(folder) / f"list-{language}-{width}.png")
                await page.value(
                    "[...document.querySelectorAll('.entry')].find(each => each.textContent.includes('Olga'))"
                    ".querySelector('.entry-what').click()"
                )
                await page.until("document.querySelector('.card-guest dd') !== null")
                await page.value("document.querySelector('.card-guest').scrollIntoView({block: 'end'})")
                await page.picture(Path(folder) / f"card-{language}-{width}.png")
    else:
        await click(page, ".card-guest button", "Remove")
        await click(page, ".card-guest button", "Remove for good")
        await page.until(f"!{label(booking)}.includes('Allergy') && !{sheet}.includes('Allergy')")
        await page.until(f"{KEPT}.then(found => !found.includes('No sesame'))")


async def test_a_host_sees_the_day_before_that_there_is_an_allergy_and_not_which(
    page: Page, hub_server: HubServer
) -> None:
    host = await at_stand(page, hub_server)
    body = {"date": TOMORROW, "time": "13:30", "guests": 2, "guest": {"name": "Semyon Kunzhut"}}
    made = (await host.client.post("/bookings", json=body)).json()
    answer = await host.client.post(f"/guests/{made['guest']['id']}/notes", json={"kind": "dietary", "text": "Sesame"})
    assert answer.status_code == 201, answer.text
    await page.until(f"{entry('Semyon')}?.includes('Allergy or diet')")
    await page.value(f"document.querySelector('[data-booking=\"{made['id']}\"]').click()")
    await page.until("document.querySelector('.card')?.textContent.includes('hosts can read on the day itself')")
    assert "Sesame" not in await page.value("document.body.textContent")
