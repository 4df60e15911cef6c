"""The page that links in mails open, in Chromium: a person presses a button, and only then something happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hub.store import account_tokens, database
from tests.browser.looking import BUILT, shows, usable
from tests.conftest import make_settings
from tests.integration.rest import query
from tests.servers import PASSWORD, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT

OTHER = "another good password"


async def link(hub: HubServer, email: str, kind: str) -> str:
    """A link as a worker mails it."""
    settings = make_settings(hub.environ["DATABASE_URL"], hub.environ["REDIS_URL"], hub.data_dir)
    [row] = await query(hub, "SELECT id FROM users WHERE email = $1", email)
    await database.connect(settings)
    try:
        return f"{hub.url}/account#{kind}={await account_tokens.issue(row['id'], kind)}"
    finally:
        await database.close()


async def opened(page: Page, url: str) -> None:
    await page.call("Page.navigate", url="about:blank")
    await page.call("Page.navigate", url=url)
    await page.until("document.readyState === 'complete' && document.querySelector('form:not([hidden])') !== null")
    await usable(page)


async def venue_name(hub: HubServer) -> str:
    name: str = (await hub.client().get("/venue")).json()["name"]
    return name


async def sent(page: Page) -> None:
    await page.value("document.querySelector('form').requestSubmit()")
    await page.until("document.querySelector('form').hidden || document.querySelector('.problem') !== null")


async def test_links_of_mails_work_when_a_person_presses_the_button(page: Page, hub_server: HubServer) -> None:
    ada = await hub_server.register()
    await opened(page, await link(hub_server, ada.email, "verify"))
    assert (await ada.client.get("/auth/me")).json()["verified"] is False
    assert await page.value("location.href") == f"{hub_server.url}/account"
    assert await page.value("document.querySelector('form').checkValidity()") is False  # the password is asked for
    assert await page.value("document.querySelector('.brand').textContent") == await venue_name(hub_server)
    await page.value(f"document.querySelector('#password').value = {json.dumps(PASSWORD)}")
    await sent(page)
    assert (await ada.client.get("/auth/me")).json()["verified"] is True

    await opened(page, await link(hub_server, ada.email, "reset"))
    await page.value("document.querySelector('#password').value = 'password'")
    await sent(page)
    assert "commonest" in await page.value("document.querySelector('.problem').textContent")
    await page.value(f"document.querySelector('#password').value = {json.dumps(OTHER)}")
    await page.value("document.querySelector('form').requestSubmit()")
    await page.until("document.querySelector('form').hidden")
    assert (await hub_server.log_in(ada.email, OTHER)).token

    await opened(page, f"{hub_server.url}/account")
    await page.value(f"document.querySelector('#email').value = {json.dumps(ada.email)}")
    await sent(page)
    assert len(await query(hub_server, "SELECT id FROM outbox WHERE topic = 'reset'")) == 1
    assert [url for url in page.asked if not url.startswith((hub_server.url + "/", "data:", "about:"))] == []
    assert [each for each in page.complaints if "422" not in each] == []


async def test_link_that_is_used_up_leads_to_a_new_one_in_the_readers_language(
    page: Page, hub_server: HubServer
) -> None:
    ada = await hub_server.register()
    url = await link(hub_server, ada.email, "reset")
    token = url.partition("=")[2]
    answer = await hub_server.client().post("/auth/reset", json={"token": token, "password": OTHER})
    assert answer.status_code == 200
    await page.speak("ru-RU")
    await opened(page, url)
    await page.value(f"document.querySelector('#password').value = {json.dumps(PASSWORD)}")
    await sent(page)
    assert await page.value("document.querySelector('.problem').textContent") == (
        "Эта ссылка больше не действует. Запросите новую."
    )
    await usable(page)
    await page.click("a[href='/account']")
    await page.until(shows("h1", "Забыли пароль?"))
