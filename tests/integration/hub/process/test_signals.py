"""Signals by the hundred, at every moment of a program's life: the first one is heard, and nothing else happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

LIVES = 300
PROGRAM = f"""
import asyncio, threading
from hub.process import signals

async def live():
    for _ in range({LIVES}):
        stop = asyncio.Event()
        with signals.heard(stop.set):
            print(end=".", flush=True)
            await stop.wait()

for _ in range(3):  # any of them may be the one that a signal interrupts
    threading.Thread(target=threading.Event().wait, daemon=True).start()
LOOP.run(live())
signals.leave(7)
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_second_signal_does_nothing_at_any_moment_until_the_process_is_gone(loop: str) -> None:
    """Else it would kill a process that still answers, or be complained of."""
    program = f"import {loop}\n" + PROGRAM.replace("LOOP", loop)
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        os.read(process.stdout.fileno(), 1)  # from here on they are heard
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                process.send_signal(number)
            time.sleep(0.00001)  # without any pause the program would do nothing but take signals
        process.kill()
        said, complaints = process.stdout.read(), process.stderr.read()
    assert (process.returncode, said.count(b"."), complaints) == (7, LIVES - 1, b"")
