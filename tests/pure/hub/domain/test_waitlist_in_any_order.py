"""The waitlist, whatever is done to it in whatever order: each waits or has one end, and no two have one place."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub.domain.change import Change
from hub.errors import (
    HubError,
)
from tests.pure.hub.domain.waiting_room import full, minutes


class AnyEvening(RuleBasedStateMachine):
    """Any order of all that can be done. Evening.commit judges each change; here, what holds at every moment."""

    def __init__(self) -> None:
        super().__init__()
        self.evening = full()
        self.guest = 0

    def _try(self, change: Any, *given: Any, **named: Any) -> None:
        try:
            decided: Change = change(*given, **named)
        except HubError:
            return
        self.evening.commit(decided)

    @rule(guests=st.integers(1, 6), force=st.booleans(), area=st.sampled_from([None, 1]))
    def join(self, guests: int, force: bool, area: int | None) -> None:
        self.guest += 1
        self._try(self.evening.join, guests, guest=self.guest, force=force, area=area)

    @precondition(lambda self: self.evening.rows)
    @rule(what=st.sampled_from(["ready", "here", "leave"]), data=st.data())
    def step(self, what: str, data: st.DataObject) -> None:
        self._try(self.evening.step, what, data.draw(st.sampled_from(sorted(self.evening.rows))))

    @precondition(lambda self: self.evening.rows)
    @rule(data=st.data())
    def seat(self, data: st.DataObject) -> None:
        self._try(self.evening.seat, data.draw(st.sampled_from(sorted(self.evening.rows))))

    @precondition(lambda self: self.evening.seated)
    @rule(data=st.data())
    def undo_seat(self, data: st.DataObject) -> None:
        """Who is seated by mistake is where they were, and the others stay in their order."""
        id, before = data.draw(st.sampled_from(sorted(self.evening.seated))), self.evening.queue()
        self._try(self.evening.undo_seat, id)
        after = self.evening.queue()
        assert [each for each in after if each != id] == [each for each in before if each != id]

    @precondition(lambda self: self.evening.rows)
    @rule(place=st.integers(1, 9), data=st.data())
    def move(self, place: int, data: st.DataObject) -> None:
        """Who is moved past whom is past them; the others stay in their order."""
        id, before = data.draw(st.sampled_from(sorted(self.evening.rows))), self.evening.queue()
        self._try(self.evening.move, id, place)
        after = self.evening.queue()
        assert [each for each in after if each != id] == [each for each in before if each != id]

    @precondition(lambda self: self.evening.rows)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        self._try(self.evening.undo, data.draw(st.sampled_from(sorted(self.evening.rows))))

    @rule(data=st.data())
    def leave_a_table(self, data: st.DataObject) -> None:
        seated = [id for id, entry in self.evening.view.entries.items() if entry.status == "seated"]
        if seated:
            id = data.draw(st.sampled_from(sorted(seated)))
            raw = dict(self.evening.view.raw[id])
            self.evening.view.put(id, {**raw, "status": "finished", "occupied": []})

    @rule(count=st.integers(1, 90))
    def time_goes_on(self, count: int) -> None:
        self.evening.now += minutes(count)

    @rule()
    def keep(self) -> None:
        self._try(self.evening.keep)

    @invariant()
    def each_entry_ends_in_exactly_one_state_or_waits(self) -> None:
        ended = [id for id, _ in self.evening.ends]
        assert len(ended) == len(set(ended))
        assert set(ended) | set(self.evening.view.waitlist) == set(self.evening.rows)
        assert not set(ended) & set(self.evening.view.waitlist)
        for id, end in self.evening.ends:
            assert self.evening.rows[id].status == end

    @invariant()
    def no_two_have_one_place(self) -> None:
        places = [each.place for each in self.evening.view.waitlist.values()]
        assert len(places) == len(set(places)) and all(place > 0 for place in places)


TestAnyEvening = AnyEvening.TestCase
TestAnyEvening.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
