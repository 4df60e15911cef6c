"""A kind of channels is one object: the hub serves one that it has never heard of, and nothing else must know it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.domain.day import DayView
from hub.domain.roles import STAFF, USERS
from hub.errors import Forbidden
from hub.live import channels
from hub.live.broadcaster import Broadcaster
from hub.live.projections.day import OfDay
from hub.live.projections.projection import Channel, Projection, Rendering, touched_bookings
from hub.live.schemas import COUNT, record
from hub.live.sources.all_sources import make_sources
from hub.live.sources.source import ChannelState, Listener, Source
from hub.views.context import Context
from hub.views.step import Step
from tests.process import DAY, Client, Process, make_user


class Covers(OfDay[DayView]):
    """How many guests a service day has."""

    name = "covers"
    source = "views"
    roles = STAFF
    data = changes = record({"covers": COUNT})

    def snapshot(self, view: DayView, rendering: Rendering) -> dict[str, Any]:
        return {"covers": sum(entry.guests for entry in view.entries.values())}

    def update(self, view: DayView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        return self.snapshot(view, rendering) if touched_bookings(steps) else {}


class Entries(Projection[int]):
    """How often the door was opened."""

    name = "entries"
    source = "door"
    roles = USERS
    data = changes = record({"entries": COUNT})

    def stream(self, channel: Channel) -> str:
        return self.name

    def snapshot(self, view: int, rendering: Rendering) -> dict[str, Any]:
        return {"entries": view}

    def update(self, view: int, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        return self.snapshot(view, rendering)


class EntriesState:
    history: Sequence[Step] = ()
    verified_at = datetime.max.replace(tzinfo=UTC)
    stream, epoch = "entries", "door"
    watchers = version = view = 0


class Door(Source):
    """A source of its own: what it knows is in no database."""

    def __init__(self, context: Context, listener: Listener) -> None:
        self._context, self._listener = context, listener
        self.state = EntriesState()

    async def read(self, channel: Channel, *, at_least: int) -> ChannelState:
        return self.state

    def keeps(self, state: ChannelState) -> bool:
        return state is self.state

    def opened(self) -> None:
        self.state.version = self.state.view = self.state.version + 1
        self._listener.changed(self.state, [Step(self.state.version, datetime.now(UTC), frozenset(), frozenset())])


async def test_a_new_source_is_served_as_soon_as_the_broadcaster_is_given_it(process: Process) -> None:
    made: list[Door] = []

    def sources(listener: Listener) -> dict[str, Source]:
        made.append(Door(process.context, listener))
        return {"door": made[0]}

    broadcaster, client = Broadcaster(process.context, process.metrics, sources), Client()
    broadcaster.subscribers.add(client)
    await broadcaster.subscribe(client, Entries().channel(), since=None, id=1)
    await client.until(lambda: "snapshot" in client.ops())
    made[0].opened()
    await client.until(lambda: "update" in client.ops())
    assert [said["data"] for said in client.said if "data" in said] == [{"entries": 0}, {"entries": 1}]
    await broadcaster.stop()


async def test_each_kind_names_a_source_that_is_made(process: Process) -> None:
    made = make_sources(process.context, process.views, lambda events: None, process.broadcaster)
    assert {kind.source for kind in channels.KINDS.values()} == made.keys()


async def test_a_new_kind_is_served_as_soon_as_it_has_its_object(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, ada = f"covers:{DAY}", await make_user("Ada")
    assert channels.parse(name) is None
    monkeypatch.setitem(channels.KINDS, "covers", Covers())
    host = await process.enter(name)
    held = host.said[-2]
    assert (held["op"], held["channel"], held["data"]) == ("snapshot", name, {"covers": 0})

    for hour, covers in ((12, 2), (15, 4)):
        await process.book(ada, hour)
        process.receive()
        await host.until(lambda n=covers: host.said[-1].get("data") == {"covers": n})  # type: ignore[misc]
        assert host.said[-1]["op"] == "update"

    late = await process.enter()
    channel = channels.parse(name)
    assert channel is not None
    await process.broadcaster.subscribe(late, channel, since=held["position"], id=7)
    await late.until(lambda: "update" in late.ops())
    assert late.said[0]["recovered"] and late.said[1]["data"] == {"covers": 4}
    with pytest.raises(Forbidden):
        await process.broadcaster.subscribe(await process.enter(role="user"), channel, since=None, id=8)
