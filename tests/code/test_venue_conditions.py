"""Each condition on a venue in the product's SQL is taken out, one at a time: what judges the statements must see it.

Whatever it can't see is in UNSEEN, with the reason why no other venue's rows come by it, or which test is red then.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.sql_texts import all_statements
from tests.venue_ties import flat, tables_without_venue

CONDITION = re.compile(r"(?:\b\w+\.)?\b(?:venue_id|group_id|stream|(?<=WHERE )name|(?<=\bs\.)name)\s*(?:=|IN\b)")
ENDS = re.compile(r"\b(?:AND|OR|WHERE|ON|THEN|ORDER|GROUP|LIMIT|LEFT|JOIN|CROSS|UNION|RETURNING|FOR|DO|LOOP)\b|[,;]")
THE_MAIN_VENUE = "says where an account's role counts; the next condition binds the table"
ONE_GROUP = "a guest is of one group: the condition on the guest's id says it too"
BOTH = "the stream is of a venue and a day: each of the two conditions says the venue"
A_PART = "a part of statements, without the tables: it is seen in each of them"
ORDER = "says which guests of the group come first, and asks no row more"
UNSEEN = {
    ("hub/store/days.py::TEXTS", "h.venue_id = 1"): THE_MAIN_VENUE,
    ("hub/store/holds.py::MADE_BY_STAFF", "h.venue_id = 1"): THE_MAIN_VENUE,
    ("hub/store/holds.py::HELD", "h.venue_id = 1"): THE_MAIN_VENUE,
    ("hub/store/guest_book.py::FACTS", "b.group_id = g.group_id"): ONE_GROUP,
    ("hub/store/guest_book.py::SEARCH", "b.group_id = g.group_id"): ONE_GROUP,
    ("hub/store/guest_book.py::read", "b.group_id = g.group_id"): ONE_GROUP,
    ("hub/store/guest_book.py::MATCHING", "b.group_id = f.group_id"): ONE_GROUP,
    ("hub/store/guest_book.py::SEARCH", "b.group_id = f.group_id"): ONE_GROUP,
    ("hub/store/guest_book.py::MATCHING", "b.venue_id = $2"): ORDER,
    ("hub/store/guest_book.py::SEARCH", "b.venue_id = $2"): ORDER,
    ("hub/store/guest_book.py::OF_GUEST", "g.group_id = $1"): A_PART,
    ("hub/store/histories.py::OF_WAIT", "e.venue_id = w.venue_id"): BOTH,
    ("hub/store/histories.py::OF_WAIT", "e.stream = hub_stream(w.venue_id, w.service_date)"): BOTH,
    ("hub/store/waitlist.py::BEFORE", "e.venue_id = w.venue_id"): BOTH,
    ("hub/store/waitlist.py::BEFORE", "e.stream = hub_stream(w.venue_id, w.service_date)"): BOTH,
    **{
        (f"hub/store/waitlist_retention.py::{name}", f"{alias}.group_id = g.group_id"): ONE_GROUP
        for name in ("KNOWN_ELSEWHERE", "WHO_LEFT", "STILL_UNKNOWN")
        for alias in "bl"
    },
}
"""(File and scope, condition) → why."""


def length_of(rest: str) -> int:
    """How much of a text is the other side of a condition, at whose start it is."""
    opened = 0
    for at, character in enumerate(rest):
        opened += (character == "(") - (character == ")")
        if opened < 0:
            rest = rest[:at]
            break
    found = ENDS.search(flat(rest))
    return len(rest) if found is None else found.start()


def without_a_condition(statement: str) -> Iterator[tuple[str, str]]:
    """(condition, statement) for each condition on a venue: the statement without it."""
    for found in CONDITION.finditer(statement):
        end = found.end() + length_of(statement[found.end() :])
        condition = " ".join(statement[found.start() : end].split())
        yield condition, f"{statement[: found.start()]}true {statement[end:]}"


def test_every_condition_on_a_venue_is_needed() -> None:
    """Of all statements, as they are put together: none is missed, but what UNSEEN names."""
    unseen = set()
    for name, text in all_statements():
        tables = Counter(tables_without_venue(text))
        unseen |= {
            (name, condition)
            for condition, other in without_a_condition(text)
            if Counter(tables_without_venue(other)) == tables
        }
    assert unseen == UNSEEN.keys()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "SELECT 1 FROM bookings b WHERE b.venue_id = ANY($1) AND b.id = $2",
            {"b.venue_id = ANY($1)": "SELECT 1 FROM bookings b WHERE true AND b.id = $2"},
        ),
        (
            "(SELECT 1 FROM events e JOIN streams s ON s.name = e.stream WHERE stream = hub_stream(1))",
            {
                "s.name = e.stream": "(SELECT 1 FROM events e JOIN streams s ON true WHERE stream = hub_stream(1))",
                "stream = hub_stream(1)": "(SELECT 1 FROM events e JOIN streams s ON s.name = e.stream WHERE true )",
            },
        ),
        (
            "UPDATE guests SET name = $2 WHERE group_id = $1",
            {"group_id = $1": "UPDATE guests SET name = $2 WHERE true "},
        ),
        ("INSERT INTO tables (venue_id, name) VALUES ($1, $2)", {}),
    ],
)
def test_conditions_are_taken_out_one_at_a_time(statement: str, expected: dict[str, str]) -> None:
    assert dict(without_a_condition(statement)) == expected
