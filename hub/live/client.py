"""A client of the live channel, typed, asynchronous: it reconnects, resumes and says how fresh what it holds is.

    async with LiveClient("http://127.0.0.1:8000", token) as live:
        async for state in live.watch("availability:2026-11-24"):
            print(state.position, state.fresh, state.data)

One connection carries every channel. What is held is moved on by hub.live.mirror; this file is the connection: when to
connect again, when to renew the token, and when to say that what is held may be stale.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from hub.live.mirror import Mirror, Took
from hub.live.registry import SUBPROTOCOL

BASE_SECONDS, CAP_SECONDS, CALM_SECONDS = 0.5, 20.0, 30.0
STALE_SECONDS = 15.0
# The hundreds of a close code say what to do, of codes too that are newer than this client.
FINAL, LIMITED, EXPIRED = 40, 41, 42
BROKEN = frozenset({1003, 1007, 1009})  # what our own broken frame earns: the next one would earn it again
Renew = Callable[[], Awaitable[str]]


class LiveClosed(Exception):
    """The hub closed for good: not again with the same token."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class LiveRefused(Exception):
    """A channel was refused; ``code`` is the protocol's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class State:
    """One committed state of a channel. ``fresh``: live (proved lately), doubt (the hub can't prove it), or stale."""

    channel: str
    position: str
    at: str
    data: dict[str, dict[str, Any]]
    fresh: Literal["live", "doubt", "stale"]


class _Watch:
    def __init__(self, channel: str) -> None:
        self.mirror = Mirror(channel)
        self.users = 0
        self.asking = False
        """Asked, and not answered: what is held may be old."""
        self.asked = 0
        """The id of that question."""
        self.changed = asyncio.Condition()
        self.count = 0
        self.refused: LiveRefused | None = None


class LiveClient:
    """``url`` is the hub's (http, https, ws or wss); ``renew`` gets a new token, by POST /auth/refresh if not given."""

    def __init__(self, url: str, token: str, *, renew: Renew | None = None, origin: str | None = None) -> None:
        parts = urlsplit(url)
        secure = parts.scheme in ("https", "wss")
        self._http = urlunsplit(("https" if secure else "http", parts.netloc, "", "", ""))
        self._address = urlunsplit(("wss" if secure else "ws", parts.netloc, "/live", "", ""))
        self._origin = origin
        self.token = token
        self._renew = renew or self._refresh_over_http
        self._watches: dict[str, _Watch] = {}
        self._socket: ClientConnection | None = None
        self._ready = False
        self._ids = itertools.count(1)
        self._task: asyncio.Task[None] | None = None
        self._closed: LiveClosed | None = None
        self._proved = float("-inf")
        self._doubt = False
        self._bye: dict[str, Any] | None = None
        """What the hub said before it closed; it goes before the close code, which can be lost on the way."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._stale: asyncio.TimerHandle | None = None
        self._accepted: str | None = None
        self.connections = 0
        """How often it has been connected."""

    async def __aenter__(self) -> LiveClient:
        self._task = asyncio.create_task(self._run(), name="live client")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, *self._tasks, return_exceptions=True)
        if self._stale is not None:
            self._stale.cancel()

    # -- what users see

    @property
    def fresh(self) -> Literal["live", "doubt", "stale"]:
        """Whether what is held was proved current lately."""
        if time.monotonic() - self._proved > STALE_SECONDS or not self._ready:
            return "stale"
        return "doubt" if self._doubt else "live"

    async def watch(self, channel: str) -> AsyncIterator[State]:
        """The channel's states, the newest each time: a slow consumer skips those in between, never goes back.

        Raises LiveRefused when the channel is refused, LiveClosed when the hub closed for good.
        """
        watch = self._watches.get(channel)
        if watch is None:
            watch = self._watches[channel] = _Watch(channel)
            await self._ask(watch)
        watch.users += 1
        seen = -1
        try:
            while True:
                async with watch.changed:
                    await watch.changed.wait_for(partial(self._news, watch, seen))
                    if self._closed is not None:
                        raise self._closed
                    if watch.refused is not None:
                        raise watch.refused
                    seen, mirror = watch.count, watch.mirror
                    assert mirror.position is not None and mirror.at is not None
                    fresh = "stale" if mirror.broken or watch.asking else self.fresh
                    state = State(channel, mirror.position, mirror.at, deepcopy(mirror.data), fresh)
                yield state
        finally:
            watch.users -= 1
            if not watch.users:
                self._watches.pop(channel, None)
                await self._send({"op": "unsubscribe", "channel": channel})

    def _news(self, watch: _Watch, seen: int) -> bool:
        return self._closed is not None or watch.refused is not None or (watch.count > 0 and watch.count != seen)

    # -- the connection

    async def _run(self) -> None:
        wait, renewed_at = BASE_SECONDS, float("-inf")
        while self._closed is None:
            started = time.monotonic()
            code, reason = await self._connection()
            if time.monotonic() - started > CALM_SECONDS:
                wait = BASE_SECONDS
            await self._tell_all()
            bye, self._bye = self._bye or {}, None
            code = bye.get("code", code)
            if code == 4001 and self.token == self._accepted:
                code = 4200  # it was right before: it has ended while we were away
            band = code // 100
            if not bye.get("reconnect", band != FINAL and code not in BROKEN) and band != EXPIRED:
                self._closed = LiveClosed(code, reason)
                await self._tell_all()
                return
            if band == EXPIRED and await self._renewed() and time.monotonic() - renewed_at > BASE_SECONDS:
                renewed_at = time.monotonic()
                continue  # at once; but where the new one ended as soon, wait like for any failure
            if self._closed is not None:
                await self._tell_all()
                return
            low, high = bye.get("retry_after_ms", (0, 0))
            pause = random.uniform(0, wait)  # noqa: S311 no secret
            if high:
                wished = random.uniform(low, high) / 1000  # noqa: S311 no secret
                pause = max(wished, pause) if band == LIMITED else wished  # of a limit our own grows
            wait = min(CAP_SECONDS, wait * 2)
            await asyncio.sleep(pause)

    async def _connection(self) -> tuple[int, str]:
        """One connection to its end; returns the close code and reason (1006 where there is none)."""
        try:
            async with connect(
                self._address,
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                origin=self._origin,  # type: ignore[arg-type]
                max_size=None,
                compression=None,
                open_timeout=10,
                close_timeout=2,
            ) as socket:
                self._socket = socket
                self.connections += 1
                held = {name: watch.mirror.position for name, watch in self._watches.items()}
                for watch in self._watches.values():
                    watch.asking, watch.asked = True, 0
                await self._send({"op": "connect", "token": self.token, "since": held})
                async for text in socket:
                    await self._take(json.loads(text))
                return socket.close_code or 1006, socket.close_reason or ""
        except ConnectionClosed as error:
            received = error.rcvd
            return (received.code, received.reason) if received else (1006, "")
        except (OSError, InvalidHandshake, TimeoutError) as error:
            return 1006, str(error)
        finally:
            # A proof was of what this connection showed: the next one has to prove itself.
            self._socket, self._ready, self._proved, self._doubt = None, False, float("-inf"), False

    async def _send(self, message: dict[str, Any]) -> int:
        """Say it, and return its id."""
        id = next(self._ids)
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):  # the reader sees the end, and connects again
                await self._socket.send(json.dumps({**message, "id": id}))
        return id

    async def _ask(self, watch: _Watch) -> None:
        """Subscribe (again) with what is held; once until it is answered."""
        if self._ready and not watch.asking:
            watch.asking = True
            question = {"op": "subscribe", "channel": watch.mirror.channel, "since": watch.mirror.position}
            watch.asked = await self._send(question)

    async def _take(self, message: dict[str, Any]) -> None:
        match message["op"]:
            case "connected":
                self._ready, self._accepted = True, self.token
                for watch in self._watches.values():  # those that came while the connection was being made
                    await self._ask(watch)
            case "snapshot" | "update" | "resync" | "subscribed":
                await self._take_state(message)
            case "proof":
                changed = self.fresh != "live"
                self._proved, self._doubt = time.monotonic(), False
                self._watch_the_time()
                if changed:
                    await self._tell_all()
            case "doubt":
                self._doubt = True
                await self._tell_all()
            case "refreshed":
                self._accepted = self.token
            case "unsubscribed" if message["id"] is None and message["channel"] in self._watches:
                lost = self._watches[message["channel"]]
                lost.refused = LiveRefused("forbidden", "Your role may not see this channel any more.")
                await self._tell(lost)
            case "error":
                watch_or_none = self._asked(message)
                if watch_or_none is not None:
                    watch_or_none.asking = False
                    await self._refused(watch_or_none, message)
            case "expiring":
                task = asyncio.create_task(self._renew_in_time())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case "bye":
                self._bye = message

    async def _take_state(self, message: dict[str, Any]) -> None:
        watch = self._watches.get(message["channel"])
        if watch is None:
            return
        if message["op"] == "subscribed":
            watch.asking = False
        took = watch.mirror.take(message)
        if took is Took.ASK_AGAIN:
            await self._ask(watch)
        elif took is Took.APPLIED or message["op"] == "resync" or _is_current(message, watch.mirror):
            await self._tell(watch)

    def _asked(self, message: dict[str, Any]) -> _Watch | None:
        """The watch that an error is about: a question that was one too many is refused without its channel."""
        by_name = self._watches.get(message.get("channel", ""))
        if by_name is not None or not message.get("id"):
            return by_name
        return next((watch for watch in self._watches.values() if watch.asked == message["id"]), None)

    def _watch_the_time(self) -> None:
        """Say stale when no proof comes: nothing else may."""
        if self._stale is not None:
            self._stale.cancel()
        self._stale = asyncio.get_running_loop().call_later(STALE_SECONDS + 0.01, self._tell_later)

    def _tell_later(self) -> None:
        task = asyncio.create_task(self._tell_all())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _refused(self, watch: _Watch, message: dict[str, Any]) -> None:
        if not message["retryable"]:
            watch.refused = LiveRefused(message["code"], message["message"])
            await self._tell(watch)
        else:
            watch.mirror.broken = True  # nothing tells us of this channel until it is asked for again
            await self._tell(watch)
            later = (message.get("retry_after_ms") or 1000) / 1000
            asyncio.get_running_loop().call_later(later, lambda: asyncio.ensure_future(self._ask(watch)))

    async def _tell(self, watch: _Watch) -> None:
        async with watch.changed:
            if watch.mirror.position is not None:
                watch.count += 1
            watch.changed.notify_all()

    async def _tell_all(self) -> None:
        for watch in list(self._watches.values()):
            await self._tell(watch)

    # -- the token

    async def _renewed(self) -> bool:
        """A new token after the old one ended; false when there is none for now. When there will be none: closed."""
        try:
            self.token = await self._renew()
        except OSError as error:
            if getattr(error, "code", 0) in (401, 403):
                self._closed = LiveClosed(4001, "the session is over")
            return False
        except Exception as error:  # the caller's own renew, or an answer that is none
            self._closed = LiveClosed(4001, f"the token could not be renewed: {error}")
            return False
        return True

    async def _renew_in_time(self) -> None:
        try:
            self.token = await self._renew()
        except Exception:  # whatever it was: the close with 4200 tries again, and says what is wrong
            return
        await self._send({"op": "refresh", "token": self.token})

    async def _refresh_over_http(self) -> str:
        request = urllib.request.Request(  # noqa: S310 the scheme is http or https
            f"{self._http}/auth/refresh", method="POST", headers={"authorization": f"Bearer {self.token}"}
        )

        def post() -> bytes:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                data: bytes = answer.read()
                return data

        granted = json.loads(await asyncio.to_thread(post))
        token: str = granted["access_token"]
        return token


def _is_current(message: dict[str, Any], mirror: Mirror) -> bool:
    """Whether the hub says that what is held needs nothing more."""
    return bool(message["op"] == "subscribed" and message["recovered"] and message["position"] == mirror.position)
