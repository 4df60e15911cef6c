"""Draw docs/lifecycle.md's diagram and table anew from hub.domain.lifecycle: `make format` does it."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from hub.domain.lifecycle import ACTIVE, CANCELED, TRANSITIONS, UNDONE  # noqa: E402 - found by the path above

DOCUMENT = HERE.parent / "docs" / "lifecycle.md"
BEGIN, END = "<!-- drawn from hub/domain/lifecycle.py -->\n", "<!-- end -->\n"
WHO = {"guest": "the guest, staff", "staff": "staff"}


def diagram() -> str:
    """The statuses and what leads from one to another. What changes no status is in the table alone."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [
        f"    {before or '[*]'} --> {to.to}: {action}"
        for (before, action), to in TRANSITIONS.items()
        if before != to.to
    ]
    statuses = dict.fromkeys(to.to for to in TRANSITIONS.values())
    lines += [f"    {status} --> [*]" for status in statuses if status not in ACTIVE]
    return "\n".join([*lines, "```", ""])


def table() -> str:
    lines = ["| status | action | then | who | undo gives back |", "|---|---|---|---|---|"]
    for (before, action), to in TRANSITIONS.items():
        undo = (before or CANCELED) if action in UNDONE else "–"
        lines.append(f"| {before or '–'} | {action} | {to.to} | {WHO[to.who]} | {undo} |")
    return "\n".join([*lines, ""])


def drawn(text: str) -> str:
    """The document with what is drawn in it as the table says it now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{diagram()}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(drawn(DOCUMENT.read_text()))
