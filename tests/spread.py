"""How the tests are spread over several processes: those that share hubs stay together, and the longest come first.

Each process has a PostgreSQL and a Valkey of its own, and a group's hubs are started in one process alone. A long group
that began last would leave the other processes idle.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    "tests/browser",
    "tests/conformance",
    "tests/integration/accounts",
    "tests/integration/bad_input",
    "tests/integration/evening",
    "tests/integration/live",
    "tests/integration/races",
    "tests/integration/recording",
    "tests/integration/rest_rules",
    "tests/integration/venues",
)
"""Folders whose files share hubs. Of all others each file is a group."""
LONGEST = (
    "tests/integration/test_contract.py",
    "tests/integration/test_supervision.py",
    "tests/integration/test_outages.py",
    "tests/integration/test_database_urls.py",
    "tests/integration/races",
    "tests/integration/accounts",
    "tests/integration/venues",
    "tests/integration/rest_rules",
    "tests/browser",
    "tests/integration/bad_input",
    "tests/integration/test_authorisation.py",
    "tests/integration/test_worker.py",
    "tests/integration/live",
    "tests/integration/evening",
    "tests/integration/test_slow_lines.py",
    "tests/integration/test_storm.py",
    "tests/integration/test_restart.py",
    "tests/integration/test_machine.py",
    "tests/integration/test_deliveries_faults.py",
    "tests/integration/test_deliveries_refused.py",
    "tests/integration/test_nemesis.py",
    "tests/conformance",
    "tests/integration/test_repair.py",
    "tests/integration/test_newcomer.py",
    "tests/integration/test_pool.py",
)
"""Groups that take long, among the quick tests or among the slow ones; the longest first."""


def group_of(nodeid: str) -> str:
    """The group of a test: what one process runs."""
    path = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if path.startswith(f"{folder}/")), path)


def rank(item: pytest.Item) -> int:
    """Where its group stands in the order of all."""
    group = group_of(item.nodeid)
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)


class Spread(LoadScopeScheduling):
    """Gives the groups to whoever is free, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: object = None) -> None:
        gone = [each for each in (*TOGETHER, *LONGEST) if not (config.rootpath / each).exists()]
        assert not gone, f"not there any more: {gone}"
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
