"""Channels: one spelling each, the stream that each shows, and who may see it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import roles
from hub.domain.events import MAIN, TABLES, floor_of, stream_of, venue_of
from hub.live import channels
from hub.live.projections.projection import Channel

EVERY = st.one_of(
    *(st.dates().map(kind.channel) if kind.dated else st.just(kind.channel()) for kind in channels.KINDS.values())
)


SLUGS = {"main": MAIN, "soho": 2, "mitte": 17}


@given(EVERY)
def test_parse_gives_the_channel_of_its_name(channel: Channel) -> None:
    assert channels.parse(channel.name) == channel


@given(st.dates())
def test_channels_of_a_day_share_its_stream(day: date) -> None:
    assert channels.AVAILABILITY.channel(day).stream == channels.FLOOR.channel(day).stream == stream_of(MAIN, day)
    assert channels.STARTS.channel(day).stream == stream_of(MAIN, day)
    assert channels.TABLES.channel().stream == TABLES


@given(EVERY)
def test_guests_see_all_but_the_floor_and_the_staff_and_visitors_the_venue_and_its_starts(channel: Channel) -> None:
    name = channel.projection.name
    assert all(channel.may_see(role) for role in roles.STAFF)
    assert {"viewer", "host", "manager", "owner", "admin"} == roles.VIEWERS
    assert channel.may_see("viewer") is (name != "presence")
    assert channel.may_see("user") is (name not in ("floor", "presence"))
    assert channel.may_see("") is (name in ("venue", "starts"))
    assert not channel.may_see("another")


@given(EVERY, st.sampled_from([*roles.RANK]))
def test_viewers_see_another_floor_of_the_same_name_and_stream(channel: Channel, role: str) -> None:
    seen = channel.as_seen_by(role)
    assert (seen.name, seen.stream, seen.day, seen.venue_id) == (
        channel.name, channel.stream, channel.day, channel.venue_id
    )  # fmt: skip
    reduced = channel.projection.name == "floor" and role not in roles.STAFF
    assert seen.projection.reduced is reduced
    assert (seen.key == channel.key) is not reduced
    assert seen.as_seen_by("host") == channel  # whoever has another role is shown what that one sees


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "venue:",
            "venue:2026-11-24",
            "table",
            "tables:",
            "tables:2026-11-24",
            "Tables",
            " tables",
            "tables\n",
            "availability",
            "floor",
            "starts",
            "starts:",
            "starts:18:00",
        ),
        *("availability:", "availability:2026-11-31", "availability:2026-13-01", "availability:0000-01-01"),
        *("availability:20261124", "availability:2026-W48-2", "availability:2026-1-24", "availability:2026-11-24 "),
        *("availability: 2026-11-24", "availability:2026-11-24T00", "Availability:2026-11-24", "floor:2026-11-24\n"),
        *("bookings:2026-11-24", "day:2026-11-24", "availability::2026-11-24", "availability:٢٠٢٦-11-24", "floor:*"),
        *("availability:2026-W4811", "floor:2026-328xx", "floor:+026-11-24"),
    ],
)
def test_parse_of_another_spelling_finds_no_channel(name: str) -> None:
    assert channels.parse(name) is None
    assert channels.parse(f"soho/{name}", MAIN, SLUGS.get) is None


NAMES = st.text() | st.from_regex(r"(availability|floor):[0-9W-]{0,12}", fullmatch=True)


@given(NAMES)
def test_parse_accepts_the_canonical_spelling_alone(name: str) -> None:
    found = channels.parse(name)
    assert found is None or found.name == name


@given(st.sampled_from(["", "soho/", "main/", "mitte/", "/", "SOHO/", "soho//"]), NAMES | EVERY.map(lambda c: c.name))
def test_names_of_two_channels_differ(prefix: str, name: str) -> None:
    """At one address each channel has one name: a client that watched it under two would be told everything twice."""
    found = [(named, channels.parse(named, 2, SLUGS.get)) for named in (name, f"{prefix}{name}")]
    assert all(channel is None or channel.name == named for named, channel in found)
    known = {(c.projection.name, c.day, c.venue_id): c.name for _, c in found if c is not None}
    assert len(known) == len({c.name for _, c in found if c is not None})


@given(EVERY, st.sampled_from([*SLUGS.values()]))
def test_name_without_a_prefix_is_of_the_venue_of_the_address(channel: Channel, here: int) -> None:
    found = channels.parse(channel.name, here, SLUGS.get)
    assert found is not None
    assert (found.name, found.venue_id, found.day) == (channel.name, here, channel.day)
    assert found.projection is channel.projection and venue_of(found.stream) == here
    assert (found == channel) is (here == MAIN)


@given(EVERY, st.sampled_from([*SLUGS]), st.sampled_from([*SLUGS.values()]))
def test_name_with_a_prefix_is_of_another_venue_alone(channel: Channel, slug: str, here: int) -> None:
    """There is one spelling: the address's own venue is never named."""
    name = f"{slug}/{channel.name}"
    found = channels.parse(name, here, SLUGS.get)
    if SLUGS[slug] == here:
        assert found is None
        return
    assert found is not None
    assert (found.name, found.venue_id, found.day) == (name, SLUGS[slug], channel.day)
    assert found.projection is channel.projection and venue_of(found.stream) == SLUGS[slug]
    own = channels.parse(channel.name, SLUGS[slug], SLUGS.get)  # the same at that venue's own address
    assert own is not None and own.stream == found.stream


@given(st.dates())
def test_channels_of_another_venue_have_the_streams_of_that_venue(day: date) -> None:
    streams = {
        kind: found.stream
        for kind in (f"availability:{day}", f"floor:{day}", "tables")
        if (found := channels.parse(f"soho/{kind}", MAIN, SLUGS.get)) is not None
    }
    assert streams == {
        f"availability:{day}": stream_of(2, day), f"floor:{day}": stream_of(2, day), "tables": floor_of(2)
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        *("nowhere/tables", "/tables", "//tables", "2/tables", "Soho/tables", "soho /tables", " soho/tables"),
        *("soho/", "soho", "soho//tables", "soho/main/tables", "soho/soho/tables", "soho/tables/", "tables/soho"),
        *("soho:tables", "soho/tables:", "v/soho/tables", "soho\n/tables"),
    ],
)
def test_no_venue_has_a_channel_of_this_name(name: str) -> None:
    assert channels.parse(name, MAIN, SLUGS.get) is None


@given(EVERY)
def test_without_slugs_no_prefix_names_a_venue(channel: Channel) -> None:
    assert channels.parse(f"soho/{channel.name}") is channels.parse(f"main/{channel.name}") is None
