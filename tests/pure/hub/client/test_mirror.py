"""A model of the hub and a Mirror joined by a wire that loses, doubles, delays and reorders.

Whatever the wire does, the mirror holds a state that was committed, at its own position, and ends equal to the hub's.
Mirrors that break a rule are the controls: the same machine must find them out.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from hub.client.mirror import Mirror, Took
from hub.domain.events import parse_position, position_text
from hub.live import messages

CHANNEL = "availability:2026-11-24"
AT = "2026-11-24T18:00:00.000+00:00"
REACH = 6
"""So many versions back the model resumes; beyond it there is a snapshot, as beyond the hub's 200."""
KEYS = st.sampled_from(["1", "2", "3", "4"])
ROWS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(list), max_size=2)
Data = dict[str, dict[str, Any]]


class Hub:
    """What was committed, by position, and what is told of it: the contract's frames, made from two states."""

    def __init__(self) -> None:
        self.epochs = 1
        self.versions: list[Data] = [{"tables": {}}]
        self.committed: dict[str, Data] = {self.position(0): self.versions[0]}
        self.told = 0

    @property
    def head(self) -> int:
        return len(self.versions) - 1

    def position(self, version: int) -> str:
        return position_text(f"epoch{self.epochs:03}", version)

    def commit(self, key: str, rows: list[Any]) -> None:
        after = deepcopy(self.versions[-1])
        after["tables"].pop(key, None)
        if rows:
            after["tables"][key] = rows
        self.versions.append(after)
        self.committed[self.position(self.head)] = after

    def restore(self, version: int) -> list[dict[str, Any]]:
        """Back to a version in another epoch; what watchers are told of it."""
        self.epochs += 1
        self.versions = self.versions[: version + 1]
        self.committed |= {self.position(n): data for n, data in enumerate(self.versions)}
        self.told = self.head
        return [messages.resync(CHANNEL, "epoch"), self.snapshot()]

    def snapshot(self) -> dict[str, Any]:
        return messages.snapshot(CHANNEL, self.position(self.told), AT, deepcopy(self.versions[self.told]))

    def update(self, previous: int) -> dict[str, Any]:
        """One frame from ``previous`` to what is told: absolute values of all that changed on the way."""
        states = [data["tables"] for data in self.versions[previous : self.told + 1]]
        keys = {key for a, b in pairwise(states) for key in a | b if a.get(key) != b.get(key)}
        data = {"tables": {key: states[-1].get(key, []) for key in sorted(keys)}} if keys else {}
        return messages.update(CHANNEL, self.position(previous), self.position(self.told), AT, data)

    def tell(self) -> list[dict[str, Any]]:
        """The frame of all changes that are not told yet."""
        previous, self.told = self.told, self.head
        return [self.update(previous)] if previous != self.head else []

    def subscribe(self, since: str | None) -> list[dict[str, Any]]:
        wanted = parse_position(since)
        here = self.position(self.told)
        if since == here:
            return [messages.subscribed(1, CHANNEL, here, True)]
        if (
            wanted is not None
            and self.position(wanted[1]) == since
            and wanted[1] < self.told
            and self.told - wanted[1] <= REACH
        ):
            return [messages.subscribed(1, CHANNEL, here, True), self.update(wanted[1])]
        return [messages.subscribed(1, CHANNEL, here, False), self.snapshot()]


