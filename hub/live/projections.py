"""What a channel shows: one object for each kind, which reads its state and builds the data of its frames.

A kind that is new gets an object here, or in a file of its own, and a row in hub.live.channels; the fan-out knows
none of them by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

from hub.boards import Boards
from hub.domain.slots import local_text
from hub.held import Held, Step
from hub.house import House
from hub.live.channels import Channel
from hub.live.people import People
from hub.live.resume import chain, read_missed


class Source(Protocol):
    """The state that a channel shows, at one version of its stream. ``watchers``: the sessions that are subscribed."""

    stream: str
    watchers: int

    @property
    def version(self) -> int: ...


class Projection(Protocol):
    """A kind of channels. What may fail raises HubError."""

    async def read(self, channel: Channel, *, at_least: int) -> Source:
        """The channel's state, at version ``at_least`` if that exists."""

    def keeps(self, source: Source) -> bool:
        """Whether this state is still kept current; one that was let go is not."""

    async def read_missed(self, source: Source, after: int) -> list[Step]:
        """The changes after a version that memory does not reach back to."""

    def chain(self, read: Iterable[Step], source: Source, after: int, until: int) -> list[Step] | None:
        """One step for each version after ``after`` up to ``until``; None where it can't be continued."""

    def is_ready(self, source: Source) -> bool:
        """Whether all that it shows is in memory."""

    async def prepare(self, source: Source) -> None:
        """Read what is missing; when it returns the state is ready."""

    def snapshot(self, source: Source) -> dict[str, Any]: ...

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        """Absolute values of what these steps changed; {} when nothing of it shows."""

    def is_verified(self, source: Source, at: datetime) -> bool:
        """Whether it was equal to the database at ``at`` or later."""

    def forget(self) -> None:
        """The database is another one: what was remembered beside the state may not be shown."""


class WithoutHistory:
    """The part of a projection whose state is small: whoever missed something is told the whole of it."""

    async def read_missed(self, source: Source, after: int) -> list[Step]:
        return []

    def chain(self, read: Iterable[Step], source: Source, after: int, until: int) -> list[Step] | None:
        return None

    def is_ready(self, source: Source) -> bool:
        return True

    async def prepare(self, source: Source) -> None: ...


class _OfBoards:
    """What the channels have in common that show what hub.boards holds."""

    def __init__(self, house: House, boards: Boards) -> None:
        self._house = house
        self._boards = boards

    async def read(self, channel: Channel, *, at_least: int) -> Source:
        return await self._boards.get(channel.stream, at_least=at_least)

    def keeps(self, source: Source) -> bool:
        return self._boards.holds(cast(Held, source))

    async def read_missed(self, source: Source, after: int) -> list[Step]:
        return await read_missed(cast(Held, source), after)

    def chain(self, read: Iterable[Step], source: Source, after: int, until: int) -> list[Step] | None:
        return chain(read, cast(Held, source), after, until)

    def is_ready(self, source: Source) -> bool:
        return True

    async def prepare(self, source: Source) -> None: ...

    def is_verified(self, source: Source, at: datetime) -> bool:
        return cast(Held, source).verified_at >= at

    def forget(self) -> None: ...

    def _render(self, instant: datetime) -> str:
        return local_text(instant, self._house.rules)


def _tables(steps: Iterable[Step]) -> frozenset[int]:
    return frozenset[int]().union(*(step.tables for step in steps))


class Tables(_OfBoards):
    """{tables: {id: {name, seats}}}: the room."""

    def snapshot(self, source: Source) -> dict[str, Any]:
        return cast(Held, source).room.project()

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        return cast(Held, source).room.project(_tables(steps))


class Availability(_OfBoards):
    """{tables: {id: [[start_at, end_at], …]}}: when each table is taken, and nothing of by whom."""

    def snapshot(self, source: Source) -> dict[str, Any]:
        return cast(Held, source).board.availability(self._render)

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        tables = _tables(steps)
        return cast(Held, source).board.availability(self._render, tables) if tables else {}


class Floor(_OfBoards):
    """{bookings: {id: {…}}}: who comes, with names, which are read when they are first shown."""

    def __init__(self, house: House, boards: Boards) -> None:
        super().__init__(house, boards)
        self.people = People(boards)

    def is_ready(self, source: Source) -> bool:
        return self.people.is_known(cast(Held, source).board)

    async def prepare(self, source: Source) -> None:
        await self.people.meet(cast(Held, source))

    def snapshot(self, source: Source) -> dict[str, Any]:
        board = cast(Held, source).board
        return board.floor(self._render, self.people.of(board))

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        bookings = frozenset[int]().union(*(step.bookings for step in steps))
        if not bookings:
            return {}
        board = cast(Held, source).board
        return board.floor(self._render, self.people.of(board), bookings)

    def forget(self) -> None:
        self.people.forget()  # a user's id may be another person's in a restored database
