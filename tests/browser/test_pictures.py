"""The script that draws the picture in README.md works, and the picture shows an evening."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

import pytest

from tests.servers import CHECKOUT


@pytest.mark.slow
def test_the_picture_of_the_stand_can_be_drawn(folder: Path) -> None:
    spec = importlib.util.spec_from_file_location("pictures", CHECKOUT / ".ci/pictures.py")
    assert spec is not None and spec.loader is not None
    pictures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pictures)
    home = folder / "pictures"
    home.mkdir(mode=0o755)
    drawn = asyncio.run(pictures.drawn_in(home))
    assert drawn.startswith(b"\x89PNG") and len(drawn) < pictures.MOST_BYTES
    assert "docs/host-stand.png" in (CHECKOUT / "README.md").read_text()