class Wire(RuleBasedStateMachine):
    """One client on a wire that does everything that a wire can do."""

    make: Callable[[str], Mirror] = Mirror

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub()
        self.mirror = self.make(CHANNEL)
        self.wire = self.hub.subscribe(None)

    @rule(key=KEYS, rows=ROWS)
    def commit(self, key: str, rows: list[Any]) -> None:
        self.hub.commit(key, rows)

    @rule()
    def tell(self) -> None:
        self.wire += self.hub.tell()

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        self.wire += self.hub.restore(data.draw(st.integers(0, self.hub.head)))

    @rule()
    def fall_behind(self) -> None:
        self.wire += [*self.hub.tell(), messages.resync(CHANNEL, "slow"), self.hub.snapshot()]

    @precondition(lambda self: self.wire)
    @rule(data=st.data())
    def hear(self, data: st.DataObject) -> None:
        """Any message that is on its way: the first is in order, another is reordered, what is left is delayed."""
        self.take(self.wire.pop(data.draw(st.integers(0, len(self.wire) - 1))))

    @precondition(lambda self: self.wire)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        del self.wire[data.draw(st.integers(0, len(self.wire) - 1))]

    @precondition(lambda self: self.wire)
    @rule(data=st.data())
    def double(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.wire) - 1))
        self.wire.insert(data.draw(st.integers(0, len(self.wire))), deepcopy(self.wire[index]))

    @rule(late=st.booleans())
    def reconnect(self, late: bool) -> None:
        """Ask with what is held; ``late``: what the old connection carried still arrives, first or in between."""
        self.wire = (self.wire if late else []) + self.hub.subscribe(self.mirror.position)

    @rule(again=st.booleans())
    def calm(self, again: bool) -> None:
        """Nothing is lost for a while: after the next change, or a reconnect, the mirror is current.

        Where what it awaits was lost, a client gives up the line that it should come on and reconnects."""
        if not again:
            self.deliver()
        if again or self.mirror.broken:
            self.wire = self.hub.subscribe(self.mirror.position)
        else:
            self.hub.commit("1", [[self.hub.head, self.hub.head]])
        self.wire += self.hub.tell()
        self.deliver()
        assert self.mirror.position == self.hub.position(self.hub.head)
        assert self.mirror.data == self.hub.versions[-1]
        assert not self.mirror.broken

    def deliver(self) -> None:
        while self.wire:
            self.take(self.wire.pop(0))

    def take(self, message: dict[str, Any]) -> None:
        before = (self.mirror.position, deepcopy(self.mirror.data))
        took = self.mirror.take(message)
        if took is not Took.APPLIED:
            assert (self.mirror.position, self.mirror.data) == before
        if took is Took.ASK_AGAIN:
            assert self.mirror.broken
            self.wire += self.hub.subscribe(self.mirror.position)
        if message["op"] == "resync":
            assert self.mirror.broken

    @invariant()
    def holds_what_was_committed(self) -> None:
        held = self.mirror.position
        if held is None:
            assert self.mirror.data == {}
        else:
            assert self.mirror.data == self.hub.committed[held]


def test_mirror_on_any_wire_converges_and_never_holds_what_was_not_committed() -> None:
    run_state_machine_as_test(Wire, settings=settings(stateful_step_count=40, deadline=None))


# -- controls


class AppliesGaps(Mirror):
    """Takes an update though something before it is missing."""

    __slots__ = ()

    def take(self, message: dict[str, Any]) -> Took:
        if message["op"] == "update" and self.position is not None:
            message = {**message, "previous": min(message["previous"], self.position)}
        return Mirror.take(self, message)


class AppliesWhatIsOld(Mirror):
    """Takes an update that is not after what it holds."""

    __slots__ = ()

    def take(self, message: dict[str, Any]) -> Took:
        held = self.position
        if message["op"] == "update" and held is not None and message["position"] <= held:
            Mirror.take(self, {**message, "previous": held, "position": held[:-1] + "999"})
            self.position = held
            return Took.APPLIED
        return Mirror.take(self, message)


class NeverAsks(Mirror):
    """Ignores an update that does not fit, and waits for better days."""

    __slots__ = ()

    def take(self, message: dict[str, Any]) -> Took:
        took = Mirror.take(self, message)
        return Took.IGNORED if took is Took.ASK_AGAIN else took


