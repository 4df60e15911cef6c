"""Races of real processes: each has views, an event loop and connections of its own, and hears of the others as the
processes of a hub do. In test_commits.py the same races are run by several sets of views in one process.

Whatever order the decisions come in: rows, events and the views of every process agree, versions have no gap, no table
is given twice, a request that comes again is done once, and everybody gets an answer.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from tests import races
from tests import servers as made
from tests.conftest import SECRET_KEY
from tests.integration.races import plan
from tests.integration.races.one_process import Answer, Shown, Task
from tests.integration.races.plan import Act
from tests.integration.races.test_bookings import drop_constraint
from tests.races import Person, PostgresLog, day_ahead
from tests.servers import CHECKOUT

DAY = day_ahead(60)
STREAM = stream_of(MAIN, DAY)
PROCESSES, WRITERS = 4, 8
WITHIN = 60.0
OVERTAKEN = "a view did not show what the database holds"
"""What a process logs when the database refuses a change whose versions it had confirmed."""
KEYS_NOT_LOOKED_AT = {
    "IF v_change ? 'key' THEN\n                DELETE": "IF false THEN\n                DELETE",
}
"""``hub_commit`` as it must not be: what comes again with its key is done again."""
RACES = int(os.environ.get("RACES", "4"))
"""How many different races are run; more of them look for longer."""
REFUSALS = {"slot_taken", "table_too_small", "already_canceled"}


# -- the processes


@dataclass(slots=True)
class Running:
    """A process as the test sees it."""

    process: asyncio.subprocess.Process
    task: Task
    log: Path
    answers: list[Answer] = field(default_factory=list)
    missed: int = 0
    """How many of its commits came too late: others had written since they were decided."""

    def say(self, what: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(orjson.dumps(what) + b"\n")

    async def line(self) -> Any:
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN):
            line = await self.process.stdout.readline()
        assert line, f"the process ended:\n{self.log.read_text(errors='replace')}"
        return orjson.loads(line)

    async def answered(self, most: int | None = None) -> None:
        """Read its answers until all are there, or so many."""
        while most is None or len(self.answers) < most:
            line = await self.line()
            if "missed" in line:
                self.missed = line["missed"]
                return
            self.answers.append(Answer(**line | {"state": tuple(line["state"])}))

    async def shown(self, version: int) -> Shown:
        self.say(version)
        return Shown(**await self.line())

    async def kill(self) -> None:
        """In the midst of whatever it does; what it had answered before is still read."""
        self.process.kill()
        await self.process.wait()
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            if line.endswith(b"\n"):
                answer = orjson.loads(line)
                self.answers.append(Answer(**answer | {"state": tuple(answer["state"])}))


@asynccontextmanager
async def processes(settings: Settings, tasks: Iterable[Task]) -> AsyncIterator[list[Running]]:
    """One process for each task, ready to begin. Those that were not killed end well."""
    started: list[Running] = []
    try:
        for number, task in enumerate(tasks):
            folder = settings.data_dir / f"process-{len(list(settings.data_dir.glob('process-*')))}"
            folder.mkdir()
            log = folder / "log"
            environ = made.environment(
                DATABASE_URL=settings.database_url, REDIS_URL=settings.redis_url, SECRET_KEY=SECRET_KEY,
                HUB_TEST_FOLDER=str(folder),
            )  # fmt: skip
            with log.open("wb") as output:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.integration.races.one_process"),
                    env=environ, cwd=CHECKOUT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                    stderr=output, limit=2**24,
                )  # fmt: skip
            started.append(Running(process, task, log))
            started[number].say(asdict(task))
        for each in started:
            assert await each.line() == "ready"
        yield started
        for each in started:
            assert each.process.stdin is not None
            each.process.stdin.close()
        codes = [await asyncio.wait_for(each.process.wait(), WITHIN) for each in started]
        ended = zip(codes, started, strict=True)
        assert [each.log.read_text() for code, each in ended if code not in (0, -signal.SIGKILL)] == []
    finally:
        for each in started:
            if each.process.returncode is None:
                each.process.kill()
                await each.process.wait()


async def race(running: list[Running]) -> list[Answer]:
    """All begin at once; what all their writers were told."""
    for each in running:
        each.say("go")
    return await told(running)


HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('hub stream ' || $1, 0))"


async def meet_twice(settings: Settings, sql: Any, running: list[Running]) -> None:
    """All begin while the day is held, and it is held again behind the first commit of each: those who missed, and
    whoever comes next, meet there once more."""
    again = await asyncpg.connect(settings.database_url)
    try:
        async with again.transaction():
            async with sql.transaction():
                await sql.execute(HOLD, STREAM)
                for each in running:
                    each.say("go")
                await races.until_waiting(sql, len(running))
                behind = asyncio.create_task(again.execute(HOLD, STREAM))
                await races.until_waiting(sql, len(running) + 1)
            await behind
            await races.until_waiting(again, len(running))
    finally:
        await again.close()


async def told(running: list[Running]) -> list[Answer]:
    await asyncio.gather(*(each.answered() for each in running))
    for each in running:
        assert len(each.answers) == sum(map(len, each.task.writers)), "somebody got no answer"
    return [answer for each in running for answer in each.answers]


def tasks(
    hosts: list[Person], writers: list[list[list[Act]]], *, hears: bool = True, attempts: int | None = None
) -> list[Task]:
    return [Task(DAY.isoformat(), host.id, acts, hears, attempts) for host, acts in zip(hosts, writers, strict=True)]


# -- the judges


async def check_rows_and_events(sql: Any, log: PostgresLog) -> None:
    assert await races.overlaps(sql) == []
    await races.check_rules(sql)
    assert log.deadlocks() == []


async def check_views(running: Iterable[Running]) -> None:
    """Every process's views are what the rows say."""
    rows, floor = await races.load_day(DAY), await races.load_floor()
    taken = {
        str(table): [[begin.isoformat(), end.isoformat()] for begin, end in held] for table, held in rows.taken.items()
    }
    entries = {str(booking): entry for booking, entry in rows.raw.items()}
    expected = Shown(rows.version, rows.head, entries, taken, floor.version)
    for each in running:
        assert await each.shown(rows.version) == expected


