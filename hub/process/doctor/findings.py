"""What a check of `hub doctor` says: one line with a mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from hub import logs

CHECK_SECONDS = 3.0
"""What one check may take."""

WELL: Final = "ok"
NOTE: Final = "--"
WRONG: Final = "!!"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: WELL; NOTE for what is worth knowing and stops nothing; WRONG for what must be mended."""

    mark: Literal["ok", "--", "!!"]
    text: str

    def __str__(self) -> str:
        return f"{self.mark}  {self.text}"


Findings = list[Finding]


def why(error: BaseException) -> str:
    """An error in one line, without what it may contain of passwords."""
    text = " ".join(logs.masked(str(error)).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
