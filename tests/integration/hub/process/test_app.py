"""A process starts whole or not at all, and stops every part, also when one of them can't be stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sanic import Sanic

from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.process import app as process
from hub.process.sampler import Sampler
from hub.store import database
from hub.views.publisher import EventPublisher
from hub.views.subscriber import EventSubscriber

STOPPED = (Sampler, EventSubscriber, EventPublisher)


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The parts in the order in which they stop, and the database last."""
    names: list[str] = []

    def note(name: str, stop: Any) -> Any:
        async def noted(*args: Any) -> None:
            names.append(name)
            await stop(*args)

        return noted

    monkeypatch.setattr(Sanic, "_app_registry", {})  # several applications of one name
    for part in STOPPED:
        monkeypatch.setattr(part, "stop", note(part.__name__, part.stop))
    monkeypatch.setattr(database, "close", note("database", database.close))
    close = Passwords.close

    def closed(self: Passwords) -> None:
        names.append("Passwords")
        close(self)

    monkeypatch.setattr(Passwords, "close", closed)
    yield names


def others() -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task() and not task.done()}


async def test_a_start_that_fails_half_way_leaves_nothing(
    settings: Settings, stopped: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Sampler) -> None:
        raise ZeroDivisionError

    app, before = process.create_app(settings), others()
    monkeypatch.setattr(Sampler, "start", fail)
    with pytest.raises(ZeroDivisionError):
        await process._start(app, settings)
    assert stopped[-5:] == ["Sampler", "EventSubscriber", "EventPublisher", "Passwords", "database"]
    assert others() == before


async def test_a_stop_goes_on_after_a_part_that_fails(
    settings: Settings, stopped: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, before, stop = process.create_app(settings), others(), Sampler.stop

    async def fail(self: Sampler) -> None:
        await stop(self)
        raise ZeroDivisionError

    monkeypatch.setattr(Sampler, "stop", fail)
    started = await process._start(app, settings)
    await process._stop(started)
    assert stopped[-5:] == ["Sampler", "EventSubscriber", "EventPublisher", "Passwords", "database"]
    assert others() == before
