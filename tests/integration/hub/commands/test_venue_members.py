"""Who has which role in a venue: memberships by their verbs."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from hub.commands import staff, venues
from hub.config import Settings
from hub.store import database
from tests.guests import make_guest
from tests.servers import PASSWORD
from tests.venues import add_venue


async def test_last_owner_of_a_venue_stays(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    ada, bob = await make_guest(), await make_guest()
    await database.write("UPDATE users SET password_confirmed_at = clock_timestamp() RETURNING id")
    await venues.set_member(slug="soho", email=ada.email, role="owner")
    await venues.set_member(slug="soho", email=ada.email, role="owner")  # nothing is changed
    for role in ("manager", None):
        with pytest.raises(ValueError, match="this is the last owner of the venue"):
            await venues.set_member(slug="soho", email=ada.email, role=role)
    await venues.set_member(slug="main", email=bob.email, role="owner")  # of another venue: no help
    with pytest.raises(ValueError, match="this is the last owner of the venue"):
        await venues.set_member(slug="soho", email=ada.email, role=None)
    await venues.set_member(slug="soho", email=bob.email.upper(), role="owner")
    await venues.set_member(slug="soho", email=ada.email, role=None)
    rows = await database.fetch("SELECT user_id, role FROM memberships WHERE ended_at IS NULL ORDER BY venue_id")
    assert [tuple(row) for row in rows] == [(bob.by.user_id, "owner")] * 2


async def test_two_owners_who_leave_at_the_same_moment_are_not_both_let_go(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    owners = [await make_guest() for _ in range(2)]
    await database.write("UPDATE users SET password_confirmed_at = clock_timestamp() RETURNING id")
    for owner in owners:
        await venues.set_member(slug="soho", email=owner.email, role="owner")
    ended = await asyncio.gather(
        *(venues.set_member(slug="soho", email=owner.email, role=None) for owner in owners), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in ended) == ["ValueError", "str"]


async def test_member_is_an_account_whose_owner_is_known(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    ada = await make_guest(verified=False)
    for slug, email, why in (
        ("nowhere", ada.email, "there is no such venue"),
        ("soho", "nobody@example.com", "there is no account with this e-mail"),
        ("soho", ada.email, "nobody has proved that this account is its owner's"),
    ):
        with pytest.raises(ValueError, match=re.escape(why)):
            await venues.set_member(slug=slug, email=email, role="host")
    await venues.retire("soho")
    with pytest.raises(ValueError, match="this venue is retired already"):
        await venues.set_member(slug="soho", email=ada.email, role="host")


MEMBERS = (
    "SELECT u.email, u.role, m.role AS there FROM users u LEFT JOIN memberships m ON m.user_id = u.id "
    "AND m.ended_at IS NULL ORDER BY u.email"
)


async def make_member(settings: Settings, email: str, role: str, *, password: str | None = None, **given: Any) -> Any:
    return await staff.create_user(
        settings, email=email, role=role, password=password, **{"name": None, "phone": None, "venue": "soho", **given}
    )


async def test_account_is_made_with_a_role_in_a_venue_alone(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    assert await make_member(connected, "Ada@example.com", "host", password=PASSWORD) == (True, "host")
    assert await make_member(connected, "ada@example.com", "manager", name="Ada") == (False, "manager")
    await make_member(connected, "boss@example.com", "admin", password=PASSWORD, venue=None)
    assert await make_member(connected, "boss@example.com", "viewer") == (False, "admin")
    found = [tuple(row) for row in await database.fetch(MEMBERS)]
    assert found == [("ada@example.com", "user", "manager"), ("boss@example.com", "admin", "viewer")]


async def test_role_in_a_venue_that_is_refused_makes_and_changes_no_account(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    ada = await make_guest(verified=False)
    before = await database.fetch("SELECT * FROM users")
    for email, venue, password, why in (
        ("new@example.com", "nowhere", PASSWORD, "there is no such venue"),
        ("new@example.com", "soho", None, "a new user needs a password"),
        (ada.email, "nowhere", PASSWORD, "there is no such venue"),
        (ada.email, "soho", None, "nobody has proved that this account is its owner's"),
    ):
        with pytest.raises(ValueError, match=re.escape(why)):
            await make_member(connected, email, "host", password=password, name="Another", venue=venue)
    assert await database.fetch("SELECT * FROM users") == before
    assert await make_member(connected, ada.email, "host", password=PASSWORD) == (False, "host")  # vouched for by that


async def test_role_in_a_venue_ends_no_session(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    await make_member(connected, "ada@example.com", "host", password=PASSWORD)
    await database.write("INSERT INTO sessions (user_id) SELECT id FROM users RETURNING id")
    await make_member(connected, "ada@example.com", "owner")
    [row] = await database.fetch("SELECT ended_at FROM sessions")
    assert row["ended_at"] is None
