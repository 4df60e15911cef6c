"""No statement is without a test."""

from __future__ import annotations

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


def test_what_is_proved_elsewhere_is_there() -> None:
    missing = []
    for number, names in ELSEWHERE.items():
        for path, _, name in (each.partition("::") for each in names):
            line = f'test("{name}"' if path.endswith(".js") else f"def {name}("
            if line not in (CHECKOUT / path).read_text():
                missing.append((number, path, name))
    assert missing == []
