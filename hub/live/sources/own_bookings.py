"""The bookings of each user who watches them, as GET /bookings/my lists them: the states of the channel ``mine``.

A state is of a user in a venue. Its version is the sum of the revisions of all their bookings there and the version of
the floor, which names their tables. Each change that shows adds to it, so within an epoch it names one state, in every
process; that a booking ends changes nothing here. Events are hints: what is told is read from the rows, and each time
that the views are verified one query looks whether all of this is current too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from hub import logs
from hub.domain.calendar import local_text
from hub.domain.events import Event, day_of, prefix, venue_of
from hub.domain.rules import Rules
from hub.errors import HubError
from hub.live.projections.mine import OwnBookings
from hub.live.projections.projection import Channel
from hub.live.sources.source import ChannelState, Listener, Source
from hub.store import bookings, database
from hub.store.bookings import Booking
from hub.views.context import Context
from hub.views.step import Step

SOON_SECONDS = 0.01
log = logs.get("hub.live.own_bookings")


class MineState:
    """One user's bookings in a venue at one version. ``verified_at``: they were the database's then, by this machine's
    clock."""

    history: Sequence[Step] = ()

    def __init__(self, user_id: int, venue_id: int, epoch: str, version: int, view: OwnBookings, at: datetime) -> None:
        self.user_id = user_id
        self.venue_id = venue_id
        self.stream = f"{prefix(venue_id)}mine:{user_id}"
        self.watchers = 0
        self.epoch = epoch
        self.version = version
        self.view = view
        self.verified_at = at


class OwnBookingsSource(Source):
    """The states of all who watch."""

    def __init__(self, context: Context, listener: Listener) -> None:
        self._context = context
        self._listener = listener
        self._states: dict[tuple[int, int], MineState] = {}
        """By user and venue."""
        self._by_venue: dict[int, set[int]] = {}
        """The users of these states, by venue."""
        self._hinted: set[tuple[int, int]] = set()
        """Which of them are to be compared next."""
        self._timer: asyncio.TimerHandle | None = None
        self._checking: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.gather(self._checking, return_exceptions=True)

    # -- keeping current

    def hint(self, events: Iterable[Event]) -> None:
        """Events were committed: look soon, where one may be of a booking that somebody watches. Never waits."""
        if not self._states:
            return
        for event in events:
            self._hinted |= self._concerned(event)
        if self._hinted and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SOON_SECONDS, self._look)

    def _concerned(self, event: Event) -> set[tuple[int, int]]:
        """Whose bookings an event may have changed: of those who watch, in its venue."""
        venue_id = venue_of(event.stream)
        watching = self._by_venue.get(venue_id, set())
        booking, entry = event.data.get("booking"), event.data.get("entry")
        if day_of(event.stream) is None:  # a table may have got another name
            return {(user_id, venue_id) for user_id in watching}
        of = entry.get("user_id") if isinstance(entry, dict) else None
        return {
            (user_id, venue_id)
            for user_id in watching
            if user_id == of or booking in self._states[user_id, venue_id].view
        }

    def views_verified(self) -> None:
        """Compare all with the database."""
        self._forget_unwatched()
        self._hinted |= self._states.keys()
        self._look()

    def _forget_unwatched(self) -> None:
        for key in [key for key, state in self._states.items() if not state.watchers]:
            user_id, venue_id = key
            del self._states[key]
            self._by_venue[venue_id].discard(user_id)
            if not self._by_venue[venue_id]:
                del self._by_venue[venue_id]

    def _look(self) -> None:
        """Compare those of which a hint was given; one query at a time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        hinted = [state for key in self._hinted if (state := self._states.get(key)) is not None]
        if not hinted:
            self._hinted.clear()
        elif self._checking is not None:
            self._timer = asyncio.get_running_loop().call_later(SOON_SECONDS, self._look)
        else:
            self._hinted.clear()
            self._checking = database.in_background(self._check(hinted))

    async def _check(self, states: Sequence[MineState]) -> None:
        try:
            for state in await self._compare(states):
                await self._catch_up(state)
        except HubError as error:
            log.warning("users' own bookings could not be verified", error=error.code)
        except Exception:  # not verified, and tried again in a second
            log.exception("users' own bookings could not be verified")
        finally:
            self._checking = None

    async def _compare(self, states: Sequence[MineState]) -> list[MineState]:
        """Those that are behind."""
        at = self._context.now()
        found = await bookings.own_versions((state.user_id, state.venue_id) for state in states)
        behind = []
        for state in states:
            if found[state.user_id, state.venue_id] == (state.epoch, state.version):
                state.verified_at = max(at, state.verified_at)
            else:
                behind.append(state)
        return behind

    async def _catch_up(self, state: MineState) -> None:
        """What can't be read of one of them keeps no other from being told."""
        try:
            self._take(state, await self._read(state.user_id, state.venue_id))
        except HubError as error:
            log.warning("a user's own bookings could not be read", venue=state.venue_id, error=error.code)
        except Exception:  # not verified, and tried again in a second
            log.exception("a user's own bookings could not be read", venue=state.venue_id)

    def _take(self, state: MineState, new: MineState) -> None:
        """Move a state on to what was read; it may have been moved further meanwhile."""
        if new.epoch == state.epoch and new.version <= state.version:
            if new.version == state.version:
                state.verified_at = max(state.verified_at, new.verified_at)
            return
        old, same = state.view, new.epoch == state.epoch
        state.epoch, state.version, state.view = new.epoch, new.version, new.view
        state.verified_at = new.verified_at
        if not same:
            self._listener.replaced(state, "epoch")
            return
        touched = frozenset(id for id in old.keys() | new.view.keys() if old.get(id) != new.view.get(id))
        self._listener.changed(state, [Step(new.version, self._context.now(), touched, frozenset())])

    async def _read(self, user_id: int, venue_id: int) -> MineState:
        at, rules = self._context.now(), self.venue(venue_id).rules
        (epoch, version), found = await bookings.own((user_id, venue_id))
        return MineState(user_id, venue_id, epoch, version, {each.id: _shown(each, rules) for each in found}, at)

    # -- what the broadcaster asks

    async def read(self, channel: Channel, *, at_least: int) -> ChannelState:
        key = channel.owner, channel.venue_id
        state = self._states.get(key)
        if state is None:
            state = self._states.setdefault(key, await self._read(*key))
            self._by_venue.setdefault(channel.venue_id, set()).add(channel.owner)
        else:
            for behind in await self._compare([state]):
                self._take(behind, await self._read(*key))
        return state

    def keeps(self, state: ChannelState) -> bool:
        return any(held is state for held in self._states.values())


def _shown(booking: Booking, rules: Rules) -> dict[str, Any]:
    return {
        "start_at": local_text(booking.starts_at, rules),
        "end_at": local_text(booking.ends_at, rules),
        "created_at": local_text(booking.made_at, rules),
        "guests": booking.guests,
        "status": booking.status,
        "revision": booking.revision,
        "service_date": booking.service_date.isoformat(),
        "table": booking.table.as_json(),
        "tables": [table.as_json() for table in booking.tables],
        "pinned": booking.pinned,
        "reference": booking.party.reference,
        "note": booking.party.note,
        "occasion": booking.party.occasion,
        "needs": list(booking.party.needs),
    }
