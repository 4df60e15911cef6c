"""Wraps the prose of docs/operations.md at 120 columns; `make format` runs it. Tables and code stay as they are."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

WIDTH = 120
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "operations.md"


def wrapped(text: str) -> str:
    """``text`` with each paragraph and each item of a list filled up to WIDTH."""
    lines: list[str] = []
    words: list[str] = []
    first = rest = ""

    def end_paragraph() -> None:
        lines.extend(
            textwrap.wrap(
                " ".join(words),
                WIDTH,
                initial_indent=first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
        words.clear()

    fenced = False
    for line in text.splitlines():
        fence = line.lstrip().startswith("```")
        if fence or fenced or not line.strip() or line.startswith(("#", "|")):
            end_paragraph()
            lines.append(line)
            fenced ^= fence
        elif item := re.match(r"( *(?:[-*]|\d+\.) )(.*)", line):
            end_paragraph()
            first, rest = item[1], " " * len(item[1])
            words.append(item[2].strip())
        else:
            if not words:
                first = rest = " " * (len(line) - len(line.lstrip()))
            words.append(line.strip())
    end_paragraph()
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(wrapped(DOCUMENT.read_text()))
