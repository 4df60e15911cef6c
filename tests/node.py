"""The Node that builds the pages, for the tests in which the pages' client runs outside a browser."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from hub.web.build import find_node

CLIENT = Path(__file__).parent / "live_client.mjs"


@cache
def live_client() -> tuple[str, ...]:
    """The command that runs the pages' live client; to be followed by the channel's URL, a token and a channel."""
    try:
        node, _ = find_node()
    except SystemExit as missing:
        pytest.skip(str(missing))
    return (str(node), "--experimental-strip-types", "--no-warnings", str(CLIENT))
