"""Every statement that names a table of venues says of which venue, read from the code and the database's functions.

A row is of a venue by its venue_id, or by a key that carries it: the name of a stream. Guests are of the venue's group,
by their group_id. One that asks beyond a venue is
in EXCEPTIONS, with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.servers import CHECKOUT

PYTHON = sorted(path for part in ("hub", "workers") for path in (CHECKOUT / part).rglob("*.py"))
SQL = sorted((CHECKOUT / "migrations/sql").glob("*.sql"))
TABLES = (
    "bookings|occupancies|tables|outbox|streams|events|memberships|guests|guest_notes|blocks|holds|waitlist|areas"
    "|combinations|combination_tables"
)
GROUPED = {"guests", "guest_notes"}
"""They are of a group of venues, and name that."""
KEYS = {"streams": "name", "events": "stream"}
"""The column of a table that names its venue too."""
NAMED = re.compile(
    rf"\b(?:FROM|JOIN|INTO|UPDATE|USING|LOCK TABLE|TRUNCATE)\s+(?:ONLY\s+)?(?P<table>{TABLES})\b"
    r"(?!\s*\()(?:\s+(?:AS\s+)?(?!(?:WHERE|ON|SET|SELECT|VALUES|JOIN|LEFT|ORDER|LIMIT|FOR|USING|GROUP)\b)(?P<alias>[a-z]\w*))?"
    rf"|\b(?:INTO|UPDATE)\s+(?P<written>{TABLES})\s+(?:AS\s+(?P<as>\w+)\s+)?\("
)
GUESTS = ("OF_GUESTS", "GUESTS", "END_WAITS", "TO_COME")
MAILS = ("END_LINKS", "DROP", "MAILED", "REDIRECT", "OF_GUEST", "CONFIRM", "REMIND")
WORKER = "the worker sends what is due, of every venue"
OWN_ROWS = "a user's own rows, in every venue"
OF_A_GUEST = "a guest's own rows, in every venue of the group"
OF_A_VIEW = "guests by the ids that the views of one venue show"
EXCEPTIONS: dict[str, str] = {
    **{f"hub/store/erasure.py::{name}": OF_A_GUEST for name in GUESTS},
    **{f"hub/store/guest_mails.py::{name}": OF_A_GUEST for name in MAILS},
    "hub/store/erasure.py::ACCOUNT": OWN_ROWS,
    "hub/store/erasure.py::GUESTS_OF": OWN_ROWS,
    "hub/store/erasure.py::END_MEMBERSHIPS": OWN_ROWS,
    "hub/store/exports.py::STATEMENTS": OWN_ROWS,
    "hub/store/accounts.py::REGISTER": "a mail to an account is of no venue",
    "hub/store/bookings.py::COLUMNS": "a part of statements: each of them says which venue",
    **{f"hub/store/guest_names.py::{name}": OWN_ROWS for name in ("SHOWN", "STREAMS", "OF_BOOKINGS", "OF_WAITLISTS")},
    **{
        f"hub/store/waitlist_retention.py::{name}": OF_A_GUEST
        for name in ("KNOWN_ELSEWHERE", "WHO_LEFT", "STILL_UNKNOWN")
    },
    "hub/store/waitlist.py::WAITED_ON": "the keeper of all venues, each of which it looks at by itself",
    **{
        f"hub/store/guest_names.py::{name}": "a guest who was found in the group of whoever asks"
        for name in ("GUEST", "NOTED")
    },
    "hub/store/days.py::TEXTS": OF_A_VIEW,
    **{
        f"hub/store/guest_book.py::{name}": "the visits and notes of the guests of a group, which it names"
        for name in ("FACTS", "SEARCH", "NOTE", "read", "ADD_NOTE", "READ_NOTE", "REMOVE_NOTE")
    },
    "hub/store/days.py::NOTES": "notes of those who dine in the venue that day",
    "hub/store/retention.py::OLD_NOTES": "what is past its last day, of every group",
    "hub/store/retention.py::OLD_DIETARY": "the same",
    "hub/store/retention.py::forget_notes": "the same",
    "hub/store/note_ends.py::DAYS": "all days of the guest of a note, in their group",
    "hub/store/note_ends.py::UNTIL": "the same",
    "hub/store/retention.py::OLD_MESSAGES": WORKER,
    "hub/store/retention.py::forget_messages.work": WORKER,
    "hub/store/freshness.py::QUESTION": "a process knows the members of all venues",
    "hub/store/mails.py::read": WORKER,
    "hub/store/outbox.py::LEASED": WORKER,
    "hub/store/outbox.py::CLAIM": WORKER,
    "hub/store/outbox.py::renew": WORKER,
    "hub/store/outbox.py::expire_leases": WORKER,
    "hub/store/outbox.py::mark": WORKER,
    "hub/store/outbox.py::backlog": "the installation's alerts",
    "hub/store/outbox.py::unsent": "the operator's command",
    "hub/store/outbox.py::retry": "the operator's command",
    "migrations/sql/hub_enqueue_link.sql::": "a mail to an account is of no venue",
    "migrations/sql/hub_guest.sql::": "an account's own rows, in every group, and the one guest of a booking",
    "migrations/sql/hub_too_many_mails.sql::": "how many mails an address is sent, of whichever venue",
}
"""File and scope → why it asks for more than one venue."""


COMPARED = re.compile(r"\(?([\w.$]+)(?:, [\w.]+\))?\s*(?:=|\bIN\b)\s*([\w.$(]+)")


def tables_without_venue(statement: str) -> list[str]:
    """The tables of venues that a statement names without their venue. Two that are compared with each other alone are
    of one venue, but of whichever."""
    named: dict[str, str] = {}
    bound: set[str] = set()
    for match in NAMED.finditer(statement):
        table = match["table"] or match["written"]
        name = match["alias"] or match["as"] or table
        named[name] = table
        listed = re.match(rf"INTO\s+{table}\s+(?:AS\s+\w+\s+)?\(([^)]*)\)", statement[match.start() :])
        if listed is not None and columns_of(table) & set(re.findall(r"\w+", listed[1])):
            bound.add(name)

    def names_in(side: str) -> set[str]:
        """The tables whose venue a side of a comparison is."""
        alias, dot, column = side.strip("(").rpartition(".")
        if dot:
            return {alias} if alias in named and column in columns_of(named[alias]) else set()
        return {
            name for name, table in named.items() if column in columns_of(table) and (name == table or len(named) == 1)
        }

    same = {name: {name} for name in named}
    for left, right in COMPARED.findall(statement):
        of_left, of_right = names_in(left), names_in(right)
        if of_left and of_right:
            together = set[str]().union(*(same[name] for name in of_left | of_right))
            same.update(dict.fromkeys(together, together))
        else:
            bound |= of_left | of_right
    return [table for name, table in named.items() if not same[name] & bound]


def columns_of(table: str) -> set[str]:
    return {"group_id" if table in GROUPED else "venue_id", *([KEYS[table]] if table in KEYS else [])}


# -- the statements of a file


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


def module_of(path: Path, alias: str) -> Path | None:
    """The file of a module that another one knows by this name."""
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                file = CHECKOUT / f"{node.module}.{name.name}".replace(".", "/")
                if (name.asname or name.name) == alias and file.with_suffix(".py").exists():
                    return file.with_suffix(".py")
    return None


def imported(path: Path, name: str) -> tuple[Path, str] | None:
    """Where a name that was imported from another module is from."""
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            file = (CHECKOUT / node.module.replace(".", "/")).with_suffix(".py")
            for each in node.names:
                if (each.asname or each.name) == name and file.exists():
                    return file, each.name
    return None


def value_of(path: Path, name: str, seen: frozenset[str]) -> str:
    """All texts that a name of a module may stand for."""
    if f"{path}:{name}" in seen:
        return ""
    seen |= {f"{path}:{name}"}
    found = []
    for node in nodes_of(path):
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign):
            targets, value = [node.target], node.value
        if value is not None and any(isinstance(target, ast.Name) and target.id == name for target in targets):
            found += [text_of(path, each, seen) for each in strings(value)]
    if not found and (origin := imported(path, name)) is not None:
        return value_of(*origin, seen)
    return " ".join(found)


def text_of(path: Path, node: ast.expr, seen: frozenset[str] = frozenset()) -> str:
    """An expression of text, with what the names in it stand for."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(text_of(path, value, seen) for value in values)
        case ast.FormattedValue(value=value):
            return text_of(path, value, seen)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(path, left, seen) + text_of(path, right, seen)
        case ast.Name(id=name):
            return value_of(path, name, seen)
        case ast.Attribute(value=ast.Name(id=module), attr=name) if (file := module_of(path, module)) is not None:
            return value_of(file, name, seen)
    return " … "


