"""How a request to /live becomes a session: the handshake, its refusals, and the connection that changes hands.

Sanic serves the handshake as an ordinary request, so that a refusal is a real HTTP answer; an accepted one takes the
connection over from Sanic (LiveProtocol), which then holds nothing of it but its place among the open connections.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from websockets import http11
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.protocol import State
from websockets.server import ServerProtocol

from hub.config import LiveBounds
from hub.errors import Forbidden, HubError, Malformed, NotFound, Overloaded, Unavailable
from hub.http.client import client_address
from hub.http.connection import HttpConnection
from hub.http.origins import origin_allowed
from hub.live.registry import SUBPROTOCOL
from hub.live.session import LiveSession
from hub.live.sessions import Sessions

HANDSHAKE = (
    "connection", "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol",
    "sec-websocket-extensions",
)  # fmt: skip
VERSION = "13"
DEFLATE = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
"""Agreed on when it is offered. Without the context of the messages before it a frame is compressed once for all who
took it, and an idle session keeps no memory for it."""
SMALL_WINDOW = re.compile(r"server_max_window_bits\s*=\s*\"?(?!15)")
LIBRARY_MAX_SIZE = 65536
"""What the parser takes at least, so that it is our code that says how much is too much."""


class HandshakeRefused(Exception):
    """An upgrade that is refused: what is wrong, and the HTTP status where the handshake has one of its own for it."""

    def __init__(self, error: HubError, status: int | None = None) -> None:
        super().__init__(error.message)
        self.error, self.status = error, status


class StartsOrStops(Unavailable):
    """This process takes no sessions yet, or no more: the next try may come to another one."""

    retry_after = 1


def accept(request: Request, sessions: Sessions) -> tuple[ServerProtocol, bytes]:
    """Check an upgrade; returns the connection's protocol core and the answer to send. Raises HandshakeRefused."""
    if sessions.waiting:
        raise HandshakeRefused(StartsOrStops("The hub waits for its database; try again shortly."))
    if sessions.draining:
        raise HandshakeRefused(StartsOrStops("The hub restarts; try again shortly."))
    if request.version != "1.1" or len(request.headers.getall("host", [])) != 1:
        raise HandshakeRefused(Malformed("A WebSocket handshake needs HTTP/1.1 and one Host header."))
    headers = _of_the_handshake(request)
    if not origin_allowed(request, sessions.settings):
        raise HandshakeRefused(Forbidden("Pages of this origin may not connect."))
    offered = [part.strip() for value in headers.get_all("sec-websocket-protocol") for part in value.split(",")]
    if headers.get("sec-websocket-version", "") not in ("", VERSION):
        raise HandshakeRefused(Malformed(f"The hub supports version {VERSION} of WebSocket."), 426)
    if offered and SUBPROTOCOL not in offered:
        raise HandshakeRefused(Malformed(f"The hub supports the subprotocol {SUBPROTOCOL}."))
    bounds = sessions.bounds
    if bounds.sessions and len(sessions.open) >= bounds.sessions:
        raise HandshakeRefused(Overloaded("Too many sessions at the moment."))
    if bounds.sessions_per_address and sessions.addresses[client_address(request)] >= bounds.sessions_per_address:
        raise HandshakeRefused(Overloaded("Too many sessions from this address."))
    # Open from the start: the core then parses frames, not the request that Sanic has read already.
    core = ServerProtocol(max_size=_largest(bounds), state=State.OPEN, extensions=[DEFLATE])
    upgrade = http11.Request(path=request.path, headers=headers)
    answer = core.accept(upgrade)
    if answer.status_code != 101:
        cause = core.handshake_exc
        message = str(cause) if isinstance(cause, InvalidHandshake) else "This is not a WebSocket handshake."
        raise HandshakeRefused(Malformed(message), answer.status_code)
    if offered:
        answer.headers["Sec-WebSocket-Protocol"] = SUBPROTOCOL
    return core, answer.serialize()


