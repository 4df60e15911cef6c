"""The signals that end a process: the first one is heard, and those after it change nothing, until the process is gone.

A handler that is set here stays. Giving a signal its old meaning back, also for a moment, would let a second Ctrl-C end
a process that is still answering; and Python complains of a signal whose handler is gone by the time it would be run.
Loops do both, when a handler is removed and when they are closed, so their ``add_signal_handler`` is not used.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

from hub import logs

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextlib.contextmanager
def heard(stop: Callable[[], object]) -> Iterator[None]:
    """Have the running loop call ``stop`` at each of these signals; from the end of the context on they do nothing.

    ``nohup`` keeps its meaning. Programs that are started have the signals as they are by default.
    """
    loop = asyncio.get_running_loop()
    listening = True

    def handle(number: int, frame: FrameType | None) -> None:
        if listening:
            loop.call_soon_threadsafe(stop)

    reading, writing = _wakeup_pipe()

    def take_a_step() -> None:
        """Python runs a handler between two steps of its own: a loop that waits takes one when there is something to
        read, and uvloop none but this."""
        os.read(reading, 4096)

    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    loop.add_reader(reading, take_a_step)
    for number in ENDING:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handle)
            signal.siginterrupt(number, False)
    try:
        yield
    finally:
        listening = False
        loop.remove_reader(reading)


@functools.cache
def _wakeup_pipe() -> tuple[int, int]:
    """Kept for as long as the process lives: the system writes to it at each signal, whoever listens."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends


def leave(code: int) -> NoReturn:
    """End this process at once, with all that it has said. Its signals do nothing until then; the interpreter's own end
    would give them their old meaning back first, and one more Ctrl-C would change the exit code."""
    logs.flush()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody may read it any more, or it is closed
            stream.flush()
    os._exit(code)
