"""The link of a mail names no venue: where it is opened without a prefix, the answer says where its booking is."""

from __future__ import annotations

import pytest

from hub.manage_links import Link, ManageLinks
from tests.conftest import SECRET_KEY
from tests.integration.venues.conftest import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_link_of_another_venue_is_opened_without_its_prefix_and_manages_there_alone(town: Town) -> None:
    kiri, pago = town.places["kiri"], town.places["pago"]
    body = {"token": ManageLinks(SECRET_KEY).make(Link(kiri.booking["id"], 1))}
    opened = await town.client.post("/manage", json=body)
    assert opened.status_code == 200, opened.text
    found = opened.json()
    assert (found["booking_id"], found["venue"], found["url_prefix"]) == (kiri.booking["id"], "kiri", "/v/kiri")
    assert (await town.client.post("/v/kiri/manage", json=body)).status_code == 200
    assert (await town.client.post("/v/pago/manage", json=body)).status_code == 404
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    shown = await town.client.get(f"/v/kiri/bookings/{found['booking_id']}", headers=headers)
    assert shown.json()["reference"] == kiri.booking["reference"]
    for prefix in ("", pago.prefix):
        answer = await town.client.get(f"{prefix}/bookings/{found['booking_id']}", headers=headers)
        assert answer.status_code == 404
