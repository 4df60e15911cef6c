"""What the documents say of the tree and of the layers is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent.parent


def test_layers_in_the_architecture_are_those_that_are_held() -> None:
    shown = (CHECKOUT / "docs/architecture.md").read_text().split("## Layers")[1].split("```")[1]
    said = [set(re.findall(r"(?:hub|workers|models)[\w.]*", line)) for line in shown.strip().splitlines()]
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    assert said == [{name.strip() for name in re.split("[|:]", layer)} for layer in layers]


def test_every_module_of_the_hub_has_a_layer() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = {
        name.strip()
        for each in contracts
        if each["type"] == "layers"
        for line in each["layers"]
        for name in re.split("[|:]", line)
    }
    modules = {
        ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
        for path in (CHECKOUT / "hub").rglob("*.py")
        if path.name != "__init__.py" and path != CHECKOUT / "hub/web/build.py"  # a program of the checkout
    }
    homeless = {
        module for module in modules if not any(module == layer or module.startswith(f"{layer}.") for layer in layers)
    }
    assert homeless == set()


def test_links_and_folders_in_the_readme_exist() -> None:
    text = (CHECKOUT / "README.md").read_text()
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (CHECKOUT / link).exists(), link
    tree = text.split("## The tree")[1].split("```")[1]
    above = ""
    for line in tree.strip().splitlines():
        name = line.split()[0]
        above = "" if not line.startswith(" ") else above
        assert (CHECKOUT / above / name).is_dir(), name
        above = name if not line.startswith(" ") else above


def test_walks_of_the_architecture_go_through_as_many_files_as_they_say_and_all_are_there() -> None:
    text = (CHECKOUT / "docs/architecture.md").read_text()
    numbers = ["five", "six", "seven", "eight"]  # more than eight nobody keeps in mind
    walks = re.findall(r"(\w+) files lie on the way.*?\n\n((?:\d\..*?\n)+?)\n", text, re.DOTALL)
    assert len(walks) == 3
    for said, steps in walks:
        files = re.findall(r"^\d\. `([^`]+)`", steps, re.MULTILINE)
        assert len(set(files)) == numbers.index(said.lower()) + 5, said
    for file in re.findall(r"`((?:hub|workers|migrations|tests)/[\w/]+(?:\.\w+)?)`", text):
        assert (CHECKOUT / file).exists(), file


def test_every_test_that_the_table_of_faults_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (CHECKOUT / "docs/faults.md").read_text())
    assert len(named) > 100
    assert [each for each in named if f"def {each[1]}(" not in (CHECKOUT / each[0]).read_text()] == []
