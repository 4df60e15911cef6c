"""The pages of two venues in Chromium: behind its prefix each page is its venue's, with its calls and its channels."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from hub.commands import venues
from hub.commands.venues import NewVenue
from hub.domain.venue import VenueProfile
from tests.browser.looking import BUILT, LIVE, shows, usable
from tests.integration.rest import day_after, query
from tests.servers import PATIENCE, Account, HubServer
from tests.tonight import zone
from tests.venues import add_venue, database_of

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT
SAID = "document.querySelector('.timeline').textContent"


async def another(hub: HubServer) -> tuple[str, Account]:
    """A venue, and a host of it who is nobody in the other one."""
    slug, member = f"v{secrets.token_hex(4)}", await hub.register(full_name="Hedy Host")
    async with database_of(hub) as settings:
        await add_venue(settings, slug, "Asia/Tokyo", tables=((2, 2),), opens=0, closes=24 * 60, oversize=0)
        await confirm(hub, member)
        await venues.set_member(slug=slug, email=member.email, role="manager")
    async with asyncio.timeout(PATIENCE):
        while (await member.client.get(f"/v/{slug}/admin/tables")).status_code != 200:  # noqa: ASYNC110 it learns of it
            await asyncio.sleep(0.05)
    return slug, member


async def confirm(hub: HubServer, account: Account) -> None:
    await query(
        hub,
        "UPDATE users SET verified_at = statement_timestamp(), password_confirmed_at = statement_timestamp() "
        "WHERE email = $1",
        account.email,
    )


async def table_names(client: httpx.AsyncClient, prefix: str) -> list[str]:
    return [each["name"] for each in (await client.get(f"{prefix}/admin/tables")).json()["items"]]


async def test_each_page_behind_a_prefix_is_its_venues(page: Page, hub_server: HubServer) -> None:
    slug, member = await another(hub_server)
    prefix, day = f"/v/{slug}", day_after(2)
    wanted: dict[str, Any] = {"date": day, "time": "18:00", "guests": 2}
    there = await member.client.post(f"{prefix}/bookings", json=wanted | {"guest": {"name": "Ada Soho"}})
    assert there.status_code == 201, there.text
    main = await hub_server.staff("host")
    here = await main.client.post("/bookings", json=wanted | {"guest": {"name": "Grace Main"}})
    assert here.status_code == 201

    await page.open(f"{hub_server.url}{prefix}/stand")
    await page.until(f"document.querySelector('#signin a')?.getAttribute('href') === '{prefix}/account'")
    await page.log_in(hub_server.url, member.email, path=f"{prefix}/stand")
    await page.until("document.querySelector('.live-state')?.dataset.shade === 'live'")
    await page.until(shows("header", f"At {slug}"))
    await page.fill(".day input", day)
    await page.until(f"{SAID}.includes('Ada Soho')")
    assert await page.value("document.querySelectorAll('.row').length") == 2
    assert not await page.value(f"{SAID}.includes('Grace Main')")
    # What happens there shows by itself; and what one does goes there.
    again = await main.client.post(f"{prefix}/bookings", json=wanted | {"time": "21:00"})
    assert again.status_code == 201
    await page.until(
        f"{SAID}.split('Main Host').length >= 1 && document.querySelectorAll('[data-booking]').length >= 2"
    )
    calls = [url.removeprefix(hub_server.url) for url in page.asked if not url.startswith("data:")]
    asked = [url for url in calls if not url.startswith(("/assets/", "/stand-worker.js"))]
    assert asked and all(prefix in url for url in asked), asked

    for path, shown in ((f"{prefix}/", "#book"), (prefix, "#book"), (f"{prefix}/admin", "#tables li")):
        await page.open(hub_server.url + path)
        await page.until(f"{LIVE} && document.querySelector({json.dumps(shown)}) !== null")
    assert await table_names(member.client, prefix) == await page.value(
        "[...document.querySelectorAll('#tables li [name=name]')].map(each => each.value)"
    )
    links = await page.value("[...document.querySelectorAll('nav a')].map(each => each.getAttribute('href'))")
    assert links == [f"{prefix}/", f"{prefix}/stand"]
    # The same person is nobody at the installation's own stand.
    await page.open(hub_server.url + "/stand")
    await page.until("document.querySelector('[role=alert]')?.textContent.includes('Hedy Host')")
    assert page.complaints == []


@pytest.mark.parametrize(
    ("opens", "closes", "said", "in_russian"),
    [
        (10, 22, r"Open today 10:00–22:00\.", r"Сегодня открыто: 10:00–22:00\."),
        (2, 5, r"Next open: \w+,? \d+ \w+, 0?2:00–0?5:00\.", r"Следующий день работы: .+, 0?2:00–0?5:00\."),
        (0, 24, r"Open today all day\.", r"Сегодня открыто: круглосуточно\."),
    ],
)
async def test_visitor_sees_where_a_venue_is_and_when_it_is_open(
    page: Page, hub_server: HubServer, opens: int, closes: int, said: str, in_russian: str
) -> None:
    """Where it is noon."""
    slug = f"v{secrets.token_hex(4)}"
    profile = VenueProfile(slug=slug, name="Lia", phone="+351 21 000 00 00", address="Rua das Flores 12")
    hours = {"opens": opens * 60, "closes": closes * 60}
    async with database_of(hub_server) as settings:
        await venues.add(settings, NewVenue(profile, zone(), hours, None, ((2, 2),)))
    async with asyncio.timeout(PATIENCE):
        while (await hub_server.client().get(f"/v/{slug}/venue")).status_code != 200:  # noqa: ASYNC110 it learns of it
            await asyncio.sleep(0.05)
    for language, sentence in (("en-GB", said), ("ru", in_russian)):
        await page.speak(language)
        await page.open(f"{hub_server.url}/v/{slug}/")
        await page.until(shows(".place", profile.address or ""))
        assert await page.value("document.querySelector('.place a').href") == "tel:+351210000000"
        shown = await page.value("document.querySelector('.place p:last-child').innerText")
        assert re.fullmatch(sentence, shown), shown
        await usable(page)
    assert page.complaints == []


async def test_link_to_a_place_on_the_waitlist_opens_its_venue(page: Page, hub_server: HubServer) -> None:
    slug, member = await another(hub_server)
    party = {"guests": 2, "name": "Ida Waits", "force": True}
    joined = await member.client.post(f"/v/{slug}/waitlist", json=party)
    assert joined.status_code == 201, joined.text
    await page.speak("en-GB")
    await page.open(hub_server.url + joined.json()["link"])
    await page.until(shows(".brand", f"At {slug}"))
    await page.until(shows("#said", "You are next."))
    calls = [url.removeprefix(hub_server.url) for url in page.asked if not url.startswith("data:")]
    assert {url for url in calls if not url.startswith("/assets/")} == {"/wait", f"/v/{slug}/wait", f"/v/{slug}/venue"}
    assert page.complaints == []


async def test_a_page_of_no_venue_is_not_there(hub_server: HubServer) -> None:
    client = hub_server.client()
    for path in ("/v/nowhere/stand", "/v/nowhere/", "/v/main/docs", "/v/main/assets/x.js", "/v/main/stand-worker.js"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "not_found"), path
    for path in ("/v/main/stand", "/v/main/", "/v/main/admin", "/v/main"):
        answer = await client.get(path)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"), path