def check_logs(running: Iterable[Running]) -> None:
    """No change came to the constraint: whoever was overtaken knew it by the version."""
    assert [line for each in running for line in each.log.read_text().splitlines() if OVERTAKEN in line] == []


async def check_answers(sql: Any, answers: list[Answer]) -> None:
    """Who was told that something was done is right: each answer names an event of its own, and none is without."""
    for kind, verb in (("booked", "book"), ("canceled", "cancel"), ("rescheduled", "move")):
        done = [a for a in answers if a.verb == verb and a.code == "done" and not a.replayed]
        told = Counter((answer.version, answer.booking) for answer in done)
        rows = await sql.fetch(
            "SELECT version, (data->>'booking')::bigint AS booking FROM events WHERE stream = $1 AND kind = $2",
            STREAM,
            kind,
        )
        events = Counter((row["version"], row["booking"]) for row in rows)
        assert events <= told
        if verb != "move":  # a move to where it is has no event
            assert told == events
    # Where a booking may be changed by others at the same time, its movers may meet again and again: nowhere else.
    for answer in answers:
        allowed = REFUSALS | {"done", "nothing to change"} | ({"conflict", "in_progress"} if answer.shared else set())
        assert answer.code in allowed, answer


async def check_keys(sql: Any, answers: list[Answer]) -> None:
    """What came with one key was done once: one was told so first, the others the same; and nobody is refused after."""
    of_keys: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.key is not None:
            of_keys[answer.key].append(answer)
    done = {key: [a for a in told if a.code == "done"] for key, told in of_keys.items()}
    done = {key: told for key, told in done.items() if told}
    assert done, "no request came again"
    for key, told in done.items():
        assert len({(a.booking, a.version, a.state) for a in told}) == 1, key
        assert Counter(a.replayed for a in told)[False] == 1, key
        first = min(a.ended for a in told)
        assert [a for a in of_keys[key] if a.began > first and a.code != "done"] == []
    kept = await sql.fetch("SELECT key FROM idempotency_keys")
    assert {row["key"] for row in kept} == done.keys()
    assert sum(len(told) - 1 for told in done.values()) > 0, "no request was answered again"


# -- the races


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, RACES))])
async def test_any_decisions_of_real_processes_leave_rows_events_and_views_alike(
    connected: Settings, sql: Any, log: PostgresLog, seed: int
) -> None:
    """Every other seed is run by processes that do not hear of each other: they learn it when they write."""
    hosts = await races.make_people(sql, connected, PROCESSES, "host")
    writers = [[plan.acts(seed, p, w, 12, shared=0.4) for w in range(WRITERS)] for p in range(PROCESSES)]
    async with processes(connected, tasks(hosts, writers, hears=seed % 2 == 0)) as running:
        answers = await race(running)
        await check_rows_and_events(sql, log)
        await check_answers(sql, answers)
        await check_keys(sql, answers)
        await check_views(running)
        check_logs(running)


