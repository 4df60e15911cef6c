"""The host-stand page in a real browser: it logs in, shows the room, and changes by itself when somebody books."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.browser.conftest import Page
from tests.servers import PASSWORD, HubServer


async def test_page_changes_by_itself_when_somebody_books(page: Page, hub_server: HubServer) -> None:
    host, guest = await hub_server.staff("host"), await hub_server.register(full_name="Grace Hopper")
    await page.call("Page.navigate", url=hub_server.url + "/")
    # The form is in the document before its module has run; a page that has loaded has run it.
    await page.until("document.readyState === 'complete' && document.querySelector('#signin form') !== null")
    await page.value(
        f"document.querySelector('#email').value = {json.dumps(host.email)};"
        f"document.querySelector('#password').value = {json.dumps(PASSWORD)};"
        "document.querySelector('#signin form').requestSubmit()"
    )
    await page.until("document.querySelector('#status').textContent.startsWith('live')")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    await page.value("document.querySelector('#next').click()")
    await page.until(f"document.querySelector('#day').value === '{tomorrow}'")
    await page.until("document.querySelectorAll('#room tbody tr').length === 16")
    assert "Grace Hopper" not in await page.value("document.body.innerText")
    booked = await guest.client.post("/bookings", json={"date": tomorrow, "time": "18:00", "guests": 2})
    assert booked.status_code == 201
    await page.until("document.querySelector('#room').innerText.includes('Grace Hopper')")
    canceled = await guest.client.delete(f"/bookings/{booked.json()['id']}")
    assert canceled.status_code == 200
    await page.until("!document.querySelector('#room').innerText.includes('Grace Hopper')")
    own = (hub_server.url + "/", hub_server.live_url)
    assert [url for url in page.asked if not url.startswith((*own, "data:"))] == []  # data: the browser's own icons
    assert page.complaints == []
