"""Streams' names, positions, and where an event stands to a view."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events import (
    MAIN,
    TABLES,
    ApplyResult,
    Event,
    channel_epoch,
    check_continuity,
    database_epoch,
    day_of,
    days_beside,
    floor_of,
    parse_position,
    parse_version,
    position_text,
    stream_of,
    venue_of,
)

EPOCHS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=8)
VERSIONS = st.integers(0, 10**18 - 1)


def event(version: int, id: int = 0, previous: int = 0) -> Event:
    return Event(TABLES, version, "table_added", {}, datetime(2026, 11, 24, tzinfo=UTC), id, previous)


@given(st.integers(1, 2**62), st.dates())
def test_stream_of_a_day_names_that_day_and_venue_alone(venue: int, day: date) -> None:
    stream = stream_of(venue, day)
    assert (venue_of(stream), day_of(stream)) == (venue, day)


@given(st.integers(1, 2**62))
def test_stream_of_a_floor_names_no_day(venue: int) -> None:
    assert (venue_of(floor_of(venue)), day_of(floor_of(venue))) == (venue, None)


def test_streams_of_the_first_venue_have_no_prefix() -> None:
    assert (stream_of(MAIN, date(2026, 11, 24)), floor_of(MAIN)) == ("day:2026-11-24", TABLES)
    assert stream_of(17, date(2026, 11, 24)) == "17/day:2026-11-24"


@given(VERSIONS, VERSIONS)
def test_heard_says_known_next_or_gap(held: int, version: int) -> None:
    expected = ApplyResult.KNOWN if version <= held else ApplyResult.APPLIED if version == held + 1 else ApplyResult.GAP
    assert check_continuity(held, 0, event(version)) is expected


@given(VERSIONS, st.integers(1, 99), st.integers(1, 99))
def test_heard_tells_another_history_by_the_ids_of_events(held: int, head: int, other: int) -> None:
    same = ApplyResult.KNOWN if other == head else ApplyResult.OTHER
    following = ApplyResult.APPLIED if other == head else ApplyResult.OTHER
    assert check_continuity(held, head, event(held, id=other)) is same
    assert check_continuity(held, head, event(held + 1, id=100, previous=other)) is following


@given(EPOCHS, VERSIONS)
def test_position_is_read_back_as_it_was_written(epoch: str, version: int) -> None:
    assert parse_position(position_text(epoch, version)) == (epoch, version)


@given(EPOCHS, st.from_regex("[a-z0-9]{12}", fullmatch=True), VERSIONS)
def test_a_channels_epoch_tells_the_databases(epoch: str, digest: str, version: int) -> None:
    of_channel = channel_epoch(epoch, digest)
    assert database_epoch(of_channel) == database_epoch(epoch) == epoch != of_channel
    assert parse_position(position_text(of_channel, version)) == (of_channel, version)
    for own in (epoch, of_channel):
        assert parse_version(position_text(own, version)) == (epoch, version)


def test_the_days_beside_a_service_day_are_of_its_venue() -> None:
    assert days_beside(MAIN, date(2026, 12, 31)) == ("day:2026-12-30", "day:2027-01-01")
    assert days_beside(17, date(2026, 3, 1)) == ("17/day:2026-02-28", "17/day:2026-03-02")


@pytest.mark.parametrize(
    "text",
    [
        *("k3v9x0ab.:17", "k3v9x0ab.abc:17", "k3v9x0ab.abcdefabcdef", "k3v9x0abxabcdefabcdef:17", ".abcdefabcdef:17"),
        *("k3v9x0ab.ABCDEFABCDEF:17", "k3v9x0ab.abcdefabcdefa:17", "k3v9x0ab.abcdefabcdef.abcdefabcdef:17"),
        *("", ":", "k3v9x0ab", "k3v9x0ab:", ":17", "k3v9x0ab:-1", "k3v9x0ab:+1", "k3v9x0ab:1.0", "k3v9x0ab:1e3"),
        *("k3v9x0ab:017", "k3v9x0ab:00", "K3V9X0AB:17", "k3v9x0a:17", "k3v9x0abc:17", "k3v9x0ab:1000000000000000000"),
        *("k3v9x0ab:17\n", " k3v9x0ab:17", "k3v9x0ab: 17", "k3v9x0ab:17:17", "k3v9x0ab:١٧"),
        "k3v9x0ab:\N{FULLWIDTH DIGIT ONE}",
        *(None, 17, 1.5, True, b"k3v9x0ab:17", ["k3v9x0ab", 17], {"epoch": "k3v9x0ab"}),
    ],
)  # fmt: skip
def test_position_of_another_form_is_not_read(text: object) -> None:
    assert parse_position(text) is None
    assert parse_version(text) is None


@given(st.text())
def test_position_that_is_read_has_one_spelling(text: str) -> None:
    found = parse_position(text)
    assert found is None or position_text(*found) == text
