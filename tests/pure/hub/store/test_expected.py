"""The condition of the statements is the lifecycle's."""

from __future__ import annotations

import re

from hub.domain.lifecycle import ACTIVE
from hub.store.expected import EXPECTED


def test_statements_expect_the_active_statuses() -> None:
    [listed] = re.findall(r"IN \(([^)]*)\)", EXPECTED)
    assert set(re.findall(r"'(\w+)'", listed)) == ACTIVE
