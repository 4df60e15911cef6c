"""The venues that a process knows: venue 1 is as the settings say, the others as the database does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.domain.events import MAIN
from hub.domain.venue import VenueProfile
from hub.views.context import Context
from tests.conftest import make_settings
from tests.pure.hub.domain.rules import make_rules

RULES = make_rules()
SOHO, MITTE = VenueProfile(2, 1, "soho", "Soho"), VenueProfile(17, 5, "mitte", "Mitte")


@pytest.fixture
def context() -> Context:
    settings = make_settings("postgresql://h/d", "redis://h", Path("none"), VENUE_SLUG="moda")
    return Context(settings, lambda events: None)


def test_the_first_venue_is_there_from_the_start_and_as_the_settings_say(context: Context) -> None:
    assert context.venues == [context.main] and context.main is context.venue(MAIN) is context.named("moda")
    assert (context.main.venue, context.main.rules) == (context.settings.venue, context.settings.rules)
    context.learn([(replace(SOHO, id=MAIN), RULES), (MITTE, RULES)])
    assert (context.main.venue, context.main.rules) == (context.settings.venue, context.settings.rules)
    assert context.named("soho") is None


def test_venues_are_found_by_id_and_by_slug(context: Context) -> None:
    context.learn([(MITTE, RULES), (SOHO, RULES)])
    assert [each.id for each in context.venues] == [MAIN, 2, 17]
    for venue in (SOHO, MITTE):
        found = context.venue(venue.id)
        assert found is not None and (found.venue, found.rules) == (venue, RULES)
        assert context.named(venue.slug) is found and context.id_of(venue.slug) == venue.id
    assert context.venue(3) is context.named("nowhere") is context.id_of("nowhere") is context.named("") is None


def test_venue_that_changed_is_the_same_context_under_its_new_name(context: Context) -> None:
    """Sessions hold it for as long as they are connected."""
    context.learn([(SOHO, RULES)])
    held = context.venue(2)
    assert held is not None
    context.learn([(replace(SOHO, slug="fitzrovia"), make_rules(opens=10)), (MITTE, RULES)])
    assert context.named("fitzrovia") is held and held.venue.slug == "fitzrovia"
    assert held.rules.opens == timedelta(hours=10)
    assert context.named("soho") is None and context.id_of("soho") is None


def test_venue_that_is_retired_is_known_no_more(context: Context) -> None:
    context.learn([(SOHO, RULES), (MITTE, RULES)])
    context.learn([(MITTE, RULES)])
    assert [each.id for each in context.venues] == [MAIN, 17]
    assert context.venue(2) is context.named("soho") is context.id_of("soho") is None


def test_streams_of_a_venue_are_its_own(context: Context) -> None:
    context.learn([(MITTE, RULES)])
    mitte, day = context.venue(17), date(2026, 11, 24)
    assert mitte is not None
    assert (mitte.day_stream(day), mitte.floor_stream) == ("17/day:2026-11-24", "17/tables")
    assert (context.main.day_stream(day), context.main.floor_stream) == ("day:2026-11-24", "tables")


@pytest.mark.parametrize(("opens", "closes", "reaches_over"), [(12, 22, False), (0, 24, True)])
def test_venue_that_is_new_reaches_over_a_days_end_where_it_never_closes(
    context: Context, opens: int, closes: int, reaches_over: bool
) -> None:
    context.learn([(SOHO, make_rules(opens=opens, closes=closes))])
    found = context.venue(2)
    assert found is not None and found.reaches_over is reaches_over
    assert not context.main.reaches_over


def test_all_venues_of_a_process_share_its_epoch_and_settings(context: Context) -> None:
    context.learn([(SOHO, RULES)])
    context.epoch = "k3v9x0ab"
    assert {each.epoch for each in context.venues} == {"k3v9x0ab"}
    assert all(each.settings is context.settings for each in context.venues)
