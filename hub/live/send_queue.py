"""What one session's transport has not taken yet: the bounds of a slow reader.

While the transport is full, frames wait here; beyond the bound, or when nothing moves for a while, the data that waits
is thrown away (its channels are told anew later) and the answers are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Iterable

from hub.config import LiveBounds
from hub.live.frames import Frame, deflated

if sys.platform != "win32":
    import fcntl
    import termios

KERNEL_UNSENT = 4096
"""Bytes that the kernel may hold and can't send before what follows waits here, where it can be taken back: over a line
of 4 KB/s each of them tells what was true a second ago. By itself the kernel would hold four megabytes."""
SIOCOUTQNSD = 0x894B
AT_ONCE = 4096
"""Bytes that are written together of what waited."""


class Reply(Frame):
    """A frame that answers this client's own command: it is never thrown away in favour of a newer state."""


class Pong(Reply):
    """An answer that tells nothing of any state: it need not wait behind the state that does."""


class Fresh(Frame):
    """A frame that says until when all before it is true. A newer one takes its place: so it waits alone, and that it
    waits makes nobody slow."""


class SendQueue:
    """One session's way out."""

    __slots__ = (
        "_bounds",
        "_counted",
        "_drained",
        "_moved_at",
        "_spared",
        "_transport",
        "_unread",
        "_waiting",
        "_waiting_bytes",
        "deflates",
        "fd",
        "full",
    )

    def __init__(self, transport: asyncio.Transport, bounds: LiveBounds, now: float, *, deflates: bool = False) -> None:
        self._transport = transport
        plain = transport.get_extra_info("sslcontext") is None
        if plain:
            # Full as soon as it keeps a byte for later: so while it is not, whoever writes past it overtakes nothing.
            transport.set_write_buffer_limits(high=0)
        connection = transport.get_extra_info("socket")
        self.fd = connection.fileno() if plain and sys.platform != "win32" else -1
        """The socket, for those who write past a transport that is not full; -1 where they may not."""
        if sys.platform == "linux" and connection.family != socket.AF_UNIX:
            with contextlib.suppress(OSError):  # it has gone already
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, KERNEL_UNSENT)
        self.deflates = deflates
        self._bounds = bounds
        self.full = False
        """The transport takes no more for now."""
        self._waiting: list[tuple[float, bytes]] = []
        """Since when each frame waits."""
        self._waiting_bytes = 0
        self._moved_at = now
        self._counted = 0
        """Bytes that the transport holds of what waited here before."""
        self._spared = 0
        """Bytes of what was told anew, until they have left."""
        self._unread = 0
        self._drained: asyncio.Future[None] | None = None

    def keep(self, frames: list[bytes], now: float, *, anew: bool = False) -> bool:
        """Let frames wait until the transport has room; false when more waits than the bound allows, or for longer.

        ``anew``: they replace what was thrown away, so their size is not held against the client until they have left.
        Otherwise a snapshot larger than the bound would be thrown away and told again for ever.
        """
        if anew:
            self._spared += sum(map(len, frames))
        in_order = any(isinstance(held, Reply) and not isinstance(held, Pong) for _, held in self._waiting)
        for frame in frames:
            if isinstance(frame, Pong) and not in_order:
                first = next((n for n, (_, held) in enumerate(self._waiting) if not isinstance(held, Pong)), None)
                self._waiting.insert(len(self._waiting) if first is None else first, (now, frame))
                continue
            if isinstance(frame, Fresh):
                self._drop_older_fresh()
            self._waiting.append((now, frame))
            in_order = in_order or isinstance(frame, Reply)
        self._waiting_bytes += sum(map(len, frames))
        held = self._waiting_bytes + self._counted - self._spared
        return not self.is_too_old(now) and not 0 < self._bounds.outbound_bytes < held

    def _drop_older_fresh(self) -> None:
        for number, (_, held) in enumerate(self._waiting):
            if isinstance(held, Fresh):
                del self._waiting[number]
                self._waiting_bytes -= len(held)
                return

    def is_too_old(self, now: float) -> bool:
        """Whether a frame of data waits for longer than the bound allows."""
        since = next((since for since, frame in self._waiting if not isinstance(frame, Reply | Fresh)), now)
        return 0 < self._bounds.stall_seconds < now - since

    def fill(self, now: float) -> None:
        """The transport is full. What it was given while it had room is not held against the client: it may be one
        great snapshot."""
        if not self.full:
            self.full, self._moved_at, self._counted = True, now, 0
            self._unread = self._transport.get_write_buffer_size() + self.in_kernel()

    def drained(self) -> None:
        """The transport takes bytes again."""
        self.full = False
        self._counted = min(self._counted, self._transport.get_write_buffer_size())

    def pump(self) -> bool:
        """Write what waits, as far as the line takes it; whether to look again shortly. Then it is the turn of whoever
        waits for room."""
        while self._waiting and not self.full:
            if self.unsent() > KERNEL_UNSENT:
                return True
            self._write_some()
        if self._drained is not None and not self.busy:
            self._drained.set_result(None)
            self._drained = None
        return False

    @property
    def busy(self) -> bool:
        """Whether something waits, or has to wait."""
        return self.full or bool(self._waiting)

    def _write_some(self) -> None:
        """Write the first of what waits. The rest stays, where it can be taken back."""
        count = size = 0
        while count < len(self._waiting) and size < AT_ONCE:
            size += len(self._waiting[count][1])
            count += 1
        data = self._joined(frame for _, frame in self._waiting[:count])
        del self._waiting[:count]
        self._waiting_bytes -= size
        spared = min(size, self._spared)
        self._spared -= spared
        self._unread += len(data)  # what is looked for is whether any of it was taken
        sent = 0
        if self.fd >= 0:
            with contextlib.suppress(OSError):  # full or broken: the transport finds out which
                sent = os.write(self.fd, data)
        if sent < len(data):
            self._transport.write(data[sent:])
            # It waited before, and it still does.
            self._counted = max(0, self._transport.get_write_buffer_size() - spared)

    def _joined(self, frames: Iterable[bytes]) -> bytes:
        return b"".join(map(deflated, frames) if self.deflates else frames)

    async def until_empty(self) -> None:
        """Wait until nothing waits."""
        while self.busy:
            if self._drained is None:
                self._drained = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._drained)

    def take_waiting(self) -> bytes:
        """What waits: from here on it is the caller's to write."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        return self._joined(frame for _, frame in waiting)

    def discard_data(self) -> None:
        """Throw away the data that waits; answers stay."""
        self._waiting = [(since, frame) for since, frame in self._waiting if isinstance(frame, Reply)]
        self._waiting_bytes, self._spared = sum(len(frame) for _, frame in self._waiting), 0

    def discard_all(self) -> None:
        """Throw away all that waits, answers too: who is sent away reads nothing any more."""
        self._waiting, self._waiting_bytes = [], 0

    @property
    def overfull(self) -> bool:
        """Whether what waits is beyond the bound by itself."""
        return 0 < self._bounds.outbound_bytes < self._waiting_bytes

    def idle_for(self, now: float) -> float:
        """For how many seconds the client has not taken a byte of what is on its way to it; 0 when nothing is."""
        held = self._transport.get_write_buffer_size()
        self._counted = min(self._counted, held)
        unread = held + self.in_kernel()
        if unread < self._unread or not unread:
            self._moved_at = now
        self._unread = unread
        return now - self._moved_at

    def rest(self, now: float) -> float:
        """Nothing waits, so no progress is expected of the client."""
        self._moved_at = now
        return 0.0

    def in_kernel(self) -> int:
        """Bytes that the kernel took and the client has not. Without them a reader of 1 KB/s would seem to stand
        still: the kernel takes more from the transport only when a third of its own buffer is free."""
        if self.fd < 0 or sys.platform == "win32":
            return 0
        with contextlib.suppress(OSError):
            return int.from_bytes(fcntl.ioctl(self.fd, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        return 0

    def unsent(self) -> int:
        """Bytes that the kernel took and has not sent: the line, or its reader, is slower than what is told."""
        if self.fd < 0 or sys.platform != "linux":
            return 0
        with contextlib.suppress(OSError):
            return int.from_bytes(fcntl.ioctl(self.fd, SIOCOUTQNSD, bytes(4)), sys.byteorder)
        return 0

    def close(self) -> None:
        """Nobody will write any more."""
        self.fd = -1  # the number may soon be another connection's
        self._waiting.clear()
        self._waiting_bytes = 0
        if self._drained is not None:
            self._drained.set_result(None)
            self._drained = None
        self.full = False
