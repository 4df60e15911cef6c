"""One session: what joins the conversation (hub.live.protocol), the broadcaster and one socket's transport.

How a socket comes to be is hub.live.upgrade's, and one sweep a second (hub.live.sessions) minds the deadlines of all.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from hub import logs
from hub.domain import venue
from hub.errors import AuthError, HubError
from hub.live import channels, protocol
from hub.live.broadcaster import READ_SECONDS, NotRead
from hub.live.frames import deflated, framed, rest_after, small_text, text_frame
from hub.live.receive_throttle import ReceiveThrottle
from hub.live.registry import CLOSES
from hub.live.send_queue import KERNEL_UNSENT, Pong, Reply, SendQueue
from hub.live.sessions import Sessions
from hub.live.subscriptions import Subscription
from hub.security import Identity

FRAGMENTS = 64
COMMANDS = 128  # that may wait for the one that is carried out
SUBSCRIBE_SECONDS = 0.25
HURRIED_SECONDS = 0.25
"""How long each further channel of a command is waited for once one of them could not be read in time: what is in
memory is shown, and the command does not take that time again for each of fifty channels."""
CLOSE_SECONDS = 2.0
AGAIN_SECONDS = 0.025
"""How often it is looked whether a slow line has room."""
NARROW_SECONDS = 5.0
PING = b"\x89\x00"
FAILURES = {1002: "frame_error", 1007: "not_utf8", 1009: "too_big", 1011: "internal"}
"""Codes with which the parser fails a connection → the name of that close."""
log = logs.get("hub.live")


class Session:
    """One client. Its commands are carried out in order; what it is owed is written once a tick."""

    __slots__ = (
        "_address",
        "_admitted",
        "_again",
        "_binary",
        "_commands",
        "_core",
        "_draining_queue",
        "_ending",
        "_fragments",
        "_narrow_until",
        "_parts",
        "_pinged_at",
        "_received_at",
        "_rest",
        "_sessions",
        "_shared_seen",
        "_slow_at",
        "_throttle",
        "_transport",
        "_unsent",
        "_working",
        "connection",
        "deflates",
        "fd",
        "given_bytes",
        "gone",
        "identity",
        "lagging",
        "name",
        "queue",
        "subscriptions",
    )  # fmt: skip

    def __init__(self, sessions: Sessions, transport: asyncio.Transport, core: ServerProtocol, address: str) -> None:
        self._sessions = sessions
        self._transport = transport
        self._core = core
        self._address = address
        self._throttle = ReceiveThrottle(transport, self._look_at)
        self._commands: list[protocol.Command] = []  # a deque takes 700 bytes more, of each idle session
        self._working: asyncio.Task[None] | None = None
        self._fragments: list[bytes] = []
        self._parts = 0
        self._rest = 0
        """Bytes of a frame that are still to come; -1 when nobody knows any more."""
        self._binary = False
        self._ending: float | None = None
        self._received_at = self._pinged_at = now = sessions.now()
        self._admitted: int | None = None
        """As whose it counts: a user's id, 0 of a visitor, None before it is connected."""
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.identity: Identity | None = None
        self.name = secrets.token_hex(8)
        self.deflates = bool(core.extensions)
        self.queue = SendQueue(transport, sessions.bounds, now, deflates=self.deflates)
        self.fd = self.queue.fd
        self.lagging: set[Subscription] = set()
        """Channels whose watchers this session has fallen out of: they are told anew when the transport has room."""
        self.given_bytes = self._unsent = 0
        self._shared_seen = sessions.broadcaster.writer.shared_bytes
        """What :meth:`_may_be_slow` knows: bytes that were not sent when it looked last, and those given since."""
        self._slow_at: float | None = None
        self._again: asyncio.TimerHandle | None = None
        self._narrow_until = 0.0
        self._draining_queue = False
        self.connection = protocol.ConnectionState(sessions.bounds, begun_at=now)
        self.subscriptions: dict[str, Subscription] = {}
        sessions.enter(self, address)

    @property
    def session_id(self) -> int:
        return self.identity.session_id if self.identity else 0

    @property
    def role(self) -> str:
        return self.identity.role if self.identity else ""

    @property
    def user_id(self) -> int:
        return self.identity.user_id if self.identity else 0

    # -- bytes in

    def received(self, data: bytes) -> None:
        """Bytes of the client, whole frames or not."""
        self._throttle.received(data)

    def _look_at(self, data: bytes) -> bool:
        self._received_at = self._sessions.now()
        text = small_text(data) if self._rest == 0 and not self._fragments and self._ending is None else None
        if text is None:
            self._rest = rest_after(self._rest, data)
            self._core.receive_data(data)
            self._after_bytes()
        else:
            self._read(text)
        return self._ending is not None or self.connection.spent

    def _read(self, text: bytes) -> None:
        try:
            if self._working is None and not self._commands:
                id = self.connection.plain_ping(text, self._received_at)
                if id is not None:
                    pong = protocol.PLAIN_PONG % (id, self._sessions.time_text().encode())
                    self._sessions.broadcaster.writer.send_at_once(self, Pong(framed(pong)))
                    return
            self._take(self.connection.receive(text, self._received_at))
        except Exception:
            # A fault of ours must not leave a deaf session behind.
            log.exception("a client's frame could not be handled", session=self.name)
            self.end("internal", "something went wrong on our side")

    def left(self) -> bool:
        """The client closed its side."""
        self._throttle.close()
        self._core.receive_eof()
        self._after_bytes()
        return False

    def _after_bytes(self) -> None:
        try:
            for event in self._core.events_received():
                if isinstance(event, Frame) and self._ending is None:
                    self._frame(event)
        except Exception:
            # A fault of ours must not leave a deaf session behind.
            log.exception("a client's frame could not be handled", session=self.name)
            self.end("internal", "something went wrong on our side")
        if self._core.parser_exc is not None and self._core.close_sent is not None and self._ending is None:
            # The parser closes by itself: its close frame is not written yet.
            self._send_bye(FAILURES.get(self._core.close_sent.code, "frame_error"), self._core.close_sent.reason)
            self._leave()
        self._write_core()
        if self._core.state is not State.OPEN and self._ending is None:
            self._leave()
        if self._core.close_expected() and self._core.state is State.CLOSED:
            self._transport.close()

    def _write_core(self) -> None:
        """What the protocol core wants to say by itself: pongs, the answer to a close, an end."""
        parts = self._core.data_to_send()
        data = b"".join(parts)
        # Pongs to one who does not read are left out: they would wait without a bound.
        if data and not (self.queue.full and self._core.state is State.OPEN):
            self.given_bytes += len(data)
            self._transport.write(data)
        if b"" in parts and not self._transport.is_closing():
            self._transport.close()

    def _frame(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CLOSE:
                self._take(self.connection.control(self._received_at))
            return
        if frame.opcode is not Opcode.CONT:
            self._binary = frame.opcode is Opcode.BINARY
        in_parts = not frame.fin or frame.opcode is Opcode.CONT
        self._fragments.append(bytes(frame.data))
        self._parts += len(frame.data)
        if in_parts and 0 < self._sessions.bounds.frame_bytes < self._parts:
            self.end("too_big", "the message is too large")
        elif len(self._fragments) > FRAGMENTS:
            self.end("protocol_error", "the message comes in too many fragments")
        elif frame.fin:
            data = b"".join(self._fragments)
            self._fragments.clear()
            self._parts = 0
            self._take(self.connection.receive(data, self._received_at, binary=self._binary))

    def _take(self, steps: list[protocol.Action]) -> None:
        for step in steps:
            if isinstance(step, protocol.Send):
                self._send(step.message)
            elif isinstance(step, protocol.End):
                self.end(step.name, step.reason)
            elif isinstance(step.command, protocol.Ping) and self._working is None and not self._commands:
                self._pong(step.command)  # every client asks every few seconds: no task is spent on it
            elif len(self._commands) >= COMMANDS:
                self.end("too_many", "too many commands wait")
            else:
                self._commands.append(step.command)
        if self._commands and self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work())

    # -- commands, in order

    async def _work(self) -> None:
        try:
            while self._commands and self._ending is None:
                await self._carry_out(self._commands.pop(0))
                await asyncio.sleep(0)  # what is in memory suspends nothing: however much one asks, it is others' turn
        except Exception:
            log.exception("a client's command failed", session=self.name)
            self.end("internal", "something went wrong on our side")
        finally:
            self._working = None

    def _send(self, message: dict[str, Any]) -> None:
        self._sessions.broadcaster.writer.send(self, message)

    async def _carry_out(self, command: protocol.Command) -> None:
        match command:
            case protocol.Connect():
                await self._connect(command)
            case protocol.Subscribe():
                await self._subscribe_all(command.id, command.channels)
            case protocol.Unsubscribe():
                self._sessions.broadcaster.unsubscribe(self, command.channel)
                self._send(protocol.unsubscribed(command.id, command.channel))
            case protocol.Refresh():
                self._refresh(command)
            case protocol.Ping():
                self._pong(command)

    def _pong(self, command: protocol.Ping) -> None:
        pong = Pong(text_frame(protocol.pong(command.id, self._sessions.time_text())))
        self._sessions.broadcaster.writer.enqueue(self, pong)

    async def _connect(self, command: protocol.Connect) -> None:
        sessions = self._sessions
        identity: Identity | None = None
        if command.token is not None:
            try:
                identity = sessions.tokens.check(command.token, time.time())
            except AuthError as error:
                self.end("token_expired" if self._has_ended(command.token) else "unauthenticated", error.message)
                return
        user_id = identity.user_id if identity else 0
        refused = sessions.admit(self, self._address, user_id)
        if refused is not None:
            self.end(*refused)
            return
        self.identity, self._admitted = identity, user_id
        sessions.broadcaster.subscribers.add(self)
        self.connection.accepted(identity.expires_at if identity else None)
        self._send(
            protocol.connected(
                command.id,
                session=self.name,
                roles=self._roles(),
                expires_in=self._expires_in(),
                at=sessions.time_text(),
                venue=venue.summary(sessions.settings.venue, sessions.settings.rules, datetime.now(UTC)),
                bounds=sessions.bounds,
            )
        )
        await self._subscribe_all(command.id, command.since)

    def _has_ended(self, token: str) -> bool:
        """Whether a token that is refused was good until its end."""
        try:
            self._sessions.tokens.check(token, 0.0)
        except AuthError:
            return False
        return True

    def _roles(self) -> dict[str, str]:
        return {self._sessions.settings.venue.slug: self.identity.role} if self.identity else {}

    async def _subscribe_all(self, id: protocol.Id, channels: dict[str, str | None]) -> None:
        within = READ_SECONDS
        for channel, since in channels.items():
            if self._ending is not None:
                return
            if not await self._subscribe(id, channel, since, within):
                within = HURRIED_SECONDS
            await asyncio.sleep(0)  # the others' turn

    async def _subscribe(self, id: protocol.Id, name: str, since: str | None, within: float = READ_SECONDS) -> bool:
        """False where the channel could not be read within so many seconds."""
        sessions = self._sessions
        channel = channels.parse(name)
        if channel is not None:
            channel = channel.of_user(self.user_id)
        if channel is None or not channel.is_shown(datetime.now(UTC), sessions.settings.rules):
            self._send(protocol.error(id, "unknown_channel", "There is no such channel.", channel=name[:64]))
            return True
        if not channel.may_see(self.role):
            self._send(protocol.error(id, "forbidden", "Your role may not see this channel.", channel=name))
            return True
        most = sessions.bounds.subscriptions
        if most and name not in self.subscriptions and len(self.subscriptions) >= most:
            self._send(protocol.error(id, "too_many_subscriptions", f"At most {most} channels.", channel=name))
            return True
        # What a connect asks for goes out as the transport takes it: no reader is slow because it asked for much.
        sessions.broadcaster.writer.flush(self)
        await self.queue.until_empty()
        await sessions.event_subscriber.confirmed(SUBSCRIBE_SECONDS)
        try:
            await sessions.broadcaster.subscribe(self, channel, since=since, id=id, within=within)
        except HubError as error:
            wait = error.retry_after * 1000 if error.retry_after else None
            how: dict[str, Any] = {"channel": name, "retryable": error.retryable, "retry_after_ms": wait}
            self._send(protocol.error(id, error.code, error.message, **how))
            return not isinstance(error, NotRead)
        return True

    def _refresh(self, command: protocol.Refresh) -> None:
        try:
            identity = self._sessions.tokens.check(command.token, time.time())
        except AuthError as error:
            self._send(protocol.error(command.id, "auth_error", error.message))
            return
        if identity.user_id != self.user_id:
            self._send(protocol.error(command.id, "forbidden", "The token is another user's."))
            return
        self.identity = identity
        self.connection.accepted(identity.expires_at)
        self._send(protocol.refreshed(command.id, self._expires_in() or 0, self._roles()))
        self._drop_forbidden()

    def take_role(self, role: str) -> None:
        """The user has another role now: channels that it may not see are unsubscribed."""
        if self.identity is not None and role != self.identity.role:
            self.identity = Identity(self.user_id, role, self.session_id, self.identity.expires_at)
            self._send(protocol.roles(self._roles()))
            self._drop_forbidden()

    def _drop_forbidden(self) -> None:
        for name, subscription in list(self.subscriptions.items()):
            if not subscription.channel.may_see(self.role):
                self._sessions.broadcaster.unsubscribe(self, name)
                self._send(protocol.unsubscribed(None, name))

    def _expires_in(self) -> int | None:
        return max(0, round(self.identity.expires_at - time.time())) if self.identity else None

    # -- bytes out, time, and the end

    def write(self, data: bytes) -> None:
        """Write what the socket did not take, or what may not go straight to it; nothing follows a close frame."""
        if self._ending is None:
            self._transport.write(data)

    def keep(self, frames: list[bytes]) -> None:
        """The line is slow, or full: frames wait for it."""
        fits = self.queue.keep(frames, self._sessions.now())
        if not self._draining_queue:
            self._drain_queue()
        if not fits and self.queue.busy:
            self._suspend()

    def full(self) -> None:
        """The transport takes no more for now."""
        self.queue.fill(self._sessions.now())
        self._slow_down()

    def drained(self) -> None:
        """The transport takes bytes again: what waited goes out, and what was thrown away is told anew."""
        self.queue.full = False
        self._drain_queue()

    def _slow_down(self) -> None:
        """From here on all waits for room in the kernel, until the line has been fast for a while."""
        self._narrow_until = self._sessions.now() + NARROW_SECONDS
        self._sessions.broadcaster.writer.full.add(self)

    def _drain_queue(self) -> None:
        """Write what waits as the line takes it; then tell anew what was thrown away, one channel after the other,
        each when the one before it has left: what is told into a full line is old when it arrives."""
        self._draining_queue = True
        try:
            while self._ending is None and not self.queue.full:
                if self.queue.pump() or (self.lagging and self.queue.unsent() > KERNEL_UNSENT):
                    self._drain_queue_later()
                    return
                if self.queue.full or not self.lagging:
                    break
                subscription = self.lagging.pop()
                before = len(self.lagging)
                self._sessions.broadcaster.resync(self, subscription, "slow")
                self._sessions.broadcaster.writer.flush(self)
                if len(self.lagging) > before:
                    return  # it waits for names, and is told when they are read
        finally:
            self._draining_queue = False
        if not self.lagging:
            self._slow_at = None

    def _drain_queue_later(self) -> None:
        if self._again is not None:
            self._again.cancel()
        self._again = asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._drain_queue)

    def _suspend(self) -> None:
        """Too slow: what waits is replaced by one snapshot a channel, once there is room."""
        if self._slow_at is None:
            self._slow_at = self._sessions.now()
            self._sessions.metrics.slow.labels("resync").inc()
        self.queue.discard_data()
        answers: list[bytes] = [
            frame for frame in self._sessions.broadcaster.writer.take(self) if isinstance(frame, Reply)
        ]
        self.queue.keep(answers, self._slow_at)
        self._sessions.broadcaster.suspend(self)
        self._drain_queue_later()
        if self.queue.overfull:  # answers alone: it asks and asks, and does not read
            self._cut_off()

    def _may_be_slow(self) -> bool:
        """Whether the kernel may hold more than it should: it never holds more than it held when it was asked last and
        what was written since. So of an idle session it is asked once a minute, and not every second."""
        given = self._sessions.broadcaster.writer.shared_bytes - self._shared_seen + self.given_bytes
        return self._unsent + given > KERNEL_UNSENT

    def _mind_progress(self, now: float) -> None:
        bounds, writer = self._sessions.bounds, self._sessions.broadcaster.writer
        if not (self.queue.busy or self.lagging or self in writer.full or self._may_be_slow()):
            self._slow_at = None
            self.queue.rest(now)
            return
        self._unsent = unsent = self.queue.unsent()
        self._shared_seen, self.given_bytes = writer.shared_bytes, 0
        if unsent > KERNEL_UNSENT:
            self._slow_down()
        waits = self.queue.busy or bool(self.lagging)
        if not waits:
            self._slow_at = None  # told anew meanwhile
            if now > self._narrow_until and not unsent:
                writer.full.discard(self)
        idle = self.queue.idle_for(now) if waits else self.queue.rest(now)
        if 0 < bounds.stuck_seconds < idle:
            self._cut_off()
        elif self._slow_at is None and self.queue.is_too_old(now):
            self._suspend()

    def _cut_off(self) -> None:
        self._sessions.metrics.slow.labels("closed").inc()
        self.queue.discard_all()
        self.end("slow_consumer", "the client does not read")

    def mind(self, now: float, wall: float) -> None:
        """Once a second: the deadlines of this session. ``now`` is Sessions.now()."""
        bounds = self._sessions.bounds
        if self._ending is not None:
            if now - self._ending > CLOSE_SECONDS:
                self.abort()
            return
        if not self._throttle.waiting:  # else it may be there already
            self._take(self.connection.pass_time(now, wall))
        if self._ending is not None:
            return
        self._mind_progress(now)
        quiet = 0.0 if self._throttle.waiting else now - self._received_at
        if 0 < bounds.silence_seconds < quiet:
            self.abort()
        elif 0 < bounds.ping_seconds < min(quiet, now - self._pinged_at):
            self._pinged_at = now
            self._transport.write(PING)

    def end(self, name: str, reason: str) -> None:
        """Say bye, close with the code of ``name``, and give the client a moment to answer."""
        if self._ending is not None:
            return
        if self._send_bye(name, reason) and self._core.state is State.OPEN:
            self._core.send_close(CLOSES[name].code, reason)
            self._write_core()
        self._leave()

    def _send_bye(self, name: str, reason: str) -> bool:
        """The last frame before the close; whether the line still takes it."""
        self._ending = self._sessions.now()
        pending = self._sessions.broadcaster.writer.take(self)
        before = self.queue.take_waiting() + b"".join(map(deflated, pending) if self.deflates else pending)
        self._sessions.metrics.closes.labels(name).inc()
        if self._transport.is_closing() or self._core.close_rcvd is not None:
            return False
        self._transport.write(before + text_frame(protocol.bye(name, reason)))
        return True

    def abort(self) -> None:
        """Cut the connection: nothing that is still to be written can hold it open."""
        self._leave()
        self._transport.abort()

    def lost(self) -> None:
        """The connection is gone."""
        self._throttle.close()
        self._leave()
        self._sessions.leave(self, self._address)
        if not self.gone.done():
            self.gone.set_result(None)

    def _leave(self) -> None:
        """Stop being told anything."""
        if self._ending is None:
            self._ending = self._sessions.now()
        self.connection.closed()
        self._commands.clear()
        self.lagging.clear()
        if self._again is not None:
            self._again.cancel()
            self._again = None
        self.queue.close()
        self.fd = -1
        self._sessions.broadcaster.writer.forget(self)
        if self in self._sessions.broadcaster.subscribers:
            self._sessions.broadcaster.leave(self)
        if self._admitted is not None:
            self._sessions.dismiss(self, self._address, self._admitted)
            self._admitted = None
