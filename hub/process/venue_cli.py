"""The commands `hub venue …`: their arguments, and what they print."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hub import variables
from hub.domain.roles import OF_MEMBERS
from hub.domain.venue import LANGUAGES, VenueProfile

if TYPE_CHECKING:
    from hub.commands.venues import NewVenue
    from hub.config import Settings

T = TypeVar("T")
NOBODY = "none"
"""The role of one who is no member any more."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The actions of `hub venue` and what they take."""
    actions = command.add_subparsers(required=True, metavar="ACTION", dest="action")
    shared = argparse.ArgumentParser(add_help=False)  # the command's own may stand behind the action too
    shared.add_argument("--data-dir", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=argparse.SUPPRESS)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, parents=[shared], help=text, description=f"{text[0].upper()}{text[1:]}.")

    action("list", "list all venues, also those that were retired")
    add = action("add", "make a venue with its first tables; it answers under /v/SLUG within two seconds")
    add.add_argument("slug", type=_checked(variables.slug), metavar="SLUG", help="its name in paths and channels")
    add.add_argument("--name", type=_checked(variables.one_line(80)), required=True, help="what guests call it")
    add.add_argument("--zone", type=_checked(variables.zone), required=True, help="its time zone, as Europe/Lisbon")
    add.add_argument("--opens", type=_hours, metavar="HOURS", help="opening, in hours from midnight")
    add.add_argument("--closes", type=_hours, metavar="HOURS", help="closing, in hours from midnight; 26 is 02:00")
    add.add_argument("--slot", type=_hours, metavar="HOURS", help="how long a booking holds its table")
    add.add_argument("--cancel-deadline", type=_checked(variables.whole(0, 100000)), metavar="MINUTES",
                     help="until when guests may cancel or change")  # fmt: skip
    add.add_argument("--days-ahead", type=_checked(variables.whole(1, 3650)), metavar="N",
                     help="how far ahead guests may book")  # fmt: skip
    add.add_argument("--oversize", type=_checked(variables.whole(0, 20)), metavar="SEATS",
                     help="how many seats more than their party a guest's table may have")  # fmt: skip
    add.add_argument("--tables", type=_tables, metavar="SEATSxCOUNT,…", help="the first tables, as 2x7,3x6,6x3")
    add.add_argument("--shares-guests-with", metavar="SLUG", help="a venue of the same owner: they have one guest book")
    add.add_argument("--language", choices=LANGUAGES, help="in which guests are written to")
    add.add_argument("--country", type=_checked(variables.country), help="two letters, as PT")
    add.add_argument("--website", type=_checked(variables.url("http", "https")), help="where guests find it")
    for name in ("phone", "address"):
        add.add_argument(f"--{name}", type=_checked(variables.one_line(255)), help="as guests read it")
    retire = action("retire", "close a venue for good: nobody is answered there any more, and its rows stay")
    retire.add_argument("slug", metavar="SLUG")
    member = action("member", "give an account a role in a venue, or end it")
    member.add_argument("slug", metavar="SLUG")
    member.add_argument("email", metavar="EMAIL")
    member.add_argument("--role", choices=(*OF_MEMBERS, NOBODY), required=True, help=f"{NOBODY}: it ends")


def note_of_more(role: str, counts: str) -> str:
    """What is said where another role counts in a venue than the one that was given there; "" where none does."""
    return "" if counts == role else f"; the account's own role counts for more: {counts} (hub create-user changes it)"


def run(
    options: argparse.Namespace,
    settings: Settings,
    with_database: Callable[[Settings, Callable[[Settings], Coroutine[Any, Any, T]]], T | None],
) -> int:
    """Carry out `hub venue`; returns the exit code."""
    from hub.commands import venues

    async def work(settings: Settings) -> list[str]:
        if options.action == "list":
            return await venues.listed(settings)
        if options.action == "add":
            number = await venues.add(settings, _wanted(options, settings))
            path = f"/v/{options.slug}"
            return [f"{options.slug}: venue {number} is made; its calls are under {path}, as {path}/venue"]
        if options.action == "retire":
            await venues.retire(options.slug)
            return [f"{options.slug}: retired"]
        role = None if options.role == NOBODY else options.role
        counts = await venues.set_member(slug=options.slug, email=options.email, role=role)
        return [f"{options.email}: {options.role} of {options.slug}{note_of_more(role or 'user', counts)}"]

    lines = with_database(settings, work)  # type: ignore[arg-type]
    if lines is None:
        return 1
    print("\n".join(lines))  # type: ignore[arg-type]
    return 0


def _wanted(options: argparse.Namespace, settings: Settings) -> NewVenue:
    from hub.commands.venues import NewVenue

    given = {
        "opens": options.opens, "closes": options.closes, "slot": options.slot,
        "cancel_deadline": options.cancel_deadline, "days_ahead": options.days_ahead,
        "oversize": options.oversize,
    }  # fmt: skip
    venue = VenueProfile(
        slug=options.slug,
        name=options.name,
        address=options.address,
        phone=options.phone,
        country=options.country or settings.venue.country,
        language=options.language or settings.default_language,
        website=options.website,
    )
    return NewVenue(
        venue,
        options.zone.key,
        {name: value for name, value in given.items() if value is not None},
        options.shares_guests_with,
        options.tables if options.tables is not None else settings.first_tables,
    )


def _checked(parse: Callable[[str], T]) -> Callable[[str], T]:
    """A parser of settings as argparse wants it: its words are shown as they are."""

    def checked(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} can't be used; accepted: {error}") from None

    return checked


def _hours(text: str) -> int:
    """Hours, as minutes."""
    return round(_checked(variables.number(0, 47))(text) * 60)


def _tables(text: str) -> list[tuple[int, int]]:
    found = [re.fullmatch(r"([1-9]|1\d|20)x(\d{1,3})", each) for each in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r} can't be used; accepted: SEATSxCOUNT with commas, as 2x7,3x6")
    return [(int(each[1]), int(each[2])) for each in found if each is not None]