def is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (is_text(node.left) or is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def strings(node: ast.AST) -> Iterator[ast.expr]:
    """The texts within an expression, none of which is a part of another."""
    if is_text(node):
        assert isinstance(node, ast.expr)
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from strings(child)


def statements(path: Path) -> Iterator[tuple[str, str]]:
    """(scope, text) of every text in a module but docstrings."""

    def walk(node: ast.AST, scope: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue  # a docstring
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = f"{scope}.{child.name}" if scope else child.name
            elif not scope and isinstance(child, ast.Assign | ast.AnnAssign):
                target = child.targets[0] if isinstance(child, ast.Assign) else child.target
                inner = target.id if isinstance(target, ast.Name) else scope
            if is_text(child):
                assert isinstance(child, ast.expr)
                yield inner, text_of(path, child)
            else:
                yield from walk(child, inner)

    yield from walk(tree_of(path), "")


def statements_of_sql(path: Path) -> Iterator[tuple[str, str]]:
    text = re.sub(r"--[^\n]*", "", path.read_text())
    yield from (("", each) for each in text.split(";"))


@cache
def faults(path: Path) -> dict[str, list[str]]:
    """Scope → the tables that its statements name without a venue."""
    found: dict[str, list[str]] = {}
    for scope, text in statements_of_sql(path) if path.suffix == ".sql" else statements(path):
        if tables := tables_without_venue(text):
            found.setdefault(scope, []).extend(tables)
    return found


def name_of(path: Path, scope: str) -> str:
    return f"{path.relative_to(CHECKOUT)}::{scope}"


@cache
def faults_of_all() -> dict[str, list[str]]:
    """File and scope → the tables that its statements name without a venue, with EXCEPTIONS."""
    return {name_of(path, scope): tables for path in [*PYTHON, *SQL] for scope, tables in faults(path).items()}


def test_what_is_asked_of_a_venues_table_names_the_venue() -> None:
    assert {name: tables for name, tables in faults_of_all().items() if name not in EXCEPTIONS} == {}


def test_every_exception_is_still_needed() -> None:
    assert EXCEPTIONS.keys() <= faults_of_all().keys()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM bookings WHERE id = $1",
        "SELECT b.venue_id, b.id FROM bookings b WHERE b.service_date = $1",
        "SELECT b.id FROM bookings b JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id WHERE b.id = $1",
        "SELECT count(*) FROM tables t, venues v WHERE v.id = $1 AND v.venue_id = $1",
        "UPDATE bookings b SET status = 'canceled' WHERE b.id = $1",
        "UPDATE tables SET name = $2 WHERE id = $1",
        "DELETE FROM occupancies WHERE booking_id = $1",
        "INSERT INTO occupancies (table_id, booking_id) VALUES ($1, $2)",
        "INSERT INTO tables AS t (name, seats) SELECT $1, $2",
        "SELECT * FROM events WHERE version > $1",
        "SELECT version FROM streams ORDER BY name",
        "SELECT EXISTS (SELECT FROM memberships m WHERE m.user_id = $1)",
        "SELECT 1 FROM hub h LEFT JOIN streams s ON s.version = h.id",
        "UPDATE guests SET name = $2 WHERE id = $1",
        "SELECT g.id FROM guests g WHERE g.phone = $1 AND g.user_id IS NULL",
        "DELETE FROM guest_notes WHERE guest_id = ANY($1)",
        "SELECT id FROM tables WHERE id IN (SELECT table_id FROM bookings b WHERE b.venue_id = $1)",
    ],
)
def test_statement_without_a_venue_is_seen(statement: str) -> None:
    assert tables_without_venue(statement) != []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM bookings WHERE venue_id = $1 AND id = $2",
        "SELECT 1 FROM bookings b JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id WHERE b.venue_id = $1",
        "SELECT 1 FROM bookings b WHERE (b.venue_id, b.id) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))",
        "SELECT version FROM streams WHERE name = $1",
        "SELECT v.name FROM unnest($1::text[]) AS v(name) LEFT JOIN streams s ON s.name = v.name",
        "SELECT kind FROM events WHERE stream = $1 AND version > $2",
        "INSERT INTO occupancies (venue_id, table_id) VALUES ($1, $2)",
        "INSERT INTO tables AS t (venue_id, name) SELECT $1, $2",
        "SELECT 1 FROM venues v, LATERAL (SELECT FROM tables t WHERE t.venue_id = v.id) x",
        "SELECT id FROM users WHERE id = $1",
        "UPDATE guests SET name = $3 WHERE group_id = $1 AND id = $2",
        "SELECT 1 FROM bookings b JOIN guests g ON g.group_id = b.group_id AND g.id = b.guest_id WHERE b.venue_id = $1",
    ],
)
def test_statement_of_one_venue_is_not(statement: str) -> None:
    assert tables_without_venue(statement) == []


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
    assert faults(source) == {
        "PART": ["bookings"], "JOINED": ["bookings"], "MANY": ["tables"], "read": ["tables"]
    }  # fmt: skip
    functions = tmp_path / "function.sql"
    functions.write_text(
        "-- SELECT FROM bookings\nSELECT 1 FROM tables; UPDATE tables t SET name = '' WHERE t.venue_id = $1;"
    )
    assert faults(functions) == {"": ["tables"]}


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
