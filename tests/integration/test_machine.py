"""The verbs against a model of a few lines, over a real database, in whatever order Hypothesis thinks of.

After every step three things must agree: the outcome and the model's, the free tables of a view read from the rows and
the model's, and the views that only applied what was announced and the views read from the rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hub.commands import bookings, changes, floor
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.domain import calendar
from hub.domain.allocation import free_tables
from hub.domain.day import DayView
from hub.domain.events import MAIN, TABLES, ApplyResult, Event, stream_of
from hub.domain.floor import FloorView
from hub.errors import HubError
from hub.store import database
from tests import races
from tests.conftest import make_settings
from tests.integration.model import Model, Refused, Wanted
from tests.servers import Servers, cloned_database
from tests.writing import writing_context

DAYS = (races.day_ahead(30), races.day_ahead(31))
STARTS = (690, 720, 750, 840, 900, 960, 1080, 1200, 1215)
"""Minutes from midnight: slots that touch, that overlap, and one too early and one too late."""
ROOM = [("A", 2), ("B", 2), ("C", 4)]

which = st.integers(0, 30)
"""Which booking or table is meant, counted round all that ever were, so that ended and retired ones are tried too."""
days = st.integers(0, 1)
starts = st.sampled_from(STARTS)
guests = st.integers(1, 6)
names = st.sampled_from("ABCDEF")
seats = st.integers(1, 6)


class Machine(RuleBasedStateMachine):
    """One example: a database of its own, two days of it, and the model beside it."""

    servers: Servers
    template: str
    folder: Path
    model_class = Model

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.run = self.runner.run
        self.stack = AsyncExitStack()
        self.model = self.model_class()
        self.told: list[Event] = []
        self.seen_tables: list[int] = []
        try:
            self.run(self._open())
        except BaseException:
            self.teardown()
            raise

    async def _open(self) -> None:
        url = await self.stack.enter_async_context(cloned_database(self.servers, self.template))
        config = make_settings(url, self.servers.redis_url(), self.folder)
        await database.connect(config, pool_size=2)
        self.stack.push_async_callback(database.close)
        self.sql: Any = await asyncpg.connect(url)
        self.stack.push_async_callback(self.sql.close)
        self.context = writing_context(config, self.told.extend)
        self.guests = await races.make_people(self.sql, config, 2)
        [self.admin] = await races.make_people(self.sql, config, 1, "admin")
        self.people = [*self.guests, self.admin]
        for table in await floor.list_tables(self.context):
            await floor.remove_table(self.context, Call(self.admin.identity), table.id)
        for name, size in ROOM:
            added = (await floor.add_table(self.context, Call(self.admin.identity), name=name, seats=size)).item
            self.model.tables[added.id] = (name, size)
            self.seen_tables.append(added.id)
        self.told.clear()
        self.views = {stream_of(MAIN, day): DayView(day, 0, {}) for day in DAYS}
        self.floor_view = await races.load_floor()

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()

    def step(self, expect: Callable[[], Any], verb: Callable[[], Awaitable[Any]]) -> Any:
        """Run both; the same refusal, or None for it, or else (the model's result, the verb's result)."""
        expected: Any = None
        refusal = got = None
        try:
            expected = expect()
        except Refused as error:
            refusal = str(error)
        try:
            result = self.run(_awaited(verb))
        except HubError as error:
            got, result = error.code, None
        assert got == refusal
        self._apply()
        return None if got else (expected, result)

    def _apply(self) -> None:
        """What every process does with the events it is told: the next of each stream, or it is a fault."""
        for event in self.told:
            view: DayView | FloorView = self.floor_view if event.stream == TABLES else self.views[event.stream]
            assert view.apply(event) is ApplyResult.APPLIED
        self.told.clear()

    def table(self, number: int | None) -> int | None:
        return None if number is None else self.seen_tables[number % len(self.seen_tables)]

    def booking(self, number: int) -> int | None:
        keys = list(self.model.bookings)
        return keys[number % len(keys)] if keys else None

    @initialize(day=days, start=st.sampled_from((720, 840, 960)), guests=st.integers(1, 2))
    def first_booking(self, day: int, start: int, guests: int) -> None:
        """So that no example is spent on an empty house."""
        self.book(day=day, start=start, guests=guests, table=None, who=0)

    @rule(day=days, start=starts, guests=guests, table=st.none() | which, who=st.integers(0, 1))
    def book(self, day: int, start: int, guests: int, table: int | None, who: int) -> None:
        person, named = self.guests[who], self.table(table)

        def expect() -> int:
            self.model.check_hours(start)
            return self.model.choose(day, start, guests, named)

        done = self.step(
            expect,
            lambda: bookings.book(
                self.context,
                Call(person.identity),
                BookingRequest(DAYS[day], clock(start), guests, table_ids=None if named is None else [named]),
            ),
        )
        if done:
            chosen, made = done
            assert (made.table.id, made.revision, made.status) == (chosen, 1, "booked")
            self.model.bookings[made.id] = Wanted(day, start, guests, chosen, person.id)

    @rule(number=which, day=st.none() | days, start=st.none() | starts, guests=st.none() | guests,
          table=st.just("keep") | st.none() | which, who=st.integers(0, 2))  # fmt: skip
    def move(
        self, number: int, day: int | None, start: int | None, guests: int | None, table: int | str | None, who: int
    ) -> None:
        """Any of day, time, guests and table; within the day, to the other one, or nothing at all."""
        key, person = self.booking(number), self.people[who]
        if key is None:
            return
        old = self.model.bookings[key]
        new = replace(
            old,
            day=old.day if day is None else day,
            start=old.start if start is None else start,
            guests=old.guests if guests is None else guests,
        )
        mentioned: dict[str, Any] = {}
        if day is not None:
            mentioned["day"] = DAYS[day]
        if start is not None:
            mentioned["at"] = clock(start)
        if guests is not None:
            mentioned["guests"] = guests
        named: int | None = old.table
        if not isinstance(table, str):
            named = mentioned["table_id"] = self.table(table)
        done = self.step(
            lambda: self.model.move(key, person, new, named),
            lambda: changes.reschedule(self.context, Call(person.identity), key, ChangeRequest(**mentioned)),
        )
        if done:
            moved, result = done
            assert (result.table.id, result.guests, result.service_date) == (moved.table, moved.guests, DAYS[moved.day])
            assert (result.left is not None) == (moved.day != old.day)
            self.model.bookings[key] = moved

    @rule(number=which, who=st.integers(0, 2))
    def cancel(self, number: int, who: int) -> None:
        key, person = self.booking(number), self.people[who]
        if key is None:
            return
        old = self.model.bookings[key]

        def expect() -> Wanted:
            if person.id != old.owner and person.identity.role == "user":
                raise Refused("not_found")
            if not old.open:
                raise Refused("already_canceled")
            return replace(old, open=False)

        done = self.step(expect, lambda: changes.cancel(self.context, Call(person.identity), key))
        if done:
            self.model.bookings[key] = done[0]

    @rule(name=names, seats=seats)
    def add_table(self, name: str, seats: int) -> None:
        done = self.step(
            lambda: self.model.check_name(name),
            lambda: floor.add_table(self.context, Call(self.admin.identity), name=name, seats=seats),
        )
        if done:
            self.model.tables[done[1].item.id] = (name, seats)
            self.seen_tables.append(done[1].item.id)

    @rule(number=which, name=st.none() | names, seats=st.none() | seats)
    def change_table(self, number: int, name: str | None, seats: int | None) -> None:
        key = self.seen_tables[number % len(self.seen_tables)]

        def expect() -> tuple[str, int]:
            self.model.check_table(key)
            old_name, old_seats = self.model.tables[key]
            new = (name or old_name, seats or old_seats)
            self.model.check_name(new[0], but=key)
            if new[1] < old_seats and self.model.most_guests(key) > new[1]:
                raise Refused("table_in_use")
            return new

        done = self.step(
            expect,
            lambda: floor.change_table(self.context, Call(self.admin.identity), key, name=name, seats=seats),
        )
        if done:
            self.model.tables[key] = done[0]

    @rule(number=which)
    def remove_table(self, number: int) -> None:
        key = self.seen_tables[number % len(self.seen_tables)]

        def expect() -> None:
            self.model.check_table(key)
            if self.model.most_guests(key):
                raise Refused("table_in_use")

        if self.step(expect, lambda: floor.remove_table(self.context, Call(self.admin.identity), key)):
            del self.model.tables[key]

    @invariant()
    def boards_agree(self) -> None:
        if self.model.bookings:
            self.run(self._boards_agree())

    async def _boards_agree(self) -> None:
        floor_view = await races.load_floor()
        assert floor_view.checkpoint() == self.floor_view.checkpoint()
        for index, day in enumerate(DAYS):
            day_view = await races.load_day(day)
            assert day_view.checkpoint() == self.views[stream_of(MAIN, day)].checkpoint()
            for start in STARTS[1:-1]:
                slot = calendar.slot_at(day, clock(start), self.context.rules)
                for guests in (1, 3, 6):
                    shown = [table.id for table in free_tables(floor_view, slot, guests, [day_view])]
                    assert shown == self.model.free(index, start, guests)


class JudgedMachine(Machine):
    """At the end of each example the judges of the race tests look at its rows, too."""

    def teardown(self) -> None:
        try:
            self.run(races.check_rules(self.sql))
        finally:
            super().teardown()


async def _awaited(verb: Callable[[], Awaitable[Any]]) -> Any:
    return await verb()


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def run_machine(
    servers: Servers, template: str, folder: Path, *, examples: int, steps: int, machine: type[Machine] = JudgedMachine
) -> None:
    control = machine is not JudgedMachine
    factory = type("Here", (machine,), {"servers": servers, "template": template, "folder": folder})
    run_state_machine_as_test(
        factory,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            # A control must fail: neither is its failure made small, nor remembered for the next run.
            phases=[Phase.generate] if control else list(Phase),
            database=None if control else settings().database,
        ),
    )


@pytest.mark.slow
def test_any_order_of_verbs_does_what_the_model_says(servers: Servers, template: str, data_dir: Path) -> None:
    run_machine(servers, template, data_dir, examples=15, steps=25)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_any_long_order_of_verbs_does_what_the_model_says(servers: Servers, template: str, data_dir: Path) -> None:
    run_machine(servers, template, data_dir, examples=100, steps=60)


class Forgetful(Machine):
    """Its views are told only of every other change."""

    def __init__(self) -> None:
        self.count = 0
        super().__init__()

    def _apply(self) -> None:
        self.count += bool(self.told)
        if self.count % 2:
            super()._apply()
        self.told.clear()


class Hopeful(Model):
    """A model that never believes that the floor is full."""

    def free(self, day: int, start: int, guests: int, but: int | None = None) -> list[int]:
        fitting = sorted(key for key, (_, seats) in self.tables.items() if seats >= guests)
        return super().free(day, start, guests, but) or fitting


class Optimist(Machine):
    """Its model is a hopeful one."""

    model_class = Hopeful


@pytest.mark.slow
@pytest.mark.parametrize("machine", [Forgetful, Optimist])
def test_a_machine_with_a_fault_is_found_out(
    servers: Servers, template: str, data_dir: Path, machine: type[Machine]
) -> None:
    """The negative controls: lost events, and a model that is wrong about a full room."""
    with pytest.raises(AssertionError):
        run_machine(servers, template, data_dir, examples=25, steps=25, machine=machine)
