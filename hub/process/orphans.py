"""What a killed `hub up` left behind: found by pid file and command line, and ended before the next start.

PostgreSQL and Valkey are not here: hub.process.embedded knows its own by the folder that they work in.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from hub.process import datadir

PARTS = ("server", "worker")


def end_group(pid: int) -> None:
    """Kill the whole process group that ``pid`` leads, or led: children may have outlived it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def end_orphans(data_dir: Path) -> list[int]:
    """End the parts of ``data_dir`` that nobody looks after; returns what was ended. The caller holds the lock.

    A number in a pid file may by now be somebody else's: it is ended only when its command line names this directory.
    Where the leader is gone, its children are ended by their group, whose number can't be given away while they live.
    """
    import psutil

    ended: list[psutil.Process] = []
    for name in PARTS:
        pid = datadir.read_pid(data_dir, name)
        if pid is None:
            continue
        leader_is_other = psutil.pid_exists(pid) and not _is_ours(pid, data_dir)
        if not leader_is_other:
            for process in psutil.process_iter():
                with contextlib.suppress(psutil.Error, ProcessLookupError):
                    if os.getpgid(process.pid) == pid and (process.pid == pid or _is_python(process.cmdline())):
                        process.kill()
                        ended.append(process)
        datadir.pid_file(data_dir, name).unlink(missing_ok=True)
    psutil.wait_procs(ended, timeout=3)
    return [process.pid for process in ended]


def _is_ours(pid: int, data_dir: Path) -> bool:
    import psutil

    try:
        return str(data_dir) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _is_python(command: list[str]) -> bool:
    return bool(command) and "python" in Path(command[0]).name
