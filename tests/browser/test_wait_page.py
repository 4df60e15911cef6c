"""A guest's own page of their place on the waitlist, and what a host does with a party that waits, in Chromium."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hub.wait_links import WaitLinks
from tests.browser.looking import BUILT, LIVE, shows, unexpected, usable
from tests.conftest import SECRET_KEY
from tests.integration.rest import log_lines
from tests.servers import Account, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT
LOOKS_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""As when the phone is taken out of the pocket."""


async def joined(host: Account, name: str) -> dict[str, Any]:
    answer = await host.client.post("/waitlist", json={"guests": 2, "name": name, "force": True})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def opened(page: Page, hub: HubServer, link: str) -> None:
    await page.call("Page.navigate", url="about:blank")
    await page.call("Page.navigate", url=hub.url + link)
    await page.until("document.readyState === 'complete' && document.querySelector('h1') !== null")


async def emptied(host: Account) -> None:
    for item in (await host.client.get("/waitlist")).json()["items"]:
        assert (await host.client.post(f"/waitlist/{item['id']}/leave")).status_code == 200


def button(selector: str, text: str) -> str:
    buttons = f"[...document.querySelectorAll({json.dumps(selector)})]"
    return f"{buttons}.find(({{textContent}}) => textContent.includes({json.dumps(text)}))"


async def press(page: Page, selector: str, text: str) -> None:
    """The button that says this, once it can be used."""
    found = button(selector, text)
    await page.until(f"{found} && !{found}.disabled && {found}.ariaDisabled !== 'true'")
    await page.value(f"{found}.click()")


async def test_guest_follows_their_place_says_that_they_are_here_and_leaves(
    page: Page, hub: HubServer, host: Account
) -> None:
    await emptied(host)
    first, entry = await joined(host, "Abe First"), await joined(host, "Ida Waits")
    path = f"/waitlist/{entry['id']}"
    await page.speak("en-GB")
    await opened(page, hub, entry["link"])
    await page.until(shows("#said", "1 party is ahead of you."))
    facts = await page.value("document.querySelector('#facts').textContent")
    since, until = max(entry["quoted_from"], entry["joined_at"])[11:16], entry["quoted_until"][11:16]
    assert f"{since}–{until}" in facts and "Abe" not in await page.value("document.body.textContent")
    assert (await host.client.get(path)).json()["revision"] == 1  # it was looked at, and nothing else
    await usable(page)
    assert (await host.client.post(f"/waitlist/{first['id']}/leave")).status_code == 200
    await page.value(LOOKS_AGAIN)
    await page.until(shows("#said", "You are next."))
    assert (await host.client.post(f"{path}/ready")).status_code == 200
    await page.value(LOOKS_AGAIN)
    await page.until(shows("#said", "Your table is ready."))
    await press(page, ".acts button", "I am here")
    await page.until(shows("#said", "We know that you are here."))
    assert (await host.client.get(path)).json()["status"] == "here"
    await press(page, ".acts button", "Leave the list")
    assert (await host.client.get(path)).json()["status"] == "here"
    await press(page, ".acts button", "Yes, leave it")
    await page.until(shows("#said", "You are not on the wait list any more."))
    assert (await host.client.get(path)).json()["status"] == "left"
    await usable(page)
    assert page.complaints == []
    token = entry["link"].partition("#")[2]
    assert not any(token in str(line) for line in log_lines(hub))


async def test_page_speaks_russian_and_says_what_somebody_else_did_first(
    page: Page, hub: HubServer, host: Account
) -> None:
    await emptied(host)
    entry = await joined(host, "Ida Waits")
    await page.speak("ru-RU")
    await opened(page, hub, entry["link"])
    await page.until(shows("#said", "Вы следующие."))
    await usable(page)
    assert (await host.client.post(f"/waitlist/{entry['id']}/seat")).status_code == 200
    await press(page, ".acts button", "Я здесь")
    await page.until(shows("#said", "Вы за столом."))
    assert await page.value("document.querySelector('.acts')") is None
    assert unexpected(page, 409) == []


