"""`hub serve`: Sanic's processes, started by our own launcher, and a watch that brings back one that was killed.

How many processes listen, what they inherit and how they end belongs here; what they answer is hub.process.app's.
Sanic's own command would write tracebacks into JSON logs, and its manager does not restart a process that crashed.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pkgutil
import secrets
import shutil
import signal
import sys
import threading
import time
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.managers import SyncManager
from select import select
from typing import TYPE_CHECKING, Any, NoReturn

from hub import logs
from hub.config import Settings
from hub.process.ports import can_listen

if TYPE_CHECKING:
    from sanic import Sanic
    from sanic.worker.manager import WorkerManager
    from sanic.worker.process import WorkerProcess

BACKLOG = 4096
DRAIN_SECONDS = 5.0
"""How long requests in flight may take once all watchers have been sent away."""
END_SECONDS = 7.5
"""When a process that did not end by itself is killed, counted from the signal."""
LOOK_SECONDS = 0.1
STOPPING = (signal.SIGTERM, signal.SIGINT)
FASTEST_RESTARTS = 1.0
"""A process that dies at once is restarted no more often than this, in seconds."""
log = logs.get("hub.process.serving")


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then drain. Exits 1 with one line when the port is taken."""
    metrics = settings.data_dir.resolve() / "run" / "metrics" / str(settings.port)
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    # Before anything imports prometheus_client, which reads it once; that's why the imports below are in here.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)

    import sanic.mixins.startup
    from sanic import Sanic
    from sanic.worker.loader import AppLoader

    if not can_listen(settings.host, settings.port):
        sys.exit(f"hub: {settings.host}:{settings.port} is taken by another program: choose another --port")
    # Sanic keeps the states of its processes in one more process, which would outlive us if we were killed.
    sanic.mixins.startup.Manager = _state_keeper  # type: ignore[attr-defined]
    logs.setup(settings, part="server")
    # This process answers nothing: an empty application of the same name starts half a second sooner than the real one.
    app: Sanic[Any, Any] = Sanic("hub", configure_logging=False)
    app.config.update(AUTO_EXTEND=False, GRACEFUL_SHUTDOWN_TIMEOUT=DRAIN_SECONDS)
    app.main_process_ready(_watch)
    app.prepare(
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        protocol=_Named("hub.live.upgrade:LiveProtocol"),  # type: ignore[arg-type]
        backlog=BACKLOG,
        access_log=False,
        motd=False,
    )
    Sanic.serve(primary=app, app_loader=AppLoader(factory=partial(load_app, settings)))


class _Named:
    """Stands for what has this name (``module:name``), and becomes it in the process that this is sent to. The one that
    sends needs none of what that module imports, which is most of the hub."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return pkgutil.resolve_name, (self.name,)


def load_app(settings: Settings) -> Sanic[Any, Any]:
    """The application, in a process that Sanic starts."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until it serves there is nothing to end in order, or to trace
    from hub.process.app import create_app

    logs.setup(settings, part="server")  # what can't be imported or made is told in a line too
    app = create_app(settings)
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = DRAIN_SECONDS
    app.after_server_start(_listen_for_signals)
    app.before_server_stop(_ignore_signals)
    return app


async def _listen_for_signals(app: Sanic[Any, Any]) -> None:
    """Instead of the loop: between two of its runs, before serving too, uvloop takes a signal and forgets it."""

    def stop(_number: int, _frame: Any) -> None:
        app.loop.call_soon_threadsafe(app.stop, False)

    for number in STOPPING:
        signal.signal(number, stop)


async def _ignore_signals(app: Sanic[Any, Any]) -> None:
    """While it stops: Sanic has taken the handlers away by now, and a second signal would cut off whoever is being sent
    away. Being killed remains (END_SECONDS)."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def end_with_parent() -> None:
    """End this process when the one that started it is gone: it would go on serving on the port, with nobody to stop
    it. Does nothing in the main process."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def end() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end, name="parent", daemon=True).start()


def _state_keeper() -> SyncManager:
    # Linux knows sockets without a file: after a kill nothing is left in the folder for temporary files.
    name = f"\0hub-{os.getpid()}-{secrets.token_hex(8)}" if sys.platform == "linux" else None
    manager = SyncManager(address=name, ctx=multiprocessing.get_context())
    # A signal waits until it has told its address: it would have nobody to tell, and make a traceback of it.
    resource_tracker.ensure_running()  # whose start lets signals through
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        manager.start(initializer=_keep_to_the_end)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    return manager


