"""hub.store.migration: which migrations are this code's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hub.store import migration
from tests.servers import CHECKOUT


def test_each_migration_of_the_folder_is_known_and_nothing_else() -> None:
    files = {path.name for path in (CHECKOUT / "migrations/models").glob("[0-9]*.py")}
    assert migration.known() == files


def test_migrations_of_another_checkout_on_the_path_are_not_of_this_code(tmp_path: Path) -> None:
    """It has no ``__init__.py``: as a namespace package, it would become a part of this one."""
    other = tmp_path / "migrations" / "models"
    other.mkdir(parents=True)
    (other / "99_20270101000000_of_another_checkout.py").touch()
    asked = subprocess.run(
        [sys.executable, "-c", "from hub.store import migration; print(*migration.known(), sep='\\n')"],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(asked.stdout.split()) == migration.known()
