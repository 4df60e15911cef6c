"""Random floors: tables, areas and combinations that keep the rules."""

from __future__ import annotations

from itertools import combinations as subsets

from hypothesis import strategies as st

from hub.domain.combinations import broken_rule
from hub.domain.floor import Area, Combination, FloorView, Table


@st.composite
def floors(draw: st.DrawFn) -> FloorView:
    """Up to seven tables in up to two areas or none, and combinations that keep the rules."""
    tables = {
        id: Table(id, f"T{id}", draw(st.integers(1, 5)), area_id=draw(st.sampled_from((None, 1, 2))))
        for id in range(1, 1 + draw(st.integers(1, 7)))
    }
    made: list[Combination] = []
    pairs = [ids for size in (2, 3) for ids in subsets(tables, size)]
    for ids in draw(st.lists(st.sampled_from(pairs), max_size=8)) if pairs else ():
        least = draw(st.integers(1, 8))
        each = Combination(len(made) + 1, "", ids, least, draw(st.integers(least, 15)))
        if broken_rule(each, tables, made) is None:
            made.append(each)
    return FloorView(1, tables.values(), areas=[Area(1, "Bar"), Area(2, "Room")], combinations=made)
