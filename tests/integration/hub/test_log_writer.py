"""hub.log_writer over real pipes and files: order, bounds, what is counted, forks, the end of a process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import log_writer
from hub.log_writer import MOST_BYTES, MOST_LINES, LogWriter
from tests.servers import CHECKOUT, PATIENCE, environment

PIPE_BYTES = 65536
"""What Linux keeps of a pipe that nobody reads."""


class Pipe:
    """Where a writer writes to, and what has come out of it."""

    def __init__(self) -> None:
        self.out, self.into = os.pipe()
        self.writer = LogWriter(self.into)
        self._reader: threading.Thread | None = None
        self.read = b""

    def begin_to_read(self) -> None:
        def drain() -> None:
            while data := os.read(self.out, 1 << 20):
                self.read += data

        self._reader = threading.Thread(target=drain)
        self._reader.start()

    def lines(self) -> list[bytes]:
        """All lines, after which nothing can be written any more."""
        if self._reader is None:
            self.begin_to_read()
        assert self._reader is not None
        assert self.writer.flush(PATIENCE)
        os.close(self.into)
        self._reader.join(PATIENCE)
        return self.read.splitlines()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    for descriptor in (made.out, made.into):
        try:
            os.close(descriptor)
        except OSError:
            continue


def numbered(writer: LogWriter, numbers: range, size: int = 0) -> None:
    for number in numbers:
        writer.put(b"%d %s\n" % (number, b"x" * size))


def test_lines_come_out_in_order_whoever_renders_them(pipe: Pipe) -> None:
    def render(at: int, values: tuple[int, ...]) -> bytes:
        return b"%d at %d\n" % (*values, at)

    for number in range(1000):
        pipe.writer.put((render, 7, (number,)) if number % 2 else b"%d\n" % number)
    assert pipe.lines() == [b"%d at 7" % number if number % 2 else b"%d" % number for number in range(1000)]
    assert pipe.writer.dropped == 0


def test_lines_of_many_threads_are_whole_and_none_is_lost(pipe: Pipe) -> None:
    pipe.begin_to_read()
    threads = [
        threading.Thread(target=numbered, args=(pipe.writer, range(first, first + 500), 50))
        for first in range(0, 4000, 500)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = pipe.lines()
    assert sorted(int(line.split()[0]) for line in lines) == list(range(4000))
    for first in range(0, 4000, 500):
        own = [int(line.split()[0]) for line in lines]
        assert [number for number in own if first <= number < first + 500] == list(range(first, first + 500))


def test_reader_that_stalls_costs_lines_and_is_told_how_many(pipe: Pipe) -> None:
    most = 3 * MOST_LINES
    numbered(pipe.writer, range(most), 100)  # returns: it would block here for ever
    assert pipe.writer.dropped > 0
    pipe.begin_to_read()
    assert pipe.writer.flush(PATIENCE)
    numbered(pipe.writer, range(most, most + 1))
    lines = pipe.lines()
    told = [int(line.split()[0]) for line in lines if line.endswith(b"lines were dropped")]
    numbers = [int(line.split()[0]) for line in lines if not line.endswith(b"lines were dropped")]
    assert sum(told) == pipe.writer.dropped
    assert sorted(numbers) == numbers and len(numbers) + sum(told) == most + 1
    assert numbers[-1] == most
    first = next(at for at, line in enumerate(lines) if line.endswith(b"lines were dropped"))
    assert int(lines[first + 1].split()[0]) == numbers[first - 1] + told[0] + 1 if first else True


def test_long_lines_wait_within_a_bound_of_bytes(pipe: Pipe) -> None:
    numbered(pipe.writer, range(1000), MOST_BYTES // 50)
    assert pipe.writer.dropped > 900
    lines = pipe.lines()
    assert len([line for line in lines if b"dropped" not in line]) == 1000 - pipe.writer.dropped
    assert pipe.writer._bytes == 0


def test_line_longer_than_the_bound_is_dropped_and_the_next_is_not(pipe: Pipe) -> None:
    pipe.writer.put(b"x" * (MOST_BYTES + 1) + b"\n")
    pipe.writer.put(b"next\n")
    assert pipe.lines() == [b"1 lines were dropped", b"next"]


def test_reader_that_is_gone_fails_nobody(pipe: Pipe) -> None:
    os.close(pipe.out)
    numbered(pipe.writer, range(100))
    assert pipe.writer.flush(PATIENCE)
    assert pipe.writer.dropped == 100


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_disk_that_is_full_fails_nobody_and_the_gap_is_told_once_there_is_room(pipe: Pipe) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    kept = os.dup(pipe.into)
    os.dup2(full, pipe.into)
    for first in range(0, 30, 10):
        numbered(pipe.writer, range(first, first + 10))
        assert pipe.writer.flush(PATIENCE)
    os.dup2(kept, pipe.into)
    for each in (full, kept):
        os.close(each)
    numbered(pipe.writer, range(30, 32))
    assert pipe.lines() == [b"30 lines were dropped", b"30 ", b"31 "]
    assert pipe.writer.dropped == 30


def test_line_that_was_cut_off_is_not_joined_to_the_next(monkeypatch: pytest.MonkeyPatch, pipe: Pipe) -> None:
    """As on a disk that has room for a part of a line."""
    real, room = os.write, [7]

    def write(descriptor: int, data: memoryview) -> int:
        if descriptor != pipe.into:
            return real(descriptor, data)
        if not room[0]:
            raise OSError(28, "No space left on device")
        written = real(descriptor, data[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr(log_writer.os, "write", write)
    pipe.writer.put(b"aaaa\n")
    pipe.writer.flush(PATIENCE)
    pipe.writer.put(b"bbbb\n")
    pipe.writer.flush(PATIENCE)
    pipe.writer.put(b"cccc\n")
    pipe.writer.flush(PATIENCE)
    room[0] = 1 << 20
    pipe.writer.put(b"dddd\n")
    assert pipe.lines() == [b"aaaa", b"bb", b"2 lines were dropped", b"dddd"]
    assert pipe.writer.dropped == 2


def test_pipe_that_somebody_made_non_blocking_loses_nothing(pipe: Pipe) -> None:
    os.set_blocking(pipe.into, False)
    numbered(pipe.writer, range(2000), PIPE_BYTES // 100)
    lines = pipe.lines()
    assert [int(line.split()[0]) for line in lines] == list(range(2000))


def test_flush_of_a_stalled_reader_ends_at_its_bound(pipe: Pipe) -> None:
    numbered(pipe.writer, range(5000), 100)
    assert not pipe.writer.flush(0.05)
    assert len([line for line in pipe.lines() if b"dropped" not in line]) == 5000


def test_thread_that_ended_by_a_fault_is_started_again(pipe: Pipe) -> None:
    pipe.writer.put((lambda at, values: 1 // 0, 0, ()))
    ended = threading.Event()
    seen, threading.excepthook = threading.excepthook, lambda what: ended.set()
    try:
        assert ended.wait(PATIENCE)
    finally:
        threading.excepthook = seen
    pipe.writer.put(b"next\n")
    assert pipe.lines() == [b"next"]


RUN = """
import os, sys, threading
from pathlib import Path
from hub import logs
from hub.config import load
environ = {"DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://h", "SECRET_KEY": "k" * 32}
logs.setup(load(environ, data_dir=Path("none")), part="server")
log = logs.get("hub.test")
"""


def run(code: str, **how: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN + code],
        stderr=subprocess.PIPE, text=True, env=environment(), cwd=CHECKOUT, timeout=PATIENCE, check=False,
        **{"stdout": subprocess.PIPE, **how},
    )  # type: ignore[call-overload]  # fmt: skip


def test_fork_writes_its_own_lines_once_and_no_one_elses() -> None:
    code = """
