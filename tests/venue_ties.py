"""Which tables of venues a statement names without saying of which venue.

Every SELECT, in parentheses or beside a UNION, is judged by itself: a table of it is bound by what its own WHERE or ON
says, joined by AND. A condition on a key of its venue binds it to a parameter, to a venue, or to another table, also
one of a SELECT around it: it is of whichever venue that one is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TABLES = (
    "bookings|occupancies|tables|outbox|streams|events|memberships|guests|guest_notes|blocks|holds|waitlist|areas"
    "|combinations|combination_tables"
)
GROUPED = {"guests", "guest_notes"}
"""They are of a group of venues, and name that."""
KEYS = {"streams": "name", "events": "stream"}
"""The column of a table that names its venue too."""

NOT_AN_ALIAS = r"(?!(?:AS|WHERE|ON|SET|SELECT|VALUES|FOR|USING|CROSS|LEFT)\b)"
NAMED = re.compile(rf"\s*(?:LATERAL\s+|ONLY\s+)?({TABLES})\b(?!\s*\.)(?:\s+(?:AS\s+)?{NOT_AN_ALIAS}([a-z]\w*))?")
CLAUSE = re.compile(
    r"\b(?:LEFT (?:OUTER )?JOIN|JOIN|FROM|WHERE|ON|USING|INTO|UPDATE|LOCK TABLE|TRUNCATE|SELECT|SET|VALUES|RETURNING"
    r"|GROUP BY|ORDER BY|HAVING|LIMIT|FOR|LOOP|THEN|ELSE|END|CROSS|INNER)\b"
)
NAMES_TABLES = {"JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "FROM", "USING", "INTO", "UPDATE", "LOCK TABLE", "TRUNCATE"}
LISTS_TABLES = {"JOIN", "FROM", "USING"}
"""After these a comma is followed by another table."""
IS_SELECT = re.compile(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE|VALUES)\b")
UNITED = re.compile(r"\b(?:UNION(?: ALL)?|EXCEPT|INTERSECT)\b")
EQUAL = re.compile(r"(?<![<>!:=])=(?![=>])|\bIN\b")
COLUMN = re.compile(r"(?:(\w+)\.)?(\w+)$")
WORD = re.compile(r"(?<![\w.$])(?:(\w+)\.)?([a-z_]\w*)(?!\s*\(|[\w.])")


def columns_of(table: str) -> set[str]:
    return {"group_id" if table in GROUPED else "venue_id", *([KEYS[table]] if table in KEYS else [])}


@dataclass(eq=False, slots=True)
class Named:
    """A table of venues, where a SELECT names it. ``tied``: for each condition on its venue the tables that it must be
    known of; none: it is bound by that condition."""

    name: str
    table: str
    tied: list[set[Named]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Select:
    """``text`` is without what is in SELECTs within it."""

    text: str
    around: Select | None
    named: list[Named] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return 0 if self.around is None else 1 + self.around.depth

    def find(self, alias: str | None, column: str) -> Named | None:
        """The table, of this SELECT or of one around it, to which a column belongs that says its venue or group."""
        if alias is None:
            found = [each for each in self.named if column in columns_of(each.table)]
            found = found if len(found) == 1 else []
        else:
            found = [each for each in self.named if each.name == alias]
        if found:
            return found[0]
        return None if self.around is None else self.around.find(alias, column)


def tables_without_venue(statement: str) -> list[str]:
    """The tables that a statement names without their venue. A "+" joins those that are of the same one, whichever it
    is: "bookings+tables"."""
    selects = sorted(selects_of(statement), key=lambda each: each.depth)
    for select in selects:
        name_tables(select)
    for select in selects:
        tie_tables(select)
    named = [each for select in selects for each in select.named]
    known = bound_by(named, set())
    found = []
    for each in named:
        if each not in known:
            together = bound_by(named, known | {each})
            found.append("+".join(other.table for other in named if other in together - known))
            known = together
    return found


def bound_by(named: list[Named], known: set[Named]) -> set[Named]:
    """All whose venue is known, where those are."""
    while more := {each for each in named if each not in known and any(tied <= known for tied in each.tied)}:
        known = known | more
    return known


# -- the SELECTs of a statement


def selects_of(statement: str) -> list[Select]:
    """All of them, those around others first."""
    text = re.sub(r"'(?:[^']|'')*'", lambda found: f"'{'_' * (len(found[0]) - 2)}'", re.sub("--[^\n]*", "", statement))
    return list(within(text, None))


def within(text: str, around: Select | None) -> Iterator[Select]:
    inner = list(spans(text))
    own = text
    for start, end in inner:
        own = own[:start] + " " * (end - start) + own[end:]
    start = 0
    for united in [*UNITED.finditer(flat(own)), None]:
        end = len(own) if united is None else united.start()
        select = Select(own[start:end], around)
        yield select
        for first, last in inner:
            if start <= first < end:
                yield from within(text[first:last], select)
        start = end if united is None else united.end()


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the SELECTs in parentheses are that are in no other one."""
    opened: list[int] = []
    whole = -1  # how many are open around a SELECT
    for at, character in enumerate(text):
        if character == "(":
            if whole < 0 and IS_SELECT.match(text, at + 1):
                whole = len(opened)
            opened.append(at + 1)
        elif character == ")" and opened:
            start = opened.pop()
            if whole == len(opened):
                yield start, at
                whole = -1


