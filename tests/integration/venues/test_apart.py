"""What one venue's settings, its faults and its end mean to the others, and to what is under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from hub.commands import account_life, bookings, venues
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.venues import NewVenue
from hub.config import Settings
from hub.domain.events import MAIN
from hub.domain.venue import VenueProfile
from hub.errors import LastOwner, NotFound
from hub.metrics import Metrics
from hub.security import Tokens
from hub.store import commit as committing
from hub.store import database, exports
from hub.store import venues as stored
from hub.views.cache import ViewCache
from hub.views.context import Context, VenueContext
from tests.guests import make_guest, rows, workers
from tests.postbox import postbox
from tests.venues import add_venue
from tests.writing import writing_context

DAY = datetime.now(UTC).date() + timedelta(days=20)


async def contexts(settings: Settings, *slugs: str) -> list[VenueContext]:
    shared = writing_context(settings, lambda events: None).shared
    shared.learn(await stored.read(settings))
    return [found for slug in slugs if (found := shared.named(slug)) is not None]


async def test_copies_for_the_house_are_of_its_own_bookings_alone(connected: Settings) -> None:
    settings = replace(connected, host_email="stand@example.com")
    await add_venue(connected, "soho", "Europe/London")
    main, soho = await contexts(settings, "main", "soho")
    guest = await make_guest()
    here, there = [await guest.book(venue, day=DAY) for venue in (main, soho)]
    assert "stand@example.com" in {row["target"] for row in await rows(here)}
    assert {row["target"] for row in await rows(there)} == {guest.email}


async def test_mail_of_a_venue_says_that_it_is_from_there(connected: Settings) -> None:
    """The name, the place, the number to call and the page, of its own row and not of the settings."""
    soho = VenueProfile(slug="soho", name="At soho", address="1 Frith Street", phone="+44 20 7946 0001")
    await venues.add(connected, NewVenue(soho, "Europe/London", {}, None, ((2, 2),)))
    [context] = await contexts(connected, "soho")
    guest = await make_guest()
    await guest.book(context, day=DAY)
    async with postbox() as box:
        with workers(connected) as start:
            variables = {"VENUE_NAME": "Main", "VENUE_ADDRESS": "Main St 1", "VENUE_PHONE": "+49 30 5550100"}
            sender = {"MAIL_FROM": "Group <tables@example.org>"}
            start(SMTP_URL=box.url, PUBLIC_URL="https://hub.example", **variables, **sender)
            await box.until(lambda: box.kinds(guest.email) == ["confirmed"])
    [mail] = box.to(guest.email)
    assert str(mail.message["From"]) == "At soho <tables@example.org>"
    assert str(mail.message["Subject"]).endswith("– At soho")
    for part in ("text/plain", "text/html"):
        text = mail.part(part)
        for wanted in ("At soho, 1 Frith Street", "+44 20 7946 0001", "https://hub.example/v/soho/"):
            assert wanted in text, (part, wanted)
        assert "Main" not in text


async def test_venue_of_a_zone_that_is_not_known_here_is_left_out_alone(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    made = await add_venue(connected, "mars", "Europe/Paris")
    await database.fetch("UPDATE venues SET zone = 'Mars/Olympus', changed_at = clock_timestamp() WHERE id = $1", made)
    context = Context(connected, lambda events: None)
    tokens = Tokens(connected)
    views = ViewCache(context, tokens, None, Metrics())
    try:
        await views.verify()
    finally:
        await views.stop()
    assert context.named("soho") is not None and context.named("mars") is None
    assert context.epoch  # and all else that a verification learns was learnt


async def test_booking_under_way_in_a_venue_that_is_retired_is_refused(connected: Settings) -> None:
    """By a process that knows it already: the write was handed over before."""
    await add_venue(connected, "soho", "Europe/London")
    [soho] = await contexts(connected, "soho")
    guest = await make_guest()
    await soho.guest_of(guest.by.user_id)
    await venues.retire("soho")
    soho.shared.learn(())
    with pytest.raises(NotFound):
        await bookings.book(soho, Call(guest.by), BookingRequest(DAY, time(18), 2))


async def test_commit_refuses_a_stream_of_another_venue(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    [epoch] = await database.fetch("SELECT epoch FROM hub")
    basis = [committing.Basis("tables", 16, 0, False)]
    with pytest.raises(Exception, match="stream tables is not of venue 2"):
        await committing.commit(epoch["epoch"], 2, basis, [committing.Order(None)])


async def test_last_owner_hands_over_before_the_account_is_erased(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    [main] = await contexts(connected, "main")
    ada, eve = await make_guest(), await make_guest()
    await database.fetch("UPDATE users SET password_confirmed_at = clock_timestamp()")
    await venues.set_member(slug="soho", email=ada.email, role="owner")
    with pytest.raises(LastOwner):
        await account_life.erase(main, Call(ada.by))
    await venues.set_member(slug="soho", email=eve.email, role="owner")
    await account_life.erase(main, Call(ada.by))
    left: list[Any] = await database.fetch(
        "SELECT user_id FROM memberships WHERE venue_id <> $1 AND ended_at IS NULL", MAIN
    )
    assert [row["user_id"] for row in left] == [eve.by.user_id]


async def test_what_is_kept_of_an_account_names_its_roles(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    ada = await make_guest()
    await database.fetch("UPDATE users SET password_confirmed_at = clock_timestamp()")
    await venues.set_member(slug="soho", email=ada.email, role="viewer")
    found = await account_life.export(by=ada.by)
    assert [(each["venue"], each["role"]) for each in found["memberships"]] == [("soho", "viewer")]


async def test_what_is_kept_of_an_account_says_where_it_is_cut(
    connected: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await make_guest()
    monkeypatch.setattr(exports, "MOST", 3)
    insert = "INSERT INTO sessions (user_id) SELECT $1 FROM generate_series(1, $2)"
    await database.write(insert, ada.by.user_id, 3)
    found = await account_life.export(by=ada.by)
    assert (len(found["sessions"]), found["cut"]) == (3, [])
    await database.write(insert, ada.by.user_id, 1)
    found = await account_life.export(by=ada.by)
    assert (len(found["sessions"]), found["cut"]) == (3, ["sessions"])
