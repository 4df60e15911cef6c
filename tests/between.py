"""A TCP proxy that tests put between two parts, to break the line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Between:
    """A TCP proxy: what it does to the bytes can be changed while they flow."""

    def __init__(self, host: str, port: int) -> None:
        self.to = (host, port)
        self.port = 0
        self.swallows = False
        """Half-open: connections stand, and new ones are made, but no byte arrives anywhere."""
        self.carries = asyncio.Event()
        """Cleared: what is sent waits, and arrives later."""
        self.carries.set()
        self.connections = 0
        """How many were made."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._stranded: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Between]:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._server.close()
            self.cut()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def heal(self) -> None:
        """Carry again; what lost bytes on the way is of no use to anybody any more, and is ended."""
        self.swallows = False
        self.cut()

    def strand(self) -> None:
        """From now on no connection that stands carries a byte, nor its end, either way. New ones carry."""
        self._stranded |= self._tasks

    def cut(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection(*self.to)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pass(task, reader, far_writer))
                    both.create_task(self._pass(task, far_reader, writer))
            finally:
                far_writer.transport.abort()
        writer.transport.abort()

    async def _pass(self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self.carries.wait()
                if not (self.swallows or task in self._stranded):
                    writer.write(data)
                    await writer.drain()
        except ConnectionError:
            if task not in self._stranded:
                raise
        if task in self._stranded:
            await asyncio.get_running_loop().create_future()  # nobody hears of the end, until all is cut
        writer.close()
