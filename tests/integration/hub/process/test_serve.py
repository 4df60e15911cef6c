"""The process that starts the others holds next to nothing of the hub: it answers nobody, and starts the sooner."""

from __future__ import annotations

import psutil
import pytest

from tests.conftest import ShareHub
from tests.outside import told

NEEDED_TO_ANSWER = ("pydantic_core", "asyncpg", "uvloop", "httptools")


@pytest.mark.slow
@pytest.mark.skipif(not psutil.LINUX, reason="Linux tells what a process has loaded")
async def test_process_that_starts_the_others_loads_nothing_that_answers(share_hub: ShareHub) -> None:
    hub = await share_hub()
    parent = psutil.Process(hub.process.pid)

    def loaded(process: psutil.Process) -> set[str]:
        files = [each.path for each in process.memory_maps()]
        return {name for name in NEEDED_TO_ANSWER if any(f"/{name}" in path for path in files)}

    assert loaded(parent) == set()
    assert set(NEEDED_TO_ANSWER) in [loaded(child) for child in parent.children(recursive=True)]


async def test_a_process_that_serves_says_so_in_one_line(share_hub: ShareHub) -> None:
    hub = await share_hub()
    said = hub.whole_output()
    assert len(told("process_serves", said)) >= 1
    assert '"module":"sanic' not in said
