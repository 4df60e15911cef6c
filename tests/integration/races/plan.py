"""What each writer of a race of processes asks for: drawn from a seed, so that a run can be repeated. Pure.

Some requests are the same for all writers of all processes, with one idempotency key each: they come again and again,
often at the same moment. A change of what such a request booked is such a request too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

SHARED = 12
"""How many requests are shared by all writers."""


@dataclass(frozen=True, slots=True)
class Act:
    """One request. ``of`` names the shared booking that a change is about; None: a booking of the writer's own."""

    verb: str
    at: str = "12:00"
    guests: int = 2
    table: int | None = None
    key: str | None = None
    of: str | None = None


def acts(seed: int, process: int, writer: int, count: int, *, shared: float) -> list[Act]:
    """At least ``count`` requests of one writer, this part of them shared by all."""
    rng = random.Random(f"{seed}-{process}-{writer}")
    found: list[Act] = []
    while len(found) < count:
        if rng.random() < shared:
            found.extend(_shared(seed, rng.randrange(SHARED)))
        else:
            found.append(_own(seed, rng))
    return found


def progress(starts: list[str]) -> list[Act]:
    """A booking at each start, at whatever table is free."""
    return [Act("book", at) for at in starts]


def _own(seed: int, rng: random.Random) -> Act:
    verb = rng.choice(("book", "book", "move", "cancel"))
    of = None if verb == "book" or rng.random() < 0.7 else _name(rng.randrange(SHARED))
    return Act(verb, _start(rng), rng.randint(1, 6), _table(rng), None, of)


def _shared(seed: int, number: int) -> Iterator[Act]:
    """A booking, and for most of them one change of it. Its name is its key."""
    rng, name = random.Random(f"{seed}-{number}"), _name(number)
    yield Act("book", _start(rng), rng.randint(1, 2), _table(rng), name, name)
    if (verb := rng.choice(("", "move", "cancel"))) != "":
        yield Act(verb, _start(rng), rng.randint(1, 2), _table(rng), f"{verb} {name}", name)


def _name(number: int) -> str:
    return f"shared {number}"


def _start(rng: random.Random) -> str:
    return f"{rng.randint(12, 19)}:{rng.choice(('00', '15', '30', '45'))}"


def _table(rng: random.Random) -> int | None:
    return rng.choice((None, rng.randint(1, 16)))
