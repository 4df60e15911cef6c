"""The signals that end a process: the first one is heard, and those after it change nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def hear(stop: Callable[[], object]) -> None:
    """Have the running loop call ``stop`` at each of these signals. ``nohup`` keeps its meaning."""
    loop = asyncio.get_running_loop()
    for number in ENDING:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stop)


def ignore() -> None:
    """From now on none of these signals does anything: a loop that closes would give them back their old meaning.

    Programs that are started afterwards ignore them too.
    """
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)
