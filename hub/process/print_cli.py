"""`hub print DATE`: a service day as a page that can be printed, also while nothing else of the hub runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any, TypeVar

from hub.config import Settings
from hub.domain.events import parse_position

T = TypeVar("T")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("date", type=_date, metavar="DATE", help="the service day, as 2026-11-24")
    parser.add_argument("--venue", metavar="SLUG", help="another venue than the installation's own")
    parser.add_argument(
        "--since", type=_position, metavar="POSITION", help="the position on an earlier paper: what changed comes first"
    )


def run(
    options: argparse.Namespace,
    settings: Settings,
    with_database: Callable[[Settings, Callable[[Settings], Coroutine[Any, Any, T]]], T | None],
) -> int:
    """Write the page to standard output; returns the exit code."""
    from hub.commands import paper
    from hub.rest.paper import page
    from hub.store import venues
    from hub.views.context import Context

    async def work(settings: Settings) -> str:
        context = Context(settings, publish=lambda events: None)
        context.learn(await venues.read(settings))
        venue = context.named(options.venue) if options.venue else context.main
        if venue is None:
            raise ValueError(f"there is no venue {options.venue}")
        return page(await paper.read(venue, options.date, since=options.since), venue)

    text = with_database(settings, work)  # type: ignore[arg-type]
    if text is None:
        return 1
    sys.stdout.buffer.write(str(text).encode())
    return 0


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; accepted: YYYY-MM-DD") from None


def _position(text: str) -> tuple[str, int]:
    found = parse_position(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no position; accepted: what stands at the foot of a paper")
    return found
