"""Venues and their members: add, list and retire by command; list those that one may see.

A venue has tables, hours and guests of its own; venues of one group share their guests. Every process learns of a new
one, of an end and of another role within two seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from hub.commands.accounts import as_stored
from hub.config import Settings
from hub.domain import roles
from hub.domain.events import MAIN, floor_of
from hub.domain.venue import VenueProfile
from hub.security import Identity, Tokens
from hub.store import accounts, database, streams, venues
from hub.store.venues import rules_of
from hub.views.context import Context, VenueContext

NO_SUCH = "there is no such venue"
RETIRED = "this venue is retired already"
IN_USE = "the slug {slug} is in use, or was: a slug names one venue for ever"
SHORTEST_SLOT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class NewVenue:
    """A venue as an operator asks for it. ``rules`` are as in hub.store.venues.rules_of; ``group_of`` is the slug of a
    venue whose guests it shares, None: of none. ``tables``: (seats, how many) of the first floor plan."""

    venue: VenueProfile
    zone: str
    rules: Mapping[str, int]
    group_of: str | None
    tables: Sequence[tuple[int, int]]


async def add(settings: Settings, wanted: NewVenue) -> int:
    """Make a venue with its first tables; returns its id. Raises ValueError for rules that can't be, for a slug that is
    in use or was, and for a ``group_of`` that is not there."""
    rules = rules_of(wanted.zone, wanted.rules, settings.rules)
    if not timedelta(0) <= rules.opens < rules.closes <= rules.opens + timedelta(hours=24):
        raise ValueError("the closing must be after the opening, and at most 24 hours after it")
    if not SHORTEST_SLOT <= rules.slot <= rules.closes - rules.opens:
        raise ValueError("a slot must be of 15 minutes or more, and fit between opening and closing")
    venue = wanted.venue
    if venue.slug == settings.venue.slug:  # which the database may not know yet
        raise ValueError(IN_USE.format(slug=venue.slug))

    async def work(connection: Any) -> int:
        group = None if wanted.group_of is None else await venues.group_of(connection, wanted.group_of)
        if group is None and wanted.group_of is not None:
            raise ValueError(f"{NO_SUCH}: {wanted.group_of}")
        made = await venues.make(connection, group, venue, wanted.zone, orjson.dumps(dict(wanted.rules)).decode())
        if made is None:
            raise ValueError(IN_USE.format(slug=venue.slug))
        await venues.make_tables(connection, made, wanted.tables)
        # Processes ask for what changed in the last ten seconds: it is told from the end on, however long this took.
        await venues.note_change(connection, made)
        return made

    return await database.transact(work)


async def retire(slug: str) -> None:
    """Close a venue: its paths and channels answer nobody, its rows stay. Raises ValueError for none, for one that is
    retired, for venue 1, and while bookings are to come."""

    async def work(connection: Any) -> None:
        venue_id = await _lock_open(connection, slug)
        if venue_id == MAIN:
            raise ValueError("venue 1 is the installation's own, and can't be retired")
        # Whoever books judges by the floor: they are waited for, or wait for this, and find that the venue is retired.
        await streams.lock(connection, [floor_of(venue_id)])
        if to_come := await venues.count_to_come(connection, venue_id):
            booked, them = ("1 booking is", "it") if to_come == 1 else (f"{to_come} bookings are", "them")
            raise ValueError(f"{booked} still to come in this venue: cancel {them} first")
        await venues.note_change(connection, venue_id, retired=True)

    await database.transact(work)


async def _lock_open(connection: Any, slug: str) -> int:
    """The id of an open venue, whose row is locked until the end of the transaction. Raises ValueError for none, and
    for one that is retired."""
    venue_id = await venues.lock(connection, slug)
    if venue_id is None:
        raise ValueError(NO_SUCH if await venues.lock(connection, slug, retired=True) is None else RETIRED)
    return venue_id


async def listed(settings: Settings) -> list[str]:
    """One line a venue, for operators."""
    return [
        f"{each.id}: {each.slug}, {each.name}, {each.zone}, group {each.group_id}, "
        f"{each.tables} tables, {each.members} members"
        + (f", retired {each.retired_at.astimezone(settings.rules.zone):%Y-%m-%d}" if each.retired_at else "")
        for each in await venues.listed()
    ]


async def set_member(*, slug: str, email: str, role: str | None) -> str:
    """Give an account a role in a venue, or (None) end it, also in one that is retired. Returns what it is there now:
    its own role may count for more. Raises ValueError for no such venue or account, and for the last owner's end."""
    return await database.transact(lambda connection: set_role(connection, slug=slug, email=email, role=role))


async def set_role(connection: Any, *, slug: str, email: str, role: str | None) -> str:
    """The same within a transaction."""
    venue_id = await (_lock_open(connection, slug) if role is not None else venues.lock(connection, slug, retired=True))
    if venue_id is None:
        raise ValueError(NO_SUCH)
    user = await accounts.read(as_stored(email), connection)
    if user is None:
        raise ValueError("there is no account with this e-mail")
    if role is not None and not (user.verified and user.password_confirmed):
        raise ValueError(
            "nobody has proved that this account is its owner's: let them follow the link of a reset mail, or give "
            "it a password (hub create-user EMAIL --role user)"
        )
    if role != "owner" and await venues.is_last_owner(connection, venue_id, user.id):
        raise ValueError("this is the last owner of the venue: make another one first")
    await venues.set_role(connection, venue_id, user.id, role)
    return roles.at(user.role, role, main=venue_id == MAIN)


@dataclass(frozen=True, slots=True)
class VisibleVenue:
    """A venue as somebody sees it, with what they are there."""

    context: VenueContext
    role: str


def visible(context: Context, tokens: Tokens, by: Identity) -> list[VisibleVenue]:
    """The venues that are open, by id, each with the caller's role in it."""
    return [VisibleVenue(venue, tokens.role_at(by, venue.id)) for venue in context.venues]