async def test_link_that_is_not_valid_is_refused_in_the_readers_language(page: Page, hub: HubServer) -> None:
    await page.speak("ru-RU")
    for link in ("no-such-link", WaitLinks(SECRET_KEY).make(1_000_000), "no-such-venue/no-such-link"):
        await opened(page, hub, f"/wait#{link}")
        await page.until(shows(".problem", "Эта ссылка больше не действует."))
    await usable(page)
    await opened(page, hub, "/wait")
    await page.until(shows("#said", "Откройте ссылку, которую мы вам дали."))
    assert unexpected(page, 404) == []


ORDER = "[...document.querySelectorAll('.list-scroll .entry .entry-name')].map(({textContent}) => textContent).join()"


async def at_the_list(page: Page, hub: HubServer, host: Account) -> None:
    await page.width(1024, 768)
    await page.log_in(hub.url, host.email, path="/stand")
    await page.until(LIVE)
    await press(page, ".lists > .tabs button", "Wait")


@pytest.mark.slow
async def test_host_moves_a_party_and_takes_it_back(page: Page, hub: HubServer, host: Account) -> None:
    await emptied(host)
    for name in ("Ann", "Ben", "Cid"):
        await joined(host, name)
    await at_the_list(page, hub, host)
    await page.until(f"{ORDER} === 'Ann,Ben,Cid'")
    paper = "[...document.querySelectorAll('.sheet table')].at(-1).textContent"
    assert await page.value(f"['Ann', 'Ben', 'Cid'].every(each => {paper}.includes(each))")
    await page.value("document.querySelectorAll('.list-scroll .wait-acts > [aria-expanded]')[2].click()")
    await page.until("document.querySelector('.wait-order') !== null")
    await page.value(
        "(() => { const why = document.querySelector('.wait-order select'); why.value = 'needs';"
        "why.dispatchEvent(new Event('change', {bubbles: true})) })()"
    )
    up = button(".wait-order button", "Move up")
    for order in ("Ann,Cid,Ben", "Cid,Ann,Ben"):
        await page.until(f"{up}.ariaDisabled !== 'true'")
        await page.value(f"{up}.focus()")
        await page.press("Enter")
        await page.until(f"{ORDER} === {json.dumps(order)} && document.activeElement === {up}")
    await page.until(f"{up}.ariaDisabled === 'true'")  # there is nobody before it
    await page.until(shows(".feed-list li", "now waits at place"))
    await press(page, ".feed-list li button", "Undo")
    await page.until(f"{ORDER} === 'Ann,Cid,Ben'")
    [*_, act, _] = (await host.client.get(f"/waitlist/{await the_last(host, 'Cid')}/history")).json()
    assert (act["action"], act["reason"]) == ("moved", "needs")
    await usable(page)
    assert page.complaints == []


async def the_last(host: Account, name: str) -> int:
    items = (await host.client.get("/waitlist")).json()["items"]
    return int(next(item["id"] for item in items if item["guest_name"] == name))


async def test_host_is_given_the_link_and_takes_back_that_a_party_left(
    page: Page, hub: HubServer, host: Account
) -> None:
    await emptied(host)
    entry = await joined(host, "Ann")
    await joined(host, "Ben")
    await at_the_list(page, hub, host)
    await page.until(f"{ORDER} === 'Ann,Ben'")
    await page.value("document.querySelector('.list-scroll .wait-acts > [aria-expanded]').click()")
    await page.until(f"document.querySelector('.wait-link input')?.value === {json.dumps(hub.url + entry['link'])}")
    await page.value(f"{button('.wait-link button', 'Copy the link')}.focus()")
    await page.press("Enter")  # a browser lets nobody copy but a person
    await page.until(shows(".wait-link [role=status]", "Copied."))
    await press(page, ".entry .acts button", "Table ready")
    await page.until(shows(".feed-list li", "told that the table is ready"))
    await press(page, ".feed-list li button", "Undo")
    await page.until(shows(".feed-list li", "taken back"))
    await press(page, ".entry .acts button", "Leaves")
    await page.until(f"{ORDER} === 'Ben'")
    await press(page, ".feed-list li button", "Undo")
    await page.until(f"{ORDER} === 'Ann,Ben'")
    back = (await host.client.get(f"/waitlist/{entry['id']}")).json()
    assert (back["status"], back["place"]) == ("waiting", entry["place"])
    assert page.complaints == []
