"""A variable has one name everywhere: hub.config reads it, .env.example offers it, docs/operations.md explains it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hub import config, variables

CHECKOUT = Path(__file__).parent.parent.parent
EXAMPLE = CHECKOUT / ".env.example"
NEEDED = {"DATABASE_URL": "postgresql://hub@db/hub", "REDIS_URL": "redis://cache:6379/0", "SECRET_KEY": "k" * 32}
COMPOSE_ALONE = {"GRAFANA_ADMIN_USER", "GRAFANA_ADMIN_PASSWORD", "DOMAIN", "PUBLISH", "TLS_PORT"}
"""Read by docker-compose.yml, not by the hub."""


class Asked(dict[str, str]):
    """An environment that remembers which names it was asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


@pytest.fixture
def read_by_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> set[str]:
    """The name of every variable that the settings are made from."""
    asked = Asked(NEEDED)
    reader = config.Reader
    with monkeypatch.context() as patch:
        patch.setattr(config, "Reader", lambda environ: reader(asked))
        config.load(NEEDED, data_dir=tmp_path)
    without_key = Asked({"SECRET_KEY_FILE": str(tmp_path / "none")})
    assert config.read_secret_key(without_key) == ""
    return asked.names | without_key.names


def names_of_the_example() -> list[str]:
    return re.findall(r"^([^#\s=][^=]*)=", EXAMPLE.read_text(), flags=re.MULTILINE)


def test_example_names_every_variable_once(read_by_the_hub: set[str]) -> None:
    names = names_of_the_example()
    assert len(names) == len(set(names))
    assert set(names) == read_by_the_hub | COMPOSE_ALONE


def test_documents_explain_every_variable(read_by_the_hub: set[str]) -> None:
    section = (CHECKOUT / "docs/operations.md").read_text().split("## Every variable\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| *([^|]+)\|", section, flags=re.MULTILINE)
    explained = [name for cell in cells for name in re.findall(r"`([A-Z][A-Z0-9_]*)`", cell)]
    assert len(explained) == len(set(explained))
    assert set(explained) - set(config.OBSOLETE) == read_by_the_hub | COMPOSE_ALONE


def test_example_changes_nothing(tmp_path: Path) -> None:
    """Its values are the defaults: whoever copies it gets what they would have had without it."""
    offered = config.read_env_file(EXAMPLE)
    assert config.load(offered | NEEDED, data_dir=tmp_path) == config.load(NEEDED, data_dir=tmp_path)


def test_example_holds_no_secret() -> None:
    offered = config.read_env_file(EXAMPLE)
    secret = variables.SECRET | {name for name in offered if re.search("PASSWORD|KEY|TOKEN", name)}
    assert {name: offered[name] for name in secret if offered[name]} == {}


def test_compose_reads_no_variable_that_the_example_lacks() -> None:
    read = set(re.findall(r"\$\{(\w+)", (CHECKOUT / "docker-compose.yml").read_text()))
    assert COMPOSE_ALONE <= read
    assert read <= set(names_of_the_example())
