"""Every statement that names a table of venues says of which venue, read from the code and the database's functions.

A row is of a venue by its venue_id, or by a key that carries it: the name of a stream. Guests are of the venue's group,
by their group_id. One that asks beyond a venue is in EXCEPTIONS, with its reason and with the tables that it asks of.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from tests.sql_texts import PYTHON, all_statements, nodes_of, statements, statements_of_sql
from tests.venue_ties import tables_without_venue

WORKER = "the worker sends what is due, of every venue"
OWN_ROWS = "a user's own rows, in every venue"
OF_A_GUEST = "a guest's own rows, in every venue of the group"
OF_A_VIEW = "guests by the ids that the views of one venue show"
OF_A_GROUP = "the visits and notes of the guests of a group, which it names"
FOUND = "a guest who was found in the group of whoever asks"
DAYS_OF_A_GUEST = "all days of the guest of a note, in their group"
PAST = "what is past its last day, of every group"
ONE_GUEST = "an account's own rows, in every group, and the one guest of a booking"
OPERATOR = "the operator's command"
OF_NO_VENUE = "a mail to an account is of no venue"
EXCEPTIONS: dict[str, tuple[str, dict[str, int]]] = {
    "hub/store/accounts.py::REGISTER": (OF_NO_VENUE, {"outbox": 1}),
    "hub/store/bookings.py::COLUMNS": (
        "a part of statements: each of them says which venue",
        {"bookings+tables+guests+streams+tables": 1},
    ),
    "hub/store/days.py::TEXTS": (OF_A_VIEW, {"guest_notes": 1, "guests": 1}),
    "hub/store/days.py::NOTES": ("notes of those who dine in the venue that day", {"guest_notes": 1}),
    "hub/store/erasure.py::OF_GUESTS": (OF_A_GUEST, {"bookings": 1}),
    "hub/store/erasure.py::GUESTS": (OF_A_GUEST, {"bookings": 4, "guest_notes": 1, "outbox": 2}),
    "hub/store/erasure.py::END_WAITS": (OF_A_GUEST, {"waitlist": 1}),
    "hub/store/erasure.py::TO_COME": (OF_A_GUEST, {"bookings": 1}),
    "hub/store/erasure.py::ACCOUNT": (OWN_ROWS, {"outbox": 1}),
    "hub/store/erasure.py::END_MEMBERSHIPS": (OWN_ROWS, {"memberships": 1}),
    "hub/store/erasure.py::GUESTS_OF": (OWN_ROWS, {"guests": 1}),
    "hub/store/exports.py::STATEMENTS": (
        OWN_ROWS,
        {
            "bookings+guests": 1,
            "bookings+tables": 1,
            "events": 1,
            "guest_notes": 1,
            "guests": 2,
            "outbox+bookings": 1,
            "waitlist+guests": 2,
        },
    ),
    "hub/store/freshness.py::QUESTION": ("a process knows the members of all venues", {"memberships": 1}),
    "hub/store/guest_book.py::FACTS": (
        OF_A_GROUP,
        {"bookings": 1, "bookings+guests": 1, "guest_notes": 1, "waitlist+guests": 1},
    ),
    "hub/store/guest_book.py::MATCHING": (OF_A_GROUP, {"bookings": 1}),
    "hub/store/guest_book.py::SEARCH": (
        OF_A_GROUP,
        {"bookings": 2, "bookings+guests": 1, "guest_notes": 1, "waitlist+guests": 1},
    ),
    "hub/store/guest_book.py::NOTE": (OF_A_GROUP, {"bookings+guests": 1, "waitlist+guests": 1}),
    "hub/store/guest_book.py::ADD_NOTE": (OF_A_GROUP, {"bookings+guests": 1, "guest_notes": 2, "waitlist+guests": 1}),
    "hub/store/guest_book.py::READ_NOTE": (OF_A_GROUP, {"bookings+guests": 1, "guest_notes": 1, "waitlist+guests": 1}),
    "hub/store/guest_book.py::REMOVE_NOTE": (OF_A_GROUP, {"guest_notes": 1}),
    "hub/store/guest_book.py::read": (
        OF_A_GROUP,
        {"bookings": 1, "bookings+guests": 1, "guest_notes": 1, "waitlist+guests": 1},
    ),
    "hub/store/guest_mails.py::END_LINKS": (OF_A_GUEST, {"bookings": 1}),
    "hub/store/guest_mails.py::DROP": (OF_A_GUEST, {"bookings": 1, "outbox": 1}),
    "hub/store/guest_mails.py::MAILED": (OF_A_GUEST, {"bookings": 1, "outbox": 1}),
    "hub/store/guest_mails.py::REDIRECT": (OF_A_GUEST, {"bookings+guests": 1, "outbox": 1}),
    "hub/store/guest_mails.py::OF_GUEST": (OF_A_GUEST, {"bookings+guests": 1}),
    "hub/store/guest_mails.py::CONFIRM": (OF_A_GUEST, {"bookings+guests": 1, "outbox": 1}),
    "hub/store/guest_mails.py::REMIND": (OF_A_GUEST, {"bookings+guests": 1}),
    "hub/store/guest_names.py::GUEST": (FOUND, {"guests": 1}),
    "hub/store/guest_names.py::NOTED": (FOUND, {"guest_notes": 1, "guests": 1}),
    "hub/store/guest_names.py::OF_BOOKINGS": (OWN_ROWS, {"bookings+guests": 1}),
    "hub/store/guest_names.py::OF_WAITLISTS": (OWN_ROWS, {"waitlist+guests": 1}),
    "hub/store/guest_names.py::SHOWN": (OWN_ROWS, {"bookings+guests": 1, "waitlist+guests": 1}),
    "hub/store/guest_names.py::STREAMS": (OWN_ROWS, {"bookings+guests": 1, "waitlist+guests": 1}),
    "hub/store/mails.py::read": (WORKER, {"outbox+bookings+tables+guests+outbox": 1}),
    "hub/store/note_ends.py::DAYS": (DAYS_OF_A_GUEST, {"bookings+guests": 1, "waitlist+guests": 1}),
    "hub/store/note_ends.py::UNTIL": (DAYS_OF_A_GUEST, {"bookings+guests": 1, "waitlist+guests": 1}),
    "hub/store/outbox.py::LEASED": (WORKER, {"outbox": 1}),
    "hub/store/outbox.py::CLAIM": (WORKER, {"outbox": 3}),
    "hub/store/outbox.py::renew": (WORKER, {"outbox": 1}),
    "hub/store/outbox.py::expire_leases": (WORKER, {"outbox": 2}),
    "hub/store/outbox.py::mark": (WORKER, {"outbox": 1}),
    "hub/store/outbox.py::backlog": ("the installation's alerts", {"outbox": 1}),
    "hub/store/outbox.py::unsent": (OPERATOR, {"outbox": 1}),
    "hub/store/outbox.py::retry": (OPERATOR, {"outbox": 1}),
    "hub/store/retention.py::OLD_NOTES": (PAST, {"guest_notes": 1}),
    "hub/store/retention.py::OLD_DIETARY": (PAST, {"bookings+guests": 1, "guest_notes": 1, "waitlist+guests": 1}),
    "hub/store/retention.py::OLD_MESSAGES": (WORKER, {"outbox+bookings": 1}),
    "hub/store/retention.py::forget_notes": (PAST, {"bookings+guests": 2, "guest_notes": 5, "waitlist+guests": 2}),
    "hub/store/retention.py::forget_events.work": (
        "by the ids that OLD_EVENTS and OLD_FLOOR_EVENTS find",
        {"events": 2},
    ),
    "hub/store/retention.py::forget_messages.work": (WORKER, {"outbox": 1, "outbox+bookings": 1}),
    "hub/store/waitlist.py::WAITED_ON": (
        "the keeper of all venues, each of which it looks at by itself",
        {"waitlist": 1},
    ),
    "hub/store/waitlist_retention.py::KNOWN_ELSEWHERE": (OF_A_GUEST, {"bookings": 1, "guest_notes": 1, "waitlist": 1}),
    "hub/store/waitlist_retention.py::WHO_LEFT": (
        OF_A_GUEST,
        {"bookings": 1, "guest_notes": 1, "guests": 1, "waitlist": 2},
    ),
    "hub/store/waitlist_retention.py::STILL_UNKNOWN": (
        OF_A_GUEST,
        {"bookings": 1, "guest_notes": 1, "guests": 1, "waitlist": 1},
    ),
    "migrations/sql/hub_enqueue_link.sql::hub_enqueue_link": (OF_NO_VENUE, {"outbox": 2}),
    "migrations/sql/hub_guest.sql::hub_copy_to_guests": (ONE_GUEST, {"guests": 1}),
    "migrations/sql/hub_guest.sql::hub_erase_guests": (ONE_GUEST, {"guests": 1}),
    "migrations/sql/hub_guest.sql::hub_guest_facts": (ONE_GUEST, {"guests": 1}),
    "migrations/sql/hub_guest.sql::hub_known_beside": (ONE_GUEST, {"bookings": 1, "guests": 1, "waitlist": 1}),
    "migrations/sql/hub_guest.sql::hub_is_noted": (ONE_GUEST, {"guest_notes": 1}),
    "migrations/sql/hub_too_many_mails.sql::hub_too_many_mails": (
        "how many mails an address is sent, of whichever venue",
        {"outbox": 1},
    ),
}
"""File and scope → why it asks for more than one venue; and of which tables, as tables_without_venue names them, how
often."""


def found_in_the_code() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for name, text in all_statements():
        if tables := tables_without_venue(text):
            found.setdefault(name, Counter()).update(tables)
    return found


def test_what_is_asked_of_a_venues_table_names_the_venue() -> None:
    """But for the exceptions: no table more, and none of them in vain."""
    assert found_in_the_code() == {name: Counter(tables) for name, (_, tables) in EXCEPTIONS.items()}


def test_statements_are_found_in_every_form(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text(
        '"""SELECT id FROM bookings: a docstring."""\n'
        'WHICH = "b.id = $1"\n'
        'PART = "FROM bookings b "\n'
        'JOINED = f"SELECT 1 {PART} WHERE {WHICH}"\n'
        'ADDED = "SELECT 1 " + PART + "WHERE b.venue_id = $1"\n'
        'MANY = {"a": "SELECT 1 FROM tables", "b": "SELECT 1"}\n'
        "async def read(database):\n"
        '    """SELECT id FROM tables"""\n'
        '    await database.fetch("SELECT id "\n        "FROM tables")\n'
    )
    assert [(scope, tables_without_venue(text)) for scope, text in statements(source) if "FROM" in text] == [
        ("PART", ["bookings"]),
        ("JOINED", ["bookings"]),
        ("ADDED", []),
        ("MANY", ["tables"]),
        ("read", ["tables"]),
    ]
    functions = tmp_path / "functions.sql"
    functions.write_text(
        "-- SELECT FROM bookings\nCREATE OR REPLACE FUNCTION f() SELECT 1 FROM tables;\n"
        "UPDATE tables t SET name = '' WHERE t.venue_id = $1;CREATE OR REPLACE FUNCTION g() SELECT 1 FROM blocks;"
    )
    assert [(scope, tables_without_venue(text)) for scope, text in statements_of_sql(functions)] == [
        ("f", ["tables"]),
        ("f", []),
        ("g", ["blocks"]),
        ("g", []),
    ]


# -- the models


MODELS = {f"{name}Model" for name in "Booking Event Membership Occupancy OutboxEntry Stream Table".split()}


def questions_without_venue(nodes: Collection[ast.AST]) -> list[int]:
    """The lines of questions to a model of a venue's table that do not name the venue."""
    models = {
        each.asname or each.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "models"
        for each in node.names
        if each.name in MODELS
    }
    return [
        node.lineno
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in models
        and "venue_id" not in {keyword.arg for keyword in node.keywords}
    ]


def test_question_to_a_model_names_the_venue() -> None:
    assert {path: lines for path in PYTHON if (lines := questions_without_venue(nodes_of(path)))} == {}


def test_question_to_a_model_without_a_venue_is_seen() -> None:
    source = "from models import TableModel as T, UserModel as U\n"
    source += "T.filter(id=1)\nT.filter(venue_id=1, id=1)\nT.all()\nU.all()"
    assert questions_without_venue([*ast.walk(ast.parse(source))]) == [2, 4]
