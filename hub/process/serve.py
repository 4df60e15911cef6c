"""`hub serve`: binds the listening socket, and keeps the processes alive that answer on it (`hub serve-one`).

How many there are, what they inherit and how they end belongs here; what one of them does is hub.process.serve_one's.
This process answers nothing, and imports nothing that answers: it stays small.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys

from hub import logs
from hub.config import Settings
from hub.process import ports
from hub.process.supervisor import Part, Supervisor

END_SECONDS = 7.5
"""When a process that did not end by itself is killed, counted from the signal."""


def serve(settings: Settings) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP, then drain. Returns the exit code, which is 1 when the port is taken."""
    try:
        listening = ports.listen(settings.host, settings.port)
    except OSError:
        print(
            f"hub: {settings.host}:{settings.port} is taken by another program: choose another --port", file=sys.stderr
        )
        return 1
    metrics = settings.data_dir / "run" / "metrics" / str(settings.port)
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    # prometheus_client reads it once, when it is imported: by the processes that answer, and by us if one of them ends.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    logs.setup(settings, part="server")
    return asyncio.run(_run(settings, listening))


async def _run(settings: Settings, listening: socket.socket) -> int:
    handle = listening.fileno()
    command = [sys.executable, "-m", "hub.process.cli", "serve-one", "--fd", str(handle)]
    command += ["--data-dir", str(settings.data_dir)]

    def start() -> subprocess.Popen[bytes]:
        # It stays in our group, so that whoever ends the group ends it too. Ctrl-C goes to the group, and would make a
        # traceback of a program that has not yet said what Ctrl-C is to do.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            # Its standard input ends when we do, however we end.
            return subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[handle])
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])

    async with Supervisor("process") as supervisor:
        for number in range(settings.workers):
            await supervisor.start(Part(f"server-{number}", start, _tidy, kill_after=END_SECONDS))
        await supervisor.wait()
        # Once the last of the processes has closed it too, newcomers are refused. Through this one the kernel would go
        # on taking them, to wait for nobody.
        listening.close()
    return 0


def _tidy(process: subprocess.Popen[bytes]) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    with contextlib.suppress(OSError):  # then a gauge goes on showing what that process showed
        mark_process_dead(process.pid)  # type: ignore[no-untyped-call]
    assert process.stdin is not None
    process.stdin.close()
