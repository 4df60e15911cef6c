"""The files of a data directory: hub.env, the secret key, run/NAME.pid and the lock of `hub up`.

What is written there, and how it is found again, belongs here; reading hub.env is hub.config's. The servers' own
folders are hub.process.embedded's.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from hub.config import read_env_file, read_secret_key


def write_env(data_dir: Path, values: Mapping[str, str]) -> None:
    """Set ``values`` in hub.env (mode 0600), keep its other lines, and replace the file in one step."""
    path = data_dir / "hub.env"
    if all(read_env_file(path).get(name) == value for name, value in values.items()) and path.exists():
        path.chmod(0o600)
        return
    kept = path.read_text().splitlines() if path.exists() else ["# Written by `hub up`. The environment goes over it."]
    lines = [line for line in kept if line.split("=", 1)[0].strip() not in values]
    replace_private(path, "".join(f"{line}\n" for line in [*lines, *(f"{k}={v}" for k, v in values.items())]))


def replace_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    aside.replace(path)


def make_secret_key(data_dir: Path, environ: Mapping[str, str]) -> None:
    """Make a key when neither SECRET_KEY nor SECRET_KEY_FILE gives one: into that file, or else into hub.env.

    Safe to run from many at once. Raises ConfigError when the present key is too short.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = os.open(data_dir, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        read = read_env_file(data_dir / "hub.env") | {k: v for k, v in environ.items() if v != ""}
        if read_secret_key(read):
            return
        if not (named := read.get("SECRET_KEY_FILE")):
            write_env(data_dir, {"SECRET_KEY": secrets.token_urlsafe(48)})
            return
        # The file may be shared by several data directories: its own lock, and only while it is empty.
        handle = os.open(named, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not file.read().strip():
                file.write(secrets.token_urlsafe(48))
    finally:
        os.close(lock)


def lock(data_dir: Path) -> int | None:
    """Take the lock of `hub up`, which ends with this process however it ends; None when another one holds it."""
    path = data_dir / "run" / "up.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def pid_file(data_dir: Path, name: str) -> Path:
    return data_dir / "run" / f"{name}.pid"


def write_pid(data_dir: Path, name: str, pid: int) -> None:
    replace_private(pid_file(data_dir, name), f"{pid}\n")


def read_pid(data_dir: Path, name: str) -> int | None:
    try:
        return int(pid_file(data_dir, name).read_text())
    except (FileNotFoundError, ValueError):
        return None
