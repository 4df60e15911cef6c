"""No statement is without a test."""

from __future__ import annotations

import ast
import importlib
from collections import defaultdict
from pathlib import Path

from tests.conformance.statements import ELSEWHERE, STATEMENTS
from tests.servers import CHECKOUT


def proofs() -> dict[int, list[str]]:
    """Statement → the tests here that say that they prove it."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in Path(__file__).parent.glob("test_*.py"):
        module = importlib.import_module(f"tests.conformance.{path.stem}")
        for name, each in vars(module).items():
            for mark in getattr(each, "pytestmark", []) if name.startswith("test_") else []:
                for number in mark.args if mark.name == "statement" else ():
                    found[number].append(name)
    return found


def test_each_of_the_hundred_statements_has_a_test() -> None:
    assert sorted(STATEMENTS) == list(range(1, 101))
    found = proofs()
    assert sorted(found.keys() - STATEMENTS.keys()) == []
    assert {number: STATEMENTS[number] for number in STATEMENTS.keys() - found.keys() - ELSEWHERE.keys()} == {}


def test_the_client_here_shares_no_code_with_the_hub() -> None:
    """Nor what says what the database holds: a fault of the hub would else be a fault of its judge."""
    judges = [CHECKOUT / "tests/watching.py", *Path(__file__).parent.glob("*.py")]
    imported = {
        (path.name, name)
        for path in judges
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert len(judges) > 10 and ("watching.py", "asyncpg") in imported
    assert [each for each in imported if each[1].split(".")[0] in ("hub", "models", "workers")] == []


def test_what_is_proved_elsewhere_is_there() -> None:
    missing = []
    for number, names in ELSEWHERE.items():
        for path, _, name in (each.partition("::") for each in names):
            line = f'test("{name}"' if path.endswith(".js") else f"def {name}("
            if line not in (CHECKOUT / path).read_text():
                missing.append((number, path, name))
    assert missing == []
