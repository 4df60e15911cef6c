"""SQL stands in hub.store, with the models and in the migrations, and nowhere else: read from the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.servers import CHECKOUT
from tests.sql_texts import ELSEWHERE, PYTHON, nodes_of, statements

SQL = re.compile(
    r"\b(?:SELECT|INSERT INTO|DELETE FROM|UPDATE [a-z_]+|FROM [a-z_]+|JOIN [a-z_]+|WHERE|RETURNING|ORDER BY|GROUP BY"
    r"|VALUES|ON CONFLICT|TRUNCATE|LOCK TABLE|SHOW [a-z_]+|IS (?:NOT )?NULL)\b|\$[1-9]\b|\bhub_[a-z_]+ ?\("
)
"""Whole statements, and pieces of them."""
ASKS = tuple(f"database.{name}" for name in ("fetch", "fetch_apart", "fetch_to_judge", "write", "ask"))
"""What sends a statement."""
FILES = [path for path in PYTHON if not path.is_relative_to(CHECKOUT / "hub/store")]


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def sql_in(path: Path) -> list[str]:
    """The texts of SQL in a file, and its calls that send one."""
    texts = [text for _, text in statements(path) if SQL.search(text)]
    calls = [
        node.func for node in nodes_of(path) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    return texts + [name for call in calls if (name := ast.unparse(call)) in ASKS]


def test_no_sql_stands_outside_of_the_store() -> None:
    found = {name_of(path): sql_in(path) for path in FILES if name_of(path) not in ELSEWHERE}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_every_exception_is_still_needed(name: str) -> None:
    assert sql_in(CHECKOUT / name) != []


@pytest.mark.parametrize(
    "source",
    [
        'database.execute("SELECT 1")',
        'QUERY = f"UPDATE users SET {change}"',
        'PART = "b.left_at IS NULL"',
        'ORDER = "ORDER BY id"',
        'connection.fetch("DELETE FROM users")',
        'connection.fetch("SELECT hub_lock($1)", name)',
        "database.fetch(bookings.OWN, 1)",
    ],
)
def test_sql_is_seen(source: str, tmp_path: Path) -> None:
    file = tmp_path / "hub.py"
    file.write_text(source)
    assert len(sql_in(file)) == 1


@pytest.mark.parametrize(
    "source",
    ['log.warning("select a table where you sit")', 'def f():\n    """SELECT 1"""', "database.transact(work)"],
)
def test_plain_text_is_not(source: str, tmp_path: Path) -> None:
    file = tmp_path / "hub.py"
    file.write_text(source)
    assert sql_in(file) == []
