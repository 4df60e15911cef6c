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


MOST_ON_THE_WAY = {"A booking, step by step": 8, "From an event to the glass": 8, "A mail, step by step": 6}


def test_walks_of_the_architecture_go_through_as_many_files_as_they_say_and_all_are_there() -> None:
    """That they go so is looked up in the running code: tests/integration/walks."""
    text = (CHECKOUT / "docs/architecture.md").read_text()
    for heading, most in MOST_ON_THE_WAY.items():
        section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        [said] = re.findall(r"(\d+) on the way, \d+ at work in all", section)
        files = re.findall(r"^\d+\. `([^`]+)`", section, re.MULTILINE)
        assert len(set(files)) == len(files) == int(said) <= most, heading
    for file in re.findall(r"`((?:hub|workers|migrations|tests)/[\w/]+(?:\.\w+)?)`", text):
        assert (CHECKOUT / file).exists(), file


KINDS = {"A": 11, "B": 9, "C": 11, "D": 13, "E": 4, "F": 13, "G": 10}
"""Of faults, by letter: each number up to this one."""
ROW = re.compile(r"\| (–|([A-G])(\d+)) \| [^|]+ \| `([\w/.-]+)::([^`|]+)` \|")


def rows_of_faults() -> list[list[re.Match[str]]]:
    """The rows of each section. AssertionError for a line of a table that is no row."""
    sections = (CHECKOUT / "docs/faults.md").read_text().split("\n## ")[1:]
    found = []
    for section in sections:
        head, line, *rows = [each for each in section.splitlines() if each.startswith("|")]
        assert (head, line) == ("| kind | what holds | test |", "|---|---|---|")
        matches = [(row, ROW.fullmatch(row)) for row in rows]
        assert [row for row, match in matches if match is None] == []
        found.append([match for _, match in matches if match is not None])
    return found


def test_every_test_that_the_table_of_faults_names_is_there() -> None:
    named = {(row[4], row[5]) for rows in rows_of_faults() for row in rows}
    assert len(named) > 300
    wanted = {each: f"def {each[1]}(" if each[0].endswith(".py") else f'test("{each[1]}"' for each in named}
    assert [each for each, line in wanted.items() if line not in (CHECKOUT / each[0]).read_text()] == []


def test_every_kind_of_fault_has_a_row_and_the_rows_are_in_their_order() -> None:
    sections = rows_of_faults()
    kinds = [f"{letter}{number}" for letter, last in KINDS.items() for number in range(1, last + 1)]
    assert list(dict.fromkeys(row[1] for rows in sections for row in rows if row[2])) == kinds
    for rows in sections:
        assert len({row[2] for row in rows} - {None}) <= 1  # a section has one letter
        order = [int(row[3]) if row[3] else 1000 for row in rows]  # those without a kind come last
        assert order == sorted(order)
