"""A role in a venue that is given, changed or ended: what those who watch are told, and what else goes on."""

from __future__ import annotations

import itertools

import httpx
import pytest

from hub.commands import venues
from tests.integration.venues.conftest import Town
from tests.venues import Person, make_person, until_roles
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def made(town: Town, **roles: str) -> Person:
    """Somebody with these roles, by slug."""
    person = await make_person(town.rows, town.tokens, label="member")
    for slug, role in roles.items():
        await venues.set_member(slug=slug, email=person.email, role=role)
    await until_roles(town.client, person, roles)
    return person


def floors(town: Town, *slugs: str) -> list[str]:
    """The floors of these venues at /live, on the days of their bookings."""
    return [f"{town.places[slug].channel_prefix}floor:{town.places[slug].booking['service_date']}" for slug in slugs]


async def reading(town: Town, slug: str, person: Person) -> httpx.Response:
    place = town.places[slug]
    path = f"{place.prefix}/days/{place.booking['service_date']}/floor"
    return await town.client.get(path, headers=person.headers)


@pytest.mark.slow
@pytest.mark.parametrize(("ended", "kept"), [("kiri", "pago"), ("main", "kiri"), ("kiri", "main")])
async def test_end_of_a_role_ends_the_channels_of_that_venue_alone(town: Town, ended: str, kept: str) -> None:
    person = await made(town, **{ended: "host", kept: "host"})
    [own, other] = floors(town, ended, kept)
    tables = own.replace(f"floor:{town.places[ended].booking['service_date']}", "tables")
    async with await Watcher.connected(town.hub.live_url, person.token, own, other, tables) as watcher:
        since = len(watcher.said)
        await venues.set_member(slug=ended, email=person.email, role=None)
        await watcher.until(lambda: watcher.all("unsubscribed", since))
        told = [message for message in watcher.said[since:] if message["op"] in ("roles", "unsubscribed")]
        before = {"main": "user"} | {ended: "host", kept: "host"}
        after = {slug: role for slug, role in (before | {ended: "user"}).items() if slug in ("main", kept)}
        assert told == [{"op": "roles", "roles": after}, {"op": "unsubscribed", "id": None, "channel": own}]
        assert watcher.held.keys() == {other, tables}
        answer = await watcher.ask("subscribe", channel=own)
        assert (answer["op"], answer["code"]) == ("error", "forbidden")
        await watcher.verified(len(watcher.said))
    assert (await reading(town, ended, person)).status_code == 403
    assert (await reading(town, kept, person)).status_code == 200


async def test_role_that_is_given_works_with_the_token_that_was_there_before(town: Town) -> None:
    person = await made(town)
    [floor] = floors(town, "pago")
    async with await Watcher.connected(town.hub.live_url, person.token, "venue") as watcher:
        assert (await watcher.ask("subscribe", channel=floor))["code"] == "forbidden"
        assert (await reading(town, "pago", person)).status_code == 403
        await venues.set_member(slug="pago", email=person.email, role="host")
        told = await watcher.until(lambda: watcher.all("roles"))
        assert told == [{"op": "roles", "roles": {"main": "user", "pago": "host"}}]
        assert (await watcher.ask("subscribe", channel=floor))["op"] == "subscribed"
        assert (await reading(town, "pago", person)).status_code == 200


async def test_roles_are_those_of_each_venue(town: Town) -> None:
    person = await made(town, kiri="manager", pago="viewer")
    for place, expected in (
        ("main", {"main": "user", "kiri": "manager", "pago": "viewer"}),
        ("kiri", {"kiri": "manager", "pago": "viewer"}),
    ):
        url = f"{town.hub.url.replace('http:', 'ws:', 1)}{town.places[place].prefix}/live"
        async with await Watcher.open(url) as watcher:
            connected = await watcher.ask("connect", token=person.token)
            assert connected["roles"] == expected
            assert connected["venue"]["slug"] == place


async def test_venues_are_listed_with_the_role_in_each_wherever_it_is_asked(town: Town) -> None:
    person = await made(town, main="manager", kiri="host", pago="viewer")
    expected = {person: {"main": "manager", "kiri": "host", "pago": "viewer"}}
    expected[town.house_host] = {"main": "host", "kiri": "user", "pago": "user"}
    for (who, roles), place in itertools.product(expected.items(), town.places.values()):
        seen = (await town.client.get(f"{place.prefix}/venues", headers=who.headers)).json()["items"]
        assert {venue["slug"]: venue["roles"] for venue in seen} == {slug: [role] for slug, role in roles.items()}


async def test_account_of_a_host_is_staff_of_the_installations_own_venue_alone(town: Town) -> None:
    seen = (await town.client.get("/venues", headers=town.house_host.headers)).json()["items"]
    assert {venue["slug"]: venue["roles"] for venue in seen} == {"main": ["host"], "kiri": ["user"], "pago": ["user"]}
    seen = (await town.client.get("/v/pago/venues", headers=town.admin.headers)).json()["items"]
    assert {venue["slug"]: venue["roles"] for venue in seen} == {slug: ["admin"] for slug in town.places}
    assert [(venue["url_prefix"], venue["channel_prefix"]) for venue in seen] == [
        ("", ""), ("/v/kiri", "kiri/"), ("/v/pago", "pago/")
    ]  # fmt: skip