class Chosen:
    """In place of Hypothesis' choice: this number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def draw(self, strategy: st.SearchStrategy[int]) -> int:
        return self.number


def one_is_lost_before_the_next(wire: Any) -> None:
    wire.calm(True)
    wire.commit("1", [[1, 2]])
    wire.tell()
    wire.lose(Chosen(0))
    wire.commit("2", [[3, 4]])
    wire.tell()
    wire.hear(Chosen(0))
    wire.holds_what_was_committed()
    wire.calm(False)


def one_comes_again_after_the_next(wire: Any) -> None:
    wire.calm(True)
    for rows in ([[1, 2]], [[3, 4]]):
        wire.commit("1", rows)
        wire.tell()
    wire.wire += deepcopy(wire.wire[:1])
    wire.deliver()
    wire.holds_what_was_committed()


def nothing_follows_on_what_is_lost(wire: Any) -> None:
    wire.calm(True)
    wire.commit("1", [[1, 2]])
    wire.tell()
    wire.lose(Chosen(0))
    wire.calm(False)


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        (AppliesGaps, one_is_lost_before_the_next),
        (AppliesWhatIsOld, one_comes_again_after_the_next),
        (NeverAsks, nothing_follows_on_what_is_lost),
    ],
)
def test_mirror_that_breaks_a_rule_is_found_out(fault: type[Mirror], on: Callable[[Any], None]) -> None:
    class Faulty(Wire):
        make = fault

    on(Wire())  # the same wire breaks no rule of a mirror that keeps them
    with pytest.raises(AssertionError):
        on(Faulty())


def test_mirror_applies_an_update_that_overlaps_what_it_holds() -> None:
    hub, mirror = Hub(), Mirror(CHANNEL)
    mirror.take(hub.snapshot())
    hub.commit("1", [[1, 2]])
    [first] = hub.tell()
    hub.commit("1", [])
    hub.commit("2", [[3, 4]])
    hub.told = hub.head
    assert mirror.take(first) is Took.APPLIED
    assert mirror.take(hub.update(0)) is Took.APPLIED
    assert (mirror.position, mirror.data) == (hub.position(3), {"tables": {"2": [[3, 4]]}})
    assert mirror.take(first) is Took.IGNORED


def test_mirror_moves_on_with_an_update_that_shows_nothing() -> None:
    hub, mirror = Hub(), Mirror(CHANNEL)
    mirror.take(hub.snapshot())
    hub.commit("1", [])
    [frame] = hub.tell()
    assert frame["data"] == {}
    assert mirror.take(frame) is Took.APPLIED
    assert mirror.position == hub.position(1)


def test_mirror_after_resync_is_broken_until_the_next_answer() -> None:
    hub, mirror = Hub(), Mirror(CHANNEL)
    mirror.take(hub.snapshot())
    mirror.take(messages.resync(CHANNEL, "slow"))
    assert mirror.broken
    mirror.take(messages.subscribed(1, CHANNEL, hub.position(0), True))
    assert not mirror.broken


def test_mirror_after_resync_takes_no_update_before_the_snapshot() -> None:
    hub, mirror = Hub(), Mirror(CHANNEL)
    mirror.take(hub.snapshot())
    mirror.take(messages.resync(CHANNEL, "role"))
    hub.commit("1", [[1, 2]])
    [update] = hub.tell()
    assert mirror.take(update) is Took.IGNORED
    assert mirror.broken
    assert mirror.take(hub.snapshot()) is Took.APPLIED
    assert not mirror.broken


def test_mirror_is_broken_until_the_update_that_recovers_it_has_come() -> None:
    hub, mirror = Hub(), Mirror(CHANNEL)
    mirror.take(hub.snapshot())
    hub.commit("1", [[1, 2]])
    hub.commit("2", [[1, 2]])
    hub.told = hub.head
    mirror.asked()
    mirror.take(messages.subscribed(1, CHANNEL, hub.position(2), True))
    assert mirror.broken
    assert mirror.take(hub.update(0)) is Took.APPLIED
    assert not mirror.broken


def test_mirror_that_an_update_brought_there_first_awaits_nothing_after_the_answer() -> None:
    hub, mirror = Hub(), Mirror(CHANNEL)
    mirror.take(hub.snapshot())
    hub.commit("1", [[1, 2]])
    [update] = hub.tell()
    mirror.asked()
    mirror.take(update)
    assert mirror.broken  # the answer is still to come
    mirror.take(messages.subscribed(1, CHANNEL, hub.position(1), True))
    assert not mirror.broken


def test_mirror_holds_what_is_no_collection_as_it_is_told() -> None:
    mirror = Mirror("venue")
    shifts, rules = [{"name": "Dinner"}], {"party": 8}
    data = {"name": "Lia", "shifts": shifts, "rules": rules, "closed": {"2026-12-24": "holiday"}}
    position = "epoch001:1"
    mirror.take({"op": "snapshot", "channel": "venue", "position": position, "at": AT, "data": data})
    change = {"name": "Lia 2", "shifts": [], "rules": {"party": 6}, "closed": {"2026-12-24": None}, "phone": "1"}
    mirror.take({"op": "update", "previous": position, "position": "epoch001:2", "at": AT, "data": change})
    assert mirror.data == {"name": "Lia 2", "shifts": [], "rules": {"party": 6}, "closed": {}, "phone": "1"}
    mirror.take({"op": "update", "previous": position, "position": "epoch001:3", "at": AT, "data": {"rules": None}})
    assert "rules" not in mirror.data
    assert rules == {"party": 8} and shifts == [{"name": "Dinner"}]  # the frame itself is not touched