async def test_progress_is_certain_for_thirty_two_writers_of_four_processes(
    connected: Settings, sql: Any, log: PostgresLog
) -> None:
    """Sixteen tables at four starts for each of two who want one: nobody is told that others were always quicker.

    No process hears of the others, and twice the day is held until each of them waits with what it decided: so each
    time one alone is right. Whoever missed once gets through at the next attempt all the same.
    """
    hosts = await races.make_people(sql, connected, PROCESSES, "host")
    starts = ["12:00", "14:00", "16:00", "18:00"]
    writers = [[plan.progress(starts)] * WRITERS] * PROCESSES
    async with processes(connected, tasks(hosts, writers, hears=False, attempts=2)) as running:
        await meet_twice(connected, sql, running)
        answers = await told(running)
        assert Counter(answer.code for answer in answers) == {"done": 4 * 16, "slot_taken": 4 * 16}
        assert sum(each.missed for each in running) >= PROCESSES - 1
        await check_rows_and_events(sql, log)
        await check_answers(sql, answers)
        await check_views(running)
        check_logs(running)


@pytest.mark.slow
@pytest.mark.parametrize("constrained", [False, True], ids=["no constraint", "constraint"])
async def test_real_processes_whose_versions_are_not_compared_are_found_out(
    connected: Settings, sql: Any, constrained: bool
) -> None:
    """The negative control: the same race, and the judges find what they must. No process hears of the others, so each
    decides its first bookings on the empty day that it has loaded, whichever is first. Where the constraint stands it
    has the last word, and the processes say so in their logs."""
    if not constrained:
        await drop_constraint(sql)
    await races.mutate(sql, "hub_commit", races.VERSIONS_NOT_COMPARED)
    hosts = await races.make_people(sql, connected, PROCESSES, "host")
    writers = [[plan.progress(["12:00"])] * WRITERS] * PROCESSES
    async with processes(connected, tasks(hosts, writers, hears=False)) as running:
        answers = await race(running)
        booked = Counter(answer.code for answer in answers)["done"]
        if constrained:
            assert booked == 16
            assert await races.overlaps(sql) == []
            with pytest.raises(AssertionError, match=OVERTAKEN):
                check_logs(running)
        else:
            assert booked > 16
            assert await races.overlaps(sql)
            with pytest.raises(AssertionError, match="two occupancies of a table overlap"):
                await races.check_rules(sql)


@pytest.mark.slow
async def test_real_processes_whose_keys_are_not_looked_at_are_found_out(connected: Settings, sql: Any) -> None:
    """The negative control of what the judge of keys says: here each request that comes again is done again."""
    await races.mutate(sql, "hub_commit", KEYS_NOT_LOOKED_AT)
    hosts = await races.make_people(sql, connected, PROCESSES, "host")
    writers = [[plan.acts(0, p, w, 6, shared=1.0) for w in range(WRITERS)] for p in range(PROCESSES)]
    async with processes(connected, tasks(hosts, writers)) as running:
        answers = await race(running)
        await check_answers(sql, answers)
        with pytest.raises(AssertionError):
            await check_keys(sql, answers)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
async def test_what_a_killed_process_was_asked_is_done_once_when_it_is_asked_again(
    connected: Settings, sql: Any, log: PostgresLog, seed: int
) -> None:
    """One of four is killed in the midst of its writes. Another takes its place and is asked the same, with the same
    keys: whatever of it was committed, answered or not, is not done again."""
    hosts = await races.make_people(sql, connected, PROCESSES, "host")
    writers = [[plan.acts(seed, p, w, 8, shared=1.0) for w in range(WRITERS)] for p in range(PROCESSES)]
    todo = tasks(hosts, writers)
    async with processes(connected, todo) as running:
        for each in running:
            each.say("go")
        killed, others = running[0], running[1:]
        await killed.answered(random.Random(seed).randint(1, 20))
        await killed.kill()
        await asyncio.gather(*(each.answered() for each in others))
        async with processes(connected, todo[:1]) as [instead]:
            await race([instead])
            answers = [answer for each in (killed, *others, instead) for answer in each.answers]
            await check_rows_and_events(sql, log)
            for answer in answers:
                assert answer.code in REFUSALS | {"done", "nothing to change", "conflict", "in_progress"}
            done = {answer.key for answer in answers if answer.code == "done"}
            kept = await sql.fetch("SELECT key FROM idempotency_keys")
            assert done == {row["key"] for row in kept}
            booked = sum((key or "").startswith("shared") for key in done)
            assert booked == await sql.fetchval("SELECT count(*) FROM bookings")
            await check_views([*others, instead])
