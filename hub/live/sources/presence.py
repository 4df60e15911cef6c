"""Who of the staff looks at which service day: the states of the channels ``presence:DAY``.

Each process knows its own sessions and tells the others over Redis, in the form of events that no database has. They
tell it again every REPEAT_SECONDS; what is not told again for a while is gone, and so is what a process that died had
told. Nothing depends on it: with Redis away each host sees those of the same process alone.
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from hub import logs
from hub.domain.events import Event
from hub.errors import HubError, TooManyRequests
from hub.live.projections.presence import People, Presence
from hub.live.projections.projection import Channel, Rendering
from hub.live.sources.source import ChannelState, Listener, Source
from hub.store import accounts
from hub.views.context import Context
from hub.views.step import Step

REPEAT_SECONDS = 5.0
GONE_SECONDS = 3 * REPEAT_SECONDS
"""After so long without a word from its process a session is not shown any more."""
NAMES_SECONDS = 60.0
"""For so long a name that was read is good."""
MOST_A_SECOND = 5
"""How often one session may say what it has open."""
KIND, QUESTION = "presence", "presence_asked"
ALWAYS = datetime.max.replace(tzinfo=UTC)
UNKNOWN = "?"
log = logs.get("hub.live.presence")


class PresenceState:
    """One day's. It is of no database, so it is current whenever it is asked for; its positions are this process's."""

    history: Sequence[Step] = ()
    verified_at = ALWAYS

    def __init__(self, stream: str, epoch: str) -> None:
        self.stream = stream
        self.epoch = epoch
        self.version = 1
        self.watchers = 0
        self.people: dict[int, Presence] = {}
        self.own: set[int] = set()
        """Sessions of this process."""
        self.heard_at: dict[int, float] = {}
        """When the others were told of last."""

    @property
    def view(self) -> People:
        return self.people


class PresenceSource(Source):
    """``send`` hands events over to be published, and never waits."""

    def __init__(self, context: Context, listener: Listener, send: Callable[[Sequence[Event]], None]) -> None:
        self._context = context
        self._listener = listener
        self._send = send
        self._epoch = secrets.token_hex(4)
        self._states: dict[str, PresenceState] = {}
        self._names: dict[int, tuple[str, str | None]] = {}
        self._names_read_at: dict[int, float] = {}
        self._said: dict[int, deque[float]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._repeat(), name="presence")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    # -- what sessions of this process say

    def say(self, channel: Channel, session: str, presence: Presence) -> None:
        """What a session that watches this channel has open. Raises TooManyRequests beyond MOST_A_SECOND."""
        key, now = int(session, 16), asyncio.get_running_loop().time()
        said = self._said.setdefault(key, deque(maxlen=MOST_A_SECOND))
        if len(said) == MOST_A_SECOND and now - said[0] < 1.0:
            raise TooManyRequests("What you have open is told at most five times a second.")
        said.append(now)
        state = self._states.get(channel.stream)
        if state is None or state.people.get(key) == presence:
            return
        state.own.add(key)
        self._put(state, key, presence)
        self._tell(state, [key])

    def left(self, channel: Channel, session: str) -> None:
        """A session watches this channel no longer."""
        key = int(session, 16)
        self._said.pop(key, None)
        state = self._states.get(channel.stream)
        if state is not None and key in state.own:
            state.own.discard(key)
            self._put(state, key, None)
            self._tell(state, [key])

    def _put(self, state: PresenceState, key: int, presence: Presence | None) -> None:
        if presence is None:
            state.people.pop(key, None)
            state.heard_at.pop(key, None)
        else:
            state.people[key] = presence
        state.version += 1
        step = Step(state.version, datetime.now(UTC), frozenset(), frozenset(), frozenset((("session", key),)))
        self._listener.changed(state, [step])

    def _tell(self, state: PresenceState, keys: Iterable[int]) -> None:
        self._send([self._event(state.stream, KIND, self._data(key, state.people.get(key))) for key in keys])

    def _data(self, key: int, presence: Presence | None) -> dict[str, Any]:
        if presence is None:
            return {"session": key, "user": None}
        return {
            "session": key, "user": presence.user_id, "card": presence.card, "dragging": presence.dragging,
        }  # fmt: skip

    def _event(self, stream: str, kind: str, data: dict[str, Any]) -> Event:
        return Event(stream, 0, kind, data, datetime.now(UTC), epoch=self._context.epoch)

    # -- what other processes say

    def hint(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.kind not in (KIND, QUESTION):
                continue
            state = self._states.get(event.stream)
            if state is None:
                continue
            if event.kind == QUESTION:
                self._tell(state, state.own)
                continue
            try:
                self._take(state, event.data)
            except (KeyError, TypeError, ValueError):
                log.warning("what another release says of who is there can't be read")

    def _take(self, state: PresenceState, data: dict[str, Any]) -> None:
        key = int(data["session"])
        if key in state.own:
            return
        presence = None if data["user"] is None else Presence(int(data["user"]), data["card"], data["dragging"])
        if presence is not None:
            state.heard_at[key] = asyncio.get_running_loop().time()
        if state.people.get(key) != presence:
            self._put(state, key, presence)

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(REPEAT_SECONDS)
            now = asyncio.get_running_loop().time()
            for stream, state in list(self._states.items()):
                for key in [key for key, heard in state.heard_at.items() if now - heard > GONE_SECONDS]:
                    self._put(state, key, None)
                if state.own:
                    self._tell(state, state.own)
                elif not state.watchers:
                    del self._states[stream]

    # -- what the broadcaster asks

    async def read(self, channel: Channel, *, at_least: int) -> ChannelState:
        state = self._states.get(channel.stream)
        if state is None:
            state = self._states[channel.stream] = PresenceState(channel.stream, self._epoch)
            self._send([self._event(channel.stream, QUESTION, {})])
        return state

    def keeps(self, state: ChannelState) -> bool:
        return self._states.get(state.stream) is state

    def is_ready(self, state: ChannelState) -> bool:
        return not self._unknown(state)

    async def prepare(self, state: ChannelState) -> None:
        missing = self._unknown(state)
        if not missing:
            return
        try:
            found = await accounts.names(missing)
        except HubError as error:
            log.warning("names of the staff could not be read", error=error.code)
            raise
        self._names |= {user: (found.get(user, UNKNOWN), None) for user in missing}
        self._names_read_at |= dict.fromkeys(missing, monotonic())

    def _unknown(self, state: ChannelState) -> set[int]:
        """Whose names are to be read, or read anew: people change them, and no event tells of it."""
        old = monotonic() - NAMES_SECONDS
        return {
            person.user_id for person in state.view.values() if self._names_read_at.get(person.user_id, -math.inf) < old
        }

    def rendering(self, state: ChannelState) -> Rendering:
        return Rendering(self._text(state), self._names)

    def forget(self) -> None:
        self._names.clear()
        self._names_read_at.clear()