def _largest(bounds: LiveBounds) -> int | None:
    """Bytes of a message beyond which the parser closes with 1009 by itself; None where there is no bound."""
    if not bounds.frame_bytes or not bounds.first_frame_bytes:
        return None
    return max(LIBRARY_MAX_SIZE, bounds.frame_bytes, bounds.first_frame_bytes)


def _of_the_handshake(request: Request) -> Headers:
    """The headers of the handshake itself: what stands in the others, a neighbour's cookie say, is no matter here.
    Raises HandshakeRefused."""
    found = [(name, value) for name in HANDSHAKE for value in request.headers.getall(name, [])]
    if not all(value.isascii() and value.isprintable() for _, value in found):
        raise HandshakeRefused(Malformed("The handshake's headers may hold ASCII only."))
    # Who asks for a smaller window than all others have gets plain frames.
    return Headers(
        [pair for pair in found if pair[0] != "sec-websocket-extensions" or not SMALL_WINDOW.search(pair[1])]
    )


class LiveProtocol(HttpConnection):
    """An HTTP connection, until /live takes it over; from then on the transport is the session's alone."""

    __slots__ = ("live",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.live: LiveSession | None = None

    def take_over(self, session: LiveSession) -> None:
        self.live = session
        self._registry.take(self)
        if self.transport.get_write_buffer_size():
            session.full()  # answers to requests before this one, and the handshake behind them
        self.resume_reading()
        rest, self.recv_buffer = bytes(self.recv_buffer), bytearray()
        if rest:
            session.received(rest)

    def data_received(self, data: bytes) -> None:
        if self.live is not None:
            self.live.received(data)
        else:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return self.live.left() if self.live is not None else False

    def connection_lost(self, exc: BaseException | None) -> None:
        if self.live is not None:
            self.live.lost()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        if self.live is None:
            super().pause_writing()
        else:
            self._can_write.clear()
            self.live.full()

    def resume_writing(self) -> None:
        if self.live is None:
            super().resume_writing()
        else:
            self._can_write.set()
            self.live.drained()

    def close(self, timeout: float | None = None) -> None:
        # Sanic closes what its handler is done with. A session has only begun then.
        if self.live is None:
            super().close(timeout)

    def close_if_idle(self) -> bool:
        if self.live is None:
            if super().close_if_idle():
                return True
            # Sanic would go on taking requests here until its patience ends, and no other connection meanwhile.
            if self._http is not None:
                self._http.keep_alive = False
            return False
        self.live.abort()  # it had its bye, unless the drain failed; and no loop runs that could say one
        return False


def add_route(app: Sanic[Any, Any], refuse: Callable[[Request, HubError, int | None], HTTPResponse]) -> None:
    """GET /live. ``refuse`` makes the HTTP answer of a refusal, with the status that it is given, or the error's own.

    The sessions of the process are in ``app.ctx.sessions`` by the time it is served.
    """

    async def live(request: Request, venue: str | None = None) -> HTTPResponse | None:
        if request.method != "GET" or request.headers.get("upgrade", "").lower() != "websocket":
            answer = refuse(request, Malformed("This address takes WebSocket handshakes only."), 426)
            answer.headers["upgrade"] = "websocket"
            return answer
        sessions: Sessions = app.ctx.sessions
        here = sessions.broadcaster.context.named(venue) if venue is not None else None
        try:
            if venue is not None and here is None:
                raise HandshakeRefused(NotFound("There is no such venue."))
            core, handshake = accept(request, sessions)
        except HandshakeRefused as refused:
            answer = refuse(request, refused.error, refused.status)
            if answer.status in (400, 426):
                answer.headers["sec-websocket-version"] = VERSION
            return answer
        connection = request.transport.get_protocol()
        assert isinstance(connection, LiveProtocol)
        session = LiveSession(sessions, connection.transport, core, client_address(request), here)
        connection.transport.write(handshake)
        connection.take_over(session)
        return None

    # Sanic lets a handler that is marked so end without an answer.
    live.is_websocket = True  # type: ignore[attr-defined]
    app.add_route(live, "/live", methods=["GET", "HEAD"], name="live", ctx_by_venue=True)
