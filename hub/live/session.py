"""One session: it carries out what its client says (hub.live.protocol), and ends when its time has come.

How its connection comes to be is hub.live.upgrade's, its frames are hub.live.websocket's, how it gets a channel is
hub.live.subscribing's, what waits for a slow client is hub.live.backpressure's. One sweep a second (hub.live.sessions)
minds the deadlines of all sessions.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from websockets.server import ServerProtocol

from hub import logs
from hub.domain import venue
from hub.domain.roles import VISITOR
from hub.errors import AuthError
from hub.live import messages, protocol
from hub.live.backpressure import Backpressure
from hub.live.client_commands import Command, Connect, Ping, Refresh, SayPresence, Subscribe, Unsubscribe
from hub.live.frames import deflated, plain_pong, text_frame
from hub.live.registry import CLOSES
from hub.live.saying_presence import say_presence
from hub.live.send_queue import Pong, SendQueue
from hub.live.sessions import Sessions
from hub.live.shown_roles import shown_roles
from hub.live.subscribing import subscribe_all
from hub.live.subscriptions import Subscription
from hub.live.websocket import WebSocket
from hub.security import Identity
from hub.views.context import VenueContext

COMMANDS = 128  # that may wait for the one that is carried out
CLOSE_SECONDS = 2.0
CALM_SECONDS = 5.0  # for which a session is left alone where the settings set no deadline
PING = b"\x89\x00"
log = logs.get("hub.live")


class LiveSession:
    """One client. Its commands are carried out in order; what is to be sent to it is written once a tick."""

    __slots__ = (
        "_address",
        "_admitted",
        "_backpressure",
        "_calm_until",
        "_commands",
        "_ending_since",
        "_pinged_at",
        "_received_at",
        "_roles_told",
        "_sessions",
        "_socket",
        "_transport",
        "_venue",
        "_working",
        "connection",
        "deflates",
        "fd",
        "given_bytes",
        "gone",
        "identity",
        "is_ending",
        "lagging",
        "name",
        "queue",
        "received",
        "subscriptions",
    )  # fmt: skip

    def __init__(
        self,
        sessions: Sessions,
        transport: asyncio.Transport,
        core: ServerProtocol,
        address: str,
        venue: VenueContext | None = None,
    ) -> None:
        self._venue = venue or sessions.broadcaster.context.main
        self._sessions = sessions
        self._transport = transport
        self._address = address
        self._socket = WebSocket(self, transport, core, sessions.bounds.frame_bytes)
        self._commands: list[Command] = []  # a deque takes 700 bytes more, of each idle session
        self._working: asyncio.Task[None] | None = None
        self._roles_told = 0
        self.received = self._socket.received
        """Takes bytes of the client, whole frames or not."""
        self.is_ending = False
        self._ending_since = 0.0
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
        self.given_bytes: int = 0
        self._calm_until = 0.0
        """Before when no deadline of its line comes, by Sessions.now()."""
        self._backpressure = Backpressure(self, sessions, self.queue)
        self.connection = protocol.ConnectionState(sessions.bounds, begun_at=now)
        self.subscriptions: dict[str, Subscription] = {}
        sessions.enter(self, address)

    @property
    def session_id(self) -> int:
        return self.identity.session_id if self.identity else 0

    def role_at(self, venue_id: int) -> str:
        """What whoever this is may do in a venue, by what is known now."""
        return self._sessions.tokens.role_at(self.identity, venue_id) if self.identity else VISITOR

    @property
    def user_id(self) -> int:
        return self.identity.user_id if self.identity else 0

    # -- what the client sends

    def left(self) -> bool:
        """The client closed its side."""
        self._socket.left()
        return False

    @property
    def is_spent(self) -> bool:
        return self.connection.spent

    @property
    def takes_answers(self) -> bool:
        return not self.queue.full

    def note_arrival(self) -> None:
        self._received_at = self._sessions.now()

    def take_small_text(self, payload: bytes) -> None:
        """A message of the client; the ping that every client sends every few seconds is answered here."""
        self._received_at = now = self._sessions.now()
        if self._working is None and not self._commands:
            id = self.connection.plain_ping(payload, now)
            if id is not None:
                pong = Pong(plain_pong(id, self._sessions.time_parts()))
                self._sessions.broadcaster.writer.send_at_once(self, pong)
                return
        self.take_message(payload, binary=False)

    def take_message(self, payload: bytes, *, binary: bool) -> None:
        self._take(self.connection.receive(payload, self._received_at, binary=binary))

    def take_control(self) -> None:
        self._take(self.connection.control(self._received_at))

    def _take(self, steps: list[protocol.Action]) -> None:
        for step in steps:
            if isinstance(step, protocol.Send):
                self._send(step.message)
            elif isinstance(step, protocol.End):
                self.end(step.name, step.reason)
            elif isinstance(step.command, Ping) and self._working is None and not self._commands:
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
            while self._commands and not self.is_ending:
                await self._carry_out(self._commands.pop(0))
                await asyncio.sleep(0)  # what is in memory suspends nothing: however much one asks, it is others' turn
        except Exception:
            log.exception("a client's command failed", session=self.name)
            self.end("internal", "something went wrong on our side")
        finally:
            self._working = None

    def _send(self, message: dict[str, Any]) -> None:
        self._sessions.broadcaster.writer.send(self, message)

    async def _carry_out(self, command: Command) -> None:
        match command:
            case Connect():
                await self._connect(command)
            case Subscribe():
                await subscribe_all(self, self._sessions, self._venue.id, command.id, command.channels)
            case Unsubscribe():
                self._sessions.broadcaster.unsubscribe(self, command.channel)
                self._send(messages.unsubscribed(command.id, command.channel))
            case Refresh():
                self._refresh(command)
            case Ping():
                self._pong(command)
            case SayPresence():
                say_presence(self, self._sessions, command)

    def _pong(self, command: Ping) -> None:
        pong = Pong(text_frame(messages.pong(command.id, self._sessions.time_text())))
        self._sessions.broadcaster.writer.enqueue(self, pong)

    async def _connect(self, command: Connect) -> None:
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
            messages.connected(
                command.id,
                session=self.name,
                roles=self._roles(),
                expires_in=self._expires_in(),
                at=sessions.time_text(),
                venue=venue.summary(self._venue.venue, self._venue.rules, datetime.now(UTC)),
                bounds=sessions.bounds,
            )
        )
        await subscribe_all(self, self._sessions, self._venue.id, command.id, command.since)

    def _has_ended(self, token: str) -> bool:
        """Whether a token that is refused was good until its end."""
        try:
            self._sessions.tokens.check(token, 0.0)
        except AuthError:
            return False
        return True

    def _roles(self) -> dict[str, str]:
        """What the client is told now."""
        roles = shown_roles(self, self._sessions, self._venue.id)
        self._roles_told = hash(frozenset(roles.items()))
        return roles

    def _refresh(self, command: Refresh) -> None:
        try:
            identity = self._sessions.tokens.check(command.token, time.time())
        except AuthError as error:
            self._send(messages.error(command.id, "auth_error", error.message))
            return
        if identity.user_id != self.user_id:
            self._send(messages.error(command.id, "forbidden", "The token is another user's."))
            return
        self.identity = identity
        self.connection.accepted(identity.expires_at)
        self._send(messages.refreshed(command.id, self._expires_in() or 0, self._roles()))
        self._show_what_may_be_seen()

    def take_roles(self) -> None:
        """The user may have other roles now: channels that they may not see are unsubscribed, and those that show them
        more or less are told anew."""
        before, roles = self._roles_told, self._roles()
        if self._roles_told != before:
            self._send(messages.roles(roles))
            self._show_what_may_be_seen()

    def _show_what_may_be_seen(self) -> None:
        for name, subscription in list(self.subscriptions.items()):
            channel = subscription.channel
            if not channel.may_see(self.role_at(channel.venue_id)):
                self._sessions.broadcaster.unsubscribe(self, name)
                self._send(messages.unsubscribed(None, name))
            else:
                self._sessions.broadcaster.show_to_role(self, subscription)

    def _expires_in(self) -> int | None:
        return max(0, round(self.identity.expires_at - time.time())) if self.identity else None

    # -- bytes out, time, and the end

    def write(self, data: bytes) -> None:
        """Write what the socket did not take, or what may not go straight to it; nothing follows a close frame."""
        if not self.is_ending:
            self._transport.write(data)

    def keep(self, frames: list[bytes]) -> None:
        """The line is slow, or full: frames wait for it."""
        self._backpressure.keep(frames)

    def full(self) -> None:
        """The transport takes no more for now."""
        self._backpressure.full()

    def drained(self) -> None:
        """The transport takes bytes again."""
        self._backpressure.drained()

    def mind(self, now: float, wall: float) -> None:
        """Called once a second, at Sessions.now() and ``wall`` seconds since 1970: keep this session's deadlines."""
        bounds = self._sessions.bounds
        if self.is_ending:
            if now - self._ending_since > CLOSE_SECONDS:
                self.abort()
            return
        if now < self._calm_until and wall < self.connection.due_at() and self._backpressure.is_calm:
            return
        waiting = self._socket.waiting  # what has not come in time may be there already
        if not waiting and (actions := self.connection.pass_time(now, wall)):
            self._take(actions)
            if self.is_ending:
                return
        self._backpressure.mind(now)
        quiet = 0.0 if waiting else now - self._received_at
        if 0 < bounds.silence_seconds < quiet:
            self.abort()
        elif 0 < bounds.ping_seconds < min(quiet, now - self._pinged_at):
            self._pinged_at = now
            self._transport.write(PING)
        if not waiting:
            ping, silence = bounds.ping_seconds or CALM_SECONDS, bounds.silence_seconds or CALM_SECONDS
            self._calm_until = min(max(self._received_at, self._pinged_at) + ping, self._received_at + silence)

    def end(self, name: str, reason: str) -> None:
        """Say bye, close with the code of ``name``, and give the client a moment to answer."""
        if self.is_ending:
            return
        if self._send_bye(name, reason):
            self._socket.send_close(CLOSES[name].code, reason)
        self.leave()

    def end_failed(self, name: str, reason: str) -> None:
        """Say bye before the close frame of a connection that the WebSocket itself has failed."""
        self._send_bye(name, reason)
        self.leave()

    def _send_bye(self, name: str, reason: str) -> bool:
        """The last frame before the close; whether the line still takes it."""
        self.is_ending, self._ending_since = True, self._sessions.now()
        pending = self._sessions.broadcaster.writer.take(self)
        before = self.queue.take_waiting() + b"".join(map(deflated, pending) if self.deflates else pending)
        self._sessions.metrics.closes.labels(name).inc()
        if not self._socket.can_be_told:
            return False
        self._transport.write(before + text_frame(messages.bye(name, reason)))
        return True

    def abort(self) -> None:
        """Cut the connection: nothing that is still to be written can hold it open."""
        self.leave()
        self._transport.abort()

    def lost(self) -> None:
        """The connection is gone."""
        self._socket.stop_reading()
        self.leave()
        self._sessions.leave(self, self._address)
        if not self.gone.done():
            self.gone.set_result(None)

    def leave(self) -> None:
        """Stop being told anything."""
        if not self.is_ending:
            self.is_ending, self._ending_since = True, self._sessions.now()
        self.connection.closed()
        self._commands.clear()
        self.lagging.clear()
        self._backpressure.close()
        self.queue.close()
        self.fd = -1
        self._sessions.broadcaster.writer.forget(self)
        if self in self._sessions.broadcaster.subscribers:
            self._sessions.broadcaster.leave(self)
        if self._admitted is not None:
            self._sessions.dismiss(self, self._address, self._admitted)
            self._admitted = None
