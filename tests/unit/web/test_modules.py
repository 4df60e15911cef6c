"""The page's pure modules, by their own tests under Node; skipped where there is no Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_state_and_retry_as_their_own_tests_say() -> None:
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--test", str(Path(__file__).parent / "state.test.mjs")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass" in done.stdout or "pass " in done.stdout
