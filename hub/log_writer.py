"""A bounded queue of log lines, and the one thread of a process that writes them to standard output.

Whoever logs only appends to the queue: a reader of standard output that is slow, stalled or gone, or a disk that is
full, costs lines and never an answer. What does not fit, or can't be written, is counted, and a line says how many
lines are missing where they are. Where the output is the log file of `hub up`, that file may be moved away at any time:
the next lines go to a new one of its name. How a line looks belongs to hub.logs.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable
from itertools import accumulate
from multiprocessing import util
from pathlib import Path
from typing import Any

MOST_LINES = 10_000
MOST_BYTES = 4 * 1024 * 1024
"""How much may wait to be written: lines of any kind, and bytes of those that are rendered already."""
WRITE_BYTES = 32 * 1024
"""How many bytes go into one write, but for a longer line."""
PAUSE_SECONDS = 0.02
"""Between two writes: at most 50 times a second the thread takes the processor from those who answer."""
FLUSH_SECONDS = 1.0
"""How long the end of a process waits for its last lines to be written."""

Deferred = tuple[Callable[[int, tuple[Any, ...]], bytes], int, tuple[Any, ...]]
"""A line that the thread renders: by what, the time in ns, and the values."""


class LogWriter:
    """The queue and its thread, which starts with the first line. Safe to use from every thread; a process that is
    forked has an empty queue and a thread of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._path: Path | None = None
        self.say_dropped: Callable[[int], bytes] = lambda count: b"%d lines were dropped\n" % count
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._waiting: deque[bytes | Deferred | threading.Event] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._wake, self._hurry = threading.Event(), threading.Event()
        self._asleep = True
        self._thread: threading.Thread | None = None
        self._missed = 0
        self._unwritten = 0
        self._cut = False
        self.dropped = 0

    def follow(self, path: Path) -> None:
        """From now on write to whatever file has this name. Does nothing when the output is another file."""
        with contextlib.suppress(OSError):
            here = os.fstat(self._descriptor)
            for name in (path, moved_to(path)):  # it may have been moved away since this process was started
                with contextlib.suppress(FileNotFoundError):
                    if os.path.samestat(here, name.stat()):
                        self._path = path

    # -- for those who log

    def put(self, line: bytes | Deferred) -> None:
        """Have a line written; it must end with a newline. Neither blocks nor raises."""
        if len(self._waiting) >= MOST_LINES:
            self._miss()
            return
        if self._missed and not self._mark():
            self._miss()
            return
        if line.__class__ is bytes and not self._fits(len(line)):
            self._miss()
            return
        self._waiting.append(line)
        if self._asleep:
            self._rouse()

    def flush(self, within: float = FLUSH_SECONDS) -> bool:
        """Wait until all that was put has been written or counted as lost; False when that took too long."""
        if self._thread is None and not self._waiting:
            return True
        done = threading.Event()
        self._waiting.append(done)
        self._hurry.set()
        self._rouse()
        if self._thread is None:  # there can be no thread any more
            return False
        return done.wait(within)

    def _fits(self, size: int) -> bool:
        with self._lock:
            if self._bytes + size > MOST_BYTES:
                return False
            self._bytes += size
            return True

    def _miss(self) -> None:
        with self._lock:
            self._missed += 1
            self.dropped += 1

    def _mark(self) -> bool:
        """Put a line about those that did not fit where they would have been; False while it doesn't fit itself."""
        with self._lock:
            if self._missed:
                line = self.say_dropped(self._missed)
                if self._bytes + len(line) > MOST_BYTES:
                    return False
                self._bytes += len(line)
                self._missed = 0
                self._waiting.append(line)
            return True

    def _rouse(self) -> None:
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="log writer", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # no thread more, or the interpreter is ending: the next line tries again
                    return
                self._thread = thread
                atexit.register(self.flush)
                util.Finalize(None, self.flush, exitpriority=-100)  # the end of a forked process knows no atexit
            self._asleep = False
        self._wake.set()

    # -- the thread

    def _run(self) -> None:
        try:
            while True:
                self._asleep = True
                if not self._waiting:
                    self._wake.wait()
                self._wake.clear()
                self._asleep = False
                while self._waiting:
                    self._write_waiting()
                    self._hurry.wait(PAUSE_SECONDS)
        finally:  # by a fault alone
            with self._lock:
                self._thread = None
                self._asleep = True

    def _write_waiting(self) -> None:
        """Write what waits now, in pieces."""
        piece: list[bytes] = []
        size = freed = 0
        flushed: list[threading.Event] = []
        for _ in range(len(self._waiting)):
            item = self._waiting.popleft()
            if isinstance(item, threading.Event):
                flushed.append(item)
                continue
            if isinstance(item, bytes):
                line = item
                freed += len(line)
            else:
                render, at, values = item
                line = render(at, values)
            piece.append(line)
            size += len(line)
            if size >= WRITE_BYTES:
                self._write(piece)
                piece, size = [], 0
        if self._missed and not self._waiting:
            with self._lock:
                piece.append(self.say_dropped(self._missed))
                self._missed = 0
        self._write(piece)
        with self._lock:
            self._bytes -= freed
        for event in flushed:
            event.set()
            self._hurry.clear()

    def _write(self, lines: list[bytes]) -> None:
        if not lines:
            return
        if self._path is not None:
            self._reopen(self._path)
        told = self._unwritten
        if told:
            lines = [self.say_dropped(told), *lines]
        if self._cut:
            lines[0] = b"\n" + lines[0]
        data = memoryview(b"".join(lines))
        written = 0
        while written < len(data):
            try:
                written += os.write(self._descriptor, data[written:])
            except BlockingIOError:  # somebody made it non-blocking
                select.select([], [self._descriptor], [])
            except OSError:
                self._lose(lines, written, told)
                return
        self._unwritten, self._cut = 0, False

    def _reopen(self, path: Path) -> None:
        """Open the file anew when it was moved away, for standard error too when that was the same file."""
        with contextlib.suppress(OSError):  # then the one that is open must do
            here = os.fstat(self._descriptor)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(here, path.stat()):
                    return
            opened = open_log(path)
            try:
                errors_too = os.path.samestat(here, os.fstat(2))
                os.dup2(opened, self._descriptor)
                if errors_too:
                    os.dup2(opened, 2)
            finally:
                os.close(opened)

    def _lose(self, lines: list[bytes], written: int, told: int) -> None:
        """Count the lines that could not be written, of which so many bytes were; ``told`` is what the first says."""
        ends = list(accumulate(map(len, lines)))
        lost = sum(end > written for end in ends)
        if told and lost < len(lines):
            told = 0  # that line is out
        elif told:
            lost -= 1
        self._cut = self._cut if not written else written not in ends
        self._unwritten = told + lost
        with self._lock:
            self.dropped += lost


def log_file(data_dir: Path) -> Path:
    """Where `hub up` and what it starts log to, when it runs on a terminal."""
    return data_dir / "run" / "hub.log"


def moved_to(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def move_when_large(path: Path, most: int) -> None:
    """Move a log file of over ``most`` bytes away, over the one that was moved before. For one process alone: of two
    that do it at once the second would move the new file."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > most:
            path.replace(moved_to(path))


def open_log(path: Path) -> int:
    """A descriptor that appends, so that several processes can write to the file."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def open_missing_streams() -> None:
    """Open the null device for each standard stream that is closed, before anything else is opened.

    Else the next file or socket of this process would get its number, and log lines would be written into a connection
    to the database.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, open(descriptor, mode, closefd=False))


STDOUT = LogWriter(1)
"""What the whole process logs to."""
