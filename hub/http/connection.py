"""One HTTP connection, on Sanic's: what may wait in it is bounded, and it ends when its client makes no progress.

Sanic's timers begin anew with each byte; here the sweep of all connections (hub.http.connections) looks at each of them
once a second, so a request costs nothing for it. A connection whose bytes belong to the live channel builds on this
class (hub.live.upgrade).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from array import array
from typing import TYPE_CHECKING, Any

from sanic.exceptions import RequestCancelled, RequestTimeout, ServiceUnavailable
from sanic.http import Stage
from sanic.models.server_types import ConnInfo
from sanic.server import HttpProtocol

from hub.http.exchange import Exchange

if sys.platform == "linux":
    import fcntl
    import termios
if TYPE_CHECKING:
    from hub.http.connections import Connections

KERNEL_BYTES = 65536
"""What the kernel may keep for each direction (it counts double). By itself it would take megabytes of an answer that
nobody reads."""
RECEIVE_BYTES = 65536
"""At this size of what has been received no more is read."""
LOW_BYTES, HIGH_BYTES = 16384, 65536
"""Of what waits to be sent: above the second an answer waits, and nothing is read; below the first it goes on."""
CUT_SECONDS = 10.0
"""How long the handler of a request that was cut may take to end and to answer."""
LINGER_SECONDS = 2.0
"""How long the bytes of a client that was refused are still taken, so that it can read why (RFC 9112, 9.6)."""


class HttpConnection(HttpProtocol):
    """Sanic's HTTP connection with bounds. ``unread`` is set when the client may still be sending what nobody reads."""

    __slots__ = (
        "_cut", "_drained", "_drained_at", "_lingers_since", "_paused", "_registry", "_seen", "_seen_at", "_written",
        "group", "unread",
    )  # fmt: skip
    HTTP_CLASS = Exchange
    transport: asyncio.Transport

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._registry: Connections = self.app.ctx.connections
        self._http: Exchange | None = None
        self._written = 0
        self._drained = self._drained_at = 0.0
        self._seen: tuple[Any, ...] = ()
        self._seen_at = 0.0
        self._lingers_since: float | None = None
        self._paused = False
        self._cut = False
        self.unread = False
        self.group = ""

    # -- what asyncio calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.connections.add(self)
        transport.set_write_buffer_limits(low=LOW_BYTES, high=HIGH_BYTES)
        self.recv_buffer = bytearray()
        self.conn_info = ConnInfo(transport, unix=self._unix)  # type: ignore[arg-type]
        end = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # it is gone already
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        refusal = self._registry.enter(self, self.conn_info.client_ip, end.fileno())
        if refusal is None:
            self._task = self.loop.create_task(self.connection_task())  # type: ignore[no-untyped-call]
            return
        transport.write(refusal)
        self.unread = self._registry.may_linger()
        self.close()

    def data_received(self, data: bytes) -> None:
        if self._lingers_since is not None:
            return
        self.recv_buffer += data
        if len(self.recv_buffer) >= RECEIVE_BYTES:
            self._pause_reading()
        self._data_received.set()

    def pause_writing(self) -> None:
        """The client does not take what it asked for: it is not asked for more."""
        self._can_write.clear()
        self._pause_reading()

    def resume_writing(self) -> None:
        self._can_write.set()
        if len(self.recv_buffer) < RECEIVE_BYTES:
            self.resume_reading()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)  # type: ignore[no-untyped-call]
        self._registry.leave(self)

    def _pause_reading(self) -> None:
        if not self._paused and not self.transport.is_closing():
            self._paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()

    # -- what Sanic calls

    @property
    def always(self) -> dict[str, str]:
        """Headers that every answer has."""
        return self._registry.always

    @property
    def gone(self) -> bool:
        """Nothing can be sent over this connection any more."""
        return self.transport.is_closing() or bool(self.conn_info and self.conn_info.lost)

    async def receive_more(self) -> None:
        if self._paused and self._can_write.is_set():
            self.resume_reading()
        self._data_received.clear()
        await self._data_received.wait()

    async def send(self, data: bytes) -> None:
        if not self._can_write.is_set():
            await self._can_write.wait()
        if self.transport.is_closing():
            raise RequestCancelled
        self._written += len(data)
        self.transport.write(data)

    def check_timeouts(self) -> None:
        """Sanic's timer of each connection: the sweep does its work."""

    def close(self, timeout: float | None = None) -> None:
        """Close as soon as what waits has been sent; the sweep ends a connection on which that makes no progress."""
        if self.transport.is_closing() or self._lingers_since is not None:
            return
        if not self.unread or not self.transport.can_write_eof():
            self.transport.close()
            return
        # Closed with bytes that nobody has read, the kernel would reset the connection, and the client lose our answer.
        self._lingers_since = self._registry.now
        self.recv_buffer = bytearray()
        self.transport.write_eof()
        self.resume_reading()

    def abort(self) -> None:
        self.transport.abort()

    # -- the sweep

    def mind(self, now: float) -> None:
        """End this connection if its client has made no progress for too long. Called once a second."""
        bounds = self._registry.bounds
        waiting = self.transport.get_write_buffer_size()
        if waiting:
            drained = self._written - waiting - self._in_kernel()
            if drained != self._drained or not self._drained_at:
                self._drained, self._drained_at = drained, now
            elif bounds.unread_seconds and now - self._drained_at >= bounds.unread_seconds:
                self._end("unread")
            return
        self._drained_at = 0.0
        if self._lingers_since is not None:
            if now - self._lingers_since >= LINGER_SECONDS:
                self.transport.abort()
            return
        if self._http is not None and not self.transport.is_closing():
            self._mind_exchange(self._http, now)

    def _in_kernel(self) -> int:
        """Bytes that the client's side has not acknowledged: the kernel takes more only when a third of its buffer is
        free, and a slow reader who goes on reading is no one who has stopped."""
        if sys.platform != "linux":
            return 0
        found = array("i", [0])
        try:
            fcntl.ioctl(self.transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, found)
        except OSError:
            return 0  # it is being closed
        return found[0]

    def _mind_exchange(self, http: Exchange, now: float) -> None:
        bounds = self._registry.bounds
        stage, count = http.stage, self.state["requests_count"]
        seen = (stage, count, self._written if stage is Stage.RESPONSE else 0)
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
            return
        age = now - self._seen_at
        if self._cut:
            if age >= CUT_SECONDS:
                self.transport.abort()
        elif http.request_body and stage is not Stage.REQUEST:
            rest = http.request_bytes_left or 0
            received = (http.request_bytes or 0) - rest
            if bounds.body_seconds and received < (age - bounds.body_seconds) * bounds.body_bytes_per_second:
                self._end("body", RequestTimeout("The request's body comes too slowly."))
        elif stage is Stage.IDLE:
            limit = self.keep_alive_timeout if count else bounds.head_seconds
            if limit and age >= limit:
                if not count:
                    self._registry.cut("silent")
                self.close()
        elif stage is Stage.REQUEST:
            if bounds.head_seconds and age >= bounds.head_seconds:
                self._end("head", RequestTimeout("The request's head comes too slowly."))
        elif age >= self.response_timeout:
            if stage is Stage.HANDLER:
                self._end("handler", ServiceUnavailable("The answer takes too long."))
            else:
                self._end("handler")

    def _end(self, reason: str, error: Exception | None = None) -> None:
        """Answer ``error`` and close, or abort at once."""
        self._registry.cut(reason)
        if error is None or self._http is None or self._task is None:
            self.transport.abort()
            return
        self._cut = True
        self._seen_at = self._registry.now
        self._http.exception = error
        self._task.cancel()
