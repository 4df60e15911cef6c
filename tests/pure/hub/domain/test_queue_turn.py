"""Whose turn it is when a party is seated from the waitlist."""

from __future__ import annotations

import pytest

from hub.domain.floor import FloorView
from hub.errors import PassedOver
from tests.pure.hub.domain.waiting_room import NOW, TABLES, TERRACE, Evening, booking, full, minutes


def refused(evening: Evening, id: int, tables: list[int]) -> tuple[int, tuple[int, ...]]:
    """Who is passed over when this party sits there, and what they were to get."""
    with pytest.raises(PassedOver) as refusal:
        evening.seat(id, tables=tables, in_turn=True)
    return refusal.value.extra["waitlist_id"], refusal.value.extra["unit"].ids


def sits(evening: Evening, id: int, tables: list[int], *, in_turn: bool = True) -> bool:
    return evening.seat(id, tables=tables, in_turn=in_turn).booking is not None


def test_table_that_who_waits_before_them_needs_is_theirs() -> None:
    evening = full()
    first, second = evening.joined(guest=1), evening.joined(guest=2)
    evening.view.put(1, None)
    assert refused(evening, second, [1]) == (first, (1,))
    evening.commit(evening.step("here", first))
    assert refused(evening, second, [1]) == (first, (1,))
    assert sits(evening, second, [1], in_turn=False)
    assert sits(evening, first, [1])


def test_nobody_is_passed_over_where_another_table_does_as_well() -> None:
    evening = full()
    first, second, third = [evening.joined(guest=guest) for guest in (1, 2, 3)]
    for table in (1, 2):
        evening.view.put(table, None)
    for table in (1, 2):
        assert sits(evening, second, [table])
        # The two before them need both.
        assert refused(evening, third, [table]) == (second, (2,))
    evening.commit(evening.step("leave", first))
    assert sits(evening, third, [1])


def test_table_that_is_too_small_for_who_waits_before_them_may_be_taken() -> None:
    evening = full()
    first, second = evening.joined(5, guest=1), evening.joined(guest=2)
    evening.view.put(1, None)
    assert sits(evening, second, [1])
    evening.view.put(4, None)
    assert refused(evening, second, [4]) == (first, (4,))


def test_who_wants_one_area_has_only_that() -> None:
    evening = full()
    first, second = evening.joined(guest=1, area=1), evening.joined(guest=2)
    for table in (1, 2):
        evening.view.put(table, None)
    assert refused(evening, second, [1]) == (first, (1,))
    assert sits(evening, second, [2])


def test_who_would_not_sit_at_all_is_passed_over_and_who_has_no_table_anyway_is_not() -> None:
    evening = full()
    first, second = evening.joined(5, guest=1), evening.joined(guest=2)
    evening.view.put(4, None)
    evening.now = NOW.replace(hour=23)
    assert refused(evening, second, [4]) == (first, (4,))
    evening.commit(evening.correct(second, 4))
    evening.floor = FloorView(2, TABLES[:3], areas=[TERRACE])
    evening.view.put(3, None)
    assert sits(evening, second, [3])


def test_table_that_is_free_for_a_short_while_is_also_theirs_who_wait_before() -> None:
    evening = full()
    first, second, third = [evening.joined(guest=guest) for guest in (1, 2, 3)]
    for table in (1, 2):
        evening.view.put(table, None)
        evening.view.put(90 + table, booking(table, NOW + minutes(50), status="booked"))
    assert refused(evening, third, [1]) == (second, (2,))
    assert sits(evening, second, [2])
    evening.view.put(2, booking(2, NOW))
    assert refused(evening, second, [1]) == (first, (1,))
    assert sits(evening, first, [1])