def flat(text: str) -> str:
    """Without what is in parentheses, each character where it was."""
    depth, found = 0, []
    for character in text:
        depth -= character == ")" and depth > 0
        found.append(character if depth == 0 else " ")
        depth += character == "("
    return "".join(found)


# -- a SELECT


def clauses(text: str) -> Iterator[tuple[str, str]]:
    """Its keywords, with what follows each."""
    found = list(CLAUSE.finditer(flat(text)))
    ends = [*(each.start() for each in found[1:]), len(text)][: len(found)]
    yield from ((each[0], text[each.end() : end]) for each, end in zip(found, ends, strict=True))


def parts(text: str, separator: str) -> list[str]:
    """Of a text that a separator divides, outside of parentheses."""
    starts, ends = [0], []
    for found in re.finditer(separator, flat(text)):
        starts.append(found.end())
        ends.append(found.start())
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]


def name_tables(select: Select) -> None:
    for keyword, text in clauses(select.text):
        if keyword not in NAMES_TABLES:
            continue
        for each in parts(text, ",") if keyword in LISTS_TABLES else [text]:
            if (match := NAMED.match(each)) is None:
                continue
            named = Named(match[2] or match[1], match[1])
            select.named.append(named)
            listed = re.match(r"\s*\(([^)]*)\)", each[match.end() :]) if keyword == "INTO" else None
            if listed is not None and columns_of(named.table) & set(re.findall(r"\w+", listed[1])):
                named.tied.append(set())


def tie_tables(select: Select) -> None:
    joined: set[Named] | None = None
    """Those that a LEFT JOIN adds: its ON says nothing of the others."""
    for keyword, text in clauses(select.text):
        if keyword in NAMES_TABLES:
            match = NAMED.match(text)
            name = None if match is None else match[2] or match[1]
            joined = {each for each in select.named if each.name == name} if keyword.startswith("LEFT") else None
        elif keyword in {"WHERE", "ON"}:
            for condition in conditions(text):
                tie(select, condition, joined if keyword == "ON" else None)


def conditions(text: str) -> Iterator[str]:
    """Those that all hold where a condition does."""
    if len(parts(text, r"\bOR\b")) > 1:
        return
    for each in parts(text, r"\bAND\b"):
        stripped = each.strip()
        if stripped.startswith("(") and flat(stripped).rstrip(" )") == "(":
            yield from conditions(stripped[1:-1])
        else:
            yield stripped


def tie(select: Select, condition: str, which: set[Named] | None) -> None:
    """``which``: the tables that it may bind; None: all of the SELECT."""
    sides = parts(condition, EQUAL.pattern)
    if len(sides) != 2 or re.search(r"\bNOT\b", flat(condition)):
        return
    for side, other in (sides, sides[::-1]):
        for one in parts(side.strip().removeprefix("(").removesuffix(")"), ","):
            if (column := COLUMN.match(one.strip())) is None or (named := select.find(column[1], column[2])) is None:
                continue
            by = tables_in(select, other)
            if (
                column[2] in columns_of(named.table)
                and named in select.named
                and named not in by
                and (which is None or named in which)
            ):
                named.tied.append(by)


def tables_in(select: Select, expression: str) -> set[Named]:
    """The tables of venues whose columns an expression is made of."""
    found = (select.find(alias or None, column) for alias, column in WORD.findall(expression))
    return {each for each in found if each is not None}
