"""A kind of channels is one object: the hub serves one that it has never heard of, and nothing else must know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hub.domain.day import DayView
from hub.domain.roles import STAFF
from hub.errors import Forbidden
from hub.live import channels
from hub.live.projections.day import OfDay
from hub.live.projections.projection import Rendering, S, Sources, touched_bookings
from hub.live.schemas import COUNT, record
from hub.views.step import Step
from tests.process import DAY, Process, make_user


class Covers(OfDay[DayView]):
    """How many guests a service day has."""

    name = "covers"
    roles = STAFF
    data = changes = record({"covers": COUNT})

    def source(self, sources: Sources[S]) -> S:
        return sources.views

    def snapshot(self, view: DayView, rendering: Rendering) -> dict[str, Any]:
        return {"covers": sum(entry.guests for entry in view.entries.values())}

    def update(self, view: DayView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        return self.snapshot(view, rendering) if touched_bookings(steps) else {}


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