for n in range(500): log.info(f"before {n}")
child = os.fork()
for n in range(500): log.info(f"{'parent' if child else 'child'} {n}")
if child: os.waitpid(child, 0)
"""
    done = run(code)
    events = [line.split('"event":"')[1].split('"')[0] for line in done.stdout.splitlines()]
    for name in ("before", "parent", "child"):
        assert [event for event in events if event.startswith(name)] == [f"{name} {n}" for n in range(500)]
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_process_of_multiprocessing_writes_its_last_lines(method: str) -> None:
    code = f"""
import multiprocessing
context = multiprocessing.get_context({method!r})
child = context.Process(target=exec, args=({RUN + "log.info('from the child')"!r}, {{}}))
child.start(); child.join()
log.info("from the parent")
"""
    done = run(code)
    assert done.stdout.count("from the parent") == 1 and (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("from the child") == 1


@pytest.mark.parametrize("code", ["raise ValueError('the fault')", "import sys; sys.exit(log.error('the fault'))"])
def test_last_line_of_a_process_is_written(code: str) -> None:
    assert "the fault" in run(f"for n in range(3000): log.info('x')\n{code}").stdout


def closed() -> None:
    os.close(1)


def test_process_without_a_standard_output_logs_into_nobodys_file() -> None:
    code = """
