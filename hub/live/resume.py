"""What a client that comes back has missed: the changes of a state after the version that it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from hub.live.projections.projection import Channel
from hub.live.sources.source import ChannelState
from hub.store import floors, streams
from hub.views.cached_view import HISTORY, HISTORY_AGE
from hub.views.step import Step


async def read_missed(channel: Channel, state: ChannelState, after: int) -> list[Step]:
    """The changes after a version that memory does not reach back to, of the events; [] when none are needed, or more
    than can be resumed from, or one of them is of another release."""
    within_memory = state.history and state.history[0].version <= after + 1
    if not channel.projection.resumable or within_memory or not 0 < state.version - after <= HISTORY:
        return []
    tables = await floors.ids_of_tables(channel.venue_id)
    steps = []
    for event in await streams.events_since(state.stream, after, most=HISTORY + 1):
        step = channel.projection.step_of(event, tables)
        if step is None:
            return []
        steps.append(step)
    return steps


def chain(read: Iterable[Step], state: ChannelState, after: int, until: int) -> list[Step] | None:
    """One step for each version after ``after`` up to ``until``, of what was read and what is in memory now.

    None when there is a hole, or more of them, or older ones, than can be resumed from. Memory counts as it is now: the
    state may have moved on while the rest was read.
    """
    if not 0 < until - after <= HISTORY:
        return None
    known = {step.version: step for step in (*read, *state.history)}
    steps = [known[version] for version in range(after + 1, until + 1) if version in known]
    whole = len(steps) == until - after and datetime.now(UTC) - steps[0].at <= HISTORY_AGE
    return steps if whole else None
