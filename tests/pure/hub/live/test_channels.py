"""Channels: one spelling each, the stream that each shows, and who may see it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events import TABLES, stream_of
from hub.live import channels
from hub.live.projections.projection import Channel

EVERY = st.one_of(
    *(st.dates().map(kind.channel) if kind.dated else st.just(kind.channel()) for kind in channels.KINDS.values())
)


@given(EVERY)
def test_parse_gives_the_channel_of_its_name(channel: Channel) -> None:
    assert channels.parse(channel.name) == channel


@given(st.dates())
def test_availability_and_floor_of_a_day_share_its_stream(day: date) -> None:
    assert channels.AVAILABILITY.channel(day).stream == channels.FLOOR.channel(day).stream == stream_of(day)
    assert channels.TABLES.channel().stream == TABLES


@given(EVERY)
def test_guests_see_all_but_the_floor_and_visitors_the_venue_alone(channel: Channel) -> None:
    assert channel.may_see("host")
    assert channel.may_see("admin")
    assert channel.may_see("user") is (channel.projection.name != "floor")
    assert channel.may_see("") is (channel.projection.name == "venue")
    assert not channel.may_see("another")


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


@given(st.text() | st.from_regex(r"(availability|floor):[0-9W-]{0,12}", fullmatch=True))
def test_parse_accepts_the_canonical_spelling_alone(name: str) -> None:
    found = channels.parse(name)
    assert found is None or found.name == name
