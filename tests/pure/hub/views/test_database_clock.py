"""The database's clock, as a process knows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.views.database_clock import SET, STEP, DatabaseClock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def clock() -> DatabaseClock:
    return DatabaseClock(lambda: NOON)


def test_before_any_answer_it_is_this_processes_own() -> None:
    assert clock().now() == NOON


def test_a_slow_answer_says_less_than_a_quick_one_before_it() -> None:
    found = clock()
    found.note(NOON + 7 * MS)
    found.note(NOON - 300 * MS)  # read late
    assert found.now() == NOON + 7 * MS - STEP
    found.note(NOON + 8 * MS)
    assert found.now() == NOON + 8 * MS


def test_what_was_shown_long_ago_is_forgotten() -> None:
    found = clock()
    found.note(NOON + 7 * MS)
    for _ in range(100):
        found.note(NOON)
    assert found.now() == NOON


@pytest.mark.parametrize("by", [SET + MS, -SET - MS, timedelta(hours=3)])
def test_a_clock_that_was_set_counts_at_once(by: timedelta) -> None:
    found = clock()
    found.note(NOON + by)
    assert found.now() == NOON + by


def test_an_answer_that_is_exact_counts_whatever_was_shown_before() -> None:
    found = clock()
    found.note(NOON + 7 * MS)
    found.note(NOON - 20 * MS, is_exact=True)
    assert found.now() == NOON - 20 * MS
