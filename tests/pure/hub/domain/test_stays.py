"""How long parties stay: what is expected of one that sits, and what is learned of a venue's own stays."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.stays import (
    LEAST,
    LEAST_SPREAD,
    LONGEST,
    MOST_SPREAD,
    SHORTEST,
    SIZES,
    SPREAD,
    Measured,
    Stay,
    by_slot,
    fitted,
    size_of,
)

SLOT = timedelta(hours=2)
STAYS = st.builds(Stay, st.floats(20, 300), st.floats(0.15, 0.8))
SHARE = st.floats(0.01, 0.99)


def test_four_of_five_leave_within_the_slot_where_nothing_was_measured() -> None:
    stay = by_slot(SLOT)
    assert stay.remaining(0, [0.8])[0] == pytest.approx(120)
    assert stay.spread == SPREAD
    assert by_slot(timedelta(minutes=5)).median == SHORTEST
    assert by_slot(timedelta(hours=24)).median == LONGEST


def test_the_median_stay_is_the_median() -> None:
    assert Stay(90, 0.35).remaining(0, [0.5])[0] == pytest.approx(90)
    assert Stay(90, 0.35).minutes(0) == 90
    assert Stay(90, 0.35).minutes(1) == pytest.approx(90 * math.exp(0.35))


@given(STAYS, st.floats(0, 600), SHARE)
def test_a_party_that_sits_stays_a_minute_at_least_and_longer_at_a_later_quantile(
    stay: Stay, sat: float, share: float
) -> None:
    remaining = stay.remaining(sat, [share])[0]
    assert 1 <= remaining < math.inf
    assert stay.remaining(sat, [share / 2])[0] <= remaining


@given(STAYS, st.floats(0, 600), st.floats(0, 60), SHARE)
def test_who_has_sat_longer_leaves_no_sooner(stay: Stay, sat: float, more: float, share: float) -> None:
    """That they still sit says that their stay is not one of the short ones."""
    longer = stay.remaining(sat + more, [share])[0]
    assert sat + more + longer >= sat + stay.remaining(sat, [share])[0] - 1.001


def test_who_sits_beyond_all_measure_is_expected_to_leave_soon() -> None:
    assert Stay(60, 0.15).remaining(900, [0.5])[0] == 1
    assert Stay(60, 0.15).remaining(100, [0.5])[0] < 15


@pytest.mark.parametrize(("guests", "size"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (6, 2), (7, 3), (20, 3), (21, 3)])
def test_size_of_a_party(guests: int, size: int) -> None:
    assert size_of(guests) == size


def test_nothing_is_learned_of_too_few() -> None:
    assert set(fitted({}, SLOT).of_sizes) == {by_slot(SLOT)}
    assert set(fitted({0: Measured(LEAST - 1, 50, 0.3)}, SLOT).of_sizes) == {by_slot(SLOT)}


def test_sizes_with_too_few_take_all_together() -> None:
    stays = fitted({0: Measured(LEAST, 60, 0.3), 1: Measured(LEAST - 1, 120, 0.3)}, SLOT)
    assert stays.of(2) == Stay(60, 0.3)
    others = {stays.of(guests) for guests in (3, 6, 20)}
    assert len(others) == 1
    [together] = others
    assert 60 < together.median < 120
    assert together.spread > 0.3  # the two sizes differ, which is spread too
    assert len(stays.of_sizes) == len(SIZES)


@given(st.floats(1, 10_000), st.floats(0, 10))
def test_whatever_was_measured_is_taken_within_reason(median: float, spread: float) -> None:
    [stay, *_] = fitted({0: Measured(LEAST, median, spread)}, SLOT).of_sizes
    assert SHORTEST <= stay.median <= LONGEST
    assert LEAST_SPREAD <= stay.spread <= MOST_SPREAD
