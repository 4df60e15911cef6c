"""Password hashes, made on a small pool of threads with a bounded queue (hub.commands.hashing_queue)."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.commands.hashing_queue import HashingQueue
from hub.domain import text

T = TypeVar("T")


class Passwords:
    """argon2id on as many threads as there are cores; what waits is bounded: beyond it, Overloaded."""

    def __init__(self, *, most_waiting: int = 64) -> None:
        # OWASP's second profile (19 MiB, two passes, one thread): about 20 ms on a core of our size.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        cores = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(cores, thread_name_prefix="argon2")
        self._queue = HashingQueue(cores, most_waiting=most_waiting)
        self._nobody = self._hasher.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, text.password(password))

    async def verify(self, password: str, stored: str | None, *, last: bool = False) -> bool:
        """Whether it is the password; takes as long for an account that does not exist (``stored`` None). ``last``:
        others go first."""
        matches = await self._run(self._matches, password, stored or self._nobody, last=last)
        return matches and stored is not None

    def _matches(self, password: str, stored: str) -> bool:
        # The normal form is what is hashed today; older hashes are of what was typed then.
        for form in text.forms_of_password(password):
            try:
                return self._hasher.verify(stored, form)
            except (VerificationError, InvalidHashError):
                continue
        return False

    async def _run(self, work: Callable[..., T], *args: str, last: bool = False) -> T:
        await self._queue.enter(last=last)
        try:
            running = asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        except BaseException:
            self._queue.leave()
            raise
        # A thread can't be interrupted: whoever goes away meanwhile leaves it at work, and the place with it.
        running.add_done_callback(lambda _: self._queue.leave())
        return await asyncio.shield(running)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
