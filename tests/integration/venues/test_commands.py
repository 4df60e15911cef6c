"""`hub venue` beside a hub that runs: what it prints, what the hub learns of it, and its refusals in one line."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.venues.conftest import Town
from tests.servers import PASSWORD
from tests.venues import Place, make_person, until_known, until_roles

pytestmark = pytest.mark.asyncio(loop_scope="session")
NEW_HOST = ("create-user", "host@arcade.example", "--role", "host")
ADD = ("venue", "add", "arcade", "--name", "The Arcade", "--zone", "Europe/Lisbon")


async def refused(town: Town, *arguments: str) -> str:
    """The one line with which a command fails."""
    with pytest.raises(AssertionError) as failed:
        await town.hub.command(*arguments)
    [line] = str(failed.value).strip().splitlines()
    return line


@pytest.mark.slow
async def test_venue_is_made_and_answers_until_it_is_retired(town: Town) -> None:
    member = await make_person(town.rows, town.tokens)
    made = await town.hub.command(
        *ADD, "--opens", "10.5", "--closes", "26", "--tables", "2x1,6x2", "--phone", "+351 21 555 0100"
    )
    id = await town.rows.fetchval("SELECT id FROM venues WHERE slug = 'arcade'")
    assert made == f"arcade: venue {id} is made; its calls are under /v/arcade, as /v/arcade/venue\n"
    arcade = Place(id, "arcade", "/v/arcade")
    _, role, new = await asyncio.gather(
        until_known(town.client, arcade),
        town.hub.command("venue", "member", "arcade", member.email, "--role", "owner"),
        town.hub.command(*NEW_HOST, "--venue", "arcade", given=PASSWORD),
    )
    assert (role, new) == (f"{member.email}: owner of arcade\n", "host@arcade.example: host of arcade, made\n")
    await until_roles(town.client, member, {"arcade": "owner"})
    told = (await town.client.get("/v/arcade/venue")).json()
    assert (told["name"], told["zone"], told["phone"]) == ("The Arcade", "Europe/Lisbon", "+351 21 555 0100")
    tables = (await town.client.get("/v/arcade/admin/tables", headers=member.headers)).json()["items"]
    assert [(table["name"], table["seats"]) for table in tables] == [("T2-1", 2), ("T6-1", 6), ("T6-2", 6)]
    lines, *wrong = await asyncio.gather(
        town.hub.command("venue", "list"),
        refused(town, *ADD),
        refused(town, "venue", "member", "arcade", member.email, "--role", "none"),
    )
    assert f"{id}: arcade, The Arcade, Europe/Lisbon, group {id}, 3 tables, 2 members" in lines.splitlines()
    assert lines.startswith("1: main, Restaurant, Europe/Berlin, group 1, ")
    assert wrong == [
        "hub: the slug arcade is in use, or was: a slug names one venue for ever",
        "hub: this is the last owner of the venue: make another one first",
    ]
    assert await town.hub.command("venue", "retire", "arcade") == "arcade: retired\n"
    async with asyncio.timeout(20):
        while (await town.client.get("/v/arcade/venue")).status_code != 404:  # noqa: ASYNC110 another process learns
            await asyncio.sleep(0.05)
    lines, again = await asyncio.gather(town.hub.command("venue", "list"), refused(town, "venue", "retire", "arcade"))
    assert again == "hub: this venue is retired already"
    [line] = [line for line in lines.splitlines() if line.startswith(f"{id}: ")]
    assert ", retired 20" in line
