"""Whether a time is free among those that are taken."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.allocation import is_free
from hub.domain.day import Interval
from tests.pure.hub.domain.day_model import (
    QUARTERS,
    at,
)

INTERVALS = st.lists(st.integers(0, QUARTERS), unique=True, max_size=12).map(
    lambda marks: [(at(a), at(b)) for a, b in zip(*[iter(sorted(marks))] * 2, strict=False)]
)


@given(INTERVALS, st.integers(-2, QUARTERS + 2), st.integers(1, 12))
def test_is_free_is_half_open(taken: list[Interval], start: int, length: int) -> None:
    wanted = [start + n for n in range(length)]
    clash = any(begin <= at(quarter) < end for quarter in wanted for begin, end in taken)
    assert is_free(taken, at(start), at(start + length)) is not clash


def test_is_free_between_two_that_touch_it() -> None:
    taken = [(at(0), at(4)), (at(8), at(12))]
    assert is_free(taken, at(4), at(8))
    assert not is_free(taken, at(4) - timedelta(seconds=1), at(8))
    assert not is_free(taken, at(4), at(8) + timedelta(seconds=1))
    assert not is_free(taken, at(5), at(6) + timedelta(hours=1))
