"""Keeps processes alive: one that ends is started again, until a signal; then all are ended in order.

`hub up` keeps its parts by it, and `hub serve` the processes that answer. What a process runs is theirs to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM, Signals
from typing import Any, Self

from hub import logs
from hub.process import datadir, signals

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Before a restart, in seconds: the first one, and what it doubles up to while a process keeps ending."""
SETTLED_SECONDS = 10.0
"""A process that has run for so long begins again with the shortest pause."""
log = logs.get("hub.process.supervisor")


class NotStarted(Exception):
    """A process can't be started at the moment; the text says why."""


@dataclass(slots=True, eq=False)
class Part:
    """One process that is kept alive."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    """Returns when the process runs; it may block. Raises NotStarted or OSError."""
    tidy: Callable[[subprocess.Popen[bytes]], None]
    """Called once for each process that has ended."""
    kill_after: float
    """When it is killed if it has not ended by itself, in seconds since everything was to stop."""
    stop_signal: Signals = SIGTERM
    outlives: tuple[str, ...] = ()
    """Parts that must have ended before this one is told to."""
    runs: bool = False
    """Whether there is a process, or what it left is not tidied up yet."""
    process: subprocess.Popen[bytes] = field(init=False)
    ended: asyncio.Future[int] = field(init=False)
    keeper: asyncio.Task[None] = field(init=False)


class Supervisor:
    """The parts, while its context lasts. Leaving it ends them all, and raises the fault that ended one of its tasks.

    ``kind`` says in the log what a part is. With ``data_dir`` each part has a pid file there.
    """

    def __init__(self, kind: str, data_dir: Path | None = None) -> None:
        self.parts: dict[str, Part] = {}
        self.stopping: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        """Done once everything is to stop; the result is the loop's time at which that was said."""
        self._signals = signals.heard(self.stop)
        self._kind = kind
        self._data_dir = data_dir

    async def __aenter__(self) -> Self:
        self._signals.__enter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        ends = await asyncio.gather(*(part.keeper for part in self.parts.values()), return_exceptions=True)
        self._signals.__exit__(None, None, None)
        for fault in ends:
            if fault is not None:
                raise fault

    def stop(self) -> None:
        """Have everything end, which takes until the context is left. Does nothing the second time."""
        if not self.stopping.done():
            self.stopping.set_result(asyncio.get_running_loop().time())

    async def wait(self) -> None:
        """Wait until everything is to stop."""
        await asyncio.wait([self.stopping])

    async def start(self, part: Part) -> None:
        """Start it and keep it alive. Raises NotStarted or OSError if it can't be started this first time."""
        await self._launch(part)
        self.parts[part.name] = part
        part.keeper = asyncio.create_task(self._keep(part), name=part.name)

    async def _launch(self, part: Part) -> None:
        part.process = await asyncio.to_thread(part.start)
        part.ended = _end_of(part.process)
        part.runs = True
        if self._data_dir:
            try:
                datadir.write_pid(self._data_dir, part.name, part.process.pid)
            except OSError:
                await self._kill(part)
                raise

    async def _keep(self, part: Part) -> None:
        try:
            await self._restart_until_stopping(part)
        finally:
            self.stop()  # a fault of ours ends everything
            await self._end(part)

    async def _restart_until_stopping(self, part: Part) -> None:
        loop = asyncio.get_running_loop()
        pause = SHORTEST_PAUSE
        while True:
            began = loop.time()
            news: list[asyncio.Future[Any]] = [part.ended, self.stopping]
            await asyncio.wait(news, return_when=asyncio.FIRST_COMPLETED)
            if self.stopping.done():
                return
            self._tidy(part)
            pause = SHORTEST_PAUSE if loop.time() - began > SETTLED_SECONDS else pause
            names = {"which": part.name, "pid": part.process.pid}
            log.warning(f"{self._kind}_ended", **names, code=part.ended.result(), restart_in=pause)
            started = False
            while not started:
                await asyncio.wait([self.stopping], timeout=pause)
                if self.stopping.done():
                    return
                pause = min(pause * 2, LONGEST_PAUSE)
                started = await self._restart(part)

    async def _restart(self, part: Part) -> bool:
        try:
            await self._launch(part)
        except (NotStarted, OSError) as error:
            if self.stopping.done():  # what it needs may be gone by now
                return False
            log.error(f"{self._kind}_not_started", which=part.name, error=str(error))
            return False
        log.info(f"{self._kind}_restarted", which=part.name, pid=part.process.pid)
        return True

    async def _end(self, part: Part) -> None:
        before = [other.keeper for name, other in self.parts.items() if name in part.outlives]
        await asyncio.gather(*before, return_exceptions=True)
        if part.runs:
            part.process.send_signal(part.stop_signal)
            latest = self.stopping.result() + part.kill_after
            await asyncio.wait([part.ended], timeout=max(0.1, latest - asyncio.get_running_loop().time()))
            await self._kill(part)
        if self._data_dir:
            datadir.pid_file(self._data_dir, part.name).unlink(missing_ok=True)

    async def _kill(self, part: Part) -> None:
        part.process.kill()
        await asyncio.wait([part.ended])
        self._tidy(part)

    def _tidy(self, part: Part) -> None:
        part.runs = False
        part.tidy(part.process)


def _end_of(process: subprocess.Popen[bytes]) -> asyncio.Future[int]:
    """The exit code, once it ends. A waiting thread works alike on every system; the loop's own threads are few."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def wait() -> None:
        code = process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(ended.set_result, code)

    threading.Thread(target=wait, name=f"end of {process.pid}", daemon=True).start()
    return ended
