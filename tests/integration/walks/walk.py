"""What docs/architecture.md says of a walk, and what is at work in the running code meanwhile."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

CHECKOUT = Path(__file__).parent.parent.parent.parent
OURS = tuple(f"{CHECKOUT / package}/" for package in ("hub", "workers"))


@dataclass(frozen=True, slots=True)
class Walk:
    """As the document has it: the files on the way, in their order, and how many are at work in all."""

    way: list[str]
    in_all: int


def walk_of(heading: str) -> Walk:
    section = (CHECKOUT / "docs/architecture.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    [in_all] = re.findall(r"\d+ on the way, (\d+) at work in all", section)
    return Walk(re.findall(r"^\d+\. `([^`]+)`", section, re.MULTILINE), int(in_all))


def ours(names: Iterable[str]) -> set[str]:
    """Those of these files that are this project's, from its root."""
    return {str(Path(name).relative_to(CHECKOUT)) for name in names if name.startswith(OURS)}


def at_work() -> Iterator[str]:
    """The files of the frames that are at work now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back


def waiting() -> Iterator[str]:
    """The files of the frames that wait in tasks of this loop."""
    for task in asyncio.all_tasks():
        found: Any = task.get_coro()
        while found is not None and hasattr(found, "cr_code"):
            yield found.cr_code.co_filename
            found = found.cr_await


@contextmanager
def every_file(at_work: set[str]) -> Iterator[None]:
    """Note each file of which a function runs meanwhile."""

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            at_work.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def check_in_all(walk: Walk, files: Collection[str]) -> None:
    assert len(files) == walk.in_all, f"{len(files)} are at work in all:\n" + "\n".join(sorted(files))