from hub import log_writer
log_writer.open_missing_streams()
mine = os.open("/dev/null", os.O_WRONLY)
assert mine > 2, mine
log.info("x"); print("y"); logs.flush()
assert os.readlink("/proc/self/fd/1") == "/dev/null" and logs.dropped() == 0
"""
    done = run(code, stdout=None, preexec_fn=closed)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_end_of_a_process_does_not_wait_for_a_stalled_reader() -> None:
    out, into = os.pipe()
    try:
        done = run("for n in range(5000): log.info('x')\nlogs.FLUSH", stdout=into)
        assert done.returncode == 1 and done.stderr == ""  # by the AttributeError, a second after it
    finally:
        os.close(out)
        os.close(into)


def test_file_that_is_moved_away_while_it_is_written_to_costs_no_line(tmp_path: Path) -> None:
    """Two processes' writers on one file, as `hub up` has them; it is moved away again and again."""
    path = tmp_path / "hub.log"
    writers = [LogWriter(log_writer.open_log(path)) for _ in range(2)]
    for writer in writers:
        writer.follow(path)
    for part in range(5):
        for number, writer in enumerate(writers):
            for line in range(200):
                writer.put(b"%d %d %d\n" % (number, part, line))
            if part % 2:
                assert writer.flush(PATIENCE)
        with contextlib.suppress(FileNotFoundError):  # nothing came since the last move
            path.replace(tmp_path / f"moved.{part}")
    for writer in writers:
        assert writer.flush(PATIENCE)
        os.close(writer._descriptor)
    files = list(tmp_path.iterdir())
    assert len(files) > 2
    found = b"".join(file.read_bytes() for file in files).splitlines()
    expected = [b"%d %d %d" % (n, part, line) for n in range(2) for part in range(5) for line in range(200)]
    assert sorted(found) == sorted(expected)


def test_output_that_is_another_file_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "hub.log"
    os.close(log_writer.open_log(path))
    other = log_writer.open_log(tmp_path / "other")
    writer = LogWriter(other)
    writer.follow(path)
    writer.put(b"a line\n")
    assert writer.flush(PATIENCE)
    os.close(other)
    assert (path.read_bytes(), (tmp_path / "other").read_bytes()) == (b"", b"a line\n")


def test_process_that_starts_while_the_file_is_moved_away_writes_to_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "hub.log"
    descriptor = log_writer.open_log(path)
    os.write(descriptor, b"before\n")
    log_writer.move_when_large(path, 1)
    writer = LogWriter(descriptor)
    writer.follow(path)
    writer.put(b"after\n")
    assert writer.flush(PATIENCE)
    os.close(descriptor)
    assert (path.read_bytes(), log_writer.moved_to(path).read_bytes()) == (b"after\n", b"before\n")
