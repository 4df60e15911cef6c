"""The SQL of the product, read from its code: the texts of Python modules, and the database's functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.servers import CHECKOUT

PYTHON = sorted(path for part in ("hub", "workers") for path in (CHECKOUT / part).rglob("*.py"))
SQL = sorted((CHECKOUT / "migrations/sql").glob("*.sql"))
ELSEWHERE = ("hub/process/doctor/postgresql.py",)
"""What asks the server about itself, its version, settings and roles; all other statements stand in hub.store
(tests/code/test_where_sql_stands.py)."""
STATED = [*(CHECKOUT / "hub/store").rglob("*.py"), *(CHECKOUT / name for name in ELSEWHERE), *SQL]


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
    """(scope, text) of every statement in a file of functions: the scope is the function that it is a part of."""
    text, scope = re.sub(r"--[^\n]*", "", path.read_text()), ""
    for each in text.split(";"):
        if (found := re.search(r"CREATE OR REPLACE FUNCTION (\w+)", each)) is not None:
            scope = found[1]
        yield scope, each


@cache
def all_statements() -> tuple[tuple[str, str], ...]:
    """("file::scope", text) of every text of the files in which statements stand."""
    return tuple(
        (f"{path.relative_to(CHECKOUT)}::{scope}", text)
        for path in STATED
        for scope, text in (statements_of_sql(path) if path.suffix == ".sql" else statements(path))
    )
