"""Which function of hub.store.database each statement goes through, read from the code.

After an answer that was lost, :func:`hub.store.database.fetch` says that the same may be asked again. That is true of
what reads, and of nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.servers import CHECKOUT

FILES = sorted(path for part in ("hub", "workers") for path in (CHECKOUT / part).rglob("*.py"))
READERS = ("fetch", "fetch_apart", "fetch_to_judge", "ask")
WRITES = re.compile(r"\b(INSERT\s+INTO|DELETE\s+FROM|TRUNCATE|(?<!FOR )(?<!FOR NO KEY )UPDATE\s+\w)", re.IGNORECASE)
MODELS_WRITE = re.compile(r"\.(create|bulk_create|get_or_create|update_or_create|update|save|delete)\(")
CALLED = re.compile(r"\b(hub_\w+)\s*\(")
REPEATABLE = {
    "RENEW": "made by readers, and does nothing to an epoch that is another one already",
    "RENEW_IF_SWAPPED": "the same",
    "GUEST_OF": "makes the guest of an account when there is none, and finds it the next time",
}
"""Statements that write and may be repeated, by name."""


@cache
def writing_functions() -> set[str]:
    """The database's own functions that write, also through one another, by the text of the migrations."""
    bodies: dict[str, str] = {}
    for path in (*(CHECKOUT / "migrations").glob("models/*.py"), *(CHECKOUT / "migrations").glob("sql/*.sql")):
        text = path.read_text()
        for name, body in re.findall(r"CREATE (?:OR REPLACE )?FUNCTION (hub_\w+)\s*\(.*?AS \$\$(.*?)\$\$", text, re.S):
            bodies[name] = bodies.get(name, "") + body
    found = {name for name, body in bodies.items() if WRITES.search(body)}
    while more := {name for name, body in bodies.items() if found & set(CALLED.findall(body))} - found:
        found |= more
    return found


Values = dict[str, list[ast.expr]]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module or a function, without those of the functions within it."""
    waiting = [*ast.iter_child_nodes(scope)]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FUNCTIONS):
            waiting += ast.iter_child_nodes(node)


def values(scope: ast.AST) -> Values:
    """What each name that a scope sets may stand for; for one that walks through something, all of that."""
    found: Values = {}
    for node in own(scope):
        pairs: list[tuple[ast.AST, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.AsyncFor):
            pairs = [(node.target, node.iter)]
        for target, value in pairs:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).append(value)
    return found


def text_of(node: ast.AST, scopes: list[Values], seen: frozenset[str] = frozenset()) -> str:
    """All text that may be a part of an expression's value. The innermost scope is the last."""
    parts = []
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            parts.append(each.value)
        elif isinstance(each, ast.Name) and each.id not in seen:
            known: list[ast.expr] = next((scope[each.id] for scope in reversed(scopes) if each.id in scope), [])
            parts += [text_of(value, scopes, seen | {each.id}) for value in known]
    return " ".join(parts)


def statements(scope: ast.AST, outer: list[Values]) -> Iterator[tuple[str, ast.expr, str]]:
    """Of each call of a reader: which one, what it is given, and the text of that."""
    scopes = [*outer, values(scope)]
    for node in own(scope):
        if isinstance(node, FUNCTIONS):
            yield from statements(node, scopes)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute):
            if ast.unparse(node.func.value) == "database" and node.func.attr in READERS:
                yield node.func.attr, node.args[0], text_of(node.args[0], scopes)


@cache
def faults(source: str) -> tuple[list[str], int]:
    """What is wrong with one file, and how many statements were looked at."""
    found, count, functions = [], 0, writing_functions()
    for reader, statement, text in statements(ast.parse(source), []):
        count += 1
        line, said = statement.lineno, ast.unparse(statement)
        if said in REPEATABLE:
            continue
        if reader == "ask":
            if MODELS_WRITE.search(said):
                found.append(f"line {line}: {reader} writes")
            continue
        if "SELECT" not in text:
            found.append(f"line {line}: what {reader} is given can't be read here")
        elif WRITES.search(text) or functions & set(CALLED.findall(text)):
            found.append(f"line {line}: {reader} writes")
    return found, count


def test_what_writes_goes_through_no_function_for_readers() -> None:
    wrong = {str(path.relative_to(CHECKOUT)): faults(path.read_text())[0] for path in FILES}
    assert {name: lines for name, lines in wrong.items() if lines} == {}


def test_statements_are_found_at_all() -> None:
    assert sum(faults(path.read_text())[1] for path in FILES) > 25
    assert {"hub_commit", "hub_enqueue", "hub_enqueue_link", "hub_end_sessions", "hub_append"} <= writing_functions()
    assert not {"hub_entry", "hub_instant", "hub_timeline"} & writing_functions()


@pytest.mark.parametrize(
    "source",
    [
        'database.fetch("UPDATE users SET role = $1", role)',
        'database.fetch_apart("SELECT hub_enqueue_link($1)", email)',
        'database.fetch("WITH u AS (INSERT INTO users (email) VALUES ($1) RETURNING id) SELECT id FROM u")',
        'TAKE = "WITH d AS (DELETE FROM x RETURNING *) "\nREAD = "SELECT * FROM {0}"\ndatabase.fetch(TAKE + READ)',
        'which = "id = 1"\ndatabase.fetch(f"UPDATE users SET a = 1 WHERE {which} RETURNING (SELECT 1)")',
        'for each in ("SELECT 1", "DELETE FROM users"):\n    database.fetch(each)',
        "database.fetch(question)",
        "database.ask(TableRow.filter(id=1).delete())",
    ],
)
def test_one_that_writes_is_seen(source: str) -> None:
    assert len(faults(source)[0]) == 1


@pytest.mark.parametrize(
    "source",
    [
        'database.fetch("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", 1)',
        'database.write("UPDATE users SET role = $1", role)',
        'database.fetch_apart(RENEW, "x")',
        "database.ask(TableRow.filter(retired_at=None))",
    ],
)
def test_one_that_reads_is_not(source: str) -> None:
    assert faults(source)[0] == []
