"""What each verb decides about a table, of a house with bookings: the change, and every refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.domain.change import Change, NewEvent
from hub.domain.events import MAIN, TABLES
from hub.domain.floor import FloorView, Table
from hub.domain.floor_decisions import add_table, change_table, remove_table
from hub.errors import (
    Changed,
    HubError,
    NameTaken,
    NotFound,
)
from tests.pure.hub.domain.house import (
    PLAN,
    House,
)


@pytest.fixture
def house() -> House:
    return House()


def test_table_is_added(house: House) -> None:
    change = house.commit(add_table(house.room, MAIN, name="Window", seats=4))
    assert house.room.tables[change] == Table(change, "Window", 4, 1)
    with pytest.raises(NameTaken):
        add_table(house.room, MAIN, name="WINDOW", seats=2)


def test_table_is_changed(house: House) -> None:
    smaller = change_table(house.room, MAIN, 3, name=None, seats=4)
    assert smaller.free == (3, 4) and smaller.table == Table(3, "T6-1", 4, 2)
    house.commit(smaller)
    larger = change_table(house.room, MAIN, 3, name="Round", seats=8, revisions=frozenset({1, 2}))
    assert larger.free is None
    house.commit(larger)
    assert house.room.tables[3] == Table(3, "Round", 8, 3)
    assert change_table(house.room, MAIN, 3, name="Round", seats=None).events == ()
    assert change_table(house.room, MAIN, 3, name="ROUND", seats=None).events  # its own name, written otherwise


def test_table_is_removed(house: House) -> None:
    change = remove_table(house.room, MAIN, 1)
    assert (change.retired, change.free) == (True, (1, 0))
    assert change.events == [NewEvent(TABLES, "table_removed", {"table": 1, "entry": None})]
    house.commit(change)
    assert 1 not in house.room.tables


@pytest.mark.parametrize(
    ("asks", "error"),
    [
        (lambda room: change_table(room, MAIN, 99, name="X", seats=None), NotFound),
        (lambda room: change_table(room, MAIN, 1, name="t2-2", seats=None), NameTaken),
        (
            lambda room: change_table(room, MAIN, 1, name="X", seats=None, revisions=frozenset({2})),
            Changed,
        ),
        (lambda room: remove_table(room, MAIN, 99), NotFound),
        (lambda room: remove_table(room, MAIN, 1, frozenset({2})), Changed),
    ],
)
def test_change_of_a_table_is_refused(asks: Callable[[FloorView], Change], error: type[HubError]) -> None:
    with pytest.raises(error):
        asks(FloorView(len(PLAN), PLAN))
