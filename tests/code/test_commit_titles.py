"""The hook of pre-commit that refuses a commit's message by its title, run as pre-commit runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pre_commit.languages import pygrep

from tests.servers import CHECKOUT

CONFIGURATION = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())
[HOOK] = [hook for hook in CONFIGURATION["repos"][0]["hooks"] if hook["stages"] == ["commit-msg"]]


def is_refused(message: str, tmp_path: Path) -> bool:
    file = tmp_path / "COMMIT_EDITMSG"
    file.write_text(message)
    return pygrep.main([*HOOK["args"], HOOK["entry"], str(file)]) == 1


def test_both_kinds_of_hooks_are_installed() -> None:
    assert CONFIGURATION["default_install_hook_types"] == ["pre-commit", "commit-msg"]
    assert HOOK["language"] == "pygrep"


@pytest.mark.parametrize(
    "message",
    [
        "A" * 73,
        f"{'A' * 73}\n\nThe cause.\n",
        "add a table\n",
        " Add a table\n",
        "Added a table\n",
        "Adding a table\n",
        "Fixes a table\n",
        "Add a table\nThe cause, without an empty line.\n",
    ],
)
def test_title_of_another_form_is_refused(message: str, tmp_path: Path) -> None:
    assert is_refused(message, tmp_path)


@pytest.mark.parametrize(
    "message",
    [
        f"Add {'a' * 68}",
        f"Add a table\n\n{'The cause, which may be told at length. ' * 9}\n",
        "Add a table\n# Please enter the commit message.\n",
        "Need no table, feed nobody, pass on\n",
        "Pass a table on\n",
        "Embed a table\n",
        "Set the table's end\n",
        f"fixup! {'A' * 80}\n",
    ],
)
def test_imperative_title_of_72_characters_is_taken(message: str, tmp_path: Path) -> None:
    assert not is_refused(message, tmp_path)
