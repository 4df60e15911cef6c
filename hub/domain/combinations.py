"""Which tables may be declared as a combination, and for how many guests: the one place of these rules. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hub.domain.floor import Combination, Table
from hub.errors import CombinationInvalid

FEWEST_TABLES, MOST_TABLES = 2, 8
NAME_CHARACTERS = 64
RULES = {
    "members": f"A combination is of {FEWEST_TABLES} to {MOST_TABLES} tables.",
    "retired": "A combination is of tables that are there.",
    "one_area": "The tables of a combination stand in one area.",
    "guests": "A combination is for at least one guest, and for no fewer at most than at least.",
    "needed": "A combination takes more guests than the largest of its tables does alone.",
    "seats": "A combination takes no more guests than its tables have seats together.",
    "once": "These tables are a combination already.",
}
"""Each rule by its code, in the order in which they are looked at."""


def broken_rule(
    combination: Combination, tables: Mapping[int, Table], others: Iterable[Combination] = ()
) -> str | None:
    """The code of the first rule that a combination breaks on a floor of these ``tables``, beside ``others``; None: it
    breaks none."""
    if not FEWEST_TABLES <= len(combination.tables) <= MOST_TABLES:
        return "members"
    if any(id not in tables for id in combination.tables):
        return "retired"
    members = [tables[id] for id in combination.tables]
    if len({table.area_id for table in members}) > 1:
        return "one_area"
    if not 1 <= combination.min_guests <= combination.max_guests:
        return "guests"
    if combination.max_guests <= max(table.seats for table in members):
        return "needed"
    if combination.max_guests > sum(table.seats for table in members):
        return "seats"
    if any(other.tables == combination.tables and other.id != combination.id for other in others):
        return "once"
    return None


def check(
    combination: Combination, tables: Mapping[int, Table], others: Iterable[Combination] = (), *, named: bool = False
) -> None:
    """Raises CombinationInvalid. ``named``: it is another one than whoever asks speaks of, and is named."""
    rule = broken_rule(combination, tables, others)
    if rule is None:
        return
    if named:
        message = f"{combination.name} would break a rule. {RULES[rule]}"
        raise CombinationInvalid(message, rule=rule, combination=combination)
    raise CombinationInvalid(RULES[rule], rule=rule)


def clamped(combination: Combination, tables: Mapping[int, Table]) -> Combination:
    """The combination for no more guests than its tables, which are all there, have seats."""
    return replace(
        combination, max_guests=min(combination.max_guests, sum(tables[id].seats for id in combination.tables))
    )


def made_name(ids: Iterable[int], tables: Mapping[int, Table]) -> str:
    """The name of a combination that was given none: the names of those of its tables that are there."""
    name = " + ".join(tables[id].name for id in ids if id in tables)
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…"
