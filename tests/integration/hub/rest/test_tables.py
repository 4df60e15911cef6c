"""What GET /tables/available keeps is bounded, whatever is asked; and how it reads a query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.domain.events import MAIN, TABLES, parse_position, stream_of
from hub.errors import ValidationFailed
from hub.rest import bodies, reading, tables
from hub.rest.endpoint import AppState, RequestContext
from hub.rest.rendered import OVERHEAD_BYTES, Rendered
from hub.security import Identity
from hub.store import database
from hub.views.context import Context
from tests.views import Make

NOW = datetime.now(UTC).replace(hour=13, minute=5, second=0, microsecond=0)
DAY = NOW.date()
GUEST = Identity(1, "user", 1, 0.0)


@pytest.fixture
async def state(make_process: Make, monkeypatch: pytest.MonkeyPatch) -> AppState:
    """The views and the clock of a process, which stands; this call needs no other part."""
    monkeypatch.setattr(Context, "now", lambda self: NOW)
    process = make_process()
    await process.views.verify()
    needed = {"context": process.context, "views": process.views}
    optional = {each.name for each in fields(AppState) if each.default_factory is not MISSING}
    return AppState(**{each.name: needed.get(each.name) for each in fields(AppState) if each.name not in optional})  # type: ignore[arg-type]


async def ask(state: AppState, query: str, **headers: str) -> Any:
    request = SimpleNamespace(query_string=query, headers=headers)
    return await tables.available(
        state, RequestContext(cast(Any, request), "", state.context.main, GUEST, None, None, [])
    )


async def body(state: AppState, query: str) -> dict[str, Any]:
    return dict(orjson.loads((await ask(state, query)).body))


async def test_what_is_kept_is_bounded_whatever_is_asked(state: AppState) -> None:
    state.rendered = Rendered(100_000)
    for ahead in range(60):
        day = DAY + timedelta(days=1 + ahead)
        for guests in (1, 2, 3):
            for minute in range(12 * 60, 20 * 60, 5):
                at = f"{minute // 60:02}:{minute % 60:02}"
                assert (await ask(state, f"date={day}&time={at}&guests={guests}")).status == 200
    assert 0 < state.rendered.bytes <= 100_000
    assert len(state.rendered) <= 100_000 // OVERHEAD_BYTES
    assert len(state.starts) <= 60 * 8 * 4  # starts of the grid alone


async def test_one_start_is_kept_once_however_it_is_spelled(state: AppState) -> None:
    day = DAY + timedelta(days=1)
    spellings = [
        *(f"date={day}&time=18:00", f"time=18:00&date={day}", f"date={day}&time=18%3A00&guests=1"),
        *(
            f"date={day}&time=18:00:00",
            f"date={day}&time=18:00&after={state.context.epoch}:0",
            f"date={day}&time=%318:00",
        ),
    ]
    answers = {(await ask(state, spelling)).body for spelling in spellings}
    assert (len(answers), len(state.rendered), len(state.starts)) == (1, 1, 1)
    for minute in range(1, 15):
        await ask(state, f"date={day}&time=18:{minute:02}")
    assert (len(state.rendered), len(state.starts)) == (1, 1)


def test_the_oldest_answers_go_first() -> None:
    kept = Rendered(3 * (OVERHEAD_BYTES + 10))
    for number in range(5):
        kept.keep(number, ("", b"x" * 10))
    assert [number for number in range(5) if kept.get(number)] == [2, 3, 4]
    kept.keep(5, ("", b"x" * 10_000))  # larger than the bound by itself
    assert (len(kept), kept.bytes) == (0, 0)


PIECES = st.sampled_from(
    ["date=2026-11-24", "date=2026-02-30", "date=2026-13-01", "&time=18:00", "&time=18%3a15", "&time=24:00",
     "&guests=2",
     "&guests=0", "&guests=21", "&guests=007",
     "&after=k3v9x0ab:17", "&after=k3v9x0ab%3A0", "&after=x", "&x=1", "&time=18:00:30",
     "&time=18:00%2B03:00", "&", "date=２０２６-11-24"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=5).map("".join))
@example("date=2026-11-24&time=18:00&guests=2&after=k3v9x0ab:17")
@example("date=2026-11-24&time=18:00&after=k3v9x0ab:00")
def test_a_plain_query_means_the_same_to_both_readers(text: str) -> None:
    def general() -> Any:
        query = reading.query(text, bodies.AvailabilityQuery)
        return query.date, query.time, query.guests, parse_position(query.after)

    with _told() as wanted:
        expected = general()
    with _told() as found:
        given = tables._read(text)
    assert found == wanted
    if not wanted:
        assert given == expected


@contextmanager
def _told() -> Iterator[list[Any]]:
    refusals: list[Any] = []
    try:
        yield refusals
    except ValidationFailed as error:
        refusals.append(error.extra)


async def test_the_form_of_most_queries_is_plain() -> None:
    assert tables.PLAIN.fullmatch("date=2026-11-24&time=18:00&guests=2")
    assert tables._read("date=2026-11-24&time=18%3A00") == (date(2026, 11, 24), time(18), 1, None)


# -- what is past


async def test_no_table_is_offered_for_a_start_that_is_past(state: AppState) -> None:
    for at, offered in (("13:00", 0), ("13:05", 0), ("13:06", 16), ("13:15", 16)):
        assert len((await body(state, f"date={DAY}&time={at}"))["tables"]) == offered, at
    yesterday = DAY - timedelta(days=1)
    assert (await body(state, f"date={yesterday}&time=18:00"))["tables"] == []


async def test_an_answer_from_before_a_start_is_not_current_after_it(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = f"date={DAY}&time=13:15"
    before = await ask(state, query)
    known = {"if-none-match": before.headers["etag"]}
    assert (await ask(state, query, **known)).status == 304
    monkeypatch.setattr(Context, "now", lambda self: NOW + timedelta(minutes=10))
    after = await ask(state, query, **known)
    assert (after.status, orjson.loads(after.body)["tables"]) == (200, [])
    assert (await ask(state, query, **{"if-none-match": after.headers["etag"]})).status == 304


# -- another epoch in the middle


async def test_an_answer_is_of_one_epoch_though_it_changes_while_it_is_made(state: AppState) -> None:
    """The day is held and verified, the floor must be loaded; meanwhile the database gets another epoch and tables."""
    day = DAY + timedelta(days=1)
    before = await body(state, f"date={day}&time=18:00")
    old = await state.views.get(stream_of(MAIN, day))
    del state.views._updater.cached[TABLES]
    await database.fetch("UPDATE hub SET epoch = 'bbbbbbbb'")
    shown = await body(state, f"date={day}&time=18:00")
    assert (shown["position"], shown["tables_position"].split(":")[0]) == ("bbbbbbbb:0", "bbbbbbbb")
    assert before["position"] == state.views.position(old) != shown["position"]
    assert not state.views.holds(old)
