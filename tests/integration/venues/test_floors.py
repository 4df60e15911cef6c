"""What stands on one venue's floor is put on no other one's, and chosen for no party there."""

from __future__ import annotations

import pytest

from tests.integration.venues.conftest import Town
from tests.venues import rows_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAIRS = [("kiri", "pago"), ("main", "kiri"), ("kiri", "main")]
"""Where it is asked, and of which venue."""


@pytest.mark.parametrize(("here", "there"), PAIRS)
async def test_no_area_and_no_table_of_another_venue_can_be_named(town: Town, here: str, there: str) -> None:
    at, of = town.places[here], town.places[there]
    own, other = at.table["id"], of.table["id"]
    before = await rows_of(town.rows, of.id)
    calls = [
        ("POST", "admin/tables", {"name": "Elsewhere", "seats": 4, "area_id": of.area["id"]}, "not_found"),
        ("PATCH", f"admin/tables/{own}", {"area_id": of.area["id"]}, "not_found"),
        ("POST", "admin/combinations", {"table_ids": [own, other], "min_guests": 5, "max_guests": 8},
         "combination_invalid"),
        ("PATCH", f"admin/combinations/{at.combination['id']}", {"table_ids": [own, other]}, "combination_invalid"),
        ("POST", "bookings", {"date": of.booking["service_date"], "time": "12:00", "area": of.area["id"]}, "not_found"),
    ]  # fmt: skip
    for person in (at.members["manager"], town.admin):
        for method, path, body, code in calls:
            answer = await town.client.request(method, f"{at.prefix}/{path}", json=body, headers=person.headers)
            assert answer.json()["error_code"] == code, answer.text
            assert all(name not in answer.text for name in of.floor)
    assert await rows_of(town.rows, of.id) == before


async def test_an_area_may_be_named_as_one_of_another_venue(town: Town) -> None:
    """Names are of a venue: who is refused one would learn that it is there."""
    kiri, pago = town.places["kiri"], town.places["pago"]
    body = {"name": kiri.area["name"]}
    made = await town.client.post(f"{pago.prefix}/admin/areas", json=body, headers=pago.members["owner"].headers)
    assert made.status_code == 201, made.text
    path = f"{pago.prefix}/admin/areas/{made.json()['id']}"
    assert (await town.client.delete(path, headers=pago.members["owner"].headers)).status_code == 204
