"""A clock that a test sets, of a PostgreSQL and of the hubs on it: for nights that come once a year. It runs on at the
usual pace, and may be set on while all of them work. libfaketime lies between them and the machine's clock."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.process import embedded
from tests.servers import QUICK, Servers

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
"""None: it is not installed."""


class SetClock:
    """The time of the machine and ``ahead``, which stands in a file that each process reads whenever it asks."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ahead"
        self.ahead = timedelta()

    def set(self, at: datetime) -> None:
        self.ahead = at - datetime.now(UTC)
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{self.ahead.total_seconds():+.3f}\n")
        beside.chmod(0o644)
        beside.rename(self._file)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def environ(self) -> dict[str, str]:
        """Of a process that goes by this clock. What measures lengths of time is the machine's."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@contextlib.contextmanager
def set_clock(at: datetime) -> Iterator[SetClock]:
    """Its file may be read by the account that PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(prefix="clock-") as name:
        Path(name).chmod(0o755)
        clock = SetClock(Path(name))
        clock.set(at)
        yield clock


@contextlib.contextmanager
def servers_at(clock: SetClock, servers: Servers, folder: Path) -> Iterator[Servers]:
    """A PostgreSQL of its own that goes by this clock, beside the Valkey of all tests."""
    plainly = embedded._as

    def by_the_clock(account: Any) -> dict[str, Any]:
        how = plainly(account)
        return how | {"env": how["env"] | clock.environ}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "_as", by_the_clock)
        postgres = embedded.start_postgres(folder, settings=QUICK)
    try:
        yield Servers(folder, postgres, servers.valkey)
    finally:
        postgres.stop()
        embedded.remove(folder)
