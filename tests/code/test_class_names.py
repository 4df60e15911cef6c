"""One name, one class: whoever reads the name of a public class knows which one it is, in whatever file it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("hub", "models", "workers")


def public_classes(source: str) -> Iterator[str]:
    """The public classes of a module; not those within others, as a model's Meta is."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def test_no_two_public_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for package in PACKAGES:
        for path in sorted((CHECKOUT / package).rglob("*.py")):
            for name in public_classes(path.read_text()):
                places.setdefault(name, []).append(str(path.relative_to(CHECKOUT)))
    assert places
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