def _keep_to_the_end() -> None:
    """A signal to the whole group must not end the states before those who ask for them; we end the keeper by word."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    end_with_parent()


async def _watch(app: Sanic[Any, Any]) -> None:
    """Take over the signals of Sanic's manager, and look after its processes from a thread of their own.

    Sanic's own handler asks the process that keeps the states from inside the signal, where its main thread may be
    asking too, and kills the whole process group at a second signal. Ours only wakes the thread.
    """
    manager = app.manager
    receiving, sending = os.pipe()

    def tell(_number: int, _frame: Any) -> None:
        os.write(sending, b".")

    def end_at_once() -> NoReturn:
        _kill(manager)
        manager.worker_state.clear()
        raise ServerKilled

    from sanic.exceptions import ServerKilled

    manager.kill = end_at_once  # type: ignore[method-assign]  # Sanic's kills the process group, and us with it
    manager.shutdown = partial(_shut_down, manager)  # type: ignore[method-assign]
    signal.signal(signal.SIGTERM, tell)
    signal.signal(signal.SIGINT, tell)
    if manager._shutting_down:  # a signal that Sanic heard, a moment ago: no process had been started then
        manager._shutting_down = False
        manager.monitor_subscriber.recv()
        os.write(sending, b".")
    threading.Thread(target=_look_after, args=(manager, receiving), name="watch", daemon=True).start()


def _shut_down(manager: WorkerManager) -> None:
    """Ask every process to end, in the manager's own thread: no process is being started meanwhile."""
    from sanic.worker.constants import ProcessState

    # The processes have sockets of their own: once the last of them is closed, newcomers are refused. Through this one
    # the kernel would take them, to wait for nobody.
    manager._server_settings["sock"].close()
    for process in manager.processes:
        if process.is_alive() and process.pid:
            with contextlib.suppress(OSError, EOFError):  # a signal to the whole group ends the keeper of states too
                process.set_state(ProcessState.TERMINATED, force=True)
            with contextlib.suppress(ProcessLookupError):
                # Sanic sends SIGINT, of which one that is not ready yet makes a traceback.
                os.kill(process.pid, signal.SIGTERM)
    manager._shutting_down = True


def _look_after(manager: WorkerManager, receiving: int) -> None:
    """Ask for a restart of every process that ended, until a signal is heard; then for the end of all.

    The manager does it, in its own thread: it gets the messages that a process of its own would send.
    """
    from prometheus_client.multiprocess import mark_process_dead

    say = manager.monitor_publisher.send
    processes: list[WorkerProcess] = list(manager.transient_processes)
    started = False
    seen: dict[str, int] = {}  # process name → the pid whose end was seen
    pause = LOOK_SECONDS
    while not select([receiving], [], [], pause)[0]:
        pause = LOOK_SECONDS
        try:
            started = started or all(manager.worker_state[each.name].get("state") == "ACKED" for each in processes)
            for process in processes:
                pid = process.pid
                if pid is None or process.is_alive() or seen.get(process.name) == pid:  # type: ignore[no-untyped-call]
                    continue
                seen[process.name] = pid
                mark_process_dead(pid)  # type: ignore[no-untyped-call]
                log.warning("process_ended", process=process.name, pid=pid, code=process._current_process.exitcode)
                if not started:
                    # Until all are ready the manager listens to nobody and changes nothing: so this thread may.
                    process.restart()  # type: ignore[no-untyped-call]
                    pause = FASTEST_RESTARTS
                    continue
                say(f"{process.name}:")
                pause = FASTEST_RESTARTS
        except (OSError, EOFError, KeyError):
            # The process that keeps the states is gone: the manager's own loop sees that too, and ends.
            pause = FASTEST_RESTARTS
    # Else the manager would go on waiting for those that are not ready yet, and hear of no end before.
    manager._all_workers_ack = lambda: True  # type: ignore[method-assign]
    say("__TERMINATE__")
    time.sleep(END_SECONDS)
    _kill(manager)


def _kill(manager: WorkerManager) -> None:
    for process in list(manager.processes):
        if process.is_alive() and process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
