"""A PostgreSQL of the system's own packages, which knows TLS: the one from the wheel is built without."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from hub.process import embedded
from tests.postbox import make_certificate
from tests.servers import PATIENCE, QUICK, free_port

PASSWORD = "p@ss:w/rd?#%&=é"
"""It has to be percent-encoded in a URL."""
FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
needs_postgresql = pytest.mark.skipif(not FOUND, reason="the system's PostgreSQL (package postgresql) is not installed")


@dataclass(slots=True)
class Secure:
    """A running server that takes TCP with TLS alone, and its socket."""

    port: int
    home: Path
    authority: Path
    login: str = f"hub:{quote(PASSWORD, safe='')}"
    """What stands before the host in its URLs."""

    @property
    def url(self) -> str:
        return f"postgresql://{self.login}@127.0.0.1:{self.port}/hub"


@contextlib.contextmanager
def secure_postgres(place: Path) -> Iterator[Secure]:
    """Make a cluster below ``place``, start it, and remove it at the end."""
    programs = FOUND[-1].parent
    account = embedded._account()
    home = embedded._home(place, "postgres", account)
    how = {**embedded._as(account), "cwd": home}
    certificate, port = make_certificate(place), free_port()

    def give(name: str, content: bytes) -> Path:
        """A file that the server alone reads."""
        path = home / name
        path.write_bytes(content)
        path.chmod(0o600)
        if account:
            os.chown(path, account.pw_uid, account.pw_gid)
        return path

    password = give("../password", PASSWORD.encode())
    subprocess.run(
        [programs / "initdb", "-D", home, "-U", "hub", "--auth=scram-sha-256", f"--pwfile={password}",
         "--encoding=UTF8", "--locale=C.UTF-8"],
        check=True, capture_output=True, **how,
    )  # fmt: skip
    subprocess.run(
        [programs / "postgres", "--single", "-D", home, "postgres"],
        input=b"CREATE DATABASE hub\n", check=True, capture_output=True, **how,
    )  # fmt: skip
    give("pg_hba.conf", b"local all all scram-sha-256\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
    give("server.pem", certificate.read_bytes())
    settings = {
        **QUICK, "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ".", "ssl": "on",
        "ssl_cert_file": "server.pem", "ssl_key_file": "server.pem",
    }  # fmt: skip
    log = give("server.log", b"")
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    control = [programs / "pg_ctl", "-D", home, "-w", "-t", str(round(PATIENCE)), "-l", log]
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, **how)
    try:
        yield Secure(port, home, Path(f"{certificate}.crt"))
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, **how)
        shutil.rmtree(home)
        embedded.remove(place)
