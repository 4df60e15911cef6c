"""A viewer sees the floor of a venue without phone numbers, and changes nothing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from hub.commands import venues
from tests.frames import faults
from tests.integration.venues.conftest import Town
from tests.venues import Person, Place, book, make_person, until_roles
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")
_days = itertools.count(300)


def url_of(town: Town, place: Place) -> str:
    return f"{town.hub.url.replace('http:', 'ws:', 1)}{place.prefix}/live"


def shown(watcher: Watcher, channel: str) -> dict[str, tuple[str, str | None]]:
    """Name and phone number of each booking, as it is held."""
    bookings = watcher.held[channel].data["bookings"]
    return {id: (each["guest_name"], each["phone_number"]) for id, each in bookings.items()}


async def a_day(town: Town, place: Place, guest: Person) -> dict[str, Any]:
    return await book(town.client, place, guest, days=next(_days))


async def cancel(town: Town, place: Place, booking: dict[str, Any]) -> None:
    path = f"{place.prefix}/bookings/{booking['id']}"
    assert (await town.client.delete(path, headers=town.admin.headers)).status_code == 200


@pytest.mark.parametrize("slug", ["main", "kiri"])
async def test_floor_is_shown_to_a_viewer_without_phone_numbers(town: Town, slug: str) -> None:
    place = town.places[slug]
    path = f"{place.prefix}/days/{place.booking['service_date']}/floor"
    id, guest = str(place.booking["id"]), place.guest
    answers = {role: await town.client.get(path, headers=place.members[role].headers) for role in ("viewer", "host")}
    bodies = {role: answer.json()["bookings"][id] for role, answer in answers.items()}
    assert bodies["viewer"] == bodies["host"] | {"phone_number": None, "guest_notes": []}
    assert (bodies["host"]["guest_name"], bodies["host"]["phone_number"]) == (guest.name, guest.phone)
    # Of one address, but another answer: what was kept of the one is not taken for the other.
    assert answers["viewer"].headers["etag"] != answers["host"].headers["etag"]
    for role, other in (("viewer", "host"), ("host", "viewer")):
        held = place.members[role].headers | {"if-none-match": answers[other].headers["etag"]}
        assert (await town.client.get(path, headers=held)).status_code == 200
        held["if-none-match"] = answers[role].headers["etag"]
        assert (await town.client.get(path, headers=held)).status_code == 304


@pytest.mark.parametrize("slug", ["main", "kiri"])
async def test_channel_tells_a_viewer_no_phone_number_while_it_tells_others(town: Town, slug: str) -> None:
    place = town.places[slug]
    guest = await make_person(town.rows, town.tokens)
    first = await a_day(town, place, guest)
    channel = f"floor:{first['service_date']}"
    people = [place.members[role] for role in ("viewer", "host", "viewer", "owner")]
    watchers = [await Watcher.connected(url_of(town, place), each.token, channel) for each in people]
    second = await book(town.client, place, guest, day=first["service_date"], time="13:00")
    moved = await town.client.patch(
        f"{place.prefix}/bookings/{first['id']}", json={"time": "20:00"}, headers=guest.headers
    )
    assert moved.status_code == 200, moved.text
    await cancel(town, place, second)
    name = await town.client.patch(
        "/auth/me", json={"full_name": "Ada Another", "phone_number": guest.phone[:-1] + "0"}, headers=guest.headers
    )
    assert name.status_code == 200, name.text
    for watcher, person in zip(watchers, people, strict=True):
        phone = None if person is people[0] else name.json()["phone_number"]
        expected = {str(first["id"]): ("Ada Another", phone)}
        await watcher.until(lambda w=watcher, e=expected: shown(w, channel) == e)
        assert (guest.phone in str(watcher.said)) is (phone is not None)
        assert [fault for message in watcher.said for fault in faults(message)] == [] == watcher.faults
        await watcher.leave()
    await cancel(town, place, first)


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["main", "kiri"])
async def test_channel_goes_on_as_another_role_sees_it(town: Town, slug: str) -> None:
    place = town.places[slug]
    person = await make_person(town.rows, town.tokens)
    await venues.set_member(slug=slug, email=person.email, role="viewer")
    await until_roles(town.client, person, {slug: "viewer"})
    guest = await make_person(town.rows, town.tokens)
    booking = await a_day(town, place, guest)
    channel, own = f"floor:{booking['service_date']}", f"availability:{booking['service_date']}"
    async with await Watcher.connected(url_of(town, place), person.token, channel, own) as watcher:
        assert shown(watcher, channel) == {str(booking["id"]): (guest.name, None)}
        for role, phone in (("host", guest.phone), ("manager", guest.phone), ("viewer", None), ("owner", guest.phone)):
            since, before = len(watcher.said), shown(watcher, channel)
            await venues.set_member(slug=slug, email=person.email, role=role)
            await watcher.until(lambda s=since: watcher.all("roles", s))
            expected = {str(booking["id"]): (guest.name, phone)}
            await watcher.until(lambda e=expected: shown(watcher, channel) == e)
            told = [(m["op"], m.get("reason")) for m in watcher.said[since:] if m["op"] not in ("fresh", "roles")]
            assert told == ([("resync", "role"), ("snapshot", None)] if before != expected else [])
            # And so it is told from then on.
            booking = (
                await town.client.patch(
                    f"{place.prefix}/bookings/{booking['id']}",
                    json={"guests": 3 - booking["guests"]},
                    headers=guest.headers,
                )
            ).json()
            await watcher.until(lambda b=booking: watcher.held[channel].position == b["position"])
            assert shown(watcher, channel) == expected
            assert watcher.held[own].position == booking["position"]
        assert not watcher.all("unsubscribed") and not watcher.faults
        bob = await make_person(town.rows, town.tokens)  # who owns it from now on
        await venues.set_member(slug=slug, email=bob.email, role="owner")
        await venues.set_member(slug=slug, email=person.email, role=None)
        await watcher.until(lambda: watcher.all("unsubscribed"))
        assert watcher.held.keys() == {own}
    await cancel(town, place, booking)


async def test_viewer_writes_as_a_user_alone(town: Town) -> None:
    """Books for themselves, as anybody may; others' bookings are not theirs to change."""
    for place in town.places.values():
        viewer = place.members["viewer"].headers
        path, day = f"{place.prefix}/bookings/{place.booking['id']}", place.booking["service_date"]
        expected = {
            ("GET", path): 404,
            ("PATCH", path): 404,
            ("DELETE", path): 404,
            ("GET", f"{path}/history"): 403,
            ("POST", f"{place.prefix}/admin/tables"): 403,
            ("DELETE", f"{place.prefix}/admin/tables/{place.table['id']}"): 403,
            ("GET", f"{place.prefix}/days/{day}/floor?version=1"): 403,
        }
        bodies = {"PATCH": {"guests": 1}, "POST": {"name": "no", "seats": 2}}
        for (method, url), status in expected.items():
            answer = await town.client.request(method, url, json=bodies.get(method), headers=viewer)
            assert answer.status_code == status, (method, url, answer.text)
