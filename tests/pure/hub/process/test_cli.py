"""The `hub` command: which commands it names to people."""

from __future__ import annotations

import pytest

from hub.process import cli


@pytest.mark.parametrize("arguments", [["--help"], ["nonsense"]], ids=["help", "unknown"])
def test_the_command_that_only_the_hub_starts_is_named_to_nobody(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(arguments)
    said = "".join(capsys.readouterr())
    assert "doctor" in said and "serve-one" not in said
