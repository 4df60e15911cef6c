"""Where the tests keep what their servers, hubs and browsers write: in memory, where there is room for it.

A database for one test is some 400 small files. On a disk they take a processor eight times as long as in memory, and
nothing that a test could see depends on where they are.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psutil

from hub.process import embedded

CHECKOUT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30
"""Bytes that must be free: many times the hundred megabytes that a process of the tests keeps at once."""


@contextlib.contextmanager
def made() -> Iterator[Path]:
    """A folder for one process of the tests; it is gone afterwards."""
    parent = MEMORY / f"hub-tests-{os.getuid()}" if has_room(MEMORY) else CHECKOUT / ".test"
    path = parent / f"{os.getpid()}-{secrets.token_hex(4)}"
    path.mkdir(parents=True)
    remove_orphans(parent)
    try:
        yield path
    finally:
        embedded.remove(path)


def has_room(memory: Path) -> bool:
    """Whether files can be kept there, and programs run from there."""
    if not os.access(memory, os.W_OK):
        return False
    found = os.statvfs(memory)
    free = min(found.f_bavail * found.f_frsize, psutil.virtual_memory().available)
    return free >= ROOM and not found.f_flag & os.ST_NOEXEC


def remove_orphans(parent: Path) -> None:
    """What processes left that were killed: memory is not to fill up with it."""
    for path in parent.iterdir():
        owner = path.name.partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            embedded.remove(path)
