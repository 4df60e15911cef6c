"""A real PgBouncer in front of a PostgreSQL, in transaction mode: each transaction may get another connection."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from hub.process import embedded
from tests.servers import PATIENCE, free_port

needs_pgbouncer = pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="pgbouncer is not installed")


@contextlib.asynccontextmanager
async def pgbouncer(place: Path, url: str, *, size: int = 3) -> AsyncIterator[str]:
    """Start one for the server, the role and the database of ``url``; yields the URL through it.

    ``size`` is how many connections it has to PostgreSQL: few, so that clients share them.
    """
    parts = urlsplit(url)
    account = embedded._account()
    home = embedded._home(place, "pgbouncer", account)
    port = free_port()
    (home / "users.txt").write_text(f'"{parts.username}" "{parts.password}"\n')
    (home / "pgbouncer.ini").write_text(
        f"""[databases]
* = host={parts.hostname} port={parts.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {home}/users.txt
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
logfile = {home}/pgbouncer.log
"""
    )
    how = embedded._as(account)
    for name in ("users.txt", "pgbouncer.ini"):
        if account:
            os.chown(home / name, account.pw_uid, account.pw_gid)
    program = shutil.which("pgbouncer")
    assert program
    process = await asyncio.to_thread(
        partial(subprocess.Popen, [program, "-q", home / "pgbouncer.ini"], stderr=subprocess.DEVNULL, **how)
    )
    through = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                assert process.poll() is None, (home / "pgbouncer.log").read_text()
                try:
                    await (await asyncpg.connect(through, statement_cache_size=0)).close()
                    break
                except OSError:  # it does not listen yet
                    await asyncio.sleep(0.02)
        yield through
    finally:
        process.terminate()
        process.wait(PATIENCE)
        embedded.remove(place)
        shutil.rmtree(home, ignore_errors=True)
