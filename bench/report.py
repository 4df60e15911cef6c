"""Tables in Markdown, and the numbers in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A titled table; the first column is text, the others are numbers."""
    marks = ["---", *("---:" for _ in head[1:])]
    lines = [f"### {title}", "", *(f"| {' | '.join(row)} |" for row in (head, marks, *rows)), ""]
    return "\n".join(lines)


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """The median, and in brackets the least and the most of the rounds."""
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Round by round, ours over theirs: the two were measured one after the other, so noise meets both."""
    return spread([a / b for a, b in zip(ours, theirs, strict=True)], ".2f")


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan
